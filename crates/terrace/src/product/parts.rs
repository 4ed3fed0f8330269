//! The two programs of Terrace's that run on AWS: `terrace-boot` and `terrace-edge`, static, for the system's processor.
//!
//! A Terrace as people install it has them beside itself, for every processor: `bin/terrace`, `lib/terrace/linux-amd64/…`,
//! `lib/terrace/linux-arm64/…` (`scripts/parts` makes these folders from the sources). So nothing is downloaded, what goes to AWS
//! has the version of what sends it, and a deployment from macOS is no other than one from Linux.

use std::path::PathBuf;

use terrace_image::{Architecture, Executable};

use super::Work;
use crate::failure::Failure;

/// Starts an application with its settings.
pub(super) const BOOT: &str = "terrace-boot";
/// Serves the page.
pub(super) const EDGE: &str = "terrace-edge";

/// One of the two.
pub(super) async fn find(work: &Work<'_>, name: &'static str) -> Result<Executable, Failure> {
    let architecture = work.architecture();
    let mut refused = Vec::new();
    let mut looked = Vec::new();
    for place in places(work, name, architecture) {
        let bytes = match tokio::fs::read(&place).await {
            Ok(bytes) => bytes,
            Err(_) => {
                looked.push(place.display().to_string());
                continue;
            }
        };
        match Executable::new(bytes, architecture) {
            Ok(program) => return Ok(program),
            Err(error) => refused.push(format!("{}: {}", place.display(), why(&error.to_string()))),
        }
    }
    let what = format!("there is no {name} for linux/{architecture} that could be sent to AWS");
    let failure = refused.into_iter().fold(Failure::new(what), Failure::cause);
    let failure =
        if looked.is_empty() { failure } else { failure.cause(format!("not there: {}", looked.join(", "))) };
    Err(failure
        .help(format!("a released Terrace has it in `lib/terrace/linux-{architecture}`, beside `bin`: keep the two together"))
        .help(format!(
            "from Terrace's sources: `scripts/parts FOLDER {architecture}` makes it, and `--parts FOLDER` (or TERRACE_PARTS) names it"
        )))
}

/// The first half of a sentence: what to do about a program of the user's does not fit one of ours.
fn why(text: &str) -> &str {
    text.split(';').next().unwrap_or(text)
}

/// Where it may be: in the folder that was said and nowhere else; or beside this program.
fn places(work: &Work<'_>, name: &str, architecture: Architecture) -> Vec<PathBuf> {
    let own = format!("linux-{architecture}");
    if let Some(parts) = work.flags.parts() {
        return vec![parts.join(&own).join(name), parts.join(name)];
    }
    let beside = program().and_then(|program| Some(program.parent()?.join(name)));
    library().map(|library| library.join(own).join(name)).into_iter().chain(beside).collect()
}

/// The folder of parts: the one that was said, else the one beside this program's folder.
pub(super) fn folder(work: &Work<'_>) -> Option<PathBuf> {
    work.flags.parts().or_else(library)
}

/// `lib/terrace`, where `bin/terrace` is this program.
fn library() -> Option<PathBuf> {
    Some(program()?.parent()?.parent()?.join("lib/terrace"))
}

fn program() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    Some(program.canonicalize().unwrap_or(program))
}
