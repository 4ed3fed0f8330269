//! What there is to start with: `boot.json`, completed by the environment. It says where secrets are, never what.
//!
//! What the file says holds; a setting that it leaves out is taken from the environment (`TERRACE_PARAMETERS`,
//! `TERRACE_SETTINGS`, `TERRACE_SECRETS`, `TERRACE_DATABASE`, `TERRACE_HOST`, `TERRACE_PORT`, `TERRACE_REFRESH`,
//! `TERRACE_GRACE`, `TERRACE_LIMIT`), which is all there is in a container.
//!
//! Plain settings that come with a release are a JSON object of texts: a file that `settings` names, or `TERRACE_SETTINGS`
//! itself.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Secret;
use crate::failure::Failure;
use crate::name::VariableName;
use crate::secret::handed_over;

/// The settings of one start.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The region; else `AWS_REGION`, `AWS_DEFAULT_REGION`, that of the secrets' ARNs, or the instance's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The path of the parameters, `/items/prod/app/`: those directly below it become variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<ParameterPath>,
    /// The file with the plain settings of the release: a JSON object of texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<PathBuf>,
    /// What that file says, or `TERRACE_SETTINGS`.
    #[serde(skip)]
    pub plain: BTreeMap<VariableName, String>,
    /// Which secret becomes which variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secrets: Option<BTreeMap<VariableName, SecretPlace>>,
    /// The database, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<Database>,
    /// `HOST`, where no parameter or setting says it: the address to listen on, 0.0.0.0 if nobody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// `PORT`, where no parameter or setting says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// With `--watch`: seconds between two looks at the secrets' versions (300).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh: Option<u32>,
    /// With `--watch`: seconds from SIGTERM to SIGKILL (30).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace: Option<u32>,
    /// Seconds that reading may take in all, retries included (60).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where the services are; else `AWS_ENDPOINT_URL_SSM`, `AWS_ENDPOINT_URL_SECRETS_MANAGER`, `AWS_ENDPOINT_URL`,
    /// or the region's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Credentials, over standard input only (`--config -`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credentials: Option<GivenCredentials>,
}

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretPlace {
    /// Its ARN or name.
    pub secret: String,
    /// The key in it, if its text is a JSON object; else the whole text is the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// How the database is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Which.
    pub engine: Engine,
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The database's name.
    pub name: String,
    /// The ARN or name of the secret with `username` and `password`, as RDS makes it.
    pub secret: String,
    /// The certificates to verify it against, PEM; `/etc/terrace/rds-ca.pem` if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
    /// Whether it is spoken to over TLS. Off only for a database on this machine.
    #[serde(default = "yes")]
    pub tls: bool,
}

fn yes() -> bool {
    true
}

/// A database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
}

/// Credentials as they are handed over by whoever runs the stores itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenCredentials {
    /// Who asks.
    pub access_key_id: String,
    /// What it signs with.
    #[serde(serialize_with = "handed_over")]
    pub secret_access_key: Secret,
}

/// A path in Parameter Store: starts with `/`, and is shown as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ParameterPath(String);

/// Why a text is no path of parameters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no path of parameters, expected one such as `/items/prod/app/`")]
pub struct ParameterPathError(String);

impl ParameterPath {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ParameterPath {
    type Error = ParameterPathError;

    fn try_from(text: String) -> Result<Self, ParameterPathError> {
        let fits = text.starts_with('/')
            && text.len() > 1
            && !text.contains("//")
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_.-".contains(&b));
        if fits { Ok(Self(text)) } else { Err(ParameterPathError(text)) }
    }
}

impl From<ParameterPath> for String {
    fn from(path: ParameterPath) -> Self {
        path.0
    }
}

/// The variables that hold settings of ours; the application does not see them.
pub(crate) const OWN: [&str; 9] = [
    "TERRACE_PARAMETERS",
    "TERRACE_SETTINGS",
    "TERRACE_SECRETS",
    "TERRACE_DATABASE",
    "TERRACE_HOST",
    "TERRACE_PORT",
    "TERRACE_REFRESH",
    "TERRACE_GRACE",
    "TERRACE_LIMIT",
];

impl Config {
    /// Reads the file (`-` is standard input), if there is one, and completes it from the environment.
    pub(crate) fn read(
        file: Option<&Path>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Failure> {
        let mut config = match file {
            None => Self::default(),
            Some(path) => read_file(path)?,
        };
        let own = |name: &str| variable(name).filter(|text| !text.is_empty());
        if config.parameters.is_none() {
            let path = own("TERRACE_PARAMETERS").map(ParameterPath::try_from).transpose();
            config.parameters =
                path.map_err(|error| Failure::configuration(format!("TERRACE_PARAMETERS: {error}")))?;
        }
        config.plain = match &config.settings {
            Some(path) => read_settings(path)?,
            None => {
                let mut given = None;
                fill(&mut given, "TERRACE_SETTINGS", &own)?;
                given.unwrap_or_default()
            }
        };
        fill(&mut config.secrets, "TERRACE_SECRETS", &own)?;
        fill(&mut config.database, "TERRACE_DATABASE", &own)?;
        fill(&mut config.port, "TERRACE_PORT", &own)?;
        fill(&mut config.refresh, "TERRACE_REFRESH", &own)?;
        fill(&mut config.grace, "TERRACE_GRACE", &own)?;
        fill(&mut config.limit, "TERRACE_LIMIT", &own)?;
        config.host = config.host.or_else(|| own("TERRACE_HOST"));
        Ok(config)
    }
}

impl Config {
    /// The secrets to be read, each once.
    pub(crate) fn secrets_wanted(&self) -> BTreeSet<&str> {
        self.secrets
            .iter()
            .flat_map(|secrets| secrets.values().map(|place| place.secret.as_str()))
            .chain(self.database.iter().map(|database| database.secret.as_str()))
            .collect()
    }

