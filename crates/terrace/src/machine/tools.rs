//! Which programs the machine has, and how to get those it lacks.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The folders in which programs are looked up.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    path: Vec<PathBuf>,
}

impl Tools {
    /// Those of this process.
    pub(crate) fn of_environment() -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        Self { path: std::env::split_paths(&path).collect() }
    }

    /// No program at all.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self { path: Vec::new() }
    }

    /// Where a program is, if the machine has it.
    pub(crate) fn find(&self, name: &str) -> Option<PathBuf> {
        self.path.iter().map(|folder| folder.join(name)).find(|file| is_program(file))
    }
}

/// Whether a file can be run.
pub(crate) fn is_program(file: &Path) -> bool {
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// How to get a program that is missing.
pub(crate) fn how_to_install(name: &str) -> Option<&'static str> {
    Some(match name {
        "node" | "npm" | "npx" => {
            "install Node.js, version 22 or newer: `brew install node`, `apt install nodejs npm`, or with a version \
             manager such as nvm, fnm or mise"
        }
        "yarn" | "pnpm" => {
            "install it with `corepack enable` or `npm install --global`, once Node.js is there"
        }
        "bun" => "install Bun: `brew install oven-sh/bun/bun` or `npm install --global bun`",
        "deno" => "install Deno: `brew install deno` or `npm install --global deno`",
        "cargo" | "rustc" | "rustup" => {
            "install Rust with rustup: `brew install rustup` or `apt install rustup`"
        }
        "go" => "install Go: `brew install go` or `apt install golang-go`",
        "python" => {
            "`python3` may be there where `python` is not; else `brew install python` or `apt install python3`"
        }
        "python3" => "install Python: `brew install python` or `apt install python3`",
        "pip" | "pip3" => "`python3 -m pip` may be there; else `apt install python3-pip`",
        "uv" | "uvx" => "install uv: `brew install uv` or `pipx install uv`",
        "poetry" | "pipenv" | "pdm" | "hatch" => "install it with `pipx install`, or `brew install`",
        "uvicorn" | "gunicorn" | "hypercorn" | "fastapi" | "flask" | "django-admin" => {
            "it belongs into the project's virtual environment: write `.venv/bin/…` before it, or `uv run …`"
        }
        "make" | "gcc" | "cc" => {
            "install the build tools: `xcode-select --install` or `apt install build-essential`"
        }
        "java" | "mvn" => "install a JDK and Maven: `brew install maven` or `apt install maven`",
        "gradle" => "use the project's own `./gradlew`, or `brew install gradle`",
        "dotnet" => "install the .NET SDK: `brew install dotnet` or `apt install dotnet-sdk-8.0`",
        "ruby" | "bundle" | "rails" => "install Ruby: `brew install ruby` or `apt install ruby-full`",
        "php" | "composer" => "install PHP: `brew install php composer` or `apt install php-cli composer`",
        "docker" | "podman" => "`terrace up` needs no containers: write the command that runs without one",
        _ => return None,
    })
}
