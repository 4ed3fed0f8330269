//! Laws: no text makes a panic, every place is one of the text's, and YAML and JSON say the same.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its files has nothing to say")]
#![expect(clippy::disallowed_methods, reason = "cases are files")]
#![expect(clippy::indexing_slicing, reason = "what is cut is known to be there")]

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::prelude::*;
use terrace_aws::inventory::{Inventory, Places, Tree};
use terrace_cloudformation::{Given, template};

fn texts() -> Vec<(String, String)> {
    let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let folders = ["cases", "bad"].map(|folder| std::fs::read_dir(tests.join(folder)).unwrap());
    let paths = folders.into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|end| end != "txt")).collect();
    paths.sort();
    let name = |path: &std::path::Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    paths.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

/// Reads a text; what it says of places is checked.
fn read(path: &str, text: &str) -> Option<Inventory> {
    let mut tree = Tree::new();
    tree.insert(path, text);
    let lines = u32::try_from(text.lines().count().max(1)).unwrap() + 1;
    match template(&tree, path, &Given::default()) {
        Ok(inventory) => {
            let places = inventory.items().filter_map(|item| item.place("")?.line);
            let unread = inventory.unread().iter().filter_map(|unread| unread.place.as_ref()?.line);
            for line in places.chain(unread) {
                assert!((1..=lines).contains(&line), "line {line} of {lines}");
            }
            Some(inventory)
        }
        Err(wrong) => {
            assert!(wrong.has_errors());
            for label in wrong.iter().flat_map(|one| one.primary().into_iter().chain(one.secondary())) {
                assert!(text.get(label.span().start()..label.span().end()).is_some(), "{wrong:?}");
            }
            None
        }
    }
}

#[derive(Clone, Debug)]
enum Change {
    Cut(prop::sample::Index),
    Drop(prop::sample::Index, usize),
    Put(prop::sample::Index, String),
    Repeat(prop::sample::Index, prop::sample::Index),
}

fn change() -> impl Strategy<Value = Change> {
    let piece = prop_oneof![
        Just("&a ".to_owned()),
        Just("*a".to_owned()),
        Just("<<: *a\n".to_owned()),
        Just("!Sub ".to_owned()),
        Just("!If [X, ".to_owned()),
        Just("Fn::ForEach::A: [X, [a, b], ".to_owned()),
        Just("${".to_owned()),
        Just("{{resolve:".to_owned()),
        Just("\t".to_owned()),
        Just("\u{85}é😀".to_owned()),
        "[ -~\n]{0,6}",
    ];
    let at = any::<prop::sample::Index>;
    prop_oneof![
        at().prop_map(Change::Cut),
        (at(), 1..40_usize).prop_map(|(at, count)| Change::Drop(at, count)),
        (at(), piece).prop_map(|(at, piece)| Change::Put(at, piece)),
        (at(), at()).prop_map(|(from, to)| Change::Repeat(from, to)),
    ]
}

fn changed(text: &str, change: &Change) -> String {
    let characters: Vec<char> = text.chars().collect();
    let at = |index: &prop::sample::Index| index.index(characters.len() + 1);
    let string = |piece: &[char]| piece.iter().collect::<String>();
    match change {
        Change::Cut(end) => string(&characters[..at(end)]),
        Change::Drop(start, count) => {
            let start = at(start);
            let end = (start + count).min(characters.len());
            string(&characters[..start]) + &string(&characters[end..])
        }
        Change::Put(place, piece) => {
            let place = at(place);
            string(&characters[..place]) + piece + &string(&characters[place..])
        }
        Change::Repeat(from, to) => {
            let (from, to) = (at(from).min(at(to)), at(from).max(at(to)));
            string(&characters[..to]) + &string(&characters[from..])
        }
    }
}

/// A template as a value, to be written in either way.
#[derive(Clone, Debug)]
enum Made {
    Bool(bool),
    Int(i32),
    Text(String),
    List(Vec<Made>),
    Map(Vec<(String, Made)>),
}

fn call(name: &str, argument: Made) -> Made {
    Made::Map(vec![(name.to_owned(), argument)])
}

const NAMES: [&str; 6] = ["A", "B", "C", "P", "AWS::Region", "AWS::NoValue"];
const PROPERTIES: [&str; 22] = [
    "VpcId",
    "CidrBlock",
    "Tags",
    "SecurityGroupIngress",
    "SecurityGroupEgress",
    "CidrIp",
    "IpProtocol",
    "FromPort",
    "Policies",
    "PolicyDocument",
    "Roles",
    "ManagedPolicyArns",
    "NetworkInterfaces",
    "UserData",
    "GroupSet",
    "LoadBalancerAttributes",
    "Key",
    "Value",
    "BucketEncryption",
    "DistributionConfig",
    "Origins",
    "Environment",
];
const TYPES: [&str; 12] = [
    "AWS::EC2::VPC",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Instance",
    "AWS::IAM::Role",
    "AWS::IAM::Policy",
    "AWS::S3::Bucket",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::CloudFront::Distribution",
    "AWS::Lambda::Function",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::RDS::DBInstance",
    "AWS::Foo::Bar",
];

