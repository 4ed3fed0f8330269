//! Requests and answers as they were, each once, a line of JSON each, in a file for each process.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use serde_json::{Value as Json, json};

use crate::{Reply, Request};

/// A file, and which exchanges stand in it.
type Record = Mutex<(File, BTreeSet<String>)>;

/// None if nobody asked for it.
static RECORD: LazyLock<Option<Record>> = LazyLock::new(|| {
    let folder = std::env::var_os("TERRACE_ANSWERED")?;
    let program = std::env::current_exe().unwrap();
    let name = format!("{}.{}.jsonl", program.file_stem()?.to_string_lossy(), std::process::id());
    std::fs::create_dir_all(&folder).unwrap();
    Some(Mutex::new((File::create_new(Path::new(&folder).join(name)).unwrap(), BTreeSet::new())))
});

/// Writes it, unless it stands there.
pub(crate) fn record(test: &str, request: &Request, reply: &Reply) {
    let Some(record) = RECORD.as_ref() else { return };
    let answer = match reply {
        Reply::Told(answer) => {
            json!({ "status": answer.status, "headers": headers(&answer.headers), "body": text(&answer.body) })
        }
        Reply::Cut | Reply::Silence => Json::Null,
    };
    let exchange = json!({
        "service": request.service(), "method": request.method, "target": request.target,
        "headers": headers(&request.headers), "body": text(&request.body), "answer": answer,
    });
    let mut record = record.lock().unwrap();
    let (file, written) = &mut *record;
    if written.insert(exchange.to_string()) {
        let line = json!({ "test": test, "exchange": exchange });
        writeln!(file, "{line}").unwrap();
    }
}

/// Without what is another each time.
fn headers(all: &[(String, String)]) -> Json {
    let changes =
        ["authorization", "date", "host", "last-modified", "x-amz-date", "x-amz-meta-terrace-write"];
    let stays = |name: &str| !changes.contains(&name.to_ascii_lowercase().as_str());
    all.iter().filter(|(name, _)| stays(name)).map(|(name, value)| json!([name, value])).collect()
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}
