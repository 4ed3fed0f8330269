//! What the user probably meant: near names, other people's words, and texts put right.

use terrace_topology::{DomainName, PublicPath, SystemName};

use crate::describe::Choice;

/// The nearest of `known` to `typed`, if one is near enough to be a slip of the fingers.
pub(crate) fn nearest<'k>(typed: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let plain = |text: &str| text.to_ascii_lowercase().replace(['_', ' ', '.'], "-");
    let typed = plain(typed);
    if typed.len() > 64 {
        return None;
    }
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&typed, &plain(name)), name))
        .filter(|(distance, name)| *distance <= tolerance(name, &typed))
        .min_by_key(|(distance, name)| (*distance, *name))
        .map(|(_, name)| name)
}

/// How many slips are forgiven: one in three characters, and in short names never all of them.
fn tolerance(name: &str, typed: &str) -> usize {
    let longest = name.chars().count().max(typed.chars().count());
    (longest / 3).max(usize::from(longest > 2))
}

/// The word that was meant, by an alias or by its spelling.
pub(crate) fn choice(typed: &str, choices: &'static [Choice]) -> Option<&'static str> {
    let lower = typed.trim().to_ascii_lowercase();
    let same = |c: &&Choice| c.word == lower || c.aliases.contains(&lower.as_str());
    choices
        .iter()
        .find(same)
        .map(|choice| choice.word)
        .or_else(|| nearest(&lower, choices.iter().map(|choice| choice.word)))
}

/// No right text can be told from a wrong one.
pub(crate) fn nothing(_: &str) -> Option<String> {
    None
}

/// A label made of any text: `My Shop!` is `my-shop`.
pub(crate) fn label(text: &str, longest: usize) -> Option<String> {
    let mut label = String::new();
    for c in text.trim().chars() {
        let c = c.to_ascii_lowercase();
        if c.is_ascii_lowercase() || (c.is_ascii_digit() && !label.is_empty()) {
            label.push(c);
        } else if !label.is_empty() && !label.ends_with('-') {
            label.push('-');
        }
    }
    label.truncate(longest);
    let label = label.trim_end_matches('-').to_owned();
    (!label.is_empty()).then_some(label)
}

/// A system's name made of any text.
pub(crate) fn system_name(text: &str) -> Option<String> {
    label(text, SystemName::MAX)
}

/// An environment's name made of any text.
pub(crate) fn environment_name(text: &str) -> Option<String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "production" => Some("prod".to_owned()),
        "development" => Some("dev".to_owned()),
        other => label(other, terrace_topology::EnvironmentName::MAX),
    }
}

/// A name that a shell takes: `log-level` is `LOG_LEVEL`.
pub(crate) fn setting_name(text: &str) -> Option<String> {
    let name: String = text
        .trim()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
        .collect();
    name.parse::<terrace_topology::SettingName>().ok().map(|name| name.to_string())
}

/// The domain in a URL.
pub(crate) fn domain(text: &str) -> Option<String> {
    let bare = text.trim().split_once("://").map_or(text.trim(), |(_, rest)| rest);
    let host = bare.split(['/', ':', '?']).next()?.trim_end_matches('.');
    host.parse::<DomainName>().ok().map(|domain| domain.to_string())
}

/// A path with its slash, and a star only where it may be.
pub(crate) fn public_path(text: &str) -> Option<String> {
    let stem = text.trim().trim_start_matches('/').trim_end_matches('*').trim_end_matches('/');
    let starred = text.trim_end().ends_with('*');
    let path = if starred { format!("/{stem}/*") } else { format!("/{stem}") };
    path.parse::<PublicPath>().ok().filter(|path| !path.is_everything()).map(|path| path.to_string())
}

/// A health path with its slash.
pub(crate) fn health_path(text: &str) -> Option<String> {
    let bare = text.trim().split_once("://").map_or(text.trim(), |(_, rest)| {
        rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/health")
    });
    let path = format!("/{}", bare.trim_start_matches('/'));
    path.parse::<terrace_topology::HealthPath>().ok().map(|path| path.to_string())
}

/// A region of which someone wrote a zone: `us-east-1a` is in `us-east-1`.
pub(crate) fn region(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase().replace([' ', '_'], "-");
    let bare = lower.trim_end_matches(|c: char| c.is_ascii_lowercase());
    [lower.as_str(), bare]
        .into_iter()
        .find_map(|text| text.parse::<terrace_topology::Region>().ok())
        .map(|r| r.to_string())
}

/// A path of the project: what follows `./`, with `/` between its parts.
pub(crate) fn project_path(text: &str) -> Option<String> {
    let forward = text.trim().replace('\\', "/");
    let is_windows_drive = forward.get(1..2) == Some(":");
    if forward.is_empty() || forward.starts_with(['/', '~']) || is_windows_drive {
        return None;
    }
    forward.parse::<terrace_topology::ProjectPath>().ok().map(|path| path.to_string())
}

