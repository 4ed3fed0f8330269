//! The environment that Terraform runs in: whose credentials, where AWS is, and nothing that changes what it does.
//!
//! GUARANTEE: Terraform sees the account that Terrace sees, and no other: the keys are handed over in its environment alone,
//! and no profile, no shared file and no role of this machine stands beside them. Of the variables that steer Terraform
//! (`TF_*`) only those are left that say where providers come from.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use terrace_account::{Account, Keys, Refusal};

/// What says where providers come from, or how a state is encrypted (OpenTofu).
const KEPT: &[&str] =
    &["TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR", "TF_ENCRYPTION", "TF_PROVIDER_DOWNLOAD_RETRY"];
/// As far as Terraform is to write a log: into a private file, see [`super::Folder`].
const LOGS: &[&str] = &["TF_LOG", "TF_LOG_CORE", "TF_LOG_PROVIDER"];
/// Other ways to credentials, and to other addresses.
const OTHER_WAYS: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
];

/// Whether a variable would change what Terraform does.
pub(super) fn meddles(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let registry = name.starts_with("TF_REGISTRY_") || name.starts_with("TF_TOKEN_");
    name.starts_with("TF_") && !registry && !KEPT.contains(&name.as_ref())
}

/// An environment for Terraform.
#[derive(Clone)]
pub struct Surroundings {
    variables: BTreeMap<OsString, OsString>,
    logs: bool,
    cache: Option<PathBuf>,
    endpoint: Option<String>,
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Keys are among the variables.
        let Self { cache, endpoint, .. } = self;
        f.debug_struct("Surroundings")
            .field("cache", cache)
            .field("endpoint", endpoint)
            .finish_non_exhaustive()
    }
}

impl Surroundings {
    /// What is left of an inherited environment; nobody's account.
    pub fn of(inherited: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let mut variables: BTreeMap<OsString, OsString> = inherited.into_iter().collect();
        let logs: Vec<_> = LOGS.iter().filter_map(|name| variables.remove_entry(OsStr::new(name))).collect();
        let logs: Vec<_> = logs.into_iter().filter(|(_, level)| !level.is_empty()).collect();
        variables.retain(|name, _| !meddles(name) && !OTHER_WAYS.iter().any(|other| name == *other));
        // A setting that names no file is none, and Terraform would complain of it at every step.
        let config = OsStr::new("TF_CLI_CONFIG_FILE");
        if variables.get(config).is_some_and(|file| !Path::new(file).is_file()) {
            variables.remove(config);
        }
        let wrote = !logs.is_empty();
        variables.extend(logs);
        for (name, value) in [
            ("TF_IN_AUTOMATION", "1"),
            ("TF_INPUT", "0"),
            // No question after newer versions: it goes to nobody but the provider's registry and AWS.
            ("CHECKPOINT_DISABLE", "1"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ] {
            variables.insert(name.into(), value.into());
        }
        Self { variables, logs: wrote, cache: None, endpoint: None }
    }

    /// With the account's credentials, region and endpoint.
    ///
    /// # Errors
    /// If there are no credentials any more.
    pub async fn asking(self, account: &Account) -> Result<Self, Refusal> {
        let keys = account.keys().await?;
        Ok(self.with(&keys, account.region(), account.endpoint()))
    }

    /// With these keys, in a region, at an endpoint that is none of AWS's own, if there is one.
    pub fn with(mut self, keys: &Keys, region: &str, endpoint: Option<&str>) -> Self {
        for (name, value) in keys.environment() {
            self.variables.insert(name.into(), value.into());
        }
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            self.variables.insert(name.into(), region.into());
        }
        match endpoint {
            Some(endpoint) => drop(self.variables.insert("AWS_ENDPOINT_URL".into(), endpoint.into())),
            // Terrace asks AWS itself, and so must Terraform.
            None => self.variables.retain(|name, _| !name.to_string_lossy().starts_with("AWS_ENDPOINT_URL_")),
        }
        self.endpoint = endpoint.map(str::to_owned);
        self
    }

    /// Keeps providers in this folder for all systems, unless the environment names one.
    pub fn keeping_providers(mut self, folder: &Path) -> Self {
        let named = self.variables.get(OsStr::new("TF_PLUGIN_CACHE_DIR")).filter(|named| !named.is_empty());
        let folder = named.map_or_else(|| folder.to_owned(), PathBuf::from);
        self.variables.insert("TF_PLUGIN_CACHE_DIR".into(), folder.clone().into());
        self.cache = Some(folder);
        self
    }

    pub(super) fn variables(&self) -> &BTreeMap<OsString, OsString> {
        &self.variables
    }

    /// Whether Terraform will write a log of its own.
    pub(super) fn logs(&self) -> bool {
        self.logs
    }

    pub(super) fn cache(&self) -> Option<&Path> {
        self.cache.as_deref()
    }

    /// Whether what answers is none of AWS's own.
    pub(super) fn is_emulated(&self) -> bool {
        self.endpoint.is_some()
    }
}
