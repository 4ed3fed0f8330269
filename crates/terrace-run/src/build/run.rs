//! One build, from the question whether it is needed to its stamp.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use terrace_local::{Build, LocalPlan, ProcessKind};
use terrace_topology::{CommandLine, PartyName};

use super::sources::Sources;
use super::stamp::{Stamp, ingredients, is_there, products};
use crate::Executable;
use crate::leash::{self, Exit, Launch, LaunchError};
use crate::logs::Line;
use crate::state::{MARK, StateError, StateFolder};

/// How much of a build's output is kept, bytes.
const LOG_MOST: usize = 16 * 1024 * 1024;
/// How many of its last lines a failure repeats.
const LAST_LINES: usize = 20;

/// A build at its place on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    party: PartyName,
    folder: PathBuf,
    command: CommandLine,
    output: Option<PathBuf>,
    products: Vec<PathBuf>,
}

/// What happens during a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Another build works in the folder; this one waits for it.
    Waiting,
    /// The command runs.
    Started,
    /// It printed a line.
    Line(Line),
}

/// How a build ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was not needed.
    Unchanged,
    /// It ran for so long.
    Built(Duration),
}

/// Why a build did not end well.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Its folder is not there.
    #[error("`{party}` cannot be built: there is no folder `{}`; `{party}.root` names it", folder.display())]
    NoFolder {
        /// Whose.
        party: PartyName,
        /// Which.
        folder: PathBuf,
    },
    /// The command failed.
    #[error(
        "the build of `{party}` failed ({exit}): `{command}` in `{}`\n{}  all of it: `{}`",
        folder.display(),
        indented(last_lines),
        log.display()
    )]
    Failed {
        /// Whose.
        party: PartyName,
        /// What ran.
        command: CommandLine,
        /// Where.
        folder: PathBuf,
        /// How it ended.
        exit: Exit,
        /// What it said last.
        last_lines: Vec<String>,
        /// Where all that it said is.
        log: PathBuf,
    },
    /// The command ended well and what it was for is not there.
    #[error(
        "the build of `{party}` ended well, but `{}` is not there or empty; `{command}` should have made it",
        missing.display()
    )]
    NoOutput {
        /// Whose.
        party: PartyName,
        /// What ran.
        command: CommandLine,
        /// What is not there.
        missing: PathBuf,
    },
    /// The command could not be started.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// The state folder.
    #[error(transparent)]
    State(#[from] StateError),
}

fn indented(lines: &[String]) -> String {
    lines.iter().map(|line| format!("  | {line}\n")).collect()
}

impl Job {
    /// The build at its place: `project` is the manifest's folder, absolute.
    pub fn of(build: &Build, plan: &LocalPlan, project: &Path) -> Self {
        let place = |path: &str| normal(&project.join(path));
        let folder = place(build.folder.as_str());
        let output = build.output.as_ref().map(|output| place(output.as_str()));
        // The page is served from a folder of its own; what is built where its sources lie cannot be told from them.
        let made = output.iter().filter(|output| !folder.starts_with(output)).cloned();
        let program =
            plan.processes.iter().filter(|process| process.party == build.party).find_map(|process| {
                match &process.kind {
                    ProcessKind::Service(service) => program_of(service.program.run.as_str())
                        .map(|word| normal(&place(service.program.folder.as_str()).join(word))),
                    // A migration is as often a script that was written as one that is built.
                    ProcessKind::Database(_) | ProcessKind::Migration(_) | ProcessKind::Edge(_) => None,
                }
            });
        let products = made.chain(program).collect();
        Self { party: build.party.clone(), folder, command: build.command.clone(), output, products }
    }

    /// Whose build it is.
    pub fn party(&self) -> &PartyName {
        &self.party
    }

    /// What runs.
    pub fn command(&self) -> &CommandLine {
        &self.command
    }

    /// Where it runs.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it is made from.
    pub fn sources(&self) -> Sources {
        Sources::new(&self.folder, self.output.clone())
    }

    fn ingredients(&self) -> blake3::Hash {
        ingredients(&self.sources(), &self.command, std::env::vars_os())
    }

    fn missing(&self) -> Option<&PathBuf> {
        self.products.iter().find(|path| !is_there(path))
    }
}

/// The path without `..` where it leads through folders that are there.
fn normal(path: &Path) -> PathBuf {
    if let Ok(path) = path.canonicalize() {
        return path;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => normal(parent).join(name),
        _ => path.to_owned(),
    }
}

/// The program that a command line starts, if that is a path within its folder and nothing else is possible.
fn program_of(run: &str) -> Option<&str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/+".contains(c);
    let word = run.split_whitespace().next()?;
    (word.contains('/') && !word.starts_with('/') && word.chars().all(plain)).then_some(word)
}

