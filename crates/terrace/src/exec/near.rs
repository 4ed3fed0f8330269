//! On this machine: the command runs beside the process of `terrace up`, in its folder, with its environment.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use terrace_local::ProcessKind;
use terrace_run::control::Phase;

use super::sought;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan;
use crate::printer::Printer;
use crate::project::Project;
use crate::session;

/// Turns into the command: its exit code is ours.
pub(crate) fn run(
    project: &Project,
    environment: Option<&str>,
    party: Option<&str>,
    command: &[String],
    printer: Printer,
) -> Result<Exit, Failure> {
    let planned = plan::of(project, environment, false, printer)?;
    let services = planned.plan.processes.iter().filter(|one| matches!(one.kind, ProcessKind::Service(_)));
    let names: Vec<String> = services.map(|one| one.name.to_string()).collect();
    let party = sought::choose(party, &names)?;
    let status = session::with(project, |client| async move {
        client.status().await.map_err(|error| session::refused(project, &error))
    })?;
    let mut replicas: Vec<_> =
        status.instances.iter().filter(|one| one.instance.process.to_string() == party).collect();
    // The one that is well first.
    replicas.sort_by_key(|one| one.phase != Phase::Healthy);
    let pid = replicas.iter().find_map(|one| one.pid).ok_or_else(|| {
        Failure::new(format!("no process of `{party}` runs now"))
            .help(format!("`terrace logs {party}` shows what it said, `terrace status` how it stands"))
    })?;
    let place = PathBuf::from(format!("/proc/{pid}"));
    let gone = |error: std::io::Error| {
        Failure::new(format!("process {pid} of `{party}` cannot be looked at")).because(&error)
    };
    let folder = std::fs::read_link(place.join("cwd")).map_err(gone)?;
    let environment = std::fs::read(place.join("environ")).map_err(gone)?;
    let (program, arguments) = match command.split_first() {
        Some((program, arguments)) => (program.clone(), arguments),
        None => (std::env::var("SHELL").unwrap_or_else(|_| "/bin/sh".to_owned()), &[][..]),
    };
    let mut command = Command::new(&program);
    command.args(arguments).current_dir(&folder).env_clear().envs(variables(environment));
    // It says what belongs to the run and ends with it; this does not.
    command.env_remove("TERRACE_RUN");
    // What a terminal is, is this one's business.
    command.envs(
        ["TERM", "COLORTERM", "COLUMNS", "LINES"]
            .into_iter()
            .filter_map(|name| std::env::var_os(name).map(|value| (name, value))),
    );
    let error = command.exec();
    let failure = Failure::new(format!("`{program}` could not be started")).because(&error);
    Err(if error.kind() == std::io::ErrorKind::NotFound {
        failure.exit(Exit::Client(127))
    } else {
        failure.exit(Exit::Client(126))
    })
}

/// The variables of a process, as the kernel tells them.
fn variables(environment: Vec<u8>) -> impl Iterator<Item = (OsString, OsString)> {
    let all: Vec<Vec<u8>> = environment.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
    all.into_iter().filter_map(|one| {
        let at = one.iter().position(|byte| *byte == b'=').filter(|at| *at > 0)?;
        let (name, value) = (one.get(..at)?.to_vec(), one.get(at + 1..)?.to_vec());
        Some((OsString::from_vec(name), OsString::from_vec(value)))
    })
}
