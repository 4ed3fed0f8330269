//! `terrace secret set`.

use std::time::SystemTime;

use serde_json::json;
use terrace_cloud::deployed::SecretId;
use terrace_cloud::secrets::{self, Changed, Value};

use super::{known, restart, typed};
use crate::aws::{Session, told};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::progress::{End, Steps};
use crate::signals::Signals;
use crate::style::{QUIET, STRONG, paint};

const STEP: &str = "secret";

pub(super) async fn run(
    session: &Session,
    name: &str,
    (restarts, json): (bool, bool),
    signals: &mut Signals,
    printer: Printer,
) -> Result<Exit, Failure> {
    let all = known::all(session);
    let env = session.env_flag();
    if name == known::DATA {
        return Err(Failure::input("RDS itself keeps the database's password, so that nobody knows it")
            .help(format!("`terrace secret rotate data{env}` has it replaced")));
    }
    let found = known::named(name, &all)?;
    let Some(secret) = known::secret(&found) else { return Err(Failure::Told(Exit::BadInput)) };
    let deployed = session.found().await?;
    let generated = found.iter().any(|one| one.generated);
    if generated && deployed.is_none() {
        return Err(Failure::new(format!(
            "{secret} is not there yet: the first `terrace deploy{env}` makes it"
        ))
        .help("then its value can be set, if the one that AWS makes up will not do"));
    }
    printer.say(paint(
        QUIET,
        format!(
            "{secret} in {} of account {}, read by {}",
            session.place.region,
            session.place.account,
            known::readers(&found)
        ),
    ));
    let value = typed::value(name, signals, printer).await?;
    let steps = Steps::new(printer, &paint(STRONG, name), &[STEP, restart::STEP]);
    steps.begin(STEP, "setting its value");
    let changed = put(session, secret, &value).await;
    let (changed, made) = changed.inspect_err(|_| {
        steps.end(STEP, End::Failed, "has the value from before");
        steps.settle();
    })?;
    steps.end(STEP, End::Done, if made { "is made, with this value" } else { "has a new value" });
    let restarted = match deployed.filter(|_| restarts) {
        Some(deployed) => restart::restart(session, &deployed.names, &steps, signals).await.map(Some),
        None => {
            restart::left(&steps, !restarts);
            Ok(None)
        }
    };
    steps.settle();
    let restarted = restarted?;
    if json {
        printer.json(&json!({
            "secret": secret, "arn": changed.arn, "version": changed.version, "restarted": restarted,
        }))?;
    }
    Ok(Exit::Success)
}

/// Sets it; makes it if there is none. Whether it was made.
async fn put(session: &Session, secret: &SecretId, value: &Value) -> Result<(Changed, bool), Failure> {
    let at = SystemTime::now();
    match secrets::set(&session.account, secret, value, at).await {
        Ok(changed) => Ok((changed, false)),
        Err(error) if error.refusal.is_absent() => {
            let about = format!("Read by {}", session.system);
            let made = secrets::create(&session.account, (secret, &about), value, at).await;
            made.map(|changed| (changed, true)).map_err(|error| told::watch(&error))
        }
        Err(error) => Err(told::watch(&error)),
    }
}
