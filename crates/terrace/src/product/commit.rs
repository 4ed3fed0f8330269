//! What Git says of the sources.

use std::path::Path;
use std::process::Stdio;

use terrace_cloud::release::record::Commit;
use tokio::process::Command;

/// The revision that a folder is at; none if it is in no repository, has no commit, or there is no Git.
pub(super) async fn of(folder: &Path) -> Option<Commit> {
    let revision = git(folder, &["rev-parse", "--verify", "HEAD"]).await?.trim().to_owned();
    let changes = git(folder, &["status", "--porcelain", "--", "."]).await?;
    Some(Commit { revision, dirty: !changes.trim().is_empty() })
}

async fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    // It takes no lock: nothing here may get in the way of who works there.
    let output = Command::new("git")
        .arg("--no-optional-locks")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .await
        .ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