    /// The region that all ARNs among them name: `arn:aws:secretsmanager:eu-central-1:…`.
    pub(crate) fn region_of_secrets(&self) -> Option<String> {
        let wanted = self.secrets_wanted();
        let arns = wanted.iter().filter_map(|name| name.strip_prefix("arn:"));
        let regions: BTreeSet<&str> = arns.filter_map(|rest| rest.split(':').nth(2)).collect();
        regions.first().filter(|_| regions.len() == 1).map(|region| (*region).to_owned())
    }
}

/// Takes a setting that the file left out from a variable that holds JSON.
fn fill<T: for<'de> Deserialize<'de>>(
    setting: &mut Option<T>,
    name: &str,
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<(), Failure> {
    if setting.is_none()
        && let Some(text) = variable(name)
    {
        let value = serde_json::from_str(&text)
            .map_err(|error| Failure::configuration(format!("{name} cannot be understood: {error}")))?;
        *setting = Some(value);
    }
    Ok(())
}

fn read_settings(path: &Path) -> Result<BTreeMap<VariableName, String>, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::configuration(format!("`{shown}` cannot be read: {error}")))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::configuration(format!("`{shown}` cannot be understood: {error}")))
}

fn read_file(path: &Path) -> Result<Config, Failure> {
    let from_pipe = path == Path::new("-");
    let mut text = zeroize::Zeroizing::new(String::new());
    let read = if from_pipe {
        std::io::stdin().read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text))
    };
    let shown = if from_pipe { "standard input".into() } else { path.display().to_string() };
    read.map_err(|error| Failure::configuration(format!("`{shown}` cannot be read: {error}")))?;
    let config: Config = serde_json::from_str(&text)
        .map_err(|error| Failure::configuration(format!("`{shown}` cannot be understood: {error}")))?;
    if config.credentials.is_some() && !from_pipe {
        return Err(Failure::configuration(format!(
            "`{shown}` has `credentials`: they are taken over standard input only, never from a file"
        )));
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: Option<&str>, variables: &[(&str, &str)]) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("boot.json");
        std::fs::write(&path, file.unwrap_or_default()).unwrap();
        let find = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        let config = Config::read(file.is_some().then_some(path.as_path()), find);
        config.map_err(|failure| failure.to_string().replace(&path.display().to_string(), "boot.json"))
    }

    #[test]
    fn the_file_holds_and_the_environment_completes_it() {
        let file = r#"{"parameters": "/a/b/c/", "port": 1}"#;
        let more = [
            ("TERRACE_PARAMETERS", "/x/"),
            ("TERRACE_PORT", "2"),
            ("TERRACE_SECRETS", r#"{"KEY": {"secret": "s", "key": "k"}}"#),
            ("TERRACE_REFRESH", "7"),
        ];
        let config = read(Some(file), &more).unwrap();
        assert_eq!(config.parameters.unwrap().as_str(), "/a/b/c/");
        assert_eq!((config.port, config.refresh, config.grace), (Some(1), Some(7), None));
        assert_eq!(config.secrets.unwrap()["KEY"].key.as_deref(), Some("k"));
    }

    #[test]
    fn plain_settings_are_those_of_the_named_file_or_of_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let settings = folder.path().join("settings.json");
        std::fs::write(&settings, r#"{"LOG_LEVEL": "debug", "EMPTY": ""}"#).unwrap();
        let named = serde_json::json!({ "settings": settings }).to_string();
        let given = [("TERRACE_SETTINGS", r#"{"LOG_LEVEL": "info"}"#)];
        let plain = |file: Option<&str>, variables: &[(&str, &str)]| {
            read(file, variables).map(|config| serde_json::to_string(&config.plain).unwrap())
        };
        assert_eq!(plain(Some(&named), &given).unwrap(), r#"{"EMPTY":"","LOG_LEVEL":"debug"}"#);
        assert_eq!(plain(Some("{}"), &given).unwrap(), r#"{"LOG_LEVEL":"info"}"#);
        assert_eq!(plain(None, &[]).unwrap(), "{}");
        std::fs::write(&settings, r#"{"PORT": 8000}"#).unwrap();
        let error = plain(Some(&named), &[]).unwrap_err();
        assert!(error.contains("settings.json` cannot be understood: invalid type: integer"), "{error}");
        std::fs::remove_file(&settings).unwrap();
        let error = plain(Some(&named), &given).unwrap_err();
        assert!(error.contains("settings.json` cannot be read"), "{error}");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (file, variables, said) in [
            (Some("{"), &[][..], "`boot.json` cannot be understood: EOF"),
            (Some(r#"{"parametres": "/a/"}"#), &[][..], "unknown field `parametres`"),
            (Some(r#"{"parameters": "a"}"#), &[][..], "`a` is no path of parameters"),
            (Some(r#"{"secrets": {"A-B": {"secret": "s"}}}"#), &[][..], "`A-B` is no name of a variable"),
            (
                Some(r#"{"credentials": {"access_key_id": "a", "secret_access_key": "hunter2"}}"#),
                &[][..],
                "never from a file",
            ),
            (None, &[("TERRACE_PORT", "70000")][..], "TERRACE_PORT cannot be understood"),
            (None, &[("TERRACE_SETTINGS", "[]")][..], "TERRACE_SETTINGS cannot be understood"),
            (None, &[("TERRACE_SETTINGS", r#"{"A-B": ""}"#)][..], "`A-B` is no name of a variable"),
            (None, &[("TERRACE_DATABASE", r#"{"engine": "oracle"}"#)][..], "unknown variant `oracle`"),
        ] {
            let error = read(file, variables).unwrap_err();
            assert!(error.contains(said), "{said} not in {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
