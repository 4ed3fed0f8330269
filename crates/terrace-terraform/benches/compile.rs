//! From a manifest to all files: CPU time against the number of resources.
//!
//! `cargo bench -p terrace-terraform`; `-- FOLDER` writes the files of one design there instead.

#![expect(clippy::unwrap_used, reason = "a measurement may stop where it is wrong")]
#![expect(clippy::print_stdout, reason = "it prints a table")]
#![expect(clippy::disallowed_methods, reason = "it reads how much CPU time it took")]

use std::path::Path;

use terrace_aws::{
    Address, Design, Json, Label, Node, Notes, Part, Record, Reference, Target, Text, Value, lower,
};
use terrace_terraform::{emit, import};

const MANIFESTS: [(&str, &str); 2] =
    [("ec2", include_str!("ec2.toml")), ("fargate", include_str!("fargate.toml"))];

fn design(manifest: &str) -> Design {
    let parsed = terrace_manifest::parse(manifest, None);
    lower(&parsed.topology.unwrap()).unwrap()
}

/// Nanoseconds of CPU that this process has had (proc(5), `/proc/PID/schedstat`).
fn cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

/// The mean CPU time of a turn, in microseconds. The kernel counts in ticks of some milliseconds, so there are
/// as many turns as half a second holds.
fn mean(mut work: impl FnMut()) -> f64 {
    let (before, mut turns) = (cpu(), 0_u32);
    loop {
        work();
        turns += 1;
        let taken = cpu() - before;
        if taken > 500_000_000 {
            return f64::from(u32::try_from(taken / 1000).unwrap()) / f64::from(turns);
        }
    }
}

fn main() {
    // `cargo bench` says `--bench`; `cargo test` runs this once without, and is not kept waiting.
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let Some(folder) = arguments.first() {
        return write(Path::new(folder));
    }
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!("| manifest | resources | read | lower | emit | all, µs of CPU |\n|---|--:|--:|--:|--:|--:|");
    for (name, manifest) in MANIFESTS {
        let topology = terrace_manifest::parse(manifest, None).topology.unwrap();
        let made = design(manifest);
        let read = mean(|| drop(terrace_manifest::parse(manifest, None)));
        let lowered = mean(|| drop(lower(&topology)));
        let emitted = mean(|| drop(emit(&made)));
        let all = mean(|| drop(emit(&design(manifest))));
        println!("| {name} | {} | {read:.0} | {lowered:.0} | {emitted:.0} | {all:.0} |", made.graph.len());
    }
    println!(
        "\n| resources | bytes | emit, ms | µs a resource | read back, ms | µs a resource |\n|--:|--:|--:|--:|--:|--:|"
    );
    let one = design(MANIFESTS[0].1);
    for wanted in [100, 300, 1_000, 3_000, 10_000] {
        let many = repeated(&one, wanted);
        let files = emit(&many).unwrap();
        let bytes: usize = files.values().map(String::len).sum();
        let count = u32::try_from(many.graph.len()).unwrap();
        let emitted = mean(|| drop(emit(&many)));
        let read = mean(|| drop(import::text(&files)));
        let each = |all: f64| all / f64::from(count);
        println!(
            "| {count} | {bytes} | {:.1} | {:.1} | {:.1} | {:.1} |",
            emitted / 1000.0,
            each(emitted),
            read / 1000.0,
            each(read)
        );
    }
}

fn write(folder: &Path) {
    for (name, manifest) in MANIFESTS {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for (file, text) in emit(&design(manifest)).unwrap() {
            std::fs::write(folder.join(file.as_str()), text).unwrap();
        }
    }
}

/// The design again and again under other labels, until there are so many resources.
fn repeated(one: &Design, wanted: usize) -> Design {
    let mut many = Design { graph: one.graph.clone(), notes: Notes::default() };
    let mut turn = 0_usize;
    loop {
        for (address, note) in one.notes.iter() {
            if let Some(node) = one.graph.node(address) {
                let address = renamed(address, turn);
                many.graph.insert(address.label().clone(), again(node, turn));
                many.notes.push(address, note.clone());
                if many.graph.len() >= wanted && turn > 0 {
                    return many;
                }
            }
        }
        turn += 1;
    }
}

fn renamed(address: &Address, turn: usize) -> Address {
    if turn == 0 {
        return address.clone();
    }
    let label: Label = format!("{}_{turn}", address.label()).parse().unwrap();
    Address::new(address.kind(), label)
}

fn again(node: &Node, turn: usize) -> Node {
    let resource = node.resource.kind().read(&record(&node.resource.fields(), turn)).unwrap();
    let depends_on = node.depends_on.iter().map(|address| renamed(address, turn)).collect();
    Node { resource, depends_on, ..node.clone() }
}

fn record(fields: &Record, turn: usize) -> Record {
    let mut new = Record::new();
    fields.iter().for_each(|(name, field)| new.set(name, value(field, turn)));
    new
}

fn value(old: &Value, turn: usize) -> Value {
    match old {
        Value::Text(old) => Value::Text(text(old, turn)),
        Value::Base64(old) => Value::Base64(text(old, turn)),
        Value::List(items) => Value::List(items.iter().map(|item| value(item, turn)).collect()),
        Value::Map(items) => {
            Value::Map(items.iter().map(|(key, item)| (key.clone(), value(item, turn))).collect())
        }
        Value::Json(old) => Value::Json(json(old, turn)),
        Value::Blocks(blocks) => Value::Blocks(blocks.iter().map(|block| record(block, turn)).collect()),
        other => other.clone(),
    }
}

fn json(old: &Json, turn: usize) -> Json {
    match old {
        Json::Text(old) => Json::Text(text(old, turn)),
        Json::List(items) => Json::List(items.iter().map(|item| json(item, turn)).collect()),
        Json::Object(fields) => {
            Json::Object(fields.iter().map(|(key, item)| (key.clone(), json(item, turn))).collect())
        }
        other => other.clone(),
    }
}

fn text(old: &Text, turn: usize) -> Text {
    old.parts().iter().fold(Text::new(), |new, part| match part {
        Part::Literal(literal) => new.then(literal.as_str()),
        Part::Reference(reference) => new.then(match reference.target() {
            Target::Resource(address) => {
                let target = Target::Resource(renamed(address, turn));
                match reference.member() {
                    Some(member) => Reference::only(target, reference.attribute(), member),
                    None => Reference::new(target, reference.attribute()),
                }
            }
            Target::Variable(_) | Target::Item(_) | Target::Unknown(_) => reference.clone(),
        }),
        Part::Opaque(_) => new,
    })
}
