//! Two environments of one manifest share no name: what the manifest lets pass has names of its own.
#![expect(clippy::panic, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;

use terrace_aws::{Foundation, Value, lower_on};

const SHAPES: [&str; 3] = [
    "shape = \"ec2\"\n",
    "shape = \"ec2\"\nedge = \"cloudfront\"\nweb.assets = \"cdn\"\n",
    "shape = \"fargate\"\n",
];

const REST: &str = "name = \"items\"\nweb.root = \"f\"\napp.root = \"b\"\napp.run = \"target/release/api\"\n\
    app.secrets.KEY = { generate = 32 }\ndata.engine = \"postgres\"\nalerts.email = \"ops@example.com\"\n\
    budget.monthly = 10\n";

/// Texts of people, and what is named within a server of its own.
const NO_NAMES: [&str; 7] = [
    "description",
    "alarm_description",
    "comment",
    "db_name",
    "database_name",
    "username",
    "master_username",
];

/// Every name of a system that begins as the system does, with what it is the name of.
fn names(manifest: &str, environment: Option<&str>) -> Option<BTreeSet<(String, String, String)>> {
    let parsed = terrace_manifest::parse(manifest, environment);
    if parsed.diagnostics.has_errors() {
        return None;
    }
    let topology = parsed.topology.unwrap_or_else(|| panic!("{manifest} means nothing"));
    let designs = [Foundation::Within, Foundation::Apart].map(|foundation| {
        lower_on(&topology, foundation).unwrap_or_else(|refusals| panic!("{manifest}\n{refusals:#?}"))
    });
    let mut all = BTreeSet::new();
    for (_, node) in designs.iter().flat_map(|design| design.graph.nodes()) {
        for (argument, value) in node.resource.fields().iter().filter(|(name, _)| !NO_NAMES.contains(name)) {
            let Value::Text(text) = value else { continue };
            let text = text.to_string();
            if text.starts_with("items") || text.starts_with("/items") || text.starts_with("alias/items") {
                all.insert((format!("{:?}", node.resource.kind()), argument.to_owned(), text));
            }
        }
    }
    Some(all)
}

/// What an environment could be called so that its names begin like those of a part.
fn candidates(names: &BTreeSet<(String, String, String)>) -> BTreeSet<String> {
    let mut all = BTreeSet::from(["prod".to_owned(), "staging".to_owned(), "a-b".to_owned()]);
    for (_, _, name) in names {
        let part = name.trim_start_matches("alias").trim_start_matches('/').trim_start_matches("items");
        let words: Vec<&str> = part.split(['-', '/']).filter(|word| !word.is_empty()).collect();
        for count in 1..=words.len() {
            let candidate = words.iter().take(count).copied().collect::<Vec<_>>().join("-");
            if candidate.parse::<terrace_topology::EnvironmentName>().is_ok() {
                all.insert(candidate);
            }
        }
    }
    all
}

#[test]
fn no_environment_has_a_name_of_another() {
    for shape in SHAPES {
        let manifest = format!("{shape}{REST}");
        let Some(base) = names(&manifest, None) else { panic!("{manifest} is right") };
        assert!(base.len() > 30, "{base:#?}");
        let (mut passed, mut refused) = (0, 0);
        for candidate in candidates(&base) {
            let other = format!("{candidate}-x");
            let two = format!("{manifest}[environments.{candidate}]\n[environments.{other}]\n");
            let two = if other.len() > 12 { format!("{manifest}[environments.{candidate}]\n") } else { two };
            let Some(own) = names(&two, Some(&candidate)) else {
                refused += 1;
                continue;
            };
            passed += 1;
            let shared: Vec<_> = own.intersection(&base).collect();
            assert!(shared.is_empty(), "{candidate} shares {shared:#?}");
            let others = names(&two, Some(&other)).unwrap_or_default();
            let shared: Vec<_> = own.intersection(&others).collect();
            assert!(shared.is_empty(), "{candidate} and {other} share {shared:#?}");
        }
        assert!(passed >= 3 && refused >= 10, "{passed} passed, {refused} were refused");
    }
}
