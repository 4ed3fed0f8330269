//! A value that nobody is shown.

use std::fmt;

use serde::Deserialize;

use super::Wiped;

/// Secrets Manager keeps no longer one.
const LONGEST: usize = 65_536;

/// A secret's value.
///
/// GUARANTEE: it is wiped when it is let go, and `Debug` does not show it.
#[derive(Clone)]
pub struct Value(Wiped);

/// Why something is no value. Does not show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Nothing.
    #[error("the value is empty: type it at the prompt, or hand it in by standard input")]
    Empty,
    /// More than AWS keeps.
    #[error("the value has {0} bytes, and Secrets Manager keeps at most 65536")]
    Long(usize),
    /// What no environment variable can hold.
    #[error("the value has a NUL in it, and what an application gets as a variable cannot have one")]
    Nul,
}

impl Value {
    /// Takes a value as it is.
    ///
    /// # Errors
    /// If it is empty, too long, or has a NUL in it.
    pub fn new(text: Wiped) -> Result<Self, ValueError> {
        match text.len() {
            0 => Err(ValueError::Empty),
            length if length > LONGEST => Err(ValueError::Long(length)),
            _ if text.contains('\0') => Err(ValueError::Nul),
            _ => Ok(Self(text)),
        }
    }

    /// The value itself, for the call that sets it.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value(…)")
    }
}

/// What GetRandomPassword answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MadeUp {
    random_password: String,
}

/// The value that AWS made up, if it did.
pub(super) fn made_up(answer: &str) -> Option<Value> {
    let made: MadeUp = serde_json::from_str(answer).ok()?;
    Value::new(made.random_password.into()).ok()
}
