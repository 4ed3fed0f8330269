//! `terrace db dump`: everything in the database as SQL, or in PostgreSQL's own format.

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use terrace_run::database::Maker;
use terrace_run::database::clients::{Errand, Login};

use super::side::Entered;
use super::{Target, ended_badly};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::signals::Signals;
use crate::style::{GOOD, paint};
use crate::tunnel::child::{self, Ended, Interrupt};
use crate::tunnel::program::{self, Server};

/// How a program ends that nobody reads any more: 128 + SIGPIPE.
const SIGPIPE: u8 = 141;

/// What is asked.
pub(super) struct Wish {
    /// Where to; standard output if nowhere.
    pub(super) file: Option<PathBuf>,
    /// Whether a file that is there may be replaced.
    pub(super) force: bool,
    /// Handed on to the program.
    pub(super) args: Vec<std::ffi::OsString>,
}

/// Refuses what cannot end well before anything is opened.
pub(super) fn check(wish: &Wish) -> Result<(), Failure> {
    match &wish.file {
        None if io::stdout().is_terminal() => Err(Failure::input("a dump is not for a terminal")
            .help("give a file, or pipe it: `terrace db dump | gzip > FILE`")),
        Some(file) if file.is_dir() => {
            Err(Failure::input(format!("{} is a folder", file.display())).help("give a file in it"))
        }
        Some(file) if file.exists() && !wish.force => {
            Err(Failure::input(format!("{} is there already", file.display()))
                .help("`--force` writes over it once the dump is whole; or give another name"))
        }
        _ => Ok(()),
    }
}

pub(super) async fn run(
    target: &Target,
    wish: Wish,
    mut entered: Entered,
    signals: &mut Signals,
    printer: Printer,
) -> Result<Exit, Failure> {
    let outcome = write(target, wish, &mut entered, signals, printer).await;
    entered.leave().await;
    outcome
}

async fn write(
    target: &Target,
    wish: Wish,
    entered: &mut Entered,
    signals: &mut Signals,
    printer: Printer,
) -> Result<Exit, Failure> {
    let began = Instant::now();
    let server = program::server(&entered.login).await?;
    let program = program::choose(Errand::Dump, target.plan.engine, &server).await?;
    let mut ready = entered.login.client(&program, None).map_err(|error| Failure::of(&error))?;
    options(&mut ready.command, &server, program.maker, wish.file.as_deref());
    // What follows the database may be tables of it.
    database(&mut ready.command, &entered.login);
    ready.command.args(&wish.args);
    ready.command.stdin(Stdio::null());
    printer.say(format!("{} of {} with {}", server.title(), entered.title, program.title()));
    let Some(file) = &wish.file else {
        return match child::run(ready, Interrupt::Command, signals, entered.attend()).await? {
            Ended::Code(0) => Ok(Exit::Success),
            // `terrace db dump | head`
            Ended::Code(SIGPIPE) => Err(Failure::ReaderLeft),
            ended => Err(ended_badly(&program, ended)),
        };
    };
    let beside = beside(file)?;
    ready.command.stdout(Stdio::from(beside.reopen()?));
    match child::run(ready, Interrupt::Command, signals, entered.attend()).await? {
        Ended::Code(0) => {}
        // What was written lies beside, and goes now.
        ended => return Err(ended_badly(&program, ended).help(format!("{} was not written", file.display()))),
    }
    let size = settle(beside, file, wish.force)?;
    printer.say(format!(
        "{} {} in {} ({:.1} s)",
        paint(GOOD, "✔"),
        megabytes(size),
        file.display(),
        began.elapsed().as_secs_f64()
    ));
    Ok(Exit::Success)
}

/// So that it can be restored under another user, over what is there, and is of one moment.
fn options(command: &mut Command, server: &Server, program: Maker, file: Option<&Path>) {
    match server.maker {
        Maker::Postgresql => {
            command.args(["--clean", "--if-exists", "--no-owner", "--no-privileges"]);
            if file.and_then(Path::extension).is_some_and(|end| end == "dump") {
                command.arg("--format=custom");
            }
        }
        Maker::Mysql | Maker::Mariadb => {
            command.args([
                "--single-transaction",
                "--quick",
                "--routines",
                "--triggers",
                "--events",
                "--no-tablespaces",
                "--hex-blob",
                "--default-character-set=utf8mb4",
            ]);
            if program == Maker::Mysql {
                // Statements that only an administrator may run, and a table that MariaDB has not.
                command.args(["--set-gtid-purged=OFF", "--column-statistics=0"]);
            }
        }
    }
}

/// MySQL's programs take the database by an argument, PostgreSQL's from the environment.
fn database(command: &mut Command, login: &Login) {
    if login.engine == terrace_topology::Engine::Mysql
        && let Some(name) = &login.database
    {
        command.arg(name);
    }
}

/// A file of mode 0600 beside the one that is meant.
fn beside(file: &Path) -> Result<tempfile::NamedTempFile, Failure> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    tempfile::Builder::new().prefix(".terrace-dump-").tempfile_in(folder).map_err(|error| {
        Failure::new(format!("nothing can be written in {}", folder.display())).because(&error)
    })
}

/// Puts the whole dump in its place.
fn settle(beside: tempfile::NamedTempFile, file: &Path, force: bool) -> Result<u64, Failure> {
    let failure =
        |error: &io::Error| Failure::new(format!("{} cannot be written", file.display())).because(error);
    beside.as_file().sync_all().map_err(|error| failure(&error))?;
    let size = beside.as_file().metadata().map_err(|error| failure(&error))?.len();
    let kept: Result<File, _> = if force { beside.persist(file) } else { beside.persist_noclobber(file) };
    kept.map_err(|error| failure(&error.error))?;
    Ok(size)
}

fn megabytes(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) / 1_000_000;
    if tenths == 0 { format!("{bytes} bytes") } else { format!("{}.{} MB", tenths / 10, tenths % 10) }
}
