//! Finds Terraform or OpenTofu on this machine, new enough for what Terrace writes.
//!
//! Write-only arguments, by which secrets stay out of the state, came with Terraform 1.11 and OpenTofu 1.11; so did the
//! locks of states in a bucket without a table beside it.

use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use semver::Version;

use super::surroundings::meddles;

/// The oldest that will do.
pub const OLDEST: Version = Version::new(1, 11, 0);
/// In which order they are looked for.
const NAMES: [&str; 2] = ["terraform", "tofu"];
const WHERE: &str = "install Terraform (https://developer.hashicorp.com/terraform/install) or OpenTofu (https://opentofu.org/docs/intro/install/)";

/// Where it is looked for.
#[derive(Clone, Debug)]
pub struct Searched {
    /// What `TERRACE_TERRAFORM` names: a file, or a name on the path. If given, nothing else is looked at.
    pub named: Option<OsString>,
    /// The folders, as in `PATH`.
    pub path: OsString,
    /// How long it may take to say its version.
    pub patience: Duration,
}

impl Searched {
    /// As the environment says.
    pub fn from_env() -> Self {
        let named = std::env::var_os("TERRACE_TERRAFORM").filter(|name| !name.is_empty());
        let path = std::env::var_os("PATH").unwrap_or_default();
        Self { named, path, patience: Duration::from_secs(30) }
    }
}

/// A Terraform or an OpenTofu that is there and new enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    path: PathBuf,
    version: Version,
}

/// Why there is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// Nowhere.
    #[error(
        "neither `terraform` nor `tofu` is on the PATH: {WHERE}, {OLDEST} or newer, or name one in TERRACE_TERRAFORM"
    )]
    Missing,
    /// Not where it was said to be.
    #[error(
        "TERRACE_TERRAFORM names `{0}`, and no program is there: name one, or unset it so that the PATH is searched"
    )]
    NotThere(String),
    /// There, and too old.
    #[error("`{path}` is version {version}, and {OLDEST} or newer is needed: {WHERE}")]
    TooOld {
        /// Where.
        path: String,
        /// What it says it is.
        version: Version,
    },
    /// There, and odd.
    #[error(
        "`{path} version -json` {what}: is it Terraform or OpenTofu? If not, name one in TERRACE_TERRAFORM"
    )]
    Odd {
        /// Where.
        path: String,
        /// What it does.
        what: String,
    },
}

impl Program {
    /// The first that will do, of what is named, or of `terraform` and `tofu` in the folders of the path.
    ///
    /// # Errors
    /// If there is none, or none of those that are there will do; then the first one says why.
    pub async fn find(searched: &Searched) -> Result<Self, ProgramError> {
        let candidates: Vec<PathBuf> = match &searched.named {
            Some(name) => {
                let found = candidate(name, &searched.path);
                vec![found.ok_or_else(|| ProgramError::NotThere(name.to_string_lossy().into_owned()))?]
            }
            None => NAMES.iter().filter_map(|name| on_path(OsStr::new(name), &searched.path)).collect(),
        };
        let mut first = None;
        for path in candidates {
            match Self::asked(path, searched.patience).await {
                Ok(program) => return Ok(program),
                Err(why) => first = first.or(Some(why)),
            }
        }
        Err(first.unwrap_or(ProgramError::Missing))
    }

    async fn asked(path: PathBuf, patience: Duration) -> Result<Self, ProgramError> {
        let shown = path.display().to_string();
        let odd = |what: String| ProgramError::Odd { path: shown.clone(), what };
        let mut command = tokio::process::Command::new(&path);
        // Not in a folder with a configuration, which it would look into.
        command.args(["version", "-json"]).current_dir("/").env("CHECKPOINT_DISABLE", "1");
        for (name, _) in std::env::vars_os().filter(|(name, _)| meddles(name)) {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).kill_on_drop(true);
        let said = match tokio::time::timeout(patience, command.output()).await {
            Err(_) => return Err(odd(format!("said nothing in {} s", patience.as_secs()))),
            Ok(Err(why)) => return Err(odd(format!("cannot be run ({why})"))),
            Ok(Ok(said)) => said,
        };
        if !said.status.success() {
            return Err(odd(format!("failed ({})", said.status)));
        }
        let version = version(&String::from_utf8_lossy(&said.stdout));
        let version = version.ok_or_else(|| odd("tells no version".to_owned()))?;
        if version < OLDEST {
            return Err(ProgramError::TooOld { path: shown, version });
        }
        Ok(Self { path, version })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Which one.
    pub fn version(&self) -> &Version {
        &self.version
    }
}

/// The version in what `version -json` prints, be there anything before it.
fn version(printed: &str) -> Option<Version> {
    let (_, object) = printed.split_once('{')?;
    let mut told = serde_json::Deserializer::from_str(printed.get(printed.len() - object.len() - 1..)?)
        .into_iter::<serde_json::Value>();
    let told = told.next()?.ok()?;
    Version::parse(told.get("terraform_version")?.as_str()?).ok()
}

/// A file, if there is a folder in the name; else a name on the path.
fn candidate(name: &OsStr, path: &OsStr) -> Option<PathBuf> {
    let file = Path::new(name);
    if file.components().count() > 1 {
        return std::path::absolute(file).ok().filter(|file| is_program(file));
    }
    on_path(name, path)
}

fn on_path(name: &OsStr, path: &OsStr) -> Option<PathBuf> {
    // An empty or relative part means the working folder, where nobody puts such a program with good intent.
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join(name)).find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    file.metadata().is_ok_and(|what| what.is_file() && what.permissions().mode() & 0o111 != 0)
}
