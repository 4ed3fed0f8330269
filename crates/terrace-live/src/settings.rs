//! What to read, and with whose credentials.

/// Which account, where, and how much of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The region; that of the profile or of the environment if none is given.
    pub region: Option<String>,
    /// A profile of the shared configuration files.
    pub profile: Option<String>,
    /// Where all calls go instead of AWS (`http://127.0.0.1:5000`). `AWS_ENDPOINT_URL` does the same.
    pub endpoint: Option<String>,
    /// Only these VPCs and what stands in them; all of the region if there are none.
    pub vpcs: Vec<String>,
}