fn value() -> impl Strategy<Value = Made> {
    let name = prop::sample::select(&NAMES[..]);
    let leaf = prop_oneof![
        any::<bool>().prop_map(Made::Bool),
        any::<i32>().prop_map(Made::Int),
        "[ -~]{0,10}".prop_map(Made::Text),
        Just(Made::Text("0.0.0.0/0".to_owned())),
        name.clone().prop_map(|name| call("Ref", Made::Text(name.to_owned()))),
        name.clone().prop_map(|name| call("Fn::GetAtt", Made::Text(format!("{name}.Arn")))),
        name.prop_map(|name| call("Fn::Sub", Made::Text(format!("x-${{{name}}}-y")))),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            list.clone().prop_map(Made::List),
            list.clone().prop_map(|list| {
                call("Fn::Join", Made::List(vec![Made::Text("-".to_owned()), Made::List(list)]))
            }),
            (0..3_i32, list).prop_map(|(at, list)| {
                call("Fn::Select", Made::List(vec![Made::Int(at), Made::List(list)]))
            }),
            (inner.clone(), inner.clone()).prop_map(|(yes, no)| {
                call("Fn::If", Made::List(vec![Made::Text("Open".to_owned()), yes, no]))
            }),
            map(inner),
        ]
    })
}

fn map(inner: impl Strategy<Value = Made>) -> impl Strategy<Value = Made> {
    let entry = (prop::sample::select(&PROPERTIES[..]), inner);
    prop::collection::vec(entry, 0..5).prop_map(|entries| {
        let mut seen = BTreeSet::new();
        let entries = entries.into_iter().filter(|(key, _)| seen.insert(*key));
        Made::Map(entries.map(|(key, value)| (key.to_owned(), value)).collect())
    })
}

fn made() -> impl Strategy<Value = Made> {
    let resource = (prop::sample::select(&TYPES[..]), map(value()), any::<bool>());
    prop::collection::vec(resource, 1..4).prop_map(|resources| {
        let text = |text: &str| Made::Text(text.to_owned());
        let resources = NAMES.iter().zip(resources).map(|(name, (type_name, properties, open))| {
            let mut entries =
                vec![("Type".to_owned(), text(type_name)), ("Properties".to_owned(), properties)];
            if open {
                entries.push(("Condition".to_owned(), text("Open")));
            }
            ((*name).to_owned(), Made::Map(entries))
        });
        let parameter = Made::Map(vec![("Type".to_owned(), text("String"))]);
        let condition = call("Fn::Equals", Made::List(vec![call("Ref", text("P")), text("yes")]));
        Made::Map(vec![
            ("Resources".to_owned(), Made::Map(resources.collect())),
            ("Parameters".to_owned(), Made::Map(vec![("P".to_owned(), parameter)])),
            ("Conditions".to_owned(), Made::Map(vec![("Open".to_owned(), condition)])),
        ])
    })
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn json(made: &Made, out: &mut String) {
    match made {
        Made::Bool(truth) => write!(out, "{truth}").unwrap(),
        Made::Int(number) => write!(out, "{number}").unwrap(),
        Made::Text(text) => out.push_str(&quoted(text)),
        Made::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ",\n" } else { "" });
                json(item, out);
            }
            out.push(']');
        }
        Made::Map(entries) => {
            out.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                out.push_str(if index > 0 { ",\n" } else { "" });
                write!(out, "{}:", quoted(key)).unwrap();
                json(value, out);
            }
            out.push('}');
        }
    }
}

/// Block style, with short tags for functions; what follows a key or a dash.
fn yaml(made: &Made, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    match made {
        Made::List(items) if !items.is_empty() => {
            for item in items {
                write!(out, "\n{indent}-").unwrap();
                yaml(item, depth + 1, out);
            }
        }
        Made::Map(entries) if !entries.is_empty() => {
            if let [(name, argument)] = &entries[..] {
                let short = if name == "Ref" { Some(name.as_str()) } else { name.strip_prefix("Fn::") };
                if let Some(short) = short {
                    write!(out, " !{short}").unwrap();
                    return yaml(argument, depth, out);
                }
            }
            for (key, value) in entries {
                write!(out, "\n{indent}{key}:").unwrap();
                yaml(value, depth + 1, out);
            }
        }
        Made::Text(text) if !text.contains(['"', '\\']) && !text.is_empty() => {
            write!(out, " '{}'", text.replace('\'', "''")).unwrap();
        }
        other => {
            out.push(' ');
            json(other, out);
        }
    }
}

/// The items without their places, as text; some names tell a line, and lines differ.
fn items(inventory: &Inventory) -> String {
    let mut out = String::new();
    for item in inventory.items() {
        let text = format!("{:#?}", item.clone().at(Places::default()));
        for line in text.lines() {
            let (before, _) = line.split_once(" in line ").unwrap_or((line, ""));
            writeln!(out, "{before}").unwrap();
        }
    }
    out
}

fn unread(inventory: &Inventory) -> BTreeSet<(String, String)> {
    inventory.unread().iter().map(|unread| (unread.what.clone(), unread.why.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_makes_a_panic(case in any::<prop::sample::Index>(), changes in prop::collection::vec(change(), 1..5)) {
        let texts = texts();
        let (path, text) = &texts[case.index(texts.len())];
        let text = changes.iter().fold(text.clone(), |text, change| changed(&text, change));
        read(path, &text);
    }

    #[test]
    fn yaml_and_json_say_the_same(made in made()) {
        let (mut as_json, mut as_yaml) = (String::new(), String::new());
        json(&made, &mut as_json);
        yaml(&made, 0, &mut as_yaml);
        let from_json = read("template.json", &as_json);
        let from_yaml = read("template.yaml", &as_yaml);
        prop_assert!(from_json.is_some(), "{as_json}");
        prop_assert!(from_yaml.is_some(), "{as_yaml}");
        let (from_json, from_yaml) = (from_json.unwrap(), from_yaml.unwrap());
        prop_assert!(!from_json.is_empty() || as_json.contains("Roles") || as_json.contains("IAM::Policy"), "{as_json}");
        prop_assert_eq!(items(&from_json), items(&from_yaml));
        prop_assert_eq!(unread(&from_json), unread(&from_yaml));
    }
}
