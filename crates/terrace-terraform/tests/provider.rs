//! What the real Terraform and the real provider say: the layout, the texts, the names of all fields, the plan.
//!
//! Each test says loudly that it was skipped where this machine has no Terraform, no provider or no emulator.

#![expect(clippy::indexing_slicing, reason = "a test may stop where it is wrong")]
#![expect(clippy::disallowed_methods, reason = "these tests run Terraform")]

mod designs;
mod engine;
mod grown;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Printed;
use terrace_aws::{Design, Kind, Mode, Node, Notes, Output, Record, ResourceGraph, Value};
use terrace_terraform::{emit, import};

use self::engine::{Engine, emulator};
use self::grown::Tape;

fn choices(seed: u32) -> Vec<u32> {
    (0..3000_u32)
        .map(|i| (i + 7).wrapping_mul(2_654_435_761).wrapping_add(seed * 977) >> (seed % 13))
        .collect()
}

#[test]
fn the_layout_is_that_of_terraform_fmt() {
    let Some(engine) = Engine::without_provider("the layout of the text") else { return };
    for seed in 0..6 {
        let choices = choices(seed);
        engine.write(&emit(&grown::design(&mut Tape::new(&choices), Kind::ALL)).unwrap());
        assert_eq!(engine.run(&["fmt", "-check", "-diff"], None), "", "seed {seed}");
    }
    for case in designs::all() {
        engine.write(&emit(&case.design).unwrap());
        assert_eq!(engine.run(&["fmt", "-check", "-diff"], None), "", "{}", case.name);
    }
}

#[test]
fn terraform_reads_the_texts_that_were_meant() {
    let Some(engine) = Engine::without_provider("the texts as Terraform reads them") else { return };
    let mut graph = ResourceGraph::new("eu-central-1".parse().unwrap());
    let texts: BTreeMap<String, &str> =
        grown::HARD.iter().enumerate().map(|(at, text)| (format!("t{at}"), *text)).collect();
    // Terraform composes characters (NFC), so it gives other bytes than it got.
    let composed = |text: &str| text.replace("e\u{301}", "\u{e9}");
    for (name, text) in &texts {
        graph.outputs.insert(name.parse().unwrap(), Output::new("", *text));
    }
    let files = emit(&Design { graph, notes: Notes::default() }).unwrap();
    // Without the provider's block nothing but the outputs is asked.
    engine.write(&files.into_iter().filter(|(name, _)| name.as_str() == "outputs.tf").collect());
    engine.run(&["apply", "-auto-approve", "-input=false"], None);
    let read: Printed = serde_json::from_str(&engine.run(&["output", "-json"], None)).unwrap();
    for (name, text) in &texts {
        assert_eq!(read[name]["value"].as_str(), Some(composed(text).as_str()), "{name}");
    }
}

/// The required arguments that no field stands for, with the reason.
const NOT_MODELLED: &[(&str, &str)] = &[];

