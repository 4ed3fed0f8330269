//! A migration: one machine of the release apart from its group, before the group is led there.
//!
//! The machine fetches the release as all do, finds by its tag why it is there, runs the release's file `migrate` in place of the
//! service, says how that ended and powers off. What it writes is in its log; where nothing reached that, on its console.
//!
//! GUARANTEE: no two migrations of a system run at the same time: what a former run has left is taken away before, unless it is
//! this release's own, which is followed instead. The machine is taken away when it has ended, however that was.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use terrace_account::service::LOGS;
use terrace_account::{Account, Call, Refusal};

use super::apart::Apart;
use super::releasing::{Releasing, Wish, machines, party};
use super::{Event, explain};
use crate::deployed::{MachineParty, Names};
use crate::release::record::Number;
use crate::release::{Failure, Pace};

/// As often is a machine looked for in vain: one that was just started is not seen everywhere, one that ended an hour ago nowhere.
const UNSEEN: u32 = 30;
/// As many more looks are taken at the log of a machine that has ended: lines are on their way for some seconds.
const AFTER: u32 = 10;
/// After as many looks at a log in which there is nothing, the console is looked at.
const SILENT: u32 = 15;
/// As many lines are told again at the end.
const LINES: usize = 20;

/// How a machine says how its migration ended, and that it starts nothing at all.
const ENDED: &str = "terrace: migration ended with ";
const UNSTARTED: &str = "terrace: this machine starts nothing: ";

/// Runs a release's migration once, tells what it prints, and waits for its end. It goes on for as long as it prints something
/// now and then.
///
/// # Errors
/// If AWS refuses or nobody answers: then the machine goes on, and the same again follows it. If no machine can be started, or
/// the migration fails, or never says how it ended: then why, and what it printed last.
pub async fn migrate(
    (account, names): (&Account, &Names),
    (number, wish): (Number, &Wish),
    pace: Pace,
    events: &(dyn Fn(Event) + Send + Sync),
) -> Result<(), Failure> {
    let party = party(machines(names)?, &wish.party)?;
    let releasing = Releasing { account, names, pace, events };
    Migration { releasing, party, wish, number }.run().await
}

struct Migration<'a> {
    releasing: Releasing<'a>,
    party: &'a MachineParty,
    wish: &'a Wish,
    number: Number,
}

/// What a machine has written so far.
#[derive(Default)]
struct Log {
    from: Option<String>,
    last: Vec<String>,
    lines: usize,
    said: Option<Said>,
}

/// What a machine says last.
enum Said {
    /// With this exit code, or by this signal.
    Ended(String),
    /// It starts nothing, and why.
    Unstarted(String),
}

impl Said {
    /// Of a line of a log, which begins with it, or of a console, where something may stand before it.
    fn of(line: &str, console: bool) -> Option<Self> {
        let after = |words: &str| match console {
            true => line.split_once(words).map(|(_, rest)| rest),
            false => line.strip_prefix(words),
        };
        let ended = after(ENDED).and_then(|rest| rest.split_whitespace().next());
        ended
            .map(|how| Self::Ended(how.to_owned()))
            .or_else(|| after(UNSTARTED).map(|why| Self::Unstarted(why.trim().to_owned())))
    }
}

