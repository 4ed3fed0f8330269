//! The settings a service finds in its environment, plain and secret.

use std::fmt;
use std::str::FromStr;

/// The name of an environment variable: `[A-Za-z_][A-Za-z0-9_]*` (POSIX.1-2024, 8.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SettingName(String);

/// Why a text is no setting's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingNameError {
    /// Not a name that a shell takes.
    #[error("letters, digits and `_`, not starting with a digit, 100 at most")]
    Form,
    /// One that Terrace sets itself.
    #[error("`{0}` is set by Terrace")]
    Reserved(String),
}

impl SettingName {
    /// The names that Terrace itself sets.
    pub const RESERVED: [&str; 8] =
        ["DATABASE_URL", "DB_CA", "DB_HOST", "DB_NAME", "DB_PASSWORD", "DB_PORT", "DB_USER", "PORT"];

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SettingName {
    type Err = SettingNameError;

    fn from_str(text: &str) -> Result<Self, SettingNameError> {
        if Self::RESERVED.contains(&text) {
            return Err(SettingNameError::Reserved(text.to_owned()));
        }
        let fits = (1..=100).contains(&text.len())
            && !text.starts_with(|c: char| c.is_ascii_digit())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if fits { Ok(Self(text.to_owned())) } else { Err(SettingNameError::Form) }
    }
}

impl fmt::Display for SettingName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The value of a plain setting: any text without NUL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variable(String);

/// Why a text is no setting's value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a value has no NUL and 4096 bytes at most")]
pub struct VariableError;

impl Variable {
    /// The value as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Variable {
    type Err = VariableError;

    fn from_str(text: &str) -> Result<Self, VariableError> {
        if text.contains('\0') || text.len() > 4096 { Err(VariableError) } else { Ok(Self(text.to_owned())) }
    }
}

/// Where the value of a secret setting comes from. The value itself is never part of a topology.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretSource {
    /// Made once, of so many random bytes, and never shown.
    Generated(GeneratedLength),
    /// One that exists under this name.
    Existing(SecretName),
}

/// How many random bytes a generated secret has: 16 to 256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GeneratedLength(u16);

/// Why a number is no length of a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a generated secret has 16 to 256 bytes")]
pub struct GeneratedLengthError;

impl GeneratedLength {
    /// The length, if it is neither guessable nor too long for an environment.
    pub fn new(bytes: u16) -> Result<Self, GeneratedLengthError> {
        if (16..=256).contains(&bytes) { Ok(Self(bytes)) } else { Err(GeneratedLengthError) }
    }

    /// In bytes.
    pub fn bytes(self) -> u16 {
        self.0
    }
}

/// The name of a secret that exists: `/`-separated words, such as `items/mail`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretName(String);

/// Why a text is no secret's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret's name has letters, digits and `/_+=.@-`, 512 at most")]
pub struct SecretNameError;

impl SecretName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SecretName {
    type Err = SecretNameError;

    fn from_str(text: &str) -> Result<Self, SecretNameError> {
        let fits = (1..=512).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b));
        if fits { Ok(Self(text.to_owned())) } else { Err(SecretNameError) }
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
