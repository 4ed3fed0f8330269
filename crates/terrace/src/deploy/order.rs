//! The whole of a deployment in its order, and the whole of a way back.

use serde_json::json;
use terrace_change::{Change, Outcome};
use terrace_cloud::deployed::Names;
use terrace_cloud::foundation::{Care, Foundation};
use terrace_cloud::release::Pace;
use terrace_cloud::release::record::{Allowed, App, Book, Contents, Draft, Record};
use terrace_run::Executable;
use terrace_topology::PartyName;

use super::gate::{self, GateFlags};
use super::releasing::{Goes, Releasing};
use super::turn::{DONE, begun, now};
use super::{
    Asked, Emitted, Infrastructure, Turn, ahead, contents, in_steps, infrastructure, show, show_events,
    standing, upload, variables, visit,
};
use crate::aws::{self, Deployed, Session, told};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::product::{self, BuildFlags, Product, Work};
use crate::progress::{End, Steps};
use crate::style::{GOOD, LINK, STRONG, paint};

/// Everything that a deployment does, in its order.
const STEPS: [&str; 10] = [
    "audit",
    "preflight",
    "build",
    "foundation",
    "upload",
    infrastructure::STEP,
    "migration",
    "app",
    "page",
    "outside",
];

/// What was typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Nobody is asked.
    pub(crate) yes: bool,
    /// What is lost with it is meant.
    pub(crate) accept_loss: bool,
    /// Terraform looks, whether the text has changed or not.
    pub(crate) infrastructure: bool,
    /// What is said about the release.
    pub(crate) message: Option<String>,
    /// Of the audit.
    pub(crate) gate: GateFlags,
    /// Of the build.
    pub(crate) build: BuildFlags,
    /// Nobody looks from outside.
    pub(crate) unseen: bool,
    /// What came of it is printed as JSON.
    pub(crate) json: bool,
}

/// What is carried from step to step.
struct Course<'a> {
    session: &'a Session,
    wanted: &'a Wanted,
    emitted: &'a Emitted,
    asked: &'a Asked,
    steps: &'a Steps,
    printer: Printer,
    pace: Pace,
}

/// What came of it.
struct Came {
    names: Names,
    record: Record,
    /// Whether a release was brought out just now.
    released: bool,
    changed: bool,
}

/// Deploys.
pub(crate) async fn deploy(session: &Session, wanted: &Wanted, printer: Printer) -> Result<Exit, Failure> {
    let emitted = Emitted::of(&session.designed)?;
    let place = &session.place;
    let title = format!(
        "{} {}",
        paint(STRONG, &session.system),
        paint(crate::style::QUIET, format!("in {} of account {}", place.region, place.account))
    );
    let pace = aws::pace();
    let came = in_steps(printer, &title, &STEPS, async |asked, steps| {
        Course { session, wanted, emitted: &emitted, asked, steps, printer, pace }.go().await
    });
    let came = came.await?;
    tell(&came, session, wanted, printer)?;
    Ok(Exit::Success)
}

fn tell(came: &Came, session: &Session, wanted: &Wanted, printer: Printer) -> Result<(), Failure> {
    let Came { names, record, released, changed } = came;
    let url = names.url.as_ref().map(ToString::to_string);
    if wanted.json {
        return printer.json(&json!({
            "system": names.system, "environment": names.environment, "account": names.account,
            "region": names.region, "url": url, "release": record.number, "released": released,
            "infrastructure_changed": changed,
        }));
    }
    let env = session.env_flag();
    let what = match (released, changed) {
        (true, _) => format!("release {} is in force", record.number),
        (false, true) => {
            format!("the infrastructure is as it is written; release {} stays in force", record.number)
        }
        (false, false) => format!("nothing has changed: release {} is in force", record.number),
    };
    let url = url.map(|url| format!("   {}", paint(LINK, url))).unwrap_or_default();
    printer.say(format!("\n  {} {}{url}\n", paint(GOOD, "✔"), paint(STRONG, what)));
    printer.say(format!(
        "next: `terrace status --aws{env}`, `terrace logs --aws{env} --follow`, `terrace rollback{env}` goes back"
    ));
    Ok(())
}