impl Migration<'_> {
    async fn run(&self) -> Result<(), Failure> {
        let (id, resumed) = match self.own().await? {
            Some(own) => (own.id, true),
            None => (self.start().await?, false),
        };
        let instance = || id.clone();
        (self.releasing.events)(Event::Migrating { instance: instance(), resumed });
        let ended = self.follow(&id).await?;
        if let Err(refusal) = Apart::end(self.releasing.account, &id).await {
            (self.releasing.events)(Event::Stays { instance: instance(), why: refusal.text() });
        }
        ended.map_err(unmigrated)
    }

    /// The machine that was started before for this very migration. Those of others are gone by then.
    async fn own(&self) -> Result<Option<Apart>, Failure> {
        let mut asked = BTreeSet::new();
        for _ in 0..self.releasing.pace.most {
            let all = self.all().await?;
            let own = |one: &Apart| one.is_of(self.number, self.wish.digest);
            let (own, others): (Vec<Apart>, Vec<Apart>) = all.into_iter().partition(own);
            let left: Vec<Apart> = others.into_iter().filter(|one| !one.is_gone()).collect();
            if left.is_empty() {
                return Ok(own.into_iter().min_by_key(Apart::is_ending));
            }
            for one in left.into_iter().filter(|one| !one.is_going()) {
                if asked.insert(one.id.clone()) {
                    let ended = Apart::end(self.releasing.account, &one.id).await;
                    ended.map_err(|refusal| {
                        let what = format!("{}, left by a former migration, could not be ended", one.id);
                        Failure::refused(what, &refusal)
                    })?;
                    (self.releasing.events)(Event::Leftover { instance: one.id, number: one.number });
                }
            }
            self.releasing.pace.wait().await;
        }
        let ids = asked.into_iter().collect::<Vec<_>>().join(", ");
        let why = format!("AWS still takes away {ids}, left by a former migration");
        let failure = Failure::found("the migration was not begun", why, "type the same again later");
        Err(Failure { passing: true, ..failure })
    }

    async fn all(&self) -> Result<Vec<Apart>, Failure> {
        let all = Apart::read(self.releasing.account, self.releasing.names).await;
        all.map_err(|refusal| {
            Failure::refused("the machine of the migration could not be looked at", &refusal)
                .in_force("the release before; a migration that runs goes on by itself")
        })
    }

    /// Starts a machine of the release, in the first of the group's subnets where AWS has one.
    async fn start(&self) -> Result<String, Failure> {
        let Releasing { account, names, .. } = self.releasing;
        // Nothing is begun beside a release that is under way.
        self.releasing.under_way(self.party, self.wish.digest).await?;
        let state = self.releasing.state(self.party).await?;
        let from = self.releasing.from(self.party, &state).await?;
        let to = self.releasing.version(self.wish, &state.template, &from).await?;
        let what = "no machine could be started for the migration";
        let mut full: Option<Refusal> = None;
        for subnet in &state.subnets {
            let place = (state.template.as_str(), &to, subnet.as_str());
            match Apart::start(account, names, place, (self.number, self.wish.digest)).await {
                Ok(Some(id)) => return Ok(id),
                Ok(None) => return Err(Failure::found(what, "EC2 did not say which", "type the same again")),
                Err(refusal) if is_full(&refusal) => full = Some(refusal),
                Err(refusal) => return Err(Failure::refused(what, &refusal)),
            }
        }
        match full {
            Some(refusal) => {
                let failure = Failure::refused(what, &refusal);
                Err(Failure { why: vec![explain::said(&refusal.text())], passing: false, ..failure })
            }
            None => {
                let why = format!("the group {} has no subnets", self.party.group);
                Err(Failure::found(what, why, "type `terrace deploy --infrastructure`"))
            }
        }
    }

    /// Follows a machine until it says how the migration ended, or will not say it any more: then why.
    async fn follow(&self, id: &str) -> Result<Result<(), Vec<String>>, Failure> {
        let mut log = Log::default();
        let (mut quiet, mut unseen, mut after) = (0, 0, 0);
        while quiet < self.releasing.pace.most {
            // Looked at before its log is read, so that of one that has ended all is read.
            let seen = self.all().await?.into_iter().find(|one| one.id == id);
            let before = log.lines;
            self.printed(id, &mut log).await;
            quiet = if log.lines > before { 0 } else { quiet + 1 };
            if log.said.is_none() && log.lines == 0 && quiet % SILENT == 0 {
                log.said = self.console(id).await.1;
            }
            if let Some(said) = log.said.take() {
                return Ok(judged(&said, &log.last));
            }
            unseen += u32::from(seen.is_none());
            after += u32::from(seen.as_ref().is_some_and(Apart::is_ending));
            if unseen > UNSEEN || after > AFTER {
                let reason = seen.and_then(|one| one.reason).map(|reason| format!(": {reason}"));
                let why = format!("{id} is gone, and its log does not say how{}", reason.unwrap_or_default());
                return Ok(self.unsaid(id, why, &log).await);
            }
            self.releasing.pace.wait().await;
        }
        let why = format!("{id} had not ended, and nothing new was in its log for long: it was taken away");
        Ok(self.unsaid(id, why, &log).await)
    }

    /// Of one that did not say in its log how it ended: what its console says.
    async fn unsaid(&self, id: &str, why: String, log: &Log) -> Result<(), Vec<String>> {
        let (lines, said) = self.console(id).await;
        match said {
            Some(said) => judged(&said, &log.last),
            None => Err([vec![why], logged(&log.last), lines].concat()),
        }
    }

    /// The last lines on its console, and what it says there of how it ended.
    async fn console(&self, id: &str) -> (Vec<String>, Option<Said>) {
        match explain::console(self.releasing.account, id).await {
            Ok(text) => {
                let said = text.lines().rev().find_map(|line| Said::of(line, true));
                (explain::last(text.lines(), "console"), said)
            }
            Err(refusal) => (vec![format!("its console could not be read: {}", refusal.text())], None),
        }
    }

    /// Tells what was printed since; what cannot be read now is read with the next look.
    async fn printed(&self, id: &str, log: &mut Log) {
        let group = self.party.log_group.as_str();
        loop {
            let mut fields = json!({ "logGroupName": group, "logStreamName": id, "startFromHead": true });
            if let (Some(fields), Some(from)) = (fields.as_object_mut(), log.from.as_ref()) {
                fields.insert("nextToken".to_owned(), from.as_str().into());
            }
            let call = Call::json(LOGS, ("Logs_20140328", "1.1"), "GetLogEvents", fields);
            let Ok(answer) = self.releasing.account.json(&call).await else { return };
            for one in answer.get("events").and_then(Json::as_array).into_iter().flatten() {
                let text = one.get("message").and_then(Json::as_str).unwrap_or_default().trim_end();
                let line: String = text.chars().filter(|one| !one.is_control()).collect();
                log.said = Said::of(&line, false).or(log.said.take());
                (self.releasing.events)(Event::Printed { line: line.clone() });
                log.last.push(line);
                log.lines += 1;
            }
            log.last.drain(..log.last.len().saturating_sub(LINES));
            let next = answer.get("nextForwardToken").and_then(Json::as_str).unwrap_or_default().to_owned();
            // At the end the token stays the same; after its last word nothing is asked for.
            if log.said.is_some() || next.is_empty() || log.from.as_ref() == Some(&next) {
                return;
            }
            log.from = Some(next);
        }
    }
}

