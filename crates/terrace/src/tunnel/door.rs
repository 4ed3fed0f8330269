//! Whose control plane is asked: AWS's, in somebody's account, or the endpoint that rehearses it.

use terrace_account::{Account, Identity, Keys, Settings};
use terrace_net::Endpoint;
use terrace_tunnel::client::Target;

use crate::aws::AwsFlags;
use crate::failure::Failure;

/// Which account, and through what.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct AccountFlags {
    #[command(flatten)]
    pub(crate) aws: AwsFlags,
    /// What to go through, instead of a running task or instance of the system: `ecs:CLUSTER_TASK_RUNTIME`, `i-…`, `mi-…`
    #[arg(long, value_name = "TARGET", help_heading = "On AWS")]
    pub(crate) target: Option<Target>,
    /// Aurora's reader, not its writer
    #[arg(long, help_heading = "On AWS")]
    pub(crate) reader: bool,
}

impl AccountFlags {
    /// The first flag that was given and is about AWS alone.
    pub(crate) fn first(&self) -> Option<&'static str> {
        let target = self.target.as_ref().map(|_| "--target");
        self.aws.first().or(target).or(self.reader.then_some("--reader"))
    }
}

/// The way to a control plane.
#[derive(Clone, Debug)]
pub(crate) enum Door {
    /// AWS, or what stands in for it.
    Aws(Settings),
    /// The endpoint of a run on this machine.
    Rehearsal {
        /// Where it is.
        url: String,
        /// Where it is said to be.
        region: String,
    },
}

impl Door {
    /// To AWS, in the region that was given, or that of the manifest.
    pub(crate) fn aws(flags: &AwsFlags, region: &str) -> Self {
        Self::Aws(flags.settings(region))
    }

    /// Goes in and asks who one is.
    pub(crate) async fn enter(&self) -> Result<(Account, Identity), Failure> {
        match self {
            Self::Aws(settings) => Account::open(settings).await.map_err(|error| Failure::of(&error)),
            // Whoever reaches the endpoint may use it: it is this user's, on this machine.
            Self::Rehearsal { url, region } => {
                let keys = Keys::new("AKIAREHEARSAL0000000", "rehearsal", None);
                Ok((Account::given(region, url, keys), Identity::default()))
            }
        }
    }
}

/// Host and port of another private endpoint, as `--to` takes them.
pub(crate) fn remote(text: &str) -> Result<Endpoint, String> {
    text.parse::<Endpoint>().map_err(|error| format!("{error}"))
}