impl Course<'_> {
    async fn go(&self) -> Result<Came, Failure> {
        let allowed = self.audit()?;
        let (session, steps) = (self.session, self.steps);
        steps.begin("preflight", "looking at the account");
        let found = self.asked.or(session.found()).await?;
        let digest = self.emitted.digest.hex();
        let stands = found.as_ref().is_some_and(|found| found.applied.digest == digest);
        let touches = !stands || self.wanted.infrastructure;
        if touches {
            let new = found.is_none() && !self.asked.or(begun(session)).await?;
            self.asked.or(ahead::look(session, new, steps)).await?;
            steps.end("preflight", End::Done, "nothing stands in the way");
        } else {
            steps.end("preflight", End::Done, "the infrastructure is as it is written");
        }
        let product = build(session, &self.wanted.build, self.asked, steps).await?;
        steps.begin("foundation", "looking at it");
        let foundation = match &found {
            Some(found) if !touches => found.foundation.clone(),
            _ => {
                let events = |event| show_events::foundation(&event, "foundation", steps);
                let made = async {
                    let made =
                        Foundation::ensure(&session.account, &session.place, Care::Whole, events).await;
                    made.map_err(|error| told::foundation(&error))
                };
                self.asked.or(made).await?
            }
        };
        steps.end("foundation", End::Done, &format!("{} is there", foundation.bucket().name()));
        let came = Turn::during(session, &foundation, steps, DONE, async |turn| {
            self.under(turn, &foundation, found, touches, product, allowed).await
        });
        let came = came.await?;
        if came.released && !self.wanted.unseen {
            visit::visit(session, &came.names, self.asked, steps).await?;
        } else {
            let why = if came.released { "nobody looked" } else { "nobody looked: nothing is new" };
            steps.end("outside", End::Nothing, why);
        }
        Ok(came)
    }

    /// What may be although the audit says otherwise, if it holds apart from that.
    fn audit(&self) -> Result<Vec<Allowed>, Failure> {
        let (session, steps) = (self.session, self.steps);
        steps.begin("audit", "proving who reaches what");
        let (project, designed) = (&session.project, &session.designed);
        let passed = steps.aside(|| gate::pass(project, designed, &self.wanted.gate, self.printer));
        let allowed = passed.inspect_err(|_| steps.broke("it stops here"))?;
        let said = match allowed.len() {
            0 => "nothing reaches what it should not".to_owned(),
            many => format!("{many} allowed by --allow, the rest holds"),
        };
        steps.end("audit", End::Done, &said);
        Ok(allowed)
    }

    /// What is done while the turn is ours.
    async fn under(
        &self,
        turn: &Turn,
        foundation: &Foundation,
        found: Option<Deployed>,
        touches: bool,
        product: Product,
        allowed: Vec<Allowed>,
    ) -> Result<Came, Failure> {
        let (session, steps) = (self.session, self.steps);
        let in_force = match &found {
            Some(found) => self.asked.or(in_force(&found.book)).await?,
            None => None,
        };
        let (contents, built) = contents::of(session, &product, self.emitted).await?;
        turn.step("upload").await?;
        let before = in_force.as_ref().map(|record| &record.contents);
        upload::upload(session, foundation, &product, before, touches, self.asked, steps).await?;
        let (names, changed) = if touches {
            let stands = async { Ok(standing(session, found.as_ref(), before).await) };
            let stands = self.asked.or(stands).await?.unwrap_or_else(|| first(&contents));
            self.infrastructure(turn, foundation, &stands, found.is_none()).await?
        } else {
            steps.end(infrastructure::STEP, End::Nothing, "is as it is written");
            (
                found
                    .as_ref()
                    .map(|found| found.names.clone())
                    .ok_or_else(|| Failure::new("nothing is deployed"))?,
                false,
            )
        };
        let book = Book::new(foundation.bucket().clone(), &names);
        let same = in_force.filter(|record| record.contents == contents);
        if let Some(record) = same
            && self.asked.or(is_newest(&book, &record)).await?
        {
            for step in ["migration", "app", "page"] {
                steps.end(step, End::Nothing, &format!("as in release {}", record.number));
            }
            return Ok(Came { names, record, released: false, changed });
        }
        let draft = Draft {
            at: now(),
            by: session.who.arn.clone(),
            commit: product.commit.clone(),
            message: self.wanted.message.clone(),
            restores: None,
            allowed,
            contents,
        };
        let (asked, pace) = (self.asked, self.pace);
        let releasing =
            Releasing { session, foundation, names: &names, book: &book, turn, asked, steps, pace };
        let record = releasing.go(&draft, Goes { built: built.as_ref(), definition: None }).await?;
        Ok(Came { names, record, released: true, changed })
    }

    async fn infrastructure(
        &self,
        turn: &Turn,
        foundation: &Foundation,
        stands: &Contents,
        new: bool,
    ) -> Result<(Names, bool), Failure> {
        let (session, steps) = (self.session, self.steps);
        turn.step("infrastructure").await?;
        steps.begin(infrastructure::STEP, "preparing Terraform");
        let open = Infrastructure::open(session, Some(foundation), self.asked.stop(), steps);
        let terraform = self.asked.or(open).await?;
        let values = variables(&session.designed, Some(stands));
        let (plan, change) = terraform.plan(self.emitted, &values, false, steps).await?;
        let changes = plan.changes();
        if changes {
            self.consent(&change, new)?;
        }
        let count = plan.summary().add + plan.summary().change + plan.summary().remove;
        let outputs = terraform.apply(self.emitted, &values, plan, steps).await?;
        let applied = terraform.applied(foundation, self.emitted, outputs).await?;
        let text = match count {
            0 => "is as it is written".to_owned(),
            1 => "1 resource changed".to_owned(),
            count => format!("{count} resources changed"),
        };
        steps.end(infrastructure::STEP, End::Done, &text);
        Ok((session.names(&applied.outputs)?, count > 0))
    }

    /// Whether the changes are wanted.
    fn consent(&self, change: &Change, new: bool) -> Result<(), Failure> {
        if let Outcome::Refused(why) = &change.outcome {
            let failure = Failure::new("this plan would fail, so nothing was changed");
            return Err(why.iter().fold(failure, |failure, why| failure.cause(why.clone())));
        }
        let lost = |resource: &terrace_change::resources::Resource| {
            resource
                .losses
                .iter()
                .map(|loss| format!("{} loses {}", resource.address, loss.what))
                .collect::<Vec<_>>()
        };
        // What a run that was cut off left half made holds nothing of anybody's.
        let resources = change.groups.iter().flat_map(|group| &group.resources);
        let losses: Vec<String> = resources.filter(|one| !one.is_unfinished()).flat_map(lost).collect();
        self.steps.aside(|| self.printer.tell(show(change, false)));
        if self.wanted.yes {
            if losses.is_empty() || self.wanted.accept_loss {
                return Ok(());
            }
            let failure =
                Failure::input("something would be lost, and --yes alone does not say that this is meant");
            let failure = losses.into_iter().fold(failure, Failure::cause);
            return Err(failure.help("--accept-loss says so; nothing was changed"));
        }
        if !self.printer.can_ask() {
            return Err(Failure::input("AWS would be changed, and nobody is there to say yes")
                .help("--yes says that it is meant; `terrace plan` shows what would change"));
        }
        let question = if new { "Raise this on AWS?" } else { "Change this on AWS?" };
        let answer =
            self.steps.aside(|| dialoguer::Confirm::new().with_prompt(question).default(false).interact());
        match answer {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::new("that was a no: the system on AWS is as it was")),
            Err(_) => Err(Failure::Told(Exit::Interrupted)),
        }
    }
}