/// Whether AWS has no machine, or no address, in this subnet's zone: another one may have.
fn is_full(refusal: &Refusal) -> bool {
    ["InsufficientInstanceCapacity", "InsufficientFreeAddressesInSubnet", "Unsupported"]
        .contains(&refusal.code())
}

fn judged(said: &Said, last: &[String]) -> Result<(), Vec<String>> {
    let (why, last) = match said {
        Said::Ended(how) if how == "0" => return Ok(()),
        Said::Ended(how) => (ended(how), last),
        Said::Unstarted(why) => (format!("its machine started nothing: {why}"), [].as_slice()),
    };
    Err([vec![why], logged(last)].concat())
}

fn ended(how: &str) -> String {
    let means = match how {
        "126" => "its command cannot be executed: not an executable, or for another processor",
        "127" => "its command is not on the machine",
        "KILL" | "137" => "it was killed: mostly too little memory",
        "SEGV" | "139" => "it touched memory that is not its own",
        "ABRT" | "134" => "it gave up by itself",
        "TERM" | "143" => "it was told to stop",
        _ => "what it printed last says more",
    };
    let code = how.bytes().all(|byte| byte.is_ascii_digit());
    format!("it ended {} {how} ({means})", if code { "with exit code" } else { "by signal" })
}

fn logged(last: &[String]) -> Vec<String> {
    last.iter().map(|line| format!("log: {line}")).collect()
}

fn unmigrated(why: Vec<String>) -> Failure {
    let next =
        "correct what is said above, then type `terrace deploy`: what the migration did so far stays done";
    let failure = Failure::found("the migration failed", "", next);
    Failure { why, ..failure }.in_force("the release before; no traffic has moved")
}
