//! The deployment under way: one at a time, and where the last one stopped.
//!
//! Each write names the entity tag of the one before, so that of two only one goes through. How long nothing was heard from a
//! holder is told by S3's clock alone, whatever the clocks of the two machines say.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use terrace_account::objects::{Condition, ETag, Put, Written};
use tokio::sync::Mutex;

use crate::foundation::applied::json;
use crate::foundation::{Foundation, FoundationError, System};

/// After so long without a sign of life a holder counts as dead. [`Journal::alive`] is to be given a quarter of it at most.
const DEAD: Duration = Duration::from_secs(120);

/// Who deploys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// An ARN.
    pub by: String,
    /// The machine's name.
    pub machine: String,
    /// The process on it, so that its machine can tell whether it still runs; and no other has the same.
    pub process: String,
}

/// Whether a deployment is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is, or it was killed.
    UnderWay,
    /// It came to its end, good or bad.
    Ended,
}

/// What the journal says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Whose deployment.
    pub holder: Holder,
    /// Since when: RFC 3339.
    pub at: String,
    /// Whether it is at work.
    pub state: State,
    /// What is being done, or was last.
    pub step: String,
    /// What the steps so far have made: names to ids.
    pub ids: BTreeMap<String, String>,
}

/// A deployment that may go on, and no other beside it.
#[derive(Debug)]
pub struct Journal {
    foundation: Foundation,
    system: System,
    now: Mutex<(ETag, Entry)>,
}

/// How a deployment begins.
#[derive(Debug)]
pub enum Begun {
    /// The last one came to its end, or there is none.
    Fresh(Journal),
    /// The last one was killed, at this.
    GoesOn(Journal, Entry),
}

impl Journal {
    /// Begins a deployment, at a time (RFC 3339). `dead` says whether a holder is known to be dead, so that nobody has to wait
    /// for it: the same machine knows its processes.
    ///
    /// # Errors
    /// If another one is under way, AWS refuses, or the journal is not what was written.
    pub async fn begin(
        foundation: &Foundation,
        system: &System,
        (holder, at): (Holder, &str),
        dead: impl Fn(&Entry) -> bool,
    ) -> Result<Begun, FoundationError> {
        let found: Option<(Entry, ETag, Option<Duration>)> = foundation.read(system.journal_key()).await?;
        let (condition, before) = match found {
            None => (Condition::Absent, None),
            Some((entry, etag, _)) if entry.state == State::Ended => (Condition::Is(etag), None),
            Some((entry, etag, age)) => {
                let silent = age.is_some_and(|age| age >= DEAD);
                if !silent && !dead(&entry) {
                    return Err(FoundationError::Busy { entry: Box::new(entry), age });
                }
                (Condition::Is(etag), Some(entry))
            }
        };
        // What a killed one has made is not forgotten by the next.
        let (step, ids) = match &before {
            Some(entry) => (entry.step.clone(), entry.ids.clone()),
            None => ("beginning".to_owned(), BTreeMap::new()),
        };
        let entry = Entry { holder, at: at.to_owned(), state: State::UnderWay, step, ids };
        let written = foundation.write(system.journal_key(), &entry, &json().on(condition)).await?;
        let Written::Done(stored) = written else {
            return Err(match foundation.read(system.journal_key()).await? {
                Some((entry, _, age)) => FoundationError::Busy { entry: Box::new(entry), age },
                None => FoundationError::Lost { by: "it was taken away".to_owned() },
            });
        };
        let now = Mutex::new((stored.etag, entry));
        let journal = Self { foundation: foundation.clone(), system: system.clone(), now };
        Ok(match before {
            Some(before) => Begun::GoesOn(journal, before),
            None => Begun::Fresh(journal),
        })
    }

    /// What the deployment under way, or the last one, says; none if there was none.
    ///
    /// # Errors
    /// If AWS refuses, or it is not what was written.
    pub async fn look(foundation: &Foundation, system: &System) -> Result<Option<Entry>, FoundationError> {
        Ok(foundation.read(system.journal_key()).await?.map(|(entry, ..)| entry))
    }

    /// Says what is being done now, and what has been made for it.
    ///
    /// # Errors
    /// If another has taken over, or AWS refuses.
    pub async fn step(&self, step: &str, ids: &[(&str, &str)]) -> Result<(), FoundationError> {
        self.change(|entry| {
            step.clone_into(&mut entry.step);
            entry.ids.extend(ids.iter().map(|(name, id)| ((*name).to_owned(), (*id).to_owned())));
        })
        .await
    }

    /// What it says now.
    pub async fn entry(&self) -> Entry {
        self.now.lock().await.1.clone()
    }

    /// Gives a sign of life each time `every` has gone by, until it cannot: to be waited for beside the deployment.
    pub async fn alive(&self, every: Duration) -> FoundationError {
        loop {
            tokio::time::sleep(every).await;
            match self.change(|_| {}).await {
                // A network that is gone for a while is no reason to stop what AWS does by itself.
                Err(FoundationError::Refused { refusal, .. }) if refusal.is_unanswered() => {}
                Err(error) => return error,
                Ok(()) => {}
            }
        }
    }

    /// Ends the deployment, well or badly: the next one begins afresh.
    ///
    /// # Errors
    /// If another has taken over, or AWS refuses.
    pub async fn end(self, step: &str) -> Result<(), FoundationError> {
        self.change(|entry| {
            entry.state = State::Ended;
            step.clone_into(&mut entry.step);
            entry.ids.clear();
        })
        .await
    }

    async fn change(&self, how: impl Fn(&mut Entry)) -> Result<(), FoundationError> {
        let mut now = self.now.lock().await;
        let name = self.system.journal_key();
        loop {
            let mut entry = now.1.clone();
            how(&mut entry);
            let put: Put = json().on(Condition::Is(now.0.clone()));
            if let Written::Done(stored) = self.foundation.write(name.clone(), &entry, &put).await? {
                *now = (stored.etag, entry);
                return Ok(());
            }
            let found: Option<(Entry, ETag, Option<Duration>)> = self.foundation.read(name.clone()).await?;
            let by = match found {
                // A write of our own that was let go of while it was on its way, as a sign of life may be.
                Some((entry, etag, _)) if entry.holder == now.1.holder && etag != now.0 => {
                    now.0 = etag;
                    continue;
                }
                Some((entry, ..)) => format!("{} on {}", entry.holder.by, entry.holder.machine),
                None => "the journal was taken away".to_owned(),
            };
            return Err(FoundationError::Lost { by });
        }
    }
}
