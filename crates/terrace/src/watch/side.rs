//! Which system is meant: the one that runs on this machine, or the deployed one.

use crate::aws::{AwsFlags, Session};
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::Project;

/// Where the system is.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Side {
    /// The deployed system, not the one that runs here
    #[arg(long, help_heading = "On AWS")]
    aws: bool,
    /// Which environment of it
    #[arg(long, value_name = "NAME", help_heading = "On AWS")]
    env: Option<String>,
    #[command(flatten)]
    flags: AwsFlags,
}

impl Side {
    /// Whether it is the one that runs here.
    pub(crate) fn is_here(&self) -> Result<bool, Failure> {
        match self.flags.first().or(self.env.as_ref().map(|_| "--env")) {
            Some(flag) if !self.aws => {
                Err(Failure::input(format!("`{flag}` is about the deployed system")).help("add `--aws`"))
            }
            _ => Ok(!self.aws),
        }
    }

    /// Opens the account that it is deployed in.
    pub(crate) async fn open(&self, project: Project, printer: Printer) -> Result<Session, Failure> {
        Session::open(project, self.env.as_deref(), &self.flags, printer).await
    }
}

/// Which deployed system is meant, where there is no other.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct There {
    /// Which environment
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    #[command(flatten)]
    flags: AwsFlags,
}

impl There {
    /// Opens the account that it is deployed in.
    pub(crate) async fn open(&self, project: Project, printer: Printer) -> Result<Session, Failure> {
        Session::open(project, self.env.as_deref(), &self.flags, printer).await
    }
}
