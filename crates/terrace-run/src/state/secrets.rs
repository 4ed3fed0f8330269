//! The secrets of a project on this machine: made once, or given by the user, never shown.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use terrace_local::{Environment, Value};
use terrace_topology::{GeneratedLength, PartyName, SecretName, SecretSource, SettingName};

use super::StateError;
use super::private::{create_private, read_private};

/// A secret text. Its debug form says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret that was read elsewhere.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Whose password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Password {
    /// The services'.
    Application,
    /// The database server's own administrator's.
    Administrator,
}

/// Whether a secret was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// It was.
    Kept,
    /// It was made just now.
    New,
}

/// A secret that the manifest names and nobody has given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingSecret {
    /// The setting that needs it.
    pub setting: SettingName,
    /// Its name in the manifest.
    pub name: SecretName,
}

/// Why the secrets of a service are not complete.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// Some were never given: all of them.
    #[error("{}", not_given(missing, file))]
    Missing {
        /// Which.
        missing: Vec<MissingSecret>,
        /// Where they may be written.
        file: PathBuf,
    },
    /// The file of given secrets cannot be understood. The text of it is not repeated.
    #[error("`{}` is not a list of `\"name\" = \"value\"` lines (line {line})", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Where in it.
        line: usize,
    },
    /// No randomness.
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    /// The machine refused.
    #[error(transparent)]
    State(#[from] StateError),
}

fn not_given(missing: &[MissingSecret], file: &Path) -> String {
    let mut text = String::from("secrets are not known on this machine:");
    for MissingSecret { setting, name } in missing {
        text.push_str(&format!(
            "\n  `{name}`: set `{setting}` in the environment of `terrace up`, or write `\"{name}\" = \"…\"` into `{}` (mode 0600)",
            file.display()
        ));
    }
    text
}

/// The secrets of one state folder: `secrets/` for those made here, `secrets.toml` for those that the user gives.
#[derive(Clone, Debug)]
pub struct Secrets {
    made: PathBuf,
    given: PathBuf,
}

impl Secrets {
    pub(super) fn at(state: &Path) -> Self {
        Self { made: state.join("secrets"), given: state.join("secrets.toml") }
    }

    /// The values of all secrets in a service's environment. One that exists elsewhere is taken from `ambient` (the
    /// environment of Terrace itself, by the setting's name), else from `secrets.toml` by its own.
    pub fn of_service(
        &self,
        service: &PartyName,
        environment: &Environment,
        ambient: impl Fn(&SettingName) -> Option<String>,
    ) -> Result<BTreeMap<SettingName, String>, SecretsError> {
        let given = self.given()?;
        let mut values = BTreeMap::new();
        let mut missing = Vec::new();
        for value in environment.values() {
            let Value::Secret(setting, source) = value else { continue };
            let found = match source {
                SecretSource::Generated(length) => Some(self.generated(service, setting, *length)?),
                SecretSource::Existing(name) => {
                    ambient(setting).filter(|v| !v.is_empty()).or_else(|| given.get(name.as_str()).cloned())
                }
            };
            match (found, source) {
                (Some(found), _) => drop(values.insert(setting.clone(), found)),
                (None, SecretSource::Existing(name)) => {
                    missing.push(MissingSecret { setting: setting.clone(), name: name.clone() });
                }
                (None, SecretSource::Generated(_)) => {}
            }
        }
        if missing.is_empty() {
            Ok(values)
        } else {
            Err(SecretsError::Missing { missing, file: self.given.clone() })
        }
    }

    /// A password of the database: 40 letters and digits, some 238 bits.
    pub(crate) fn password(&self, of: Password) -> Result<(Secret, Freshness), SecretsError> {
        let name = match of {
            Password::Application => "data.password",
            Password::Administrator => "data.administrator-password",
        };
        let (text, freshness) = self.once(name, || alphanumeric(40))?;
        Ok((Secret(text), freshness))
    }

    fn generated(
        &self,
        service: &PartyName,
        setting: &SettingName,
        length: GeneratedLength,
    ) -> Result<String, SecretsError> {
        Ok(self.once(&format!("{service}.{setting}"), || hexadecimal(length.bytes().into()))?.0)
    }

