//! A release, from its number to its end: recorded, migrated, brought to where it runs, or given back to the one before.
//!
//! GUARANTEE: what did not change is not touched: a release of the page alone asks nothing of what runs the code, and one of
//! the code alone nothing of the page. A release that passing trouble cut off stays begun, and the next one goes on with it.

use std::collections::BTreeSet;

use terrace_cloud::deployed::{Containers, Machines, Names, Origin, Shape};
use terrace_cloud::foundation::{Foundation, prune};
use terrace_cloud::release::containers::Service;
use terrace_cloud::release::page::{Built, Place, Wanted};
use terrace_cloud::release::record::{App, Begun, Book, Contents, Draft, Open, Record, Since};
use terrace_cloud::release::{Failure as Broken, Pace, machines};

use super::turn::now;
use super::{Asked, Turn, show_events};
use crate::aws::{Session, told};
use crate::failure::Failure;
use crate::progress::{End, Steps};

/// What goes out beside what the record says.
pub(crate) struct Goes<'a> {
    /// Where the page's files are on this machine; none for a page that was released before.
    pub(crate) built: Option<&'a Built>,
    /// The task definition that a former release ran, if that is what it runs again.
    pub(crate) definition: Option<String>,
}

/// What a release goes out with.
pub(crate) struct Releasing<'a> {
    pub(crate) session: &'a Session,
    pub(crate) foundation: &'a Foundation,
    pub(crate) names: &'a Names,
    pub(crate) book: &'a Book,
    pub(crate) turn: &'a Turn,
    pub(crate) asked: &'a Asked,
    pub(crate) steps: &'a Steps,
    pub(crate) pace: Pace,
}

