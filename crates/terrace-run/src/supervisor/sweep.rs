//! What an earlier run may have left: nothing, unless its leashes were killed with it, or are still at their work.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use procfs::process::Process;

use super::run::MARK;
use crate::leash;

/// How long leashes of an earlier run may take to do their work: a database is being shut down.
const AT_WORK: Duration = Duration::from_secs(20);
/// How long what no leash holds any more may take to end when it is asked to.
const POLITE: Duration = Duration::from_secs(5);
/// When this gives up: what takes no SIGKILL is in the kernel's hands.
const NO_MORE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(20);

/// What is to be done with what is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// A leash may do its work; what none holds is asked to end, and then killed.
    Gentle,
    /// It is killed.
    Harsh,
}

/// Waits until nothing that this state folder's runs have started is left, and ends what does not go by itself.
/// Whether there was anything.
pub(super) async fn sweep(mark: &OsStr, manner: Manner) -> bool {
    let begun = Instant::now();
    let mut asked = false;
    let mut any = false;
    loop {
        let owned = mark.to_owned();
        let left = tokio::task::spawn_blocking(move || marked(&owned)).await.unwrap_or_default();
        if left.is_empty() || begun.elapsed() >= NO_MORE {
            return any;
        }
        any = true;
        for found in left {
            let patience = if found.leashed { AT_WORK } else { POLITE };
            let signal = if manner == Manner::Harsh || begun.elapsed() >= patience {
                Signal::SIGKILL
            } else if !found.leashed && !asked {
                Signal::SIGTERM
            } else {
                continue;
            };
            let _gone = kill(Pid::from_raw(found.pid), signal);
        }
        asked = true;
        tokio::time::sleep(LOOK).await;
    }
}

struct Found {
    pid: i32,
    /// A leash is above it, which will end it.
    leashed: bool,
}

/// The processes that runs of this state folder have started. Those of other users cannot be seen, and are none of
/// ours.
fn marked(mark: &OsString) -> Vec<Found> {
    let Ok(processes) = procfs::process::all_processes() else { return Vec::new() };
    let own = i32::try_from(std::process::id()).unwrap_or(0);
    let entry = [MARK.as_bytes(), b"=", mark.as_bytes()].concat();
    let all = processes.flatten().map(|process| process.pid()).filter(|pid| *pid != own);
    all.filter(|pid| {
        let environ = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environ.split(|byte| *byte == 0).any(|variable| variable == entry)
    })
    .map(|pid| Found { pid, leashed: leashed(pid) })
    .collect()
}

fn leashed(pid: i32) -> bool {
    let mut pid = pid;
    // No tree of processes is deeper than this.
    for _ in 0..64 {
        let Ok(stat) = Process::new(pid).and_then(|process| process.stat()) else { return false };
        if stat.comm == leash::NAME {
            return true;
        }
        pid = stat.ppid;
    }
    false
}
