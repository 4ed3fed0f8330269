//! Making sure that nobody uses a data folder any more, however the last server on it ended.

use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use tokio::time::{Instant, sleep};

use super::DatabaseError;

/// How long an ending server may take until its folder is free. A killed server's backends end by themselves when
/// they notice; a shutting one writes a checkpoint.
const WITHIN: Duration = Duration::from_secs(20);

/// Waits until no process works in the folder, then takes away the pid file of one that was killed.
pub(crate) async fn vacant(folder: &Path, pid_file: &str) -> Result<(), DatabaseError> {
    let deadline = Instant::now() + WITHIN;
    let pid_file = folder.join(pid_file);
    while let Some(pid) = user_of(folder, &pid_file) {
        if Instant::now() >= deadline {
            return Err(DatabaseError::InUse { folder: folder.to_owned(), pid });
        }
        sleep(Duration::from_millis(20)).await;
    }
    // Whoever wrote it is gone. The server clears it up itself, unless that number is now somebody else's.
    match std::fs::remove_file(&pid_file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(crate::state::StateError::of("take away", &pid_file)(error).into())
        }
        _ => Ok(()),
    }
}

/// What servers and their backends call themselves.
#[cfg(target_os = "linux")]
const SERVERS: [&str; 4] = ["postgres", "postmaster", "mariadbd", "mysqld"];

/// A server's process that works in the folder: servers and their backends make it their working folder. Without a
/// pid file there is none.
#[cfg(target_os = "linux")]
fn user_of(folder: &Path, pid_file: &Path) -> Option<i32> {
    if !pid_file.exists() {
        return None;
    }
    let (Ok(folder), Ok(processes)) = (folder.canonicalize(), procfs::process::all_processes()) else {
        return noted(pid_file);
    };
    processes
        .flatten()
        .find(|process| {
            process.cwd().is_ok_and(|cwd| cwd == folder)
                && process.stat().is_ok_and(|stat| SERVERS.contains(&stat.comm.as_str()))
        })
        .map(|process| process.pid())
}

/// The process that the pid file names, if it lives.
#[cfg(not(target_os = "linux"))]
fn user_of(_folder: &Path, pid_file: &Path) -> Option<i32> {
    noted(pid_file)
}

fn noted(pid_file: &Path) -> Option<i32> {
    let text = std::fs::read_to_string(pid_file).ok()?;
    let pid: i32 = text.lines().next()?.trim().parse().ok().filter(|pid| *pid > 0)?;
    match kill(Pid::from_raw(pid), None) {
        Err(Errno::ESRCH) => None,
        _ => Some(pid),
    }
}
