//! Names under which secrets stand, and values that only stand in for one.

/// Words that make a name the name of a secret.
const WORDS: [&str; 16] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "pass",
    "secret",
    "secrets",
    "token",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "credentials",
    "credential",
    "passcode",
    "authkey",
];

/// Words that do so before `key`.
const KEYS: [&str; 11] = [
    "api",
    "access",
    "private",
    "secret",
    "auth",
    "encryption",
    "signing",
    "session",
    "master",
    "jwt",
    "hmac",
];

/// Last words by which a name is not that of the secret itself but of something about it, or of where it is.
const ABOUT: [&str; 47] = [
    "arn",
    "arns",
    "name",
    "names",
    "id",
    "ids",
    "path",
    "prefix",
    "file",
    "url",
    "uri",
    "endpoint",
    "host",
    "ttl",
    "length",
    "size",
    "expiry",
    "expires",
    "expiration",
    "age",
    "lifetime",
    "timeout",
    "days",
    "minutes",
    "seconds",
    "enabled",
    "disabled",
    "required",
    "policy",
    "version",
    "type",
    "algorithm",
    "alg",
    "header",
    "issuer",
    "audience",
    "region",
    "provider",
    "store",
    "manager",
    "backend",
    "rotation",
    "field",
    "location",
    "parameter",
    "ref",
    "count",
];

/// The words of a name: at every mark, and where a capital begins one.
fn words(name: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            all.push(String::new());
            lower = false;
            continue;
        }
        if c.is_uppercase() && lower {
            all.push(String::new());
        }
        lower = c.is_lowercase() || c.is_ascii_digit();
        if all.is_empty() {
            all.push(String::new());
        }
        if let Some(last) = all.last_mut() {
            last.extend(c.to_lowercase());
        }
    }
    all.retain(|word| !word.is_empty());
    all
}

/// Whether what has this name is a secret, by the name alone: `DB_PASSWORD`, `stripeApiKey`, not `DB_PASSWORD_ARN`.
pub(super) fn is_secret(name: &str) -> bool {
    let words = words(name);
    if words.last().is_none_or(|last| ABOUT.contains(&last.as_str()))
        || words.first().is_some_and(|w| w == "public")
    {
        return false;
    }
    let single = words.iter().any(|word| WORDS.contains(&word.as_str()) || word.ends_with("password"));
    let key = words
        .windows(2)
        .any(|pair| matches!(pair, [first, second] if second == "key" && KEYS.contains(&first.as_str())));
    single || key
}

/// Whether a value under a secret's name is none: nothing, a stand-in, a place where the secret is, a number, a truth.
pub(super) fn is_stand_in(value: &str) -> bool {
    const STARTS: [&str; 16] = [
        "$",
        "/",
        "<",
        "{{",
        "%{",
        "arn:",
        "ssm:",
        "secretsmanager:",
        "vault:",
        "file:",
        "s3://",
        "http://",
        "https://",
        "env:",
        "./",
        "@",
    ];
    const WORDS: [&str; 15] = [
        "change",
        "replace",
        "placeholder",
        "dummy",
        "example",
        "your",
        "todo",
        "fixme",
        "tbd",
        "unset",
        "none",
        "null",
        "redacted",
        "insert",
        "managed",
    ];
    let value = value.trim().trim_matches(['"', '\'', '`']);
    let lower = value.to_ascii_lowercase();
    value.len() < 4
        || STARTS.iter().any(|start| lower.starts_with(start))
        || ["${", "$(", "{{", "<", "%("].iter().any(|mark| value.contains(mark))
        || matches!(
            lower.as_str(),
            "true" | "false" | "yes" | "no" | "disabled" | "enabled" | "required" | "optional"
        )
        || WORDS.iter().any(|word| lower.starts_with(word) || lower.ends_with(word))
        || value.chars().all(|c| c.is_ascii_digit() || c == '.')
        || super::formats::is_monotone(value)
}

#[cfg(test)]
mod tests {
    use super::{is_secret, is_stand_in};

    #[test]
    fn names_of_secrets_are_told_from_names_of_what_is_about_them() {
        let secret = [
            "DB_PASSWORD",
            "password",
            "stripeApiKey",
            "SECRET_KEY_BASE",
            "jwt-secret",
            "RDSPassword",
            "GITHUB_TOKEN",
            "dbpassword",
        ];
        let not = [
            "DB_PASSWORD_ARN",
            "SecretName",
            "TOKEN_TTL",
            "PASSWORD_MIN_LENGTH",
            "public_key",
            "PUBLIC_TOKEN",
            "KEY",
            "compass",
            "bypass",
            "KMS_KEY_ID",
            "secretsmanager_endpoint",
            "AWS_ACCESS_KEY_ID",
            "tokenizer",
        ];
        for name in secret {
            assert!(is_secret(name), "{name}");
        }
        for name in not {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn stand_ins_are_told_from_values() {
        for value in [
            "",
            "changeme",
            "${DB_PASSWORD}",
            "<password>",
            "arn:aws:secretsmanager:x",
            "/app/password",
            "12345",
            "xxxxxxxx",
            "true",
        ] {
            assert!(is_stand_in(value), "{value}");
        }
        for value in ["hunter2!", "correct horse battery staple", "S3cr3tPassw0rd", "postgres"] {
            assert!(!is_stand_in(value), "{value}");
        }
    }
}