/// The numbers of a version: `v16.2-alpine` is `16.2`.
pub(crate) fn version(text: &str) -> Option<String> {
    let numbers: String = text
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    let numbers = numbers.trim_end_matches('.');
    numbers.parse::<terrace_topology::EngineVersion>().ok().map(|version| version.to_string())
}

/// The letter of a zone: `us-east-1a` is `a`.
pub(crate) fn zone_letter(text: &str) -> Option<String> {
    let letter = text.trim().chars().next_back()?.to_ascii_lowercase();
    letter.is_ascii_lowercase().then(|| letter.to_string())
}

/// The address in a `mailto:` or in angle brackets.
pub(crate) fn email(text: &str) -> Option<String> {
    let bare = text.rsplit('<').next()?.trim().trim_end_matches('>').trim_start_matches("mailto:");
    bare.parse::<terrace_topology::EmailAddress>().ok().map(|address| address.to_string())
}

/// The digits of an account's number, which AWS's console shows in groups: `1234-5678-9012`.
pub(crate) fn account(text: &str) -> Option<String> {
    let bare: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    // An account's number stands in every ARN and registry of the account.
    let pieces = bare.split(|c: char| !c.is_ascii_digit());
    let fits = |piece: &&str| piece.parse::<terrace_topology::AccountId>().is_ok();
    pieces.into_iter().find(fits).map(str::to_owned)
}

/// A kind of machine in lower case, or with the dot that was left out.
pub(crate) fn machine(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase().replace(['_', ' ', '-'], ".");
    let bare = lower.strip_prefix("db.").unwrap_or(&lower);
    bare.parse::<terrace_topology::MachineType>().ok().map(|kind| kind.to_string())
}

/// A class of databases with its prefix.
pub(crate) fn database_class(text: &str) -> Option<String> {
    machine(text).map(|kind| format!("db.{kind}"))
}

/// A runtime of which someone wrote the tool's own name: `node22`, `python:3.12-slim`, `3.12`.
pub(crate) fn runtime(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let version: String = lower
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    let major = version.split('.').next().unwrap_or_default();
    let made = match lower.trim_start_matches(|c: char| !c.is_ascii_alphabetic()) {
        word if word.starts_with("py") => match version.strip_prefix("3.") {
            Some(minor) => format!("python3.{}", minor.split('.').next().unwrap_or_default()),
            None => "python3.12".to_owned(),
        },
        word if word.starts_with("node") || word.starts_with("js") => {
            format!("nodejs{}", if major.is_empty() { "22" } else { major })
        }
        word if word.starts_with("java") || word.starts_with("jdk") || word.starts_with("openjdk") => {
            format!("java{}", if major.is_empty() { "21" } else { major })
        }
        word if ["rust", "go", "golang", "c", "c++", "binary", "none", "provided"].contains(&word) => {
            "native".to_owned()
        }
        _ => return None,
    };
    made.parse::<terrace_topology::Runtime>().ok().map(|runtime| runtime.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_forgiven_and_other_words_are_not() {
        let known = ["root", "build", "dist", "spa", "server"];
        assert_eq!(nearest("rot", known), Some("root"));
        assert_eq!(nearest("biuld", known), Some("build"));
        assert_eq!(nearest("Dist", known), Some("dist"));
        assert_eq!(nearest("port", known), Some("root").filter(|_| false));
        assert_eq!(nearest("x", known), None);
        assert_eq!(nearest("", known), None);
    }

    #[test]
    fn mended_texts_are_right() {
        assert_eq!(system_name("My Shop (beta)"), Some("my-shop-beta".to_owned()));
        assert_eq!(system_name("1st"), Some("st".to_owned()));
        assert_eq!(system_name("日本"), None);
        assert_eq!(domain("https://Items.example.com/x"), Some("items.example.com".to_owned()));
        assert_eq!(public_path("api*"), Some("/api/*".to_owned()));
        assert_eq!(public_path("*"), None);
        assert_eq!(region("us-east-1a"), Some("us-east-1".to_owned()));
        assert_eq!(version("postgres:16.2-alpine"), Some("16.2".to_owned()));
        assert_eq!(health_path("http://localhost:8000/healthz"), Some("/healthz".to_owned()));
        assert_eq!(zone_letter("us-east-1B"), Some("b".to_owned()));
        assert_eq!(email("Ops <ops@example.com>"), Some("ops@example.com".to_owned()));
        assert_eq!(account("1234-5678-9012"), Some("123456789012".to_owned()));
        assert_eq!(account("arn:aws:iam::123456789012:root"), Some("123456789012".to_owned()));
        assert_eq!(account("12345"), None);
        assert_eq!(machine("T3-Small"), Some("t3.small".to_owned()));
        assert_eq!(database_class("t4g.medium"), Some("db.t4g.medium".to_owned()));
        assert_eq!(runtime("python:3.12-slim"), Some("python3.12".to_owned()));
        assert_eq!(runtime("node"), Some("nodejs22".to_owned()));
        assert_eq!(runtime("rust"), Some("native".to_owned()));
        assert_eq!(runtime("cobol"), None);
        assert_eq!(project_path(".\\web\\dist"), Some("web/dist".to_owned()));
    }
}
