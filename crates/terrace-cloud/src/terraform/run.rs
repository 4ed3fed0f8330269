//! What Terraform is asked for, one thing after the other: to get ready, to plan, to do it, to tell.
//!
//! Every request gets the folder ready first, if it is not: Terraform is initialised again only when its version, the place
//! of the state or the providers asked for have changed. A plan mends first what an earlier run left (see [`super::left`]).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::time::Duration;

use serde_json::Value as Json;
use terrace_terraform::lines::{Course, Line, Summary, line};

use super::broken::{Broken, RunError, Task};
use super::cause::LockId;
use super::child::{self, Ended, Pace};
use super::event::{Event, event};
use super::folder::{Folder, Text};
use super::meaning::Meaning;
use super::program::Program;
use super::resource::Resource;
use super::stop::Stop;
use super::surroundings::Surroundings;

const PLAN: &str = "plan.bin";
/// What Terraform says of a resource that the state does not know.
const ABSENT: &str = "No such resource instance";

/// A Terraform in its folder.
#[derive(Debug)]
pub struct Terraform<'a> {
    program: &'a Program,
    folder: &'a Folder,
    surroundings: Surroundings,
    pace: Pace,
    stop: Stop,
}

/// What is to be planned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// All of it is to be gone.
    pub destroy: bool,
    /// Only these, and what they need; all if empty.
    pub targets: Vec<Target>,
    /// How long a lock of somebody else's is waited for.
    pub lock_wait: Duration,
}

/// The address of a resource that is meant alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target(String);

/// Why a text names no resource.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no resource's address: one looks like aws_ecs_service.app")]
pub struct TargetError(String);

impl std::str::FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
        if begins && text.contains('.') && !text.contains(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(TargetError(text.to_owned()))
        }
    }
}

/// A plan that lies in the folder, to be done.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    summary: Summary,
    changes: bool,
}

impl Plan {
    /// How much.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Whether there is anything to do, be it to outputs alone.
    pub fn changes(&self) -> bool {
        self.changes
    }
}

/// What a system says of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Output {
    /// Whether nobody is to see it.
    pub sensitive: bool,
    /// What it is.
    pub value: Json,
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = if self.sensitive { &Json::Null } else { &self.value };
        f.debug_struct("Output").field("sensitive", &self.sensitive).field("value", shown).finish()
    }
}

impl<'a> Terraform<'a> {
    /// In a folder that is filled with what is to be.
    ///
    /// # Errors
    /// If the folder cannot be filled.
    pub fn new(
        program: &'a Program,
        folder: &'a Folder,
        text: &Text<'_>,
        surroundings: Surroundings,
    ) -> Result<Self, RunError> {
        folder.fill(text, surroundings.is_emulated())?;
        let (pace, stop) = (Pace::default(), Stop::never());
        Ok(Self { program, folder, surroundings, pace, stop })
    }

