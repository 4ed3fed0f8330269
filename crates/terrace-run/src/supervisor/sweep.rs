//! What an earlier run may have left: nothing, unless its leashes were killed with it, or are still at their work.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::run::MARK;

/// How long leashes of an earlier run may take to do their work: a database is being shut down.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(20);

/// Waits until nothing of an earlier run of this state folder is left, and ends what does not go. How many there were.
pub(super) async fn sweep(mark: &OsStr) -> usize {
    let begun = Instant::now();
    let mut most = 0;
    loop {
        let owned = mark.to_owned();
        let left = tokio::task::spawn_blocking(move || marked(&owned)).await.unwrap_or_default();
        most = most.max(left.len());
        if left.is_empty() {
            return most;
        }
        if begun.elapsed() >= PATIENCE {
            for pid in left {
                let _gone = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
        }
        if begun.elapsed() >= PATIENCE * 2 {
            return most;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The processes that an earlier run started. Those of other users cannot be seen, and are none of ours.
fn marked(mark: &OsStr) -> Vec<i32> {
    let Ok(processes) = procfs::process::all_processes() else { return Vec::new() };
    let own = i32::try_from(std::process::id()).unwrap_or(0);
    let entry = [MARK.as_bytes(), b"=", mark.as_bytes()].concat();
    let all = processes.flatten().map(|process| process.pid()).filter(|pid| *pid != own);
    all.filter(|pid| {
        let environ = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environ.split(|byte| *byte == 0).any(|variable| variable == entry)
    })
    .collect()
}