    /// The content of that file, made on first use. Of two that make it at once, both get the same.
    fn once(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<String, getrandom::Error>,
    ) -> Result<(String, Freshness), SecretsError> {
        let path = self.made.join(name);
        let read = || read_private(&path).map_err(StateError::of("read", &path));
        if let Some(found) = read()? {
            return Ok((found, Freshness::Kept));
        }
        let text = make()?;
        if create_private(&path, text.as_bytes()).map_err(StateError::of("write", &path))? {
            return Ok((text, Freshness::New));
        }
        Ok((read()?.unwrap_or(text), Freshness::Kept))
    }

    fn given(&self) -> Result<BTreeMap<String, String>, SecretsError> {
        let text =
            read_private(&self.given).map_err(StateError::of("read", &self.given))?.unwrap_or_default();
        toml::from_str(&text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count().saturating_add(1);
            SecretsError::Unreadable { file: self.given.clone(), line }
        })
    }
}

fn hexadecimal(bytes: usize) -> Result<String, getrandom::Error> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn alphanumeric(length: usize) -> Result<String, getrandom::Error> {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut random = [0; 64];
        getrandom::fill(&mut random)?;
        // Numbers past the last full round of 62 are thrown away, so that every letter is as likely.
        let letters = random.iter().filter_map(|byte| LETTERS.get(usize::from(byte & 63)));
        text.extend(letters.take(length.saturating_sub(text.len())).map(|letter| char::from(*letter)));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::super::StateFolder;
    use super::super::private::replace_private;
    use super::*;

    fn environment() -> Environment {
        let secret = |n: &str, s| (n.to_owned(), Value::Secret(n.parse().unwrap(), s));
        [
            secret("SESSION_KEY", SecretSource::Generated(GeneratedLength::new(32).unwrap())),
            secret("MAIL_KEY", SecretSource::Existing("items/mail".parse().unwrap())),
            secret("PAY_KEY", SecretSource::Existing("items/pay".parse().unwrap())),
            ("PORT".to_owned(), Value::Port),
        ]
        .into()
    }

    #[test]
    fn secrets_are_made_once_and_taken_from_where_the_user_put_them() {
        let project = tempfile::tempdir().unwrap();
        let state = StateFolder::open(project.path(), "terrace").unwrap();
        let secrets = state.secrets();
        let app = PartyName::app();
        let error = secrets.of_service(&app, &environment(), |_| None).unwrap_err().to_string();
        assert!(error.contains("`items/mail`: set `MAIL_KEY` in the environment"), "{error}");
        assert!(error.contains("`items/pay`: set `PAY_KEY`"), "all of them at once: {error}");

        replace_private(&state.path().join("secrets.toml"), b"\"items/mail\" = \"from file\"\n").unwrap();
        let ambient = |n: &SettingName| (n.to_string() == "PAY_KEY").then(|| "from environment".to_owned());
        let first = secrets.of_service(&app, &environment(), ambient).unwrap();
        let second = secrets.of_service(&app, &environment(), ambient).unwrap();
        assert_eq!(first, second);
        let values: Vec<&str> = first.values().map(String::as_str).collect();
        assert_eq!(values[0], "from file");
        assert_eq!(values[1], "from environment");
        assert_eq!(values[2].len(), 64);

        let made = state.path().join("secrets/app.SESSION_KEY");
        assert_eq!(std::fs::metadata(made).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_broken_file_is_named_and_not_repeated() {
        let project = tempfile::tempdir().unwrap();
        let state = StateFolder::open(project.path(), "terrace").unwrap();
        replace_private(&state.path().join("secrets.toml"), b"\n\"a\" = hunter2\n").unwrap();
        let error = state.secrets().of_service(&PartyName::app(), &environment(), |_| None).unwrap_err();
        assert!(error.to_string().ends_with("(line 2)"), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }

    #[test]
    fn passwords_need_no_escapes_and_differ() {
        let project = tempfile::tempdir().unwrap();
        let secrets = StateFolder::open(project.path(), "terrace").unwrap().secrets();
        let (first, fresh) = secrets.password(Password::Application).unwrap();
        let (again, kept) = secrets.password(Password::Application).unwrap();
        let (other, _) = secrets.password(Password::Administrator).unwrap();
        assert_eq!((fresh, kept), (Freshness::New, Freshness::Kept));
        assert_eq!(first, again);
        assert_ne!(first, other);
        assert_eq!(first.reveal().len(), 40);
        assert!(first.reveal().bytes().all(|b| b.is_ascii_alphanumeric()));
        assert_eq!(format!("{first:?}"), "Secret(…)");
    }
}
