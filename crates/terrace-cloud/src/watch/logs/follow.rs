//! Lines as they are logged.
//!
//! What is logged arrives late and out of order, so each look begins some time before the one before it
//! began, and what was told already is known by its identifier. How late it is, CloudWatch's own clock tells
//! (the answer's `Date`), not this machine's.

use std::collections::BTreeMap;
use std::time::Duration;

use terrace_account::Account;

use super::{Line, Logs, Wanted};
use crate::watch::{Time, WatchError};

/// How long a line may take to arrive: agents send every five seconds, and are asked to wait when there is
/// much.
const LATE: Duration = Duration::from_secs(60);

/// Lines as they are logged, without an end.
#[derive(Debug)]
pub struct Following<'a> {
    account: &'a Account,
    wanted: Wanted,
    every: Duration,
    look: Option<Logs<'a>>,
    /// What was told and may be found again, and when it was written.
    told: BTreeMap<String, Time>,
    first: bool,
}

impl<'a> Following<'a> {
    pub(super) fn new(account: &'a Account, wanted: Wanted, every: Duration) -> Self {
        let wanted = Wanted { until: None, ..wanted };
        let look = Some(Logs::new(account, wanted.clone()));
        Self { account, wanted, every, look, told: BTreeMap::new(), first: true }
    }

    /// The next of the lines that were there already; none once there are no more, and only what is logged from
    /// then on is left.
    ///
    /// # Errors
    /// If CloudWatch refuses or does not answer. The same line can be asked for again.
    pub async fn backlog(&mut self) -> Result<Option<Line>, WatchError> {
        while let Some(look) = self.look.as_mut().filter(|_| self.first) {
            match look.next().await? {
                Some(line) => return Ok(Some(self.note(line))),
                None => self.turn(),
            }
        }
        Ok(None)
    }

    /// The next line, whenever it comes. May be let go while it waits, and asked again.
    ///
    /// # Errors
    /// If CloudWatch refuses or does not answer. It can be asked again, and goes on where it was.
    pub async fn next(&mut self) -> Result<Line, WatchError> {
        loop {
            let Some(look) = &mut self.look else {
                tokio::time::sleep(self.every).await;
                self.look = Some(Logs::new(self.account, self.wanted.clone()));
                continue;
            };
            match look.next().await? {
                Some(line) if self.told.contains_key(&line.id) => {}
                Some(line) => return Ok(self.note(line)),
                None => self.turn(),
            }
        }
    }

    /// Remembers a line that a later look may find again.
    fn note(&mut self, line: Line) -> Line {
        let began = self.look.as_ref().and_then(|look| look.began);
        if began.is_none_or(|began| line.at >= began.before(LATE)) {
            self.told.insert(line.id.clone(), line.at);
        }
        line
    }

    /// Ends a look: the next one begins a while before this one did, and no earlier than what was asked for.
    fn turn(&mut self) {
        let began = self.look.take().and_then(|look| look.began);
        if let Some(began) = began {
            self.wanted.since = self.wanted.since.max(began.before(LATE));
        }
        let since = self.wanted.since;
        self.told.retain(|_, at| *at >= since);
        self.first = false;
    }

    /// Whether it has come to what is logged from now on.
    pub fn is_live(&self) -> bool {
        !self.first
    }
}
