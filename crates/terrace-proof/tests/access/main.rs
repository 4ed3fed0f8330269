//! Decisions on access: cases from AWS's documentation (`cases/*.toml`; a file dropped in adds cases), and laws against a
//! plainer reading of the rules.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::panic, reason = "a test that cannot go on has failed")]
#![expect(clippy::indexing_slicing, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "the cases lie in files, and an oracle is a program")]

mod globs;
mod laws;
mod oracle;
mod plain;
mod worlds;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use terrace_aws::{Address, Field as _, Json, Kind, Mode, PolicyDocument, Reference, Target, Text, Value};
use terrace_proof::access::{
    Caller, Context, Denial, Known, Policies, Policy, Request, Resource, Verdict, decide,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    source: String,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    caller: String,
    action: String,
    resource: String,
    owner: Option<String>,
    #[serde(default)]
    context: BTreeMap<String, toml::Value>,
    #[serde(default)]
    absent: Vec<String>,
    #[serde(default)]
    open: bool,
    #[serde(default)]
    scp: Vec<toml::Value>,
    #[serde(default)]
    rcp: Vec<toml::Value>,
    #[serde(default)]
    identity: Vec<toml::Value>,
    #[serde(default)]
    on_resource: Vec<toml::Value>,
    endpoint: Option<Vec<toml::Value>>,
    boundary: Option<Vec<toml::Value>>,
    session: Option<Vec<toml::Value>>,
    expect: String,
}

/// Text in which `@{aws_s3_bucket.page.arn}` is a reference and `@{?}` is not told.
fn text(written: &str) -> Text {
    let mut text = Text::new();
    let mut rest = written;
    while let Some((before, after)) = rest.split_once("@{") {
        let (inside, next) = after.split_once('}').expect("a closing brace");
        text = text.then(before);
        text = if inside == "?" {
            text.then(Text::opaque([].into()))
        } else {
            let [kind, label, attribute] = inside.split('.').collect::<Vec<_>>().try_into().unwrap();
            let kind = Kind::find(Mode::Managed, kind).expect("a kind of resource");
            let target = Target::Resource(Address::new(kind, label.parse().unwrap()));
            text.then(Reference::new(target, attribute))
        };
        rest = next;
    }
    text.then(rest)
}

fn json(value: &toml::Value) -> Json {
    match value {
        toml::Value::Table(fields) => {
            Json::Object(fields.iter().map(|(name, value)| (name.clone(), json(value))).collect())
        }
        toml::Value::Array(items) => Json::List(items.iter().map(json).collect()),
        toml::Value::String(written) => Json::Text(text(written)),
        toml::Value::Integer(number) => Json::Int(*number),
        toml::Value::Boolean(flag) => Json::Bool(*flag),
        other => panic!("{other:?} in a policy"),
    }
}

fn document(statements: &[toml::Value]) -> PolicyDocument {
    if let [toml::Value::String(opaque)] = statements {
        assert_eq!(opaque, "?");
        return PolicyDocument::Opaque([].into());
    }
    let all = Json::List(statements.iter().map(json).collect());
    let json = Json::Object(vec![("Statement".to_owned(), all)]);
    PolicyDocument::read(Some(&Value::Json(json))).unwrap()
}

/// `anonymous`, `service NAME`, `federated NAME`, or an ARN; of a session, the role's follows from it.
fn caller(written: &str) -> Caller {
    let account = |arn: &str| text(arn.split(':').nth(4).unwrap_or("111122223333"));
    if written == "anonymous" {
        Caller::Anonymous
    } else if let Some(name) = written.strip_prefix("service ") {
        Caller::Service(text(name))
    } else if let Some(name) = written.strip_prefix("federated ") {
        Caller::Federated(text(name))
    } else if written.ends_with(":root") {
        Caller::Root { account: account(written) }
    } else if written.contains(":user/") {
        Caller::User { arn: text(written), account: account(written) }
    } else if let Some((_, rest)) = written.split_once(":assumed-role/") {
        let (role, _) = rest.split_once('/').expect("a session");
        let number = written.split(':').nth(4).unwrap();
        Caller::Role {
            arn: format!("arn:aws:iam::{number}:role/{role}").into(),
            session: Some(text(written)),
            account: number.into(),
        }
    } else {
        Caller::Role { arn: text(written), session: None, account: account(written) }
    }
}

