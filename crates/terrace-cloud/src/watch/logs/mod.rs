//! What all parties log, as one stream in the order of time.
//!
//! CloudWatch Logs API Reference: FilterLogEvents. A log group is read a page at a time and only as fast as
//! its lines are taken, one call at a time over all groups: CloudWatch allows few of them in a second.
//!
//! GUARANTEE: a line is told once; lines come in the order of their time as long as each group's do; no more
//! than a page of each group is held. What is filtered at CloudWatch is never more than what would be here.

mod cursor;
mod follow;
mod matching;
mod request;
mod trail;

use std::time::Duration;

use serde::Serialize;
use terrace_account::Account;

use self::cursor::Cursor;
use super::{Time, WatchError};
use crate::deployed::{LogGroup, Names, Shape};
pub use follow::Following;
pub use matching::Matching;
pub use request::{RequestId, RequestIdError};
pub use trail::trail;

/// A log group, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The tier that logs there.
    pub party: String,
    /// Where it logs.
    pub group: LogGroup,
}

/// Where the parties of a system log.
pub fn sources(names: &Names) -> Vec<Source> {
    match &names.shape {
        Shape::Containers(containers) => {
            vec![Source { party: containers.container.to_string(), group: containers.log_group.clone() }]
        }
        Shape::Machines(machines) => {
            let of = machines.parties.iter();
            of.map(|one| Source { party: one.party.to_string(), group: one.log_group.clone() }).collect()
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// From where.
    pub sources: Vec<Source>,
    /// From when on.
    pub since: Time,
    /// Until when; none for as much as there is.
    pub until: Option<Time>,
    /// Which lines.
    pub matching: Matching,
}

/// A line that was logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// When it was written, by the clock of who wrote it.
    pub at: Time,
    /// Which tier wrote it.
    pub party: String,
    /// Its stream: which task or instance.
    pub stream: String,
    /// What was written, without the line's end.
    pub message: String,
    /// CloudWatch's identifier of it.
    #[serde(skip)]
    pub id: String,
}

/// The lines of several log groups in the order of time.
#[derive(Debug)]
pub struct Logs<'a> {
    account: &'a Account,
    cursors: Vec<Cursor>,
    wanted: Wanted,
    /// When CloudWatch first answered, by its own clock.
    began: Option<Time>,
}

impl<'a> Logs<'a> {
    /// Nothing is asked before the first line is.
    pub fn new(account: &'a Account, wanted: Wanted) -> Self {
        let cursors = wanted.sources.iter().cloned().map(Cursor::new).collect();
        Self { account, cursors, wanted, began: None }
    }

    /// The next line; none when there are no more.
    ///
    /// # Errors
    /// If CloudWatch refuses or does not answer. The same line can be asked for again.
    pub async fn next(&mut self) -> Result<Option<Line>, WatchError> {
        for cursor in &mut self.cursors {
            while cursor.is_thirsty() {
                let answered = cursor.fetch(self.account, &self.wanted).await?;
                self.began = self.began.or(answered);
            }
        }
        // The first of those that are equal, so that the order does not hang on who was answered first.
        let first = self.cursors.iter_mut().filter(|one| one.at().is_some()).min_by_key(|one| one.at());
        Ok(first.and_then(Cursor::take))
    }

    /// The groups that are not there (yet).
    pub fn absent(&self) -> Vec<&Source> {
        self.cursors.iter().filter(|one| one.is_absent()).map(Cursor::source).collect()
    }

    /// All lines from the beginning, and when there are no more, those that are logged from then on; `until`
    /// ends nothing then. For a reader that has taken no line yet: those that were taken come again.
    pub fn follow(self, every: Duration) -> Following<'a> {
        Following::new(self.account, self.wanted, every)
    }
}
