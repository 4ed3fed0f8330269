//! Cases of `status`: what AWS answers, and what is told. A file in `cases/` is a case; each call is answered
//! once, in the order of its answers; a call that nobody expected is refused and so stands in `blind`.

use std::sync::{Arc, Mutex};

use serde::Deserialize;
use serde_json::Value as Json;
use terrace_cloud::deployed::Names;
use terrace_cloud::watch::{Releases, status};

use crate::server::Server;

#[derive(Deserialize)]
struct Case {
    names: Names,
    #[serde(default)]
    in_force: Option<u32>,
    #[serde(default)]
    made_of: std::collections::BTreeMap<String, u32>,
    answers: Vec<Exchange>,
    well: Option<bool>,
    told: Json,
}

#[derive(Clone, Deserialize)]
struct Exchange {
    /// `ecs:ListTasks`, or `monitoring:DescribeAlarms us-east-1`.
    call: String,
    /// What must stand in its body.
    #[serde(default)]
    asked: String,
    #[serde(default = "good")]
    status: u16,
    #[serde(default)]
    json: Option<Json>,
    #[serde(default)]
    xml: Vec<String>,
}

fn good() -> u16 {
    200
}

#[tokio::test]
async fn what_is_told_of_each_case() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/watch/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let case: Case =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let left = Arc::new(Mutex::new(case.answers));
        let script = left.clone();
        let server = Server::start(move |asked| {
            let mut script = script.lock().unwrap();
            let named = format!("{} {}", asked.call, asked.region);
            let fits = |one: &Exchange| {
                (one.call == asked.call || one.call == named) && asked.body.contains(&one.asked)
            };
            match script.iter().position(fits) {
                Some(at) => {
                    let one = script.remove(at);
                    (one.status, String::new(), one.json.map_or(one.xml.concat(), |json| json.to_string()))
                }
                None => (418, String::new(), format!("nobody expected {named} {}", asked.body)),
            }
        });
        let releases = Releases { in_force: case.in_force, made_of: case.made_of };
        let told = status(&server.account(), &case.names, &releases).await;
        let well = told.as_ref().ok().map(terrace_cloud::watch::Status::is_well);
        let told = match told {
            Ok(status) => serde_json::to_value(&status).unwrap(),
            Err(error) => Json::String(error.to_string()),
        };
        let (told, expected) = (pretty(&told), pretty(&case.told));
        assert!(told == expected, "{}:\n{told}", file.display());
        assert_eq!(well, case.well, "{}", file.display());
        let never: Vec<String> = left.lock().unwrap().iter().map(|one| one.call.clone()).collect();
        assert!(never.is_empty(), "{}: never asked: {never:?}", file.display());
    }
}

fn pretty(json: &Json) -> String {
    serde_json::to_string_pretty(json).unwrap()
}