impl Case {
    fn request(&self) -> Request {
        let mut context = if self.open { Context::open() } else { Context::closed() };
        for (key, value) in &self.context {
            let one = |value: &toml::Value| text(value.as_str().expect("text"));
            context = match value {
                toml::Value::Array(all) => context.with(key, Known::Many(all.iter().map(one).collect())),
                value => context.value(key, one(value)),
            };
        }
        for key in &self.absent {
            context = context.with(key, Known::Absent);
        }
        let owner = text(self.owner.as_deref().unwrap_or("111122223333"));
        let resource = match self.resource.strip_prefix("any ") {
            Some(pattern) => Resource::matching(&text(pattern), owner),
            None => Resource::exactly(&text(&self.resource), owner),
        };
        Request { caller: caller(&self.caller), action: self.action.clone(), resource, context }
    }

    fn decided(&self) -> String {
        let read = |all: &Vec<toml::Value>| document(all);
        let (scp, rcp) = (read(&self.scp), read(&self.rcp));
        let (identity, on_resource) = (read(&self.identity), read(&self.on_resource));
        let (endpoint, boundary, session) = (
            self.endpoint.as_ref().map(read),
            self.boundary.as_ref().map(read),
            self.session.as_ref().map(read),
        );
        fn named<'a>(name: &'a str, document: &'a PolicyDocument) -> Policy<'a> {
            Policy { name, document }
        }
        let level = |name, given: &[toml::Value], document| {
            if given.is_empty() { Vec::new() } else { vec![vec![named(name, document)]] }
        };
        let policies = Policies {
            scps: level("scp", &self.scp, &scp),
            rcps: level("rcp", &self.rcp, &rcp),
            identity: vec![named("identity", &identity)],
            resource: vec![named("resource", &on_resource)],
            endpoint: endpoint.as_ref().map(|d| named("endpoint", d)),
            boundary: boundary.as_ref().map(|d| named("boundary", d)),
            session: session.as_ref().map(|d| vec![named("session", d)]),
        };
        shown(&decide(&self.request(), &policies))
    }
}

/// `allowed by identity 0`, `denied by boundary 1`, `not allowed by identity, resource`, `depends on …`
fn shown(verdict: &Verdict) -> String {
    let cites = |all: &[terrace_proof::access::Cite]| {
        all.iter().map(|c| format!("{} {}", c.policy, c.statement)).collect::<Vec<_>>().join(", ")
    };
    match verdict {
        Verdict::Allowed(by) => format!("allowed by {}", cites(by)),
        Verdict::Denied(Denial::Explicit(by)) => format!("denied by {}", cites(by)),
        Verdict::Denied(Denial::Implicit(layers)) => {
            let names: Vec<_> = layers.iter().map(|layer| format!("{layer:?}").to_lowercase()).collect();
            format!("not allowed by {}", names.join(", "))
        }
        Verdict::Depends { on, statements } => {
            let on: Vec<_> = on.iter().map(ToString::to_string).collect();
            format!("depends on {}; {}", on.join(", "), cites(statements))
        }
    }
}

#[test]
fn the_documentation_s_cases_come_out_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/access/cases");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    let mut wrong = Vec::new();
    for path in paths {
        let file: File = toml::from_str(&std::fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(!file.source.is_empty() && !file.case.is_empty(), "{}", path.display());
        for case in file.case {
            let decided = case.decided();
            if decided != case.expect {
                let at = path.file_name().unwrap().display();
                wrong
                    .push(format!("{at}: {}\n  expected: {}\n  decided:  {decided}", case.name, case.expect));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
