//! Prints what is in an account, one item a line as JSON, to look at and for tests; `terrace audit --live` reads it itself.
//!
//! Whose account, and where, say `AWS_PROFILE`, `AWS_REGION` and the other settings of the AWS command line. Words after
//! the name are VPCs: then only these are read. The word `policy` prints the policy that a reader needs instead.

use std::process::ExitCode;

use serde_json::{Map, Value as Printed, json};
use terrace_aws::inventory::Inventory;
use terrace_aws::{Json, Record, Value};
use terrace_live::{Settings, account, policy};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.iter().any(|word| word == "policy") {
        return said(&mut std::io::stdout(), &policy());
    }
    match account(&Settings { vpcs: words, ..Settings::default() }).await {
        Ok(inventory) => said(&mut std::io::stdout(), &lines(&inventory)),
        Err(error) => {
            said(&mut std::io::stderr(), &format!("{error}\n"));
            ExitCode::FAILURE
        }
    }
}

fn said(to: &mut impl std::io::Write, text: &str) -> ExitCode {
    // Whoever reads may have heard enough.
    if to.write_all(text.as_bytes()).and_then(|()| to.flush()).is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn lines(inventory: &Inventory) -> String {
    let items = inventory.items().map(|item| {
        json!({"type": item.type_name(), "name": item.id().name(), "arguments": record(&item.record)})
            .to_string()
    });
    let unread = inventory.unread().iter().map(|one| json!({"unread": one.what, "why": one.why}).to_string());
    items.chain(unread).map(|line| line + "\n").collect()
}

fn record(of: &Record) -> Printed {
    Printed::Object(of.iter().map(|(name, one)| (name.to_owned(), value(one))).collect::<Map<_, _>>())
}

fn value(of: &Value) -> Printed {
    match of {
        Value::Bool(truth) => (*truth).into(),
        Value::Int(number) => (*number).into(),
        Value::Milli(thousandths) => format!("{thousandths}/1000").into(),
        Value::Text(text) => text.to_string().into(),
        Value::Base64(text) => json!({"base64": text.to_string()}),
        Value::List(items) => items.iter().map(value).collect(),
        Value::Map(items) => {
            Printed::Object(items.iter().map(|(key, item)| (key.clone(), value(item))).collect())
        }
        Value::Json(inner) => document(inner),
        Value::Blocks(blocks) => blocks.iter().map(record).collect(),
        Value::Opaque(of) => json!({"unknown": of.iter().map(ToString::to_string).collect::<Vec<_>>()}),
    }
}

fn document(of: &Json) -> Printed {
    match of {
        Json::Null => Printed::Null,
        Json::Bool(truth) => (*truth).into(),
        Json::Int(number) => (*number).into(),
        Json::Text(text) => text.to_string().into(),
        Json::List(items) => items.iter().map(document).collect(),
        Json::Object(fields) => {
            Printed::Object(fields.iter().map(|(key, field)| (key.clone(), document(field))).collect())
        }
    }
}
