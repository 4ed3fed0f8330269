//! A project's folder made for one test, and the program run in it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A temporary folder with a project in it, and a folder of programs that alone are in `PATH`.
pub(crate) struct Folder {
    whole: tempfile::TempDir,
    on_this_machine: bool,
}

/// What a run of the program said and how it ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    /// An empty project `shop`.
    pub(crate) fn new() -> Self {
        let whole = tempfile::tempdir().unwrap();
        for part in ["shop", "bin", "home"] {
            std::fs::create_dir(whole.path().join(part)).unwrap();
        }
        // A database server of the version that is asked for, so that the machine's own plays no part.
        let folder = Self { whole, on_this_machine: false };
        folder.tool("postgres", "postgres (PostgreSQL) 16.4").tool("initdb", "")
    }

    /// The same, with all programs of this machine at hand.
    pub(crate) fn on_this_machine(mut self) -> Self {
        // A database server of root's runs as another user, who has to pass.
        let mode: std::fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o711);
        std::fs::set_permissions(self.whole.path(), mode).unwrap();
        self.on_this_machine = true;
        self
    }

    /// The project with these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self::new();
        for (path, text) in files {
            folder.write(path, text);
        }
        folder
    }

    pub(crate) fn project(&self) -> PathBuf {
        self.whole.path().join("shop")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let file = self.project().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.project().join(path)).unwrap()
    }

    /// Puts a program in `PATH` that prints a line.
    pub(crate) fn tool(self, name: &str, prints: &str) -> Self {
        let file = self.whole.path().join("bin").join(name);
        std::fs::write(&file, format!("#!/bin/sh\necho '{prints}'\n")).unwrap();
        let mode: std::fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(file, mode).unwrap();
        self
    }

    /// Where a program of that name lies in `PATH`.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.whole.path().join("bin").join(name)
    }

    /// The program, to be run in the project's folder.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_terrace"));
        command
            .args(line.split_whitespace())
            .current_dir(self.project())
            .env_clear()
            .env("PATH", self.whole.path().join("bin"))
            .env("TERRACE_DB_BIN", self.whole.path().join("bin"))
            .env("HOME", self.whole.path().join("home"))
            .stdin(Stdio::null());
        if self.on_this_machine {
            command.env("PATH", std::env::var_os("PATH").unwrap()).env_remove("TERRACE_DB_BIN");
        }
        command
    }

    /// The processes that runs of this project have started and that still run.
    pub(crate) fn left_running(&self) -> Vec<i32> {
        let mark =
            format!("TERRACE_RUN={}", self.project().canonicalize().unwrap().join(".terrace").display());
        let has_mark = |process: &procfs::process::Process| {
            let environ = std::fs::read(format!("/proc/{}/environ", process.pid)).unwrap_or_default();
            environ.split(|byte| *byte == 0).any(|entry| entry == mark.as_bytes())
        };
        procfs::process::all_processes().unwrap().flatten().filter(has_mark).map(|p| p.pid).collect()
    }

    /// Runs the program.
    pub(crate) fn run(&self, line: &str) -> Ran {
        let output = self.command(line).output().unwrap();
        let text = |bytes: Vec<u8>| redact(&String::from_utf8(bytes).unwrap(), self.whole.path());
        Ran { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// Runs the program and shows all that a user meets.
    pub(crate) fn shows(&self, line: &str) -> String {
        let ran = self.run(line);
        let mut all = format!("exit code: {}\n", ran.code);
        for (name, text) in [("stdout", ran.stdout), ("stderr", ran.stderr)] {
            if !text.is_empty() {
                let _ = write!(all, "----- {name}\n{text}");
            }
        }
        all
    }
}

/// Everything that differs from machine to machine, and what stands in its place.
fn redact(text: &str, whole: &Path) -> String {
    let real = whole.canonicalize().unwrap();
    let mut text = text.replace(&real.display().to_string(), "[FOLDER]");
    text = text.replace(&whole.display().to_string(), "[FOLDER]");
    text = text.replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
    // Whether port 8080 is free is up to the machine that runs the tests.
    text.split_inclusive('\n').filter(|line| !line.starts_with("note: port ")).collect()
}
