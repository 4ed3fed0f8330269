//! Who builds Dockerfiles on this machine: docker, podman or buildah.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::failure::Failure;
use crate::machine::Tools;

/// A way to speak to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Docker,
    Podman,
    Buildah,
}

const ALL: [Kind; 3] = [Kind::Docker, Kind::Podman, Kind::Buildah];

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Kind::Podman => "podman",
            Self::Buildah => "buildah",
        }
    }
}

/// One that is there and answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Builder {
    kind: Kind,
    program: PathBuf,
}

impl Builder {
    /// Its name.
    pub(super) const fn name(&self) -> &'static str {
        self.kind.name()
    }

    /// The program.
    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// The one that was said, by its name or its path; else the first that is there and answers.
    pub(super) async fn find(said: Option<&str>, tools: &Tools) -> Result<Self, Failure> {
        let name =
            said.map(|said| Path::new(said).file_name().and_then(|name| name.to_str()).unwrap_or(said));
        if let Some(name) = name
            && !ALL.iter().any(|kind| kind.name() == name)
        {
            return Err(Failure::input(format!("`{name}` builds no Dockerfiles"))
                .help("`docker`, `podman` or `buildah` do"));
        }
        let mut silent = Vec::new();
        for kind in ALL.into_iter().filter(|kind| name.is_none_or(|name| name == kind.name())) {
            let program = match said {
                Some(said) if said.contains('/') => Some(PathBuf::from(said)),
                _ => tools.find(kind.name()),
            };
            let Some(program) = program else { continue };
            let builder = Self { kind, program };
            match builder.answers().await {
                Ok(()) => return Ok(builder),
                Err(why) => silent.push(format!("`{}` is there and does not work: {why}", kind.name())),
            }
        }
        if silent.is_empty() {
            let which = said.unwrap_or("docker, podman or buildah");
            return Err(Failure::new(format!("a Dockerfile is to be built, and this machine has no {which}")).help(
                "install one: `apt install podman` or `dnf install podman` on Linux, Docker Desktop or `brew install podman` on macOS",
            ));
        }
        let what = "a Dockerfile is to be built, and nothing that could do it works";
        Err(silent.into_iter().fold(Failure::new(what), Failure::cause).help(
            "start it: Docker's daemon with `systemctl start docker` or Docker Desktop, podman on macOS with `podman machine start`",
        ))
    }

    /// Whether it could build: docker is there without its daemon more often than not.
    async fn answers(&self) -> Result<(), String> {
        let arguments: &[&str] = match self.kind {
            Kind::Docker => &["version", "--format", "{{.Server.Version}}"],
            Kind::Podman | Kind::Buildah => &["info"],
        };
        let output = Command::new(&self.program)
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
    pub(super) fn build(&self, platform: &str, file: &Path, identity: &Path, context: &Path) -> Vec<String> {
        let shown = |path: &Path| path.display().to_string();
        let mut arguments = vec!["build".to_owned(), "--platform".to_owned(), platform.to_owned()];
        arguments.extend(["--file".to_owned(), shown(file), "--iidfile".to_owned(), shown(identity)]);
        if self.kind != Kind::Docker {
            arguments.extend(["--format".to_owned(), "oci".to_owned()]);
        }
        arguments.push(shown(context));
        arguments
    }

    /// The arguments that save an image as an archive of an image layout.
    pub(super) fn save(&self, identity: &str, archive: &Path) -> Vec<String> {
        let archive = archive.display().to_string();
        let words: Vec<&str> = match self.kind {
            Kind::Docker => vec!["save", "--output", &archive, identity],
            Kind::Podman => {
                vec!["save", "--quiet", "--format", "oci-archive", "--output", &archive, identity]
            }
            Kind::Buildah => {
                return vec!["push".to_owned(), identity.to_owned(), format!("oci-archive:{archive}")];
            }
        };
        words.into_iter().map(str::to_owned).collect()
    }
}
