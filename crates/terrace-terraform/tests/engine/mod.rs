//! The real Terraform with the real provider, where this machine has them, and an emulated AWS on loopback.
//!
//! Nothing here reaches the network: the provider comes from a mirror on disk, and every call goes to the
//! emulator, with made-up keys.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it is wrong")]
#![expect(clippy::disallowed_methods, reason = "these tests run Terraform")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use terrace_stand_in::Emulator;
use terrace_terraform::Files;

/// Terraform, told where its provider is, in a folder that is initialised once.
pub(crate) struct Engine {
    folder: TempDir,
    config: PathBuf,
}

/// Where mirrors usually are.
const SEARCHED: &[&str] = &["/opt", "/usr/local", "/usr/share", "/usr/lib", "/var/lib", "/srv"];

impl Engine {
    /// Terraform with the provider; or none, said loudly.
    pub(crate) fn find(what: &str) -> Option<Self> {
        said(what, Self::bare().and_then(Self::with_provider))
    }

    /// Terraform without any provider; or none, said loudly.
    pub(crate) fn without_provider(what: &str) -> Option<Self> {
        said(what, Self::bare())
    }

    fn bare() -> Result<Self, String> {
        let version = Command::new("terraform").arg("version").output();
        if !version.is_ok_and(|output| output.status.success()) {
            return Err("there is no `terraform` on the PATH".to_owned());
        }
        let folder = TempDir::new().unwrap();
        let config = folder.path().join("terraform.rc");
        std::fs::write(&config, "").unwrap();
        Ok(Self { folder, config })
    }

    fn with_provider(mut self) -> Result<Self, String> {
        // A setting that names no file is none.
        let given = std::env::var_os("TF_CLI_CONFIG_FILE").map(PathBuf::from).filter(|path| path.exists());
        match (given, mirror()) {
            (Some(given), _) => self.config = given,
            (None, Some(mirror)) => {
                let path = mirror.display();
                let text = format!(
                    "provider_installation {{\n  filesystem_mirror {{\n    path    = \"{path}\"\n    include = [\"*/*/*\"]\n  }}\n}}\n"
                );
                std::fs::write(&self.config, text).unwrap();
            }
            (None, None) => {
                return Err("there is no mirror with the provider; name one in TERRACE_TF_MIRROR, or in TF_CLI_CONFIG_FILE".to_owned());
            }
        }
        let seed = "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n";
        std::fs::write(self.path().join("terraform.tf"), seed).unwrap();
        let init = self.command(&["init", "-input=false"], None).output().unwrap();
        if init.status.success() {
            Ok(self)
        } else {
            Err(format!("`terraform init` finds no provider: {}", String::from_utf8_lossy(&init.stderr)))
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Puts these files there, and nothing else of the kind.
    pub(crate) fn write(&self, files: &Files) {
        for entry in std::fs::read_dir(self.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "tf") {
                std::fs::remove_file(path).unwrap();
            }
        }
        for (name, text) in files {
            std::fs::write(self.path().join(name.as_str()), text).unwrap();
        }
    }

    fn command(&self, arguments: &[&str], aws: Option<&Emulator>) -> Command {
        let mut command = Command::new("terraform");
        command.args(arguments).arg("-no-color").current_dir(self.path()).stdin(Stdio::null());
        command
            .env("TF_CLI_CONFIG_FILE", &self.config)
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_IN_AUTOMATION", "1");
        // Nothing may reach the real AWS: made-up keys, no profile, and an address that is ours or nobody's.
        let address = aws.map_or("http://127.0.0.1:1", Emulator::address);
        for (name, value) in [
            ("AWS_ENDPOINT_URL", address),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ] {
            command.env(name, value);
        }
        command.env_remove("AWS_PROFILE");
        command
    }

    /// What a command prints; it has to succeed.
    pub(crate) fn run(&self, arguments: &[&str], aws: Option<&Emulator>) -> String {
        let output = self.command(arguments, aws).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            panic!("terraform {arguments:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
        }
        text
    }

    /// The JSON of the plan of what is written there.
    pub(crate) fn plan(&self, aws: &Emulator) -> String {
        // The files may name another range of versions than the seed did; the provider is there already.
        self.run(&["init", "-input=false"], Some(aws));
        self.run(&["plan", "-input=false", "-out=plan.bin"], Some(aws));
        self.run(&["show", "-json", "plan.bin"], Some(aws))
    }
}

/// moto with AWS's own policies; or none, said loudly.
pub(crate) fn emulator() -> Option<Emulator> {
    Emulator::start(&[("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")])
}

/// Past what the test harness keeps to itself of tests that pass.
fn loudly(what: &str, why: &str) {
    let line = format!("\nSKIPPED: {what}: {why}\n");
    drop(std::io::stderr().write_all(line.as_bytes()));
}

fn said(what: &str, found: Result<Engine, String>) -> Option<Engine> {
    if let Err(why) = &found {
        loudly(what, why);
    }
    found.ok()
}

fn mirror() -> Option<PathBuf> {
    if let Some(given) = std::env::var_os("TERRACE_TF_MIRROR") {
        return Some(PathBuf::from(given));
    }
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".terraform.d"));
    SEARCHED.iter().map(PathBuf::from).chain(home).find_map(|root| below(&root, 8))
}

fn below(folder: &Path, depth: usize) -> Option<PathBuf> {
    let mut inner = Vec::new();
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        if entry.file_name().to_string_lossy().starts_with("terraform-provider-aws") {
            // MIRROR/registry.terraform.io/hashicorp/aws/VERSION/PLATFORM/FILE
            return folder.ancestors().nth(5).map(Path::to_path_buf);
        }
        if depth > 0 && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            inner.push(entry.path());
        }
    }
    inner.into_iter().find_map(|inner| below(&inner, depth - 1))
}
