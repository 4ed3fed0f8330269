//! What is true of the API on either engine, told on one database from first start to its end.

use serde_json::{Value, json};

use crate::{
    api::{self, Answer, Api},
    database::{Database, Engine},
};

/// One server, one story: starting a database costs more than all the requests together.
pub(crate) fn lives(engine: Engine) {
    let mut database = Database::start(engine);

    // Replicas start together on an empty database; the tables are made once.
    let starting: Vec<_> = (0..4).map(|_| Api::spawn(&database.url())).collect();
    let mut replicas: Vec<_> = starting.into_iter().map(api::Starting::listening).collect();
    for replica in &replicas {
        assert_eq!(replica.get("/health").status, 200);
    }

    let api = replicas.pop().unwrap();
    keeps_items(&api);
    finds_and_pages(&api);
    refuses(&api);

    // What one replica wrote, another reads; what was acknowledged survives a crash.
    let written = api.json("POST", "/api/items", &json!({ "name": "Survivor", "price_cents": 1 }));
    let path = format!("/api/items/{}", written.body["id"]);
    assert_eq!(replicas[0].get(&path).body, written.body);
    database.crash();
    for replica in replicas.iter().chain([&api]) {
        assert_eq!(replica.get(&path).body["name"], "Survivor", "every replica reads again after the crash");
        assert_eq!(replica.json("PATCH", &path, &json!({ "quantity": 1 })).status, 200, "and writes");
    }

    assert!(api.terminate().success());
    drop(database);
    assert_eq!(replicas[0].get("/health").status, 503);
    problem(&replicas[0].json("POST", "/api/items", &json!({ "name": "x", "price_cents": 1 })), 503);
    assert!(replicas.remove(0).terminate().success());
}

fn keeps_items(api: &Api) {
    let empty = api.get("/api/items");
    assert_eq!(empty.body, json!({ "items": [], "page": 1, "per_page": 10, "total": 0 }));
    assert_eq!(empty.content_type, "application/json");

    let added = api.json("POST", "/api/items", &json!({ "name": " Tisch für 4 🪑 ", "price_cents": 12900 }));
    assert_eq!(added.status, 201);
    let path = format!("/api/items/{}", added.body["id"]);
    assert_eq!(
        without_time(&added.body),
        json!({ "name": "Tisch für 4 🪑", "description": "", "price_cents": 12900, "quantity": 0 })
    );
    assert_eq!(api.get(&path).body, added.body);

    let draft = json!({ "name": "Desk", "description": "Oak\nand brass", "price_cents": 0, "quantity": 7 });
    let replaced = api.json("PUT", &path, &draft);
    assert_eq!((replaced.status, without_time(&replaced.body)), (200, draft));
    let changed = api.json("PATCH", &path, &json!({ "quantity": 0 }));
    assert_eq!(changed.body["quantity"], 0);
    assert_eq!(changed.body["description"], "Oak\nand brass");
    assert_eq!(api.json("PATCH", &path, &json!({})).status, 200);

    let deleted = api.send("DELETE", &path, None, "");
    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    problem(&api.send("DELETE", &path, None, ""), 404);
    problem(&api.get(&path), 404);
    problem(&api.json("PUT", &path, &json!({ "name": "x", "price_cents": 1 })), 404);
    problem(&api.json("PATCH", &path, &json!({})), 404);
}

fn finds_and_pages(api: &Api) {
    for index in 0..12 {
        let item = json!({ "name": format!("Cup {index}"), "description": "50%_off!", "price_cents": index });
        assert_eq!(api.json("POST", "/api/items", &item).status, 201);
    }
    for (query, names, total) in [
        ("?per_page=2", vec!["Cup 11", "Cup 10"], 12),
        ("?per_page=5&page=3", vec!["Cup 1", "Cup 0"], 12),
        ("?page=3", vec![], 12),
        ("?q=cUP+1", vec!["Cup 11", "Cup 10", "Cup 1"], 3),
        ("?q=cup&page=2", vec!["Cup 1", "Cup 0"], 12),
        ("?q=cup&page=9", vec![], 12),
        ("?q=%25_OFF!&per_page=1", vec!["Cup 11"], 12),
        ("?q=5%250", vec![], 0),
        ("?q=C_p", vec![], 0),
        ("?q='%3B+drop+table+items%3B--", vec![], 0),
        ("?q=&page=1&per_page=1", vec!["Cup 11"], 12),
    ] {
        let answer = api.get(&format!("/api/items{query}"));
        let found: Vec<_> = answer.body["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["name"].as_str().unwrap())
            .collect();
        assert_eq!((found, &answer.body["total"]), (names, &json!(total)), "{query}");
    }
}

fn refuses(api: &Api) {
    let json = Some("application/json");
    let long = format!(r#"{{"name":"{}"}}"#, "x".repeat(70_000));
    for (method, path, content_type, body, status) in [
        ("GET", "/", None, "", 404),
        ("GET", "/api/items/0", None, "", 404),
        ("GET", "/api/items/seven", None, "", 404),
        ("GET", "/api/items/9223372036854775807", None, "", 404),
        ("GET", "/api/items/1/2", None, "", 404),
        ("PUT", "/api/items", json, "{}", 405),
        ("POST", "/health", json, "{}", 405),
        ("POST", "/api/items", json, "", 400),
        ("POST", "/api/items", json, "{", 400),
        ("POST", "/api/items", json, "[]", 400),
        ("POST", "/api/items", json, "null", 400),
        ("POST", "/api/items", None, "{}", 415),
        ("POST", "/api/items", Some("text/plain"), "{}", 415),
        ("POST", "/api/items", json, long.as_str(), 413),
    ] {
        let answer = api.send(method, path, content_type, body);
        assert_eq!(answer.status, status, "{method} {path} {body:.20}");
        problem(&answer, status);
    }

    let invalid = api.json("POST", "/api/items", &json!({ "name": "", "price_cents": 1.5, "quantity": -1 }));
    assert_eq!(
        problem(&invalid, 422)["errors"],
        json!([
            { "detail": "Give the item a name.", "pointer": "#/name" },
            { "detail": "Give the price in whole cents.", "pointer": "#/price_cents" },
            { "detail": "Give a number from 0 to 1,000,000.", "pointer": "#/quantity" },
        ])
    );
    let query = api.get("/api/items?page=0&per_page=1000&q=%00");
    assert_eq!(
        problem(&query, 422)["errors"],
        json!([
            { "detail": "Give a whole number from 1 to 1000000.", "parameter": "page" },
            { "detail": "Give a whole number from 1 to 100.", "parameter": "per_page" },
            { "detail": "Keep the search to plain text.", "parameter": "q" },
        ])
    );
}

/// That an answer is a problem as RFC 9457 has it.
fn problem(answer: &Answer, status: u16) -> &Value {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.content_type, "application/problem+json");
    assert_eq!(answer.body["status"], status);
    assert!(answer.body["title"].is_string() && answer.body["detail"].is_string());
    &answer.body
}

/// An item without what differs from run to run, after a look at it.
fn without_time(item: &Value) -> Value {
    let mut item = item.as_object().unwrap().clone();
    assert!(item.remove("id").unwrap().as_i64().unwrap() > 0);
    assert!(item.remove("updated_at").unwrap().as_str().unwrap().ends_with('Z'));
    Value::Object(item)
}
