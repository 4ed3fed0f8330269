//! Designs as estates: who reads what, on our own designs, on changes of them, and on what other people write.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::panic, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "the examples lie in files")]

mod documents;
mod kept;
mod mutations;
mod own;

use std::path::Path;

use terrace_aws::inventory::{Inventory, Item, ItemId, Place, Places};
use terrace_aws::{Json, Mode, Record, Reference, Text, Value};
use terrace_lift::estate::{Lifted, lift};
use terrace_proof::estate::{Permissions, Reader, Verdict, Who};

/// The example as an inventory; `terrace.toml` is shape ec2, `terrace.fargate.toml` shape fargate.
fn example(file: &str) -> Inventory {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/items").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let parsed = terrace_manifest::parse(&text, None);
    let topology = parsed.topology.unwrap_or_else(|| panic!("{:#?}", parsed.diagnostics));
    Inventory::of(&terrace_aws::lower(&topology).unwrap().graph)
}

/// The readers of what an item keeps, as lines: who, whether, and the way if it has more than one step.
fn readers(inventory: &Inventory, of: &str) -> Vec<String> {
    let lifted = lift(inventory);
    assert!(lifted.unread.is_empty(), "{:?}", lifted.unread);
    readers_of(&lifted, of).iter().map(shown).collect()
}

fn readers_of(lifted: &Lifted, of: &str) -> Vec<Reader> {
    let holding = lifted.estate.holdings.iter().find(|holding| holding.id.name() == of);
    let id: ItemId = holding.unwrap_or_else(|| panic!("nothing kept by {of}")).id.clone();
    Permissions::new(&lifted.estate).readers(&id).unwrap()
}

fn shown(reader: &Reader) -> String {
    let mut line = match &reader.who {
        Who::Service { on_behalf, .. } if !on_behalf.is_empty() => format!("{} (on behalf)", reader.who),
        who => who.to_string(),
    };
    if let Verdict::Depends(on) = &reader.verdict {
        let on: Vec<String> = on.iter().map(ToString::to_string).collect();
        line.push_str(&format!(" depends on {}", on.join(", ")));
    }
    for step in &reader.how {
        let rests: Vec<String> = step.rests.iter().map(ToString::to_string).collect();
        line.push_str(&format!("\n    {step} [{}]", rests.join("; ")));
    }
    line
}

fn to(item: &str, attribute: &str) -> Text {
    let (mode, kind) = match item.strip_prefix("data.") {
        Some(rest) => (Mode::Data, rest.split('.').next().unwrap()),
        None => (Mode::Managed, item.split('.').next().unwrap()),
    };
    Text::from(Reference::to_item(ItemId::new(kind, item).with_mode(mode), attribute))
}

fn json(text: &str) -> Json {
    fn from(value: &serde_json::Value) -> Json {
        match value {
            serde_json::Value::Null => Json::Null,
            serde_json::Value::Bool(flag) => Json::Bool(*flag),
            serde_json::Value::Number(number) => Json::Int(number.as_i64().unwrap()),
            serde_json::Value::String(text) => {
                // `${TYPE.NAME:ATTRIBUTE}` is a reference.
                let mut all = Text::new();
                let mut rest = text.as_str();
                while let Some((before, after)) = rest.split_once("${") {
                    let (inside, next) = after.split_once('}').unwrap();
                    let (item, attribute) = inside.split_once(':').unwrap();
                    all = all.then(before).then(to(item, attribute));
                    rest = next;
                }
                Json::Text(all.then(rest))
            }
            serde_json::Value::Array(items) => Json::List(items.iter().map(from).collect()),
            serde_json::Value::Object(fields) => {
                Json::Object(fields.iter().map(|(key, value)| (key.clone(), from(value))).collect())
            }
        }
    }
    from(&serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

/// An item with these arguments; what begins with `{` is a policy, `[` a list of texts, `$` a reference (`$ITEM:ATTRIBUTE`).
fn item(id: &str, arguments: &[(&str, &str)]) -> Item {
    let mut record = Record::new();
    for (name, value) in arguments {
        let text = |value: &str| match value.strip_prefix('$').and_then(|rest| rest.split_once(':')) {
            Some((item, attribute)) => to(item, attribute),
            None => Text::from(value),
        };
        record.set(
            name,
            match value.chars().next() {
                Some('{') => Value::Json(json(value)),
                Some('[') => Value::List(
                    value.trim_matches(['[', ']']).split(", ").map(|one| Value::Text(text(one))).collect(),
                ),
                _ => Value::Text(text(value)),
            },
        );
    }
    let kind = id.split('.').next().unwrap();
    let place = Place::new("more.tf", 7);
    Item::new(ItemId::new(kind, id), record).at(Places::whole(place))
}