#[test]
fn every_field_is_one_of_the_providers() {
    let given =
        std::env::var_os("TERRACE_PROVIDER_SCHEMA").map(|path| std::fs::read_to_string(path).unwrap());
    let Some(text) = given.or_else(|| {
        Some(Engine::find("the names of all fields")?.run(&["providers", "schema", "-json"], None))
    }) else {
        return;
    };
    let schema: Printed = serde_json::from_str(&text).unwrap();
    let schema = &schema["provider_schemas"]["registry.terraform.io/hashicorp/aws"];
    let mut wrong = BTreeSet::new();
    for kind in Kind::ALL {
        let all = match kind.mode() {
            Mode::Managed => "resource_schemas",
            Mode::Data => "data_source_schemas",
            Mode::Ephemeral => "ephemeral_resource_schemas",
        };
        let name = format!("{}{}", kind.mode().prefix(), kind.type_name());
        let block = &schema[all][kind.type_name()]["block"];
        if !block.is_object() {
            wrong.insert(format!("`{name}` is no type of the provider"));
            continue;
        }
        let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        seen.entry(name.clone()).or_default().extend(kind.fields().iter().map(|field| (*field).to_owned()));
        // Where every choice is the second one, every field and nested block is there.
        for choices in [vec![1; 3000], choices(1), choices(2)] {
            compare(
                &grown::resource(&mut Tape::new(&choices), *kind).fields(),
                block,
                &name,
                &mut seen,
                &mut wrong,
            );
        }
        for (place, fields) in &seen {
            let block = nested(block, place.strip_prefix(&name).unwrap());
            required(block, place, fields, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The block at a place such as `.origin.custom_origin_config`.
fn nested<'a>(block: &'a Printed, place: &str) -> &'a Printed {
    place
        .split('.')
        .filter(|name| !name.is_empty())
        .fold(block, |block, name| &block["block_types"][name]["block"])
}

fn required(block: &Printed, place: &str, fields: &BTreeSet<String>, wrong: &mut BTreeSet<String>) {
    for field in fields {
        if block["attributes"][field].is_null() && block["block_types"][field].is_null() {
            wrong.insert(format!("`{place}` has no `{field}`"));
        }
    }
    let attributes = block["attributes"].as_object().into_iter().flatten();
    let attributes = attributes.filter(|(_, attribute)| attribute["required"] == true).map(|(name, _)| name);
    let blocks = block["block_types"].as_object().into_iter().flatten();
    let blocks = blocks.filter(|(_, block)| block["min_items"].as_u64() > Some(0)).map(|(name, _)| name);
    for name in attributes.chain(blocks).filter(|name| !fields.contains(*name)) {
        if !NOT_MODELLED.iter().any(|(known, _)| *known == format!("{place}.{name}")) {
            wrong.insert(format!("`{place}` needs `{name}`, which no field stands for"));
        }
    }
}

/// Compares arguments with a block of the schema, and collects the names seen at each place.
fn compare(
    record: &Record,
    block: &Printed,
    place: &str,
    seen: &mut BTreeMap<String, BTreeSet<String>>,
    wrong: &mut BTreeSet<String>,
) {
    seen.entry(place.to_owned()).or_default().extend(record.iter().map(|(name, _)| name.to_owned()));
    for (name, value) in record.iter() {
        let attribute = &block["attributes"][name];
        if let (Value::Blocks(blocks), inner) = (value, &block["block_types"][name]["block"]) {
            if inner.is_null() {
                wrong.insert(format!("`{place}.{name}` is no nested block"));
                continue;
            }
            if blocks.len() > 1 && block["block_types"][name]["max_items"] == 1 {
                wrong.insert(format!("`{place}.{name}` may stand once only"));
            }
            for one in blocks {
                compare(one, inner, &format!("{place}.{name}"), seen, wrong);
            }
        } else if attribute.is_null() {
            wrong.insert(format!("`{place}.{name}` is no attribute"));
        } else if !fits(value, &attribute["type"]) {
            wrong.insert(format!("`{place}.{name}` is {value:?}, and should be {}", attribute["type"]));
        } else if attribute["deprecated"] == true {
            wrong.insert(format!("`{place}.{name}` is deprecated"));
        } else if attribute["required"] != true && attribute["optional"] != true {
            wrong.insert(format!("`{place}.{name}` cannot be set"));
        }
    }
}

fn fits(value: &Value, of: &Printed) -> bool {
    match (value, of) {
        // Terraform turns both into text where text is asked.
        (Value::Bool(_), of) => of == "bool" || of == "string",
        (Value::Int(_) | Value::Milli(_), of) => of == "number" || of == "string",
        (Value::Text(_) | Value::Json(_) | Value::Base64(_), of) => of == "string",
        (Value::List(items), Printed::Array(of)) => {
            (of[0] == "list" || of[0] == "set") && items.iter().all(|item| fits(item, &of[1]))
        }
        (Value::Map(items), Printed::Array(of)) => {
            of[0] == "map" && items.values().all(|item| fits(item, &of[1]))
        }
        _ => false,
    }
}

#[test]
fn a_plan_tells_the_graph_but_for_what_plans_forget() {
    let what = "graphs read from real plans";
    let (Some(engine), Some(aws)) = (Engine::find(what), emulator()) else { return };
    for case in [
        designs::one("ec2", "postgres", "alb", "none"),
        designs::one("ec2", "mysql", "cloudfront", "nat"),
        designs::one("fargate", "mysql", "cloudfront", "none"),
        designs::one("fargate", "postgres", "cloudfront", "nat"),
    ] {
        engine.write(&emit(&case.design).unwrap());
        let imported = import::plan(&engine.plan(&aws)).unwrap();
        assert_eq!(imported.unmodelled, [], "{}", case.name);
        let told = import::forget(&case.design.graph).unwrap();
        for (address, node) in told.nodes() {
            assert_eq!(imported.graph.node(address), Some(node), "{}: {address}", case.name);
        }
        assert_eq!(imported.graph, told, "{}", case.name);
        eprintln!("{}: {} resources", case.name, told.len());
    }
}

/// Kinds that the emulator makes at once; what takes minutes is left to the tests of whole deployments.
const QUICK: &[Kind] = &[
    Kind::Vpc,
    Kind::Subnet,
    Kind::InternetGateway,
    Kind::RouteTable,
    Kind::Route,
    Kind::RouteTableAssociation,
    Kind::SecurityGroup,
    Kind::IngressRule,
    Kind::EgressRule,
    Kind::Role,
];

/// The part of a design that is of these kinds and refers to nothing else.
fn part(design: &Design, kinds: &[Kind]) -> Design {
    let mut graph = ResourceGraph::new(design.graph.region.clone());
    for (address, node) in design.graph.nodes().filter(|(address, _)| kinds.contains(&address.kind())) {
        graph.insert(address.label().clone(), Node { depends_on: BTreeSet::new(), ..node.clone() });
    }
    loop {
        let dangling: BTreeSet<_> = graph.dangling().into_iter().map(|(address, _)| address).collect();
        if dangling.is_empty() {
            return Design { graph, notes: Notes::default() };
        }
        let mut left = ResourceGraph::new(graph.region.clone());
        for (address, node) in graph.nodes().filter(|(address, _)| !dangling.contains(*address)) {
            left.insert(address.label().clone(), node.clone());
        }
        graph = left;
    }
}

#[test]
fn a_state_tells_what_was_built_and_what_refers_to_what() {
    let what = "graphs read from real states";
    let (Some(engine), Some(aws)) = (Engine::find(what), emulator()) else { return };
    let case = designs::one("ec2", "postgres", "alb", "none");
    let built = part(&case.design, QUICK);
    assert!(built.graph.len() > 30, "only {} resources", built.graph.len());
    engine.write(&emit(&built).unwrap());
    engine.run(&["init", "-input=false"], Some(&aws));
    engine.run(&["apply", "-auto-approve", "-input=false"], Some(&aws));
    let state = engine.run(&["show", "-json"], Some(&aws));
    let imported = import::state(&state, built.graph.region.clone()).unwrap();
    assert_eq!(imported.unmodelled, []);
    for (address, node) in built.graph.nodes() {
        let expected = Node { lifecycle: terrace_aws::Lifecycle::default(), ..node.clone() };
        assert_eq!(imported.graph.node(address), Some(&expected), "{address}");
    }
    assert_eq!(imported.graph.len(), built.graph.len());
}
