//! References as a plan's JSON spells them: `module.net["a"].subnet_ids[0]`, `data.aws_iam_policy_document.x.json`.

use std::fmt;

/// Which instance, made by `count` or `for_each`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key {
    Number(u64),
    Word(String),
}

impl Key {
    /// From JSON.
    pub(super) fn printed(printed: &serde_json::Value) -> Option<Self> {
        match printed {
            serde_json::Value::Number(number) => number.as_u64().map(Self::Number),
            serde_json::Value::String(word) => Some(Self::Word(word.clone())),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "[{number}]"),
            Self::Word(word) => write!(f, "[{}]", serde_json::Value::from(word.as_str())),
        }
    }
}

/// A step of a traversal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Name(String),
    Key(Key),
}

/// The steps of a traversal; none if it is no traversal.
pub(super) fn steps(text: &str) -> Option<Vec<Step>> {
    let mut all = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (key, after) = key(inner)?;
            all.push(Step::Key(key));
            rest = after.strip_prefix(']')?;
        } else {
            let from = rest.strip_prefix('.').unwrap_or(rest);
            let end = from.find(['.', '[']).unwrap_or(from.len());
            let (name, after) = from.split_at_checked(end)?;
            if name.is_empty() {
                return None;
            }
            all.push(name.parse().map_or_else(
                |_| Step::Name(name.to_owned()),
                // `list.0`, the old way to write an index.
                |number| Step::Key(Key::Number(number)),
            ));
            rest = after;
        }
    }
    Some(all)
}

fn key(inner: &str) -> Option<(Key, &str)> {
    let Some(quoted) = inner.strip_prefix('"') else {
        let (number, after) = inner.split_at_checked(inner.find(']')?)?;
        return Some((Key::Number(number.parse().ok()?), after));
    };
    let mut escaped = false;
    for (at, c) in quoted.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                // The quotes are part of what is parsed.
                let word = serde_json::from_str(inner.get(..at + 2)?).ok()?;
                return Some((Key::Word(word), quoted.get(at + 1..)?));
            }
            _ => {}
        }
    }
    None
}

/// Steps as text: `master_user_secret[0].secret_arn`.
pub(super) fn spelled(steps: &[Step]) -> String {
    let mut all = String::new();
    for step in steps {
        match step {
            Step::Name(name) if all.is_empty() => all.push_str(name),
            Step::Name(name) => {
                all.push('.');
                all.push_str(name);
            }
            Step::Key(key) => all.push_str(&key.to_string()),
        }
    }
    all
}

/// A module instance: the calls that lead to it, from the root.
pub(super) type Path = Vec<(String, Option<Key>)>;

/// `module.a["x"].module.b` as a path; empty for the root.
pub(super) fn path(address: &str) -> Option<Path> {
    let mut all = Path::new();
    let mut steps = steps(address)?.into_iter().peekable();
    while let Some(step) = steps.next() {
        if step != Step::Name("module".to_owned()) {
            return None;
        }
        let Some(Step::Name(name)) = steps.next() else { return None };
        let key = match steps.peek() {
            Some(Step::Key(_)) => match steps.next() {
                Some(Step::Key(key)) => Some(key),
                _ => None,
            },
            _ => None,
        };
        all.push((name, key));
    }
    Some(all)
}

/// Each reference without the prefixes of it that follow.
pub(super) fn longest<'a>(listed: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut all: Vec<&str> = Vec::new();
    for name in listed {
        let prefix = |last: &&str| last.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', '[']));
        if !all.last().is_some_and(prefix) {
            all.push(name);
        }
    }
    all
}
