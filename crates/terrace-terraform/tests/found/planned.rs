//! Folders of `tests/found/plans`: what is read from the files is held against Terraform's own plan of them.
//!
//! The same resources, and no argument that is told otherwise; what we do not tell, the plan may tell.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Printed;
use terrace_aws::inventory::Tree;
use terrace_aws::{Json, Mode, Record, Value};
use terrace_terraform::found::{Given, folder};

use crate::engine::{Engine, emulator};

#[test]
fn the_files_say_what_the_plan_says() {
    let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/found/plans");
    let mut cases: Vec<_> = std::fs::read_dir(plans).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    for case in cases {
        let Some(engine) = Engine::find("designs against their plans") else { return };
        let Some(emulator) = emulator() else { return };
        let tree = crate::folder::tree(&case);
        // Each design names its providers itself.
        std::fs::remove_file(engine.path().join("terraform.tf")).unwrap();
        for (path, text) in tree.iter() {
            let path = engine.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let plan: Printed = serde_json::from_str(&engine.plan(&emulator)).unwrap();
        let mut planned = BTreeMap::new();
        resources(&plan["planned_values"]["root_module"], &mut planned);
        compared(&case, &tree, &planned);
    }
}

fn resources<'p>(module: &'p Printed, all: &mut BTreeMap<String, &'p Printed>) {
    for resource in module["resources"].as_array().into_iter().flatten() {
        if resource["mode"] == "managed" {
            all.insert(resource["address"].as_str().unwrap().to_owned(), &resource["values"]);
        }
    }
    for inner in module["child_modules"].as_array().into_iter().flatten() {
        resources(inner, all);
    }
}

fn compared(case: &Path, tree: &Tree, planned: &BTreeMap<String, &Printed>) {
    let found = folder(tree, "", &Given::default()).unwrap();
    let items: BTreeMap<String, &Record> = found
        .items()
        .filter(|item| item.id().mode() == Mode::Managed && !item.type_name().starts_with("terraform_"))
        .map(|item| (item.id().name().to_owned(), &item.record))
        .collect();
    assert_eq!(
        items.keys().collect::<Vec<_>>(),
        planned.keys().collect::<Vec<_>>(),
        "{}: {:#?}",
        case.display(),
        found.unread()
    );
    let mut wrong = Vec::new();
    for (address, record) in items {
        for (name, value) in record.iter() {
            let said = &planned[&address][name];
            if !fits(value, said) {
                wrong.push(format!("{address}.{name}: we say {value:?}, the plan {said}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", case.display(), wrong.join("\n"));
}

/// Whether the plan says nothing else.
fn fits(ours: &Value, said: &Printed) -> bool {
    match (ours, said) {
        // Known after the apply, or not told by us.
        (_, Printed::Null) | (Value::Opaque(_), _) => true,
        // The provider keeps a sign for some texts that it does not print.
        (Value::Text(text), _) => match text.literal() {
            None => true,
            Some(literal) => match said {
                Printed::String(said) => said == literal,
                other => other.to_string().as_str() == literal,
            },
        },
        (Value::Int(number), _) => said.to_string().trim_matches('"') == number.to_string(),
        (Value::Milli(number), _) => {
            said.as_f64().is_some_and(|said| (said * 1000.0).round() == *number as f64)
        }
        (Value::Bool(is), _) => said.to_string().trim_matches('"') == is.to_string(),
        (Value::Base64(text), Printed::String(said)) => {
            text.literal().is_none_or(|literal| terrace_aws::base64(literal) == *said)
        }
        (Value::Json(json), Printed::String(said)) => {
            match (printed(json), serde_json::from_str::<Printed>(said)) {
                (Some(ours), Ok(said)) => sorted(ours) == sorted(said),
                (None, _) => true,
                _ => false,
            }
        }
        (Value::List(items), Printed::Array(said)) => {
            // A set of texts has another order there.
            items.len() == said.len() && items.iter().all(|item| said.iter().any(|said| fits(item, said)))
        }
        (Value::Map(items), Printed::Object(said)) => {
            items.iter().all(|(key, item)| said.get(key).is_some_and(|said| fits(item, said)))
        }
        (Value::Blocks(blocks), Printed::Array(said)) => blocks
            .iter()
            .all(|block| said.iter().any(|said| block.iter().all(|(name, value)| fits(value, &said[name])))),
        _ => false,
    }
}

/// Lists of a policy mean the same in any order.
fn sorted(value: Printed) -> Printed {
    match value {
        Printed::Array(items) => {
            let mut items: Vec<Printed> = items.into_iter().map(sorted).collect();
            items.sort_by_key(ToString::to_string);
            Printed::Array(items)
        }
        Printed::Object(fields) => fields
            .into_iter()
            .map(|(key, item)| (key, sorted(item)))
            .collect::<BTreeMap<_, _>>()
            .into_iter()
            .collect(),
        other => other,
    }
}

/// None if it holds references.
fn printed(json: &Json) -> Option<Printed> {
    Some(match json {
        Json::Null => Printed::Null,
        Json::Bool(is) => Printed::from(*is),
        Json::Int(number) => Printed::from(*number),
        Json::Text(text) => Printed::from(text.literal()?),
        Json::List(items) => Printed::Array(items.iter().map(printed).collect::<Option<_>>()?),
        Json::Object(fields) => Printed::Object(
            fields.iter().map(|(key, item)| Some((key.clone(), printed(item)?))).collect::<Option<_>>()?,
        ),
    })
}
