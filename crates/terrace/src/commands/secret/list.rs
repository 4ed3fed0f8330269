//! `terrace secret list`.

use std::time::SystemTime;

use terrace_cloud::secrets::{self, Kept, Origin};

use super::known;
use crate::aws::{Session, told};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::style::{WARNING, paint};
use crate::table::Table;
use crate::watch::words::ago;

pub(super) async fn run(session: &Session, json: bool, printer: Printer) -> Result<Exit, Failure> {
    let references = known::all(session);
    let deployed = session.found().await?;
    let database = deployed.as_ref().and_then(|deployed| deployed.names.database.as_ref());
    let all = secrets::list(&session.account, database, &references).await;
    let all = all.map_err(|error| told::watch(&error))?;
    if json {
        printer.json(&all)?;
        return Ok(Exit::Success);
    }
    if all.is_empty() {
        printer.say(format!("{} has no secrets", session.system));
        return Ok(Exit::Success);
    }
    let now = SystemTime::now();
    let mut table = Table::new(["SETTING", "READ BY", "MADE", "CHANGED", "SECRET"]);
    for one in &all {
        let changed = match (one.there, one.changed) {
            (false, _) => paint(WARNING, "not there"),
            (true, Some(at)) => ago(at.clock(), now),
            (true, None) => "-".to_owned(),
        };
        table.row([settings(one), parties(one), made(one.origin).to_owned(), changed, one.secret.clone()]);
    }
    printer.data(table.render())?;
    for one in all.iter().filter(|one| !one.there) {
        let env = session.env_flag();
        printer.say(match one.origin {
            Origin::System => format!("{}: the first `terrace deploy{env}` makes it", settings(one)),
            _ => format!("{0}: `terrace secret set {0}{env}` makes it", settings(one)),
        });
    }
    Ok(Exit::Success)
}

fn settings(of: &Kept) -> String {
    let mut all: Vec<&str> = of.readers.iter().filter_map(|reader| reader.setting.as_deref()).collect();
    all.dedup();
    if all.is_empty() { known::DATA.to_owned() } else { all.join(", ") }
}

fn parties(of: &Kept) -> String {
    let mut all: Vec<&str> = of.readers.iter().map(|reader| reader.party.as_str()).collect();
    all.dedup();
    all.join(", ")
}

fn made(origin: Origin) -> &'static str {
    match origin {
        Origin::System => "by AWS, once",
        Origin::Outside => "elsewhere",
        Origin::Database => "by RDS",
    }
}