/// Builds, if anything has changed since the last good build. Dropping the future ends the build.
pub async fn run(
    job: &Job,
    state: &StateFolder,
    executable: &Executable,
    mut tell: impl FnMut(Progress),
) -> Result<Outcome, BuildError> {
    if !job.folder.is_dir() {
        return Err(BuildError::NoFolder { party: job.party.clone(), folder: job.folder.clone() });
    }
    let _lock = alone_in(&job.folder, || tell(Progress::Waiting)).await;
    let stamp = state.stamp(&job.party);
    let (before, made) = both(job).await;
    if made.is_some_and(|products| Stamp::read(&stamp) == Some(Stamp { ingredients: before, products })) {
        return Ok(Outcome::Unchanged);
    }
    if let Err(error) = std::fs::remove_file(&stamp)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(StateError::of("take away", &stamp)(error).into());
    }
    tell(Progress::Started);
    let began = Instant::now();
    let mut log = Log::create(state.build_log(&job.party), &job.command)?;
    let mut launch = Launch::shell(job.command.as_str(), job.folder.clone());
    launch.environment.push((MARK.into(), state.path().into()));
    let exit = leash::run(&launch, executable, |line| {
        log.append(&line.text);
        tell(Progress::Line(line));
    })
    .await?;
    if !exit.is_success() {
        return Err(BuildError::Failed {
            party: job.party.clone(),
            command: job.command.clone(),
            folder: job.folder.clone(),
            exit,
            last_lines: log.last_lines,
            log: log.path,
        });
    }
    if let Some(missing) = job.missing() {
        let (party, command) = (job.party.clone(), job.command.clone());
        return Err(BuildError::NoOutput { party, command, missing: missing.clone() });
    }
    // The ingredients are those from before: what was edited while the build ran is built the next time.
    if let (_, Some(products)) = both(job).await {
        Stamp { ingredients: before, products }.write(&stamp).map_err(StateError::of("write", &stamp))?;
    }
    Ok(Outcome::Built(began.elapsed()))
}

/// What goes into the build and what came out of the last one, read off the runtime's threads.
async fn both(job: &Job) -> (blake3::Hash, Option<blake3::Hash>) {
    let owned = job.clone();
    let read = move || (owned.ingredients(), products(&owned.products));
    match tokio::task::spawn_blocking(read).await {
        Ok(both) => both,
        // Only when the runtime is being taken down; nobody reads it then.
        Err(_) => (blake3::hash(b""), None),
    }
}

/// Locks the folder itself (flock), which every system that builds there sees; none if its file system cannot.
pub(crate) async fn alone_in(folder: &Path, waiting: impl FnOnce()) -> Option<File> {
    let folder = File::open(folder).ok()?;
    let mut waiting = Some(waiting);
    loop {
        match folder.try_lock() {
            Ok(()) => return Some(folder),
            Err(TryLockError::Error(_)) => return None,
            Err(TryLockError::WouldBlock) => {
                if let Some(tell) = waiting.take() {
                    tell();
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// What a build printed.
struct Log {
    path: PathBuf,
    file: io::BufWriter<File>,
    room: usize,
    last_lines: Vec<String>,
}

impl Log {
    fn create(path: PathBuf, command: &CommandLine) -> Result<Self, StateError> {
        let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&path);
        let file = file.map_err(StateError::of("write", &path))?;
        let mut log = Self { path, file: io::BufWriter::new(file), room: LOG_MOST, last_lines: Vec::new() };
        log.write(&format!("$ {command}"));
        Ok(log)
    }

    fn append(&mut self, line: &str) {
        if self.last_lines.len() == LAST_LINES {
            self.last_lines.remove(0);
        }
        self.last_lines.push(line.to_owned());
        self.write(line);
    }

    // A log that cannot be written, as on a full disk, does not fail a build: the build will say so itself.
    fn write(&mut self, line: &str) {
        let size = line.len().saturating_add(1);
        if size <= self.room {
            self.room -= size;
            let _ = writeln!(self.file, "{line}").and_then(|()| self.file.flush());
        } else if self.room > 0 {
            self.room = 0;
            let _ = writeln!(self.file, "… (the rest is not kept)").and_then(|()| self.file.flush());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_of_a_command_is_known_where_it_is_plain() {
        let cases = [
            ("target/release/items-api", Some("target/release/items-api")),
            (".venv/bin/uvicorn main:app --port $PORT", Some(".venv/bin/uvicorn")),
            ("./server", Some("./server")),
            ("node dist/server.js", None),
            ("/usr/bin/python3 main.py", None),
            ("A=b bin/x", None),
            ("$HOME/bin/x", None),
            ("cd x && ./y", None),
            ("", None),
        ];
        for (run, program) in cases {
            assert_eq!(program_of(run), program, "{run}");
        }
    }
}