/// Whether nothing was begun since a release that came to no good end, and may have left something of itself.
async fn is_newest(book: &Book, record: &Record) -> Result<bool, Failure> {
    let numbers = book.numbers().await.map_err(|why| told::release(&why))?;
    Ok(numbers.first().is_none_or(|newest| *newest == record.number))
}

/// What the infrastructure begins with where nothing is in force yet: the first release, but for code that has to wait for its
/// migration. Machines without a release start nothing.
fn first(contents: &Contents) -> Contents {
    let mut first = contents.clone();
    if let (Some(_), Some(App::Artifacts(all))) = (&contents.migration, &mut first.app) {
        all.retain(|party, _| party.as_str() == PartyName::web().as_str());
    }
    first
}

/// The record of the release in force.
pub(crate) async fn in_force(book: &Book) -> Result<Option<Record>, Failure> {
    let current = book.current().await.map_err(|why| told::release(&why))?;
    match current {
        Some(number) => book.read(number).await.map_err(|why| told::release(&why)),
        None => Ok(None),
    }
}

/// Builds what a release is made of.
pub(crate) async fn build(
    session: &Session,
    flags: &BuildFlags,
    asked: &Asked,
    steps: &Steps,
) -> Result<Product, Failure> {
    steps.begin("build", "building");
    let (project, topology) = (&session.project, &session.designed.topology);
    let work = Work { project, topology, flags, executable: Executable::current() };
    let product = asked.or(product::build(&work, &|event| show_events::product(&event, steps))).await?;
    let commit = product.commit.as_ref().map_or_else(String::new, |commit| {
        let dirty = if commit.dirty { " and changes that are in no commit" } else { "" };
        format!(", commit {}{dirty}", commit.revision.get(..10).unwrap_or(&commit.revision))
    });
    steps.end("build", End::Done, &format!("built{commit}"));
    Ok(product)
}
