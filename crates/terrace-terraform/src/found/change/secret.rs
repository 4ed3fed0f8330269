//! What is not shown although nothing marks it: secrets by name and by look, and places where people put them.

use serde_json::Value as Printed;
use terrace_aws::inventory::vocabulary;

/// Parts of names whose texts are secrets.
const NAMES: [&str; 8] =
    ["password", "passwd", "passphrase", "token", "private_key", "api_key", "apikey", "credential"];

/// Arguments that hold whatever an application is given.
const GIVEN: [&str; 3] = ["environment", "variables", "secret_string"];

/// Arguments that are scripts, long and full of whatever a machine is given.
const SCRIPTS: [&str; 2] = ["user_data", "user_data_base64"];

/// Whether an argument's text is not shown, by its name.
pub(super) fn by_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    vocabulary::is_secret(name) || NAMES.iter().any(|part| lower.contains(part))
}

/// Whether everything below an argument is what an application is given.
pub(super) fn is_given(name: &str) -> bool {
    GIVEN.contains(&name)
}

/// Whether an argument is a script.
pub(super) fn is_script(name: &str) -> bool {
    SCRIPTS.contains(&name)
}

/// Whether a text has a password in it, as `postgres://user:password@host` has.
pub(super) fn by_look(value: &Printed) -> bool {
    let Some(text) = value.as_str() else { return false };
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY") {
        return true;
    }
    // As an option of a command, and as AWS makes its access keys.
    let lower = text.to_ascii_lowercase();
    let given =
        NAMES.iter().any(|name| lower.split(&format!("{name}=")).nth(1).is_some_and(|rest| !rest.is_empty()));
    let key = |word: &str| word.len() == 20 && (word.starts_with("AKIA") || word.starts_with("ASIA"));
    if given || text.split(|c: char| !c.is_ascii_alphanumeric()).any(key) {
        return true;
    }
    text.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', ' ', '?']).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
    })
}

/// Whether something in a value is not shown.
pub(super) fn within(value: &Printed) -> bool {
    match value {
        Printed::Array(items) => items.iter().any(within),
        Printed::Object(fields) => {
            let odd = |name: &str| by_name(name) || is_given(name) || is_script(name);
            fields.iter().any(|(name, inner)| odd(name) || within(inner))
        }
        leaf => by_look(leaf),
    }
}