impl Releasing<'_> {
    /// Brings it out, or back: a page that is put back needs no folder.
    pub(crate) async fn go(&self, draft: &Draft, goes: Goes<'_>) -> Result<Record, Failure> {
        self.turn.step("release").await?;
        let mut open = match self.begin(draft).await.map_err(|why| told::release(&why))? {
            Ok(open) => open,
            Err(ended) => return Ok(ended),
        };
        let number = open.record.number;
        let went = self
            .asked
            .or(async { Ok(self.bring(&mut open, draft, &goes).await) })
            .await
            .inspect_err(|_| self.steps.broke("stopped"))?;
        if let Err(why) = went {
            self.steps.broke("failed");
            if !why.passing {
                let noted = self.book.failed(
                    open,
                    now(),
                    std::iter::once(why.what.clone()).chain(why.why.clone()).collect(),
                );
                noted.await.map_err(|why| told::release(&why))?;
            }
            return Err(told::release(&why).cause(format!("so release {number} is not in force")));
        }
        let since = open.since;
        let record = self.book.done(open, now()).await.map_err(|why| told::release(&why))?;
        // It is in force by now, and what cannot be tidied now is tidied the next time.
        if let Err(why) = self.tidy(&record, since).await {
            self.steps.say(&format!("release {number} is in force; {}: {}", why.what, why.why.join("; ")));
        }
        Ok(record)
    }

    /// The release with its number; or as it ended, if it did before that could be told.
    async fn begin(&self, draft: &Draft) -> Result<Result<Open, Record>, Broken> {
        let mut given_up = None;
        loop {
            match self.book.begin(draft, given_up).await? {
                Begun::New(open) => return Ok(Ok(*open)),
                Begun::Resumed(open) => {
                    let number = open.record.number;
                    self.steps.say(&format!("release {number} was begun before: it goes on"));
                    return Ok(Ok(*open));
                }
                Begun::Ended(record) => return Ok(Err(*record)),
                // The turn is ours, so whoever began that one is gone.
                Begun::Busy(record) => given_up = Some(record.number),
            }
        }
    }

    async fn bring(&self, open: &mut Open, draft: &Draft, goes: &Goes<'_>) -> Result<(), Broken> {
        match &self.names.shape {
            Shape::Containers(containers) => {
                self.tasks(open, draft, containers, goes).await?;
                self.page(open, draft, &containers.page, goes.built).await
            }
            Shape::Machines(machines) => self.machines(open, draft, machines, goes.built).await,
        }
    }

    async fn tasks(
        &self,
        open: &mut Open,
        draft: &Draft,
        containers: &Containers,
        goes: &Goes<'_>,
    ) -> Result<(), Broken> {
        let Some(App::Image(image)) = &draft.contents.app else {
            self.steps.end("app", End::Nothing, "no code in this release");
            return Ok(());
        };
        let in_force = open.in_force.clone().filter(|_| open.since != Since::Others);
        let same = in_force.as_ref().filter(|before| {
            let (before, now) = (&before.contents, &draft.contents);
            before.app == now.app
                && before.infrastructure == now.infrastructure
                && before.configuration == now.configuration
        });
        if let Some(definition) = same.and_then(|before| before.definition.clone()) {
            open.record.definition = Some(definition);
            self.steps.end("migration", End::Nothing, "the code is the same");
            self.steps.end("app", End::Nothing, "code and settings are the same");
            return Ok(());
        }
        let service = Service { account: &self.session.account, names: self.names, containers };
        let steps = self.steps;
        let tells = |event| show_events::tasks(&event, steps);
        let definition = match &goes.definition {
            Some(former) => former.clone(),
            None => {
                let settings = draft.contents.settings(containers.container.as_str());
                service.define(*image, &settings, &tells).await?
            }
        };
        if open.record.definition.as_deref() != Some(&definition) {
            open.record.definition = Some(definition.clone());
            self.book.note(open).await?;
        }
        let ran = in_force.as_ref().is_some_and(|before| {
            before.contents.app == draft.contents.app && before.contents.migration == draft.contents.migration
        });
        match &draft.contents.migration {
            Some(_) if ran => steps.end("migration", End::Nothing, "it ran for the release in force"),
            Some(_) if draft.restores.is_some() => {
                steps.end("migration", End::Nothing, "a way back changes no database");
            }
            Some(_) if open.record.migrated => steps.end("migration", End::Nothing, "it has run already"),
            Some(migration) => {
                steps.begin("migration", &migration.command.join(" "));
                let number = open.record.number;
                service.migrate((number, &definition, &migration.command), self.pace, &tells).await?;
                open.record.migrated = true;
                self.book.note(open).await?;
                steps.end("migration", End::Done, "the database is as this release expects it");
            }
            None => steps.end("migration", End::Nothing, "the manifest has none"),
        }
        steps.begin("app", &format!("telling the service to run {}", short(&definition)));
        let former = open.in_force.as_ref().and_then(|one| one.definition.as_deref());
        if open.since == Since::Others {
            service.renew(&definition, former, self.pace, &tells).await?;
        } else {
            service.run(&definition, former, self.pace, &tells).await?;
        }
        steps.end("app", End::Done, &format!("{} runs and is healthy", short(&definition)));
        Ok(())
    }

    async fn page(
        &self,
        open: &Open,
        draft: &Draft,
        origin: &Origin,
        built: Option<&Built>,
    ) -> Result<(), Broken> {
        let Some(page) = &draft.contents.page else {
            self.steps.end("page", End::Nothing, "no page in this release");
            return Ok(());
        };
        let before = open.in_force.as_ref().and_then(|one| one.contents.page.as_ref());
        if before == Some(page) && open.since == Since::Nothing {
            self.steps.end("page", End::Nothing, "the page is the same");
            return Ok(());
        }
        self.steps.begin("page", "comparing with what is there");
        let wanted = Wanted { number: open.record.number, page, built, before, since: open.since };
        let steps = self.steps;
        let brought =
            self.place(origin).bring(wanted, self.pace, &|event| show_events::page(&event, steps)).await?;
        let (sent, bytes) = (brought.sent.len(), brought.bytes);
        let text = match sent {
            0 => "in its place, nothing had to be sent".to_owned(),
            1 => format!("in its place; 1 file sent, {}", show_events::size(bytes)),
            sent => format!("in its place; {sent} files sent, {}", show_events::size(bytes)),
        };
        self.steps.end("page", End::Done, &text);
        Ok(())
    }

    fn place(&self, origin: &Origin) -> Place {
        Place::of(&self.session.account, self.names, origin, self.foundation.bucket().clone())
    }

    async fn machines(
        &self,
        open: &mut Open,
        draft: &Draft,
        machines: &Machines,
        built: Option<&Built>,
    ) -> Result<(), Broken> {
        let Some(App::Artifacts(artifacts)) = &draft.contents.app else {
            self.steps.end("app", End::Nothing, "no code in this release");
            return Ok(());
        };
        let wish = |party: &terrace_cloud::deployed::MachineParty| {
            let digest = artifacts.get(&party.party)?.digest;
            Some(machines::Wish { party: party.party.clone(), digest })
        };
        let wishes: Vec<machines::Wish> = machines.parties.iter().filter_map(wish).collect();
        let steps = self.steps;
        let tells = |event| show_events::machines(&event, steps);
        self.migrated(open, draft, &wishes, &tells).await?;
        // The page that the machines will serve names these files: they are there before it.
        match &machines.assets {
            Some(origin) => self.page(open, draft, origin, built).await?,
            None => self.steps.end("page", End::Nothing, "is on the machines"),
        }
        steps.begin("app", "looking at the machines");
        let done = machines::release(&self.session.account, self.names, &wishes, self.pace, &tells).await?;
        let parties: Vec<&str> = done.iter().map(|one| one.party.as_str()).collect();
        steps.end("app", End::Done, &format!("all machines of {} run it", parties.join(" and ")));
        Ok(())
    }

    /// Has the migration run on a machine of its own, unless it did.
    async fn migrated(
        &self,
        open: &mut Open,
        draft: &Draft,
        wishes: &[machines::Wish],
        tells: &(dyn Fn(machines::Event) + Send + Sync),
    ) -> Result<(), Broken> {
        let steps = self.steps;
        let nothing = |why: &str| steps.end("migration", End::Nothing, why);
        let web = terrace_topology::PartyName::web();
        let service = wishes.iter().find(|wish| wish.party.as_str() != web.as_str());
        let (Some(migration), Some(wish)) = (&draft.contents.migration, service) else {
            nothing("the manifest has none");
            return Ok(());
        };
        // The line is part of what the machines fetch; another page or setting is no reason to migrate.
        let ran = open.in_force.as_ref().filter(|_| open.since != Since::Others).is_some_and(|before| {
            let code = |contents: &Contents| contents.app.as_ref()?.code().get(wish.party.as_str()).copied();
            code(&before.contents) == code(&draft.contents) && before.contents.migration.is_some()
        });
        if ran {
            nothing("it ran for the release in force");
        } else if draft.restores.is_some() {
            nothing("a way back changes no database");
        } else if open.record.migrated {
            nothing("it has run already");
        } else {
            steps.begin("migration", &migration.command.join(" "));
            let (which, number) = ((&self.session.account, self.names), open.record.number);
            machines::migrate(which, (number, wish), self.pace, tells).await?;
            open.record.migrated = true;
            self.book.note(open).await?;
            steps.end("migration", End::Done, "the database is as this release expects it");
        }
        Ok(())
    }

    /// Takes away what no kept release has.
    async fn tidy(&self, record: &Record, since: Since) -> Result<(), Broken> {
        let origin = match &self.names.shape {
            Shape::Containers(containers) => Some(&containers.page),
            Shape::Machines(machines) => machines.assets.as_ref(),
        };
        let Some(origin) = origin else { return Ok(()) };
        let keep = usize::from(self.session.designed.topology.kept_releases.get());
        // Something has left only if there is more than is kept, or something that never came into force.
        if record.number.get() as usize <= keep && since != Since::Others {
            return Ok(());
        }
        let kept = self.book.kept(keep).await?;
        let steps = self.steps;
        self.place(origin).sweep(&kept, &|event| show_events::page(&event, steps)).await?;
        let digests: BTreeSet<String> = kept
            .iter()
            .filter_map(|record| match &record.contents.app {
                Some(App::Image(digest)) => Some(digest.to_string()),
                _ => None,
            })
            .collect();
        let Shape::Containers(containers) = &self.names.shape else { return Ok(()) };
        if digests.is_empty() {
            return Ok(());
        }
        let (account, place) = (&self.session.account, &self.session.place);
        if let Err(error) = prune(account, place, containers.repository.as_str(), &digests).await {
            steps.say(&format!("old images stay for now: {error}"));
        }
        Ok(())
    }
}

/// `items-app:7` of a task definition's ARN.
fn short(definition: &str) -> &str {
    definition.rsplit('/').next().unwrap_or(definition)
}
