//! What is typed about an account.

use terrace_account::Settings;

/// Which account, and where.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct AwsFlags {
    /// The region [default: the manifest's]
    #[arg(long, value_name = "REGION", help_heading = "On AWS")]
    pub(crate) region: Option<String>,
    /// The profile of the AWS configuration
    #[arg(long, value_name = "NAME", help_heading = "On AWS")]
    pub(crate) profile: Option<String>,
    /// Another address of AWS, such as an emulator's
    #[arg(long, value_name = "URL", help_heading = "On AWS")]
    pub(crate) endpoint_url: Option<String>,
}

impl AwsFlags {
    /// What an account is opened with, in the region that was given or else this one.
    pub(crate) fn settings(&self, region: &str) -> Settings {
        Settings {
            region: Some(self.region.clone().unwrap_or_else(|| region.to_owned())),
            profile: self.profile.clone(),
            endpoint: self.endpoint_url.clone(),
        }
    }

    /// The first flag that was given.
    pub(crate) fn first(&self) -> Option<&'static str> {
        let given = [
            (self.region.is_some(), "--region"),
            (self.profile.is_some(), "--profile"),
            (self.endpoint_url.is_some(), "--endpoint-url"),
        ];
        given.into_iter().find_map(|(given, name)| given.then_some(name))
    }
}
