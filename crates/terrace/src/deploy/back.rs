//! Back to a former release: no build, nothing of the infrastructure, and not past a migration that nobody has looked at.

use serde_json::json;
use terrace_cloud::deployed::Shape;
use terrace_cloud::foundation::has_image;
use terrace_cloud::release::machines;
use terrace_cloud::release::record::{App, Contents, Draft, Fetched, Number, Record};

use super::order::in_force;
use super::releasing::{Goes, Releasing};
use super::turn::{DONE, now};
use super::{Asked, Turn, in_steps, visit};
use crate::aws::{self, Deployed, Session, told};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::progress::{End, Steps};
use crate::style::{GOOD, LINK, QUIET, STRONG, paint};

const STEPS: [&str; 5] = ["release", "migration", "app", "page", "outside"];

/// What was typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Back {
    /// To which; to the one before if none.
    pub(crate) to: Option<Number>,
    /// Past migrations too.
    pub(crate) anyway: bool,
    /// What is said about it.
    pub(crate) message: Option<String>,
    /// Nobody looks from outside.
    pub(crate) unseen: bool,
    /// What came of it is printed as JSON.
    pub(crate) json: bool,
}

/// Goes back.
pub(crate) async fn back(session: &Session, wanted: &Back, printer: Printer) -> Result<Exit, Failure> {
    let title = format!("{} {}", paint(STRONG, &session.system), paint(QUIET, "goes back"));
    let went =
        in_steps(printer, &title, &STEPS, async |asked, steps| go(session, wanted, asked, steps).await);
    let (deployed, record) = went.await?;
    let url = deployed.names.url.as_ref().map(ToString::to_string);
    if wanted.json {
        printer.json(&json!({ "release": record.number, "restores": record.restores, "url": url }))?;
        return Ok(Exit::Success);
    }
    let restores =
        record.restores.map(|number| format!(", which is release {number} again")).unwrap_or_default();
    let url = url.map(|url| format!("   {}", paint(LINK, url))).unwrap_or_default();
    let what = format!("release {}{restores}, is in force", record.number);
    printer.say(format!("\n  {} {}{url}\n", paint(GOOD, "✔"), paint(STRONG, what)));
    Ok(Exit::Success)
}

async fn go(
    session: &Session,
    wanted: &Back,
    asked: &Asked,
    steps: &Steps,
) -> Result<(Deployed, Record), Failure> {
    steps.begin("release", "reading the book of releases");
    let deployed = asked.or(session.deployed()).await?;
    let record = Turn::during(session, &deployed.foundation, steps, DONE, async |turn| {
        under(session, wanted, &deployed, turn, asked, steps).await
    });
    let record = record.await?;
    if wanted.unseen {
        steps.end("outside", End::Nothing, "nobody looked");
    } else {
        visit::visit(session, &deployed.names, asked, steps).await?;
    }
    Ok((deployed, record))
}

async fn under(
    session: &Session,
    wanted: &Back,
    deployed: &Deployed,
    turn: &Turn,
    asked: &Asked,
    steps: &Steps,
) -> Result<Record, Failure> {
    let book = &deployed.book;
    let now_in_force = asked.or(in_force(book)).await?.ok_or_else(|| {
        Failure::new(format!("{} has no release yet", session.system))
            .help(format!("`terrace deploy{}` makes one", session.env_flag()))
    })?;
    let numbers = asked.or(async { book.numbers().await.map_err(|why| told::release(&why)) }).await?;
    let all = asked.or(async { book.read_all(&numbers).await.map_err(|why| told::release(&why)) }).await?;
    let target = target(&all, &now_in_force, wanted.to, &session.env_flag())?;
    if !wanted.anyway {
        passable(&all, &now_in_force, target)?;
    }
    asked.or(there(session, deployed, &target.contents)).await?;
    steps.end("release", End::Done, &format!("back to release {} of {}", target.number, target.at));
    let contents = target.contents.again_after(&now_in_force.contents);
    let same = target.contents.infrastructure == now_in_force.contents.infrastructure;
    let draft = Draft {
        at: now(),
        by: session.who.arn.clone(),
        commit: target.commit.clone(),
        message: wanted.message.clone(),
        restores: Some(target.number),
        allowed: target.allowed.clone(),
        contents,
    };
    let releasing = Releasing {
        session,
        foundation: &deployed.foundation,
        names: &deployed.names,
        book,
        turn,
        asked,
        steps,
        pace: aws::pace(),
    };
    // Its own task definition, settings and all; one that other infrastructure made may name what is gone, so there its image
    // and its settings are put into the newest.
    let definition = target.definition.clone().filter(|_| same);
    releasing.go(&draft, Goes { built: None, definition }).await
}

