//! Plans that nobody would print: each is weighed or refused, and nothing stops.

use proptest::prelude::*;
use serde_json::{Value, json};
use terrace_audit::report::Plain;
use terrace_change::{change, report};
use terrace_cost::Usage;
use terrace_cost::prices::PriceBook;
use terrace_terraform::found;

use super::all;

fn strange() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!(true)),
        Just(json!(-1)),
        Just(json!(1e300)),
        Just(json!("")),
        Just(json!("module.x[")),
        Just(json!("{\"Statement\":[{}]}")),
        Just(json!([])),
        Just(json!([[null, 1, {}]])),
        Just(json!({})),
        Just(json!({ "": { "": [] } })),
    ]
}

/// Puts a value somewhere, by turns.
fn put(document: &mut Value, turns: &[usize], value: Value) {
    let mut at = document;
    for turn in turns {
        let count = match &*at {
            Value::Array(items) => items.len(),
            Value::Object(fields) => fields.len(),
            _ => 0,
        };
        if count == 0 {
            break;
        }
        at = match at {
            Value::Array(items) => &mut items[turn % count],
            Value::Object(fields) => fields.values_mut().nth(turn % count).unwrap(),
            _ => return,
        };
    }
    *at = value;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_plan_is_weighed_or_refused(
        which in 0..100_usize,
        turns in prop::collection::vec(0..50_usize, 1..9),
        value in strange(),
        other in prop::collection::vec(0..50_usize, 2..7),
        another in strange(),
    ) {
        let all = all();
        let mut plan: Value = serde_json::from_str(&all[which % all.len()].text).unwrap();
        put(&mut plan, &turns, value);
        put(&mut plan, &other, another);
        if let Ok(changes) = found::changes(&plan.to_string(), "plan.json") {
            let change = change(&changes, &PriceBook::bundled(), &Usage::default());
            prop_assert!(!report::text(&change, &Plain, true).is_empty());
            prop_assert!(report::json(&change).is_object());
        }
    }
}
