//! Who builds Dockerfiles on this machine: docker, podman or buildah.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::Work;
use crate::failure::Failure;
use crate::machine::Tools;

/// One that is there and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Builder {
    Docker,
    Podman,
    Buildah,
}

const ALL: [Builder; 3] = [Builder::Docker, Builder::Podman, Builder::Buildah];

impl Builder {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Buildah => "buildah",
        }
    }

    /// The first that is there and answers, or the one that was said.
    pub(super) async fn find(work: &Work<'_>) -> Result<Self, Failure> {
        let said = work.flags.builder();
        let wanted = ALL.into_iter().filter(|one| said.as_ref().is_none_or(|said| said == one.name()));
        let tools = Tools::of_environment();
        let mut silent = Vec::new();
        for one in wanted {
            if tools.find(one.name()).is_none() {
                continue;
            }
            match one.answers().await {
                Ok(()) => return Ok(one),
                Err(why) => silent.push(format!("`{}` is there and does not work: {why}", one.name())),
            }
        }
        let what = match said {
            Some(said) if !ALL.iter().any(|one| one.name() == said) => {
                return Err(Failure::input(format!("`{said}` builds no Dockerfiles"))
                    .help("`docker`, `podman` or `buildah` do"));
            }
            Some(said) => {
                format!("a Dockerfile is to be built with {said}, which this machine does not have")
            }
            None => {
                "a Dockerfile is to be built, and this machine has no docker, podman or buildah".to_owned()
            }
        };
        let nothing = silent.is_empty();
        let what = if nothing {
            what
        } else {
            "a Dockerfile is to be built, and nothing that could do it works".to_owned()
        };
        let failure = silent.into_iter().fold(Failure::new(what), Failure::cause);
        Err(if nothing {
            failure.help("install one: `apt install podman` or `dnf install podman` on Linux; Docker Desktop or `brew install podman` on macOS")
        } else {
            failure.help("start it (Docker's daemon: `systemctl start docker`, or Docker Desktop; `podman machine start` on macOS)")
        })
    }

    /// Whether it could build: docker is there without its daemon more often than not.
    async fn answers(self) -> Result<(), String> {
        let arguments: &[&str] = match self {
            Self::Docker => &["version", "--format", "{{.Server.Version}}"],
            Self::Podman | Self::Buildah => &["info"],
        };
        let output = Command::new(self.name())
            .args(arguments)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rev().find(|line| !line.trim().is_empty());
        Err(last.unwrap_or("it says nothing").trim().to_owned())
    }

    /// The arguments that build a Dockerfile for a platform and write the image's identity.
    pub(super) fn build(self, platform: &str, file: &Path, identity: &Path, context: &Path) -> Vec<String> {
        let shown = |path: &Path| path.display().to_string();
        let mut arguments = vec!["build".to_owned(), "--platform".to_owned(), platform.to_owned()];
        arguments.extend(["--file".to_owned(), shown(file), "--iidfile".to_owned(), shown(identity)]);
        if self != Self::Docker {
            arguments.extend(["--format".to_owned(), "oci".to_owned()]);
        }
        arguments.push(shown(context));
        arguments
    }

    /// The arguments that save an image as an archive of an image layout.
    pub(super) fn save(self, identity: &str, archive: &Path) -> Vec<String> {
        let archive = archive.display().to_string();
        let words: Vec<&str> = match self {
            Self::Docker => vec!["save", "--output", &archive, identity],
            Self::Podman => {
                vec!["save", "--quiet", "--format", "oci-archive", "--output", &archive, identity]
            }
            Self::Buildah => {
                return vec!["push".to_owned(), identity.to_owned(), format!("oci-archive:{archive}")];
            }
        };
        words.into_iter().map(str::to_owned).collect()
    }
}
