//! One deployment at a time: whose turn it is stands in the foundation's bucket.
//!
//! GUARANTEE: a turn that was taken is ended when what was done in it is over, whether it went well or not.

use std::time::{Duration, SystemTime};

use terrace_cloud::foundation::{Begun, Entry, Foundation, Holder, Journal};
use terrace_cloud::release::record::Moment;

use crate::aws::{Session, told};
use crate::failure::Failure;
use crate::progress::Steps;

/// How often a sign of life is given.
const ALIVE: Duration = Duration::from_secs(30);

/// How a deployment ends after which a release is in force.
pub(crate) const DONE: &str = "done";
/// How one ends after which nothing is there.
pub(crate) const DESTROYED: &str = "destroyed";
/// How one ends that went badly.
const FAILED: &str = "failed";

/// A turn that is this process's.
pub(crate) struct Turn {
    journal: Journal,
}

/// Now, to the second.
pub(crate) fn now() -> Moment {
    Moment::of(SystemTime::now())
}

impl Turn {
    /// Does something in a turn of this process's own, which ends well as said (`DONE`, `DESTROYED`).
    pub(crate) async fn during<T>(
        session: &Session,
        foundation: &Foundation,
        steps: &Steps,
        well: &str,
        work: impl AsyncFnOnce(&Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let turn = Self::take(session, foundation, steps).await?;
        let done = turn.hold(work(&turn)).await;
        // Whether it went well or not, the next one need not wait; what cannot be said shows in its age.
        let ended = turn.end(if done.is_ok() { well } else { FAILED }).await;
        let done = done?;
        ended?;
        Ok(done)
    }

    /// Takes it, or says who has it.
    async fn take(session: &Session, foundation: &Foundation, steps: &Steps) -> Result<Self, Failure> {
        let machine = machine();
        let holder = Holder {
            by: session.who.arn.clone(),
            machine: machine.clone(),
            process: process(std::process::id()),
        };
        let dead = |entry: &Entry| entry.holder.machine == machine && is_dead(&entry.holder.process);
        let begun = Journal::begin(foundation, &session.system, (holder, &now().to_string()), dead).await;
        match begun.map_err(|error| told::foundation(&error))? {
            Begun::Fresh(journal) => Ok(Self { journal }),
            Begun::GoesOn(journal, before) => {
                let Entry { holder, step, .. } = before;
                steps.say(&format!(
                    "the last deployment, by {} on {}, was cut off at `{step}`: this one goes on from there",
                    holder.by, holder.machine
                ));
                Ok(Self { journal })
            }
        }
    }

    /// Says what is being done.
    pub(crate) async fn step(&self, step: &str) -> Result<(), Failure> {
        self.journal.step(step, &[]).await.map_err(|error| told::foundation(&error))
    }

    /// Does something for as long as the turn is this process's.
    async fn hold<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        tokio::select! {
            done = work => done,
            lost = self.journal.alive(ALIVE) => Err(told::foundation(&lost)),
        }
    }

    /// Lets the next one have it.
    async fn end(self, how: &str) -> Result<(), Failure> {
        self.journal.end(how).await.map_err(|error| told::foundation(&error))
    }
}

/// Whether a deployment was begun before, however far it came: what has the system's names is then most likely its own, and
/// Terraform's state may know of it only when the Terraform of a run that was killed has stopped.
pub(super) async fn begun(session: &Session) -> Result<bool, Failure> {
    let Some(foundation) = session.foundation().await? else { return Ok(false) };
    let entry =
        Journal::look(&foundation, &session.system).await.map_err(|error| told::foundation(&error))?;
    Ok(entry.is_some_and(|entry| entry.step != DESTROYED))
}

/// This machine's name.
fn machine() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// A process, so that no other that comes to have its number is taken for it: number and when it was started.
fn process(id: u32) -> String {
    format!("{id}@{}", started(id).unwrap_or_default())
}

fn started(id: u32) -> Option<u64> {
    let process = procfs::process::Process::new(i32::try_from(id).ok()?).ok()?;
    Some(process.stat().ok()?.starttime)
}

/// Whether a process of this machine is known to have ended.
fn is_dead(process: &str) -> bool {
    let Some((id, since)) = process.split_once('@') else { return false };
    let Ok(id) = id.parse::<u32>() else { return false };
    started(id).is_none_or(|started| started.to_string() != since)
}
