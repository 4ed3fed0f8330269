//! `terrace db restore`: a dump, back into a database.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;

use terrace_run::database::Maker;
use terrace_run::database::clients::Errand;
use terrace_topology::Engine;

use super::side::Entered;
use super::{Target, confirm, ended_badly};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::signals::Signals;
use crate::style::{GOOD, paint};
use crate::tunnel::child::{self, Ended, Interrupt};
use crate::tunnel::program;

/// How newer dumps of MariaDB begin: with a line that MySQL's client does not know.
const SANDBOX: &[u8] = b"/*M!999999\\- enable the sandbox mode */";

/// A dump that is there.
pub(super) struct Dump {
    file: File,
    shown: PathBuf,
    archive: bool,
    sandbox: bool,
}

/// Opens the dump and looks at how it begins.
pub(super) fn open(path: &Path, engine: Engine) -> Result<Dump, Failure> {
    let shown = path.display();
    let wrong = |error: &io::Error| Failure::input(format!("{shown} cannot be read")).because(error);
    let mut file = File::open(path).map_err(|error| wrong(&error))?;
    if !file.metadata().map_err(|error| wrong(&error))?.is_file() {
        return Err(Failure::input(format!("{shown} is no file")).help("give the file of a dump"));
    }
    let mut head = Vec::new();
    file.by_ref().take(64).read_to_end(&mut head).map_err(|error| wrong(&error))?;
    file.rewind().map_err(|error| wrong(&error))?;
    let archive = head.starts_with(b"PGDMP");
    let other = [
        (&b"\x1f\x8b"[..], "gzip", "gunzip"),
        (b"\x28\xb5\x2f\xfd", "zstd", "zstd -d"),
        (b"\xfd7zXZ", "xz", "unxz"),
        (b"BZh", "bzip2", "bunzip2"),
    ];
    if let Some((_, name, program)) = other.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Err(Failure::input(format!("{shown} is compressed ({name})"))
            .help(format!("`{program} {shown}` first")));
    }
    if head.is_empty() {
        return Err(Failure::input(format!("{shown} is empty")).help("it is no dump; nothing was changed"));
    }
    if archive && engine != Engine::Postgres {
        return Err(Failure::input(format!(
            "{shown} is a dump of PostgreSQL, and the database is {}",
            engine.title()
        )));
    }
    Ok(Dump { file, shown: path.to_owned(), archive, sandbox: head.starts_with(SANDBOX) })
}

/// Makes sure that it is meant.
pub(super) fn agree(dump: &Dump, name: &str, what: &str, yes: bool, printer: Printer) -> Result<(), Failure> {
    printer.say(format!("{} takes the place of what {what} holds", dump.shown.display()));
    if yes {
        return Ok(());
    }
    confirm(name, "overwrite it", "this overwrites data", printer)
}

pub(super) async fn run(
    target: &Target,
    dump: Dump,
    args: &[std::ffi::OsString],
    mut entered: Entered,
    signals: &mut Signals,
    printer: Printer,
) -> Result<Exit, Failure> {
    let outcome = read(target, dump, args, &mut entered, signals, printer).await;
    entered.leave().await;
    outcome
}

async fn read(
    target: &Target,
    mut dump: Dump,
    args: &[std::ffi::OsString],
    entered: &mut Entered,
    signals: &mut Signals,
    printer: Printer,
) -> Result<Exit, Failure> {
    let began = Instant::now();
    let engine = target.plan.engine;
    let server = program::server(&entered.login).await?;
    let errand = if dump.archive { Errand::Archive } else { Errand::Shell };
    let program = program::choose(errand, engine, &server).await?;
    let mut ready = entered.login.client(&program, None).map_err(|error| Failure::of(&error))?;
    let command = &mut ready.command;
    match (engine, errand) {
        (Engine::Postgres, Errand::Archive) => {
            command.args(["--clean", "--if-exists", "--no-owner", "--no-privileges", "--exit-on-error"]);
            command.arg("--single-transaction");
            command.arg(format!("--dbname={}", entered.login.database.as_deref().unwrap_or("postgres")));
        }
        (Engine::Postgres, _) => {
            command.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"]);
            command.args(["--output=/dev/null", "--file=-"]);
        }
        (Engine::Mysql, _) => {
            command.args(["--batch", "--default-character-set=utf8mb4"]);
            if dump.sandbox && program.maker == Maker::Mysql {
                skip_line(&mut dump.file)?;
            }
        }
    }
    command.args(args).stdin(Stdio::from(dump.file));
    printer.say(format!("into {} of {} with {}", server.title(), entered.title, program.title()));
    match child::run(ready, Interrupt::Command, signals, entered.attend()).await? {
        Ended::Code(0) => {}
        ended => {
            let left = match engine {
                Engine::Postgres => "nothing was changed: all of it is one transaction",
                Engine::Mysql => "what it had done until then stays: MySQL cannot take definitions back",
            };
            return Err(ended_badly(&program, ended).help(left));
        }
    }
    printer.say(format!(
        "{} {} is restored ({:.1} s)",
        paint(GOOD, "✔"),
        dump.shown.display(),
        began.elapsed().as_secs_f64()
    ));
    Ok(Exit::Success)
}

/// Goes on behind the first line.
fn skip_line(file: &mut File) -> io::Result<()> {
    let mut head = Vec::new();
    file.by_ref().take(4096).read_to_end(&mut head)?;
    let length = head.iter().position(|byte| *byte == b'\n').map_or(0, |at| at.saturating_add(1));
    file.seek(SeekFrom::Start(u64::try_from(length).unwrap_or_default()))?;
    Ok(())
}
