//! `terrace secret rotate`.

use std::time::SystemTime;

use serde_json::json;
use terrace_cloud::deployed::{Database, SecretId};
use terrace_cloud::secrets::{self, Origin};

use super::{known, restart};
use crate::aws::{self, Session, told};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::progress::{End, Steps};
use crate::signals::Signals;
use crate::style::{STRONG, paint};

const STEP: &str = "secrets";

/// What is replaced.
struct Wanted {
    secrets: Vec<SecretId>,
    database: Option<Database>,
}

pub(super) async fn run(
    session: &Session,
    name: Option<&str>,
    yes: bool,
    (restarts, json): (bool, bool),
    signals: &mut Signals,
    printer: Printer,
) -> Result<Exit, Failure> {
    let deployed = session.deployed().await?;
    let wanted = wanted(session, name, deployed.names.database.as_ref())?;
    if name.is_none() && !yes {
        consent(&wanted, printer)?;
    }
    let steps = Steps::new(printer, &paint(STRONG, &session.system), &[STEP, restart::STEP]);
    let replaced = replace(session, &wanted, &steps).await;
    let replaced = replaced.inspect_err(|_| {
        steps.broke("not all of them are replaced");
        steps.settle();
    })?;
    steps.end(STEP, End::Done, &format!("{} replaced", replaced.join(", ")));
    let restarted = if restarts {
        restart::restart(session, &deployed.names, &steps, signals).await.map(Some)
    } else {
        restart::left(&steps, true);
        Ok(None)
    };
    steps.settle();
    let restarted = restarted?;
    if json {
        printer.json(&json!({ "replaced": replaced, "restarted": restarted }))?;
    }
    Ok(Exit::Success)
}

fn wanted(session: &Session, name: Option<&str>, database: Option<&Database>) -> Result<Wanted, Failure> {
    let all = known::all(session);
    let kept = database.filter(|database| database.secret.is_some()).cloned();
    let Some(name) = name else {
        let mut secrets: Vec<SecretId> =
            all.iter().filter(|one| one.generated).map(|one| one.secret.clone()).collect();
        secrets.sort();
        secrets.dedup();
        if secrets.is_empty() && kept.is_none() {
            return Err(Failure::new("no value of this system's can be made up: all exist elsewhere")
                .help("`terrace secret set NAME` gives one a value"));
        }
        return Ok(Wanted { secrets, database: kept });
    };
    if name == known::DATA {
        return match kept {
            Some(database) => Ok(Wanted { secrets: Vec::new(), database: Some(database) }),
            None => Err(Failure::new("RDS keeps no password of this system's database")),
        };
    }
    let found = known::named(name, &all)?;
    if found.iter().any(|one| !one.generated) {
        return Err(Failure::input(format!(
            "`{name}` exists elsewhere, and AWS cannot make up what it opens"
        ))
        .help(format!("have a new one made where it comes from, then `terrace secret set {name}`")));
    }
    Ok(Wanted { secrets: known::secret(&found).into_iter().cloned().collect(), database: None })
}

fn consent(wanted: &Wanted, printer: Printer) -> Result<(), Failure> {
    for secret in &wanted.secrets {
        printer.say(format!("  {secret}"));
    }
    if let Some(database) = &wanted.database {
        printer.say(format!("  the password of the database {}", database.id));
    }
    if !printer.can_ask() {
        return Err(Failure::input("all of these would be replaced, and nobody is there to say yes")
            .help("`--yes` says that it is meant; a name replaces one alone"));
    }
    let asked = dialoguer::Confirm::new().with_prompt("Replace all of them?").default(false).interact();
    match asked {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::new("nothing was changed").exit(Exit::Interrupted)),
        Err(_) => Err(Failure::Told(Exit::Interrupted)),
    }
}

/// Replaces one after the other; their names.
async fn replace(session: &Session, wanted: &Wanted, steps: &Steps) -> Result<Vec<String>, Failure> {
    let account = &session.account;
    let mut replaced = Vec::new();
    steps.begin(STEP, "having new values made up");
    for secret in &wanted.secrets {
        steps.goes(STEP, &format!("replacing {secret}"));
        secrets::rotate(account, secret, SystemTime::now()).await.map_err(|error| match error {
            secrets::RotateError::Refused(error) => told::watch(&error),
            other @ secrets::RotateError::Nothing => Failure::of(&other),
        })?;
        replaced.push(secret.to_string());
    }
    if let Some(database) = &wanted.database
        && let Some(secret) = &database.secret
    {
        let failure = |error| told::watch(&error);
        let before = secrets::list(account, Some(database), &[]).await.map_err(failure)?;
        let before = before.iter().find(|one| one.origin == Origin::Database).and_then(|one| one.changed);
        steps.goes(STEP, &format!("RDS replaces the password of {}", database.id));
        secrets::rotate_database(account, database).await.map_err(failure)?;
        // What starts before the secret has it would start with the password from before.
        let pace = aws::pace();
        if !secrets::until_changed(account, secret, before, pace).await.map_err(failure)? {
            return Err(Failure::new(format!("RDS has not replaced the password of {} yet", database.id))
                .help("it goes on by itself; `terrace secret list` tells when it has changed")
                .help("then type the same with `--no-restart` left out"));
        }
        replaced.push(format!("the password of {}", database.id));
    }
    Ok(replaced)
}