/// The release that is meant.
fn target<'a>(
    all: &'a [Record],
    in_force: &Record,
    number: Option<Number>,
    env: &str,
) -> Result<&'a Record, Failure> {
    let list = || format!("`terrace releases{env}` lists them");
    let Some(number) = number else {
        // A way back is not gone back upon: what it restored is what it is.
        let is = |record: &&Record| {
            record.is_done()
                && record.number < in_force.number
                && !alike(&record.contents, &in_force.contents)
        };
        return all.iter().find(is).ok_or_else(|| {
            Failure::new(format!("there is no release before {} to go back to", in_force.number)).help(list())
        });
    };
    let found = all.iter().find(|record| record.number == number);
    let found = found.ok_or_else(|| Failure::input(format!("there is no release {number}")).help(list()))?;
    if !found.is_done() {
        let what = format!("release {number} was never in force, so nobody can go back to it");
        return Err(Failure::input(what).help(list()));
    }
    if found.number == in_force.number {
        return Err(Failure::input(format!("release {number} is in force already")).help(list()));
    }
    Ok(found)
}

/// Whether two releases run the same.
fn alike(one: &Contents, other: &Contents) -> bool {
    one.page == other.page && one.app == other.app && one.configuration == other.configuration
}

/// Refuses where migrations stand between.
fn passable(all: &[Record], in_force: &Record, target: &Record) -> Result<(), Failure> {
    let digest = |record: &Record| record.contents.migration.as_ref().map(|migration| migration.digest);
    let wanted = digest(target);
    let between = |record: &&Record| {
        record.number > target.number
            && record.number <= in_force.number
            && record.restores.is_none()
            && record.migrated
            && digest(record) != wanted
    };
    let past: Vec<String> = all.iter().filter(between).map(|record| record.number.to_string()).collect();
    if past.is_empty() {
        return Ok(());
    }
    let (last, number) = (past.join(", "), target.number);
    Err(Failure::new(format!("a migration stands between release {number} and now"))
        .cause(format!("the database was changed by the migration of release {last}; what release {number} expects of it may be gone"))
        .help("if the older code can live with the newer tables: the same command with --anyway")
        .help("otherwise deploy a release that mends what is wrong"))
}

/// Whether what it is made of is still there.
async fn there(session: &Session, deployed: &Deployed, contents: &Contents) -> Result<(), Failure> {
    let gone = |what: String| {
        Failure::new(format!("{what} is gone, and with it the way back to this release"))
            .help("`terrace releases` lists others; or check out its commit and `terrace deploy`")
            .help("`[releases] keep` in the manifest says how many are kept")
    };
    match (&contents.app, &deployed.names.shape) {
        (Some(App::Image(digest)), Shape::Containers(containers)) => {
            let (name, digest) = (containers.repository.as_str(), digest.to_string());
            let found = has_image(&session.account, &session.place, name, &digest).await;
            if !found.map_err(|error| told::foundation(&error))? {
                return Err(gone(format!("the image {name}@{digest}")));
            }
        }
        (Some(App::Artifacts(all)), Shape::Machines(_)) => {
            for (party, Fetched { digest, .. }) in all {
                let found = machines::is_there(deployed.foundation.bucket(), &session.system, *digest).await;
                if !found.map_err(|why| told::release(&why))? {
                    return Err(gone(format!("what the machines of {party} fetched ({digest})")));
                }
            }
        }
        _ => {}
    }
    Ok(())
}