    /// At another pace.
    pub fn at(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Listening to who may ask it to stop.
    pub fn listening(mut self, stop: Stop) -> Self {
        self.stop = stop;
        self
    }

    /// Finds out what would change.
    ///
    /// # Errors
    /// If Terraform cannot tell, or was asked to stop.
    pub async fn plan(&self, wanted: &Wanted, events: impl Fn(Event)) -> Result<Plan, RunError> {
        let mut arguments = strings(&["plan", "-json", "-input=false", "-detailed-exitcode"]);
        arguments.push(format!("-out={PLAN}").into());
        arguments.push(format!("-lock-timeout={}s", wanted.lock_wait.as_secs()).into());
        arguments.extend(wanted.destroy.then(|| "-destroy".into()));
        arguments.extend(wanted.targets.iter().map(|Target(address)| format!("-target={address}").into()));
        self.ready(false, &events).await?;
        self.mended(&events).await?;
        events(Event::Comparing);
        let mut tried = self.spoken(&arguments, &events).await?;
        let unready = |course: &Course| {
            let said = course.failures().iter().filter_map(|failure| failure.why.as_ref());
            said.into_iter().any(|said| {
                Meaning::of(&format!("{}\n{}", said.summary, said.detail)).0 == Meaning::Unprepared
            })
        };
        // Whoever cleared providers away, or changed the folder, did so without telling.
        if tried.1.status.code() == Some(1) && unready(&tried.0) {
            self.ready(true, &events).await?;
            tried = self.spoken(&arguments, &events).await?;
        }
        let (course, ended) = tried;
        match ended.status.code() {
            Some(code @ (0 | 2)) if course.failures().is_empty() => {
                let summary = course.planned().cloned().unwrap_or_default();
                Ok(Plan { summary, changes: code == 2 })
            }
            _ => Err(self.broken(Task::Plan, &course, &ended)),
        }
    }

    /// The plan as JSON, for who weighs it ("JSON Output Format", Terraform documentation).
    ///
    /// # Errors
    /// If Terraform cannot tell.
    pub async fn show(&self, _plan: &Plan) -> Result<String, RunError> {
        self.printed(Task::Show, &["show", "-json", "-no-color", PLAN], "terraform show -json").await
    }

    /// Does what was planned.
    ///
    /// # Errors
    /// If not all of it could be done, or it was asked to stop before.
    pub async fn apply(&self, _plan: Plan, events: impl Fn(Event)) -> Result<Summary, RunError> {
        let arguments = strings(&["apply", "-json", "-input=false", PLAN]);
        // It tells the plan once more.
        let news = |event: Event| {
            if !matches!(event, Event::Planned(_)) {
                events(event)
            }
        };
        let (course, ended) = self.spoken(&arguments, &news).await?;
        match course.outcome() {
            terrace_terraform::lines::Outcome::Done(summary) if ended.status.success() => Ok(summary),
            _ => Err(self.broken(Task::Apply, &course, &ended)),
        }
    }

    /// What the system says of itself; nothing of one that was never made.
    ///
    /// # Errors
    /// If Terraform cannot tell.
    pub async fn outputs(&self, events: impl Fn(Event)) -> Result<BTreeMap<String, Output>, RunError> {
        self.ready(false, &events).await?;
        let command = "terraform output -json";
        let printed = self.printed(Task::Output, &["output", "-json", "-no-color"], command).await?;
        let odd = |why: String| RunError::Odd { command, why };
        let all: BTreeMap<String, Json> =
            serde_json::from_str(&printed).map_err(|why| odd(why.to_string()))?;
        let outputs = all.into_iter().map(|(name, told)| {
            let sensitive = told.get("sensitive").and_then(Json::as_bool).unwrap_or(true);
            let value = told.get("value").cloned().ok_or_else(|| odd(format!("`{name}` has no value")))?;
            Ok((name, Output { sensitive, value }))
        });
        outputs.collect()
    }

    /// Ends a lock that nobody holds any more.
    ///
    /// # Errors
    /// If there is no such lock, or Terraform cannot tell.
    pub async fn unlock(&self, lock: &LockId, events: impl Fn(Event)) -> Result<(), RunError> {
        self.ready(false, &events).await?;
        self.printed(Task::Unlock, &["force-unlock", "-force", "-no-color", lock.as_str()], "")
            .await
            .map(drop)
    }

    /// Gets the folder ready, if it is not, or anyway.
    async fn ready(&self, anyway: bool, events: &impl Fn(Event)) -> Result<(), RunError> {
        // Before any other run takes the place of the last one's lines.
        self.folder.remember()?;
        let program = format!("{} {}", self.program.path().display(), self.program.version());
        let digest = self.folder.digest(&program)?;
        if anyway || !self.folder.is_initialised(&digest) {
            events(Event::Preparing);
            self.folder.initialised(None)?;
            let _alone = self.alone_at_providers().await?;
            // What the folder knew of another place is forgotten: states are never carried from one to another.
            let arguments = strings(&["init", "-json", "-input=false", "-reconfigure"]);
            let (course, ended) = self.spoken(&arguments, &silent).await?;
            if !ended.status.success() {
                return Err(self.broken(Task::Prepare, &course, &ended));
            }
            self.folder.initialised(Some(&digest))?;
        }
        Ok(())
    }

    /// Mends what an earlier run left: a state that could not be saved, and what AWS was still making when it was stopped.
    async fn mended(&self, events: &impl Fn(Event)) -> Result<(), RunError> {
        if let Some(errored) = self.folder.errored() {
            events(Event::Recovering);
            self.printed(Task::Recover, &["state", "push", "-no-color", errored], "").await?;
            self.folder.saved()?;
        }
        for address in self.folder.awaited()? {
            let kept =
                self.printed(Task::Recover, &["untaint", "-no-color", "-allow-missing", &address], "").await;
            match kept {
                Ok(said) if said.contains(ABSENT) || self.folder.errors().contains(ABSENT) => {
                    events(Event::Unknown(Resource::of(&address)));
                }
                Ok(_) => events(Event::Kept(Resource::of(&address))),
                // Somebody has deployed since.
                Err(error) if error.to_string().contains("is not tainted") => {}
                Err(error) => return Err(error),
            }
            self.folder.forget(&address)?;
        }
        Ok(())
    }

    /// Two that fetch providers into the same folder would spoil it for each other.
    async fn alone_at_providers(&self) -> Result<Option<File>, RunError> {
        let Some(cache) = self.surroundings.cache() else { return Ok(None) };
        std::fs::create_dir_all(cache)?;
        let lock = OpenOptions::new().append(true).create(true).open(cache.join(".terrace-lock"))?;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Some(lock)),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(self.pace.look).await,
                Err(TryLockError::Error(why)) => return Err(why.into()),
            }
        }
    }

    /// Runs what speaks in lines of JSON.
    async fn spoken(
        &self,
        arguments: &[OsString],
        events: &impl Fn(Event),
    ) -> Result<(Course, Ended), RunError> {
        let mut course = Course::new();
        let ended = self
            .run(arguments, |text| {
                let line = line(text);
                if let Some(event) = event(&line, &course) {
                    events(event);
                }
                course.take(&line);
            })
            .await?;
        Ok((course, ended))
    }

    /// Runs what prints something as a whole, and complains in words.
    async fn printed(
        &self,
        task: Task,
        arguments: &[&str],
        command: &'static str,
    ) -> Result<String, RunError> {
        let mut all = String::new();
        let ended = self
            .run(&strings(arguments), |line| {
                all.push_str(line);
                all.push('\n');
            })
            .await?;
        if ended.status.success() {
            let json: Result<Json, _> = serde_json::from_str(&all);
            return match json {
                Err(why) if !command.is_empty() => Err(RunError::Odd { command, why: why.to_string() }),
                _ => Ok(all),
            };
        }
        let mut course = Course::new();
        course.take(&complaint(&self.folder.errors()));
        Err(self.broken(task, &course, &ended))
    }

    async fn run(&self, arguments: &[OsString], on_line: impl FnMut(&str)) -> std::io::Result<Ended> {
        let who = (self.program, self.folder, &self.surroundings);
        child::run(who, arguments, (self.pace, &mut self.stop.clone()), on_line).await
    }

    fn broken(&self, task: Task, course: &Course, ended: &Ended) -> RunError {
        RunError::Broken(Box::new(Broken::of(task, course, ended, &self.folder.errors())))
    }
}

/// What Terraform says on its standard error, without the frame that it draws around it.
fn complaint(errors: &str) -> Line {
    let frame = |c: char| "╷│╵".contains(c) || c.is_whitespace();
    let lines: Vec<&str> =
        errors.lines().map(|line| line.trim_matches(frame)).filter(|line| !line.is_empty()).collect();
    // Warnings come before what they do not explain.
    let from = lines.iter().position(|line| line.starts_with("Error:")).unwrap_or_default();
    let mut lines = lines.into_iter().skip(from);
    let summary = lines.next().unwrap_or_default().trim_start_matches("Error:").trim().to_owned();
    let detail = lines.collect::<Vec<_>>().join("\n");
    Line::Diagnostic(terrace_terraform::lines::Diagnostic {
        is_error: true,
        summary,
        detail,
        ..Default::default()
    })
}

fn silent(_: Event) {}

fn strings(arguments: &[&str]) -> Vec<OsString> {
    arguments.iter().map(OsString::from).collect()
}
