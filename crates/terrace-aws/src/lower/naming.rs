//! One scheme for every name: `SYSTEM-ENVIRONMENT-WHAT`, within AWS's limits.
//!
//! GUARANTEE: two different wishes never get the same name, and no name is longer than its limit: what is too
//! long is cut in the middle and ends in eight digits made of the whole.

use terrace_topology::{EnvironmentName, SystemName};

/// Makes the names of one system.
#[derive(Clone, Debug)]
pub(crate) struct Naming {
    stem: String,
    path: String,
}

impl Naming {
    pub(crate) fn new(system: &SystemName, environment: Option<&EnvironmentName>) -> Self {
        let (stem, path) = match environment {
            Some(environment) => (format!("{system}-{environment}"), format!("/{system}/{environment}")),
            None => (system.to_string(), format!("/{system}")),
        };
        Self { stem, path }
    }

    /// The name of the whole: `items-prod`.
    pub(crate) fn stem(&self) -> &str {
        &self.stem
    }

    /// The name of a part, at most `limit` characters: `items-prod-app`.
    pub(crate) fn of(&self, part: &str, limit: usize) -> String {
        let whole = if part.is_empty() { self.stem.clone() } else { format!("{}-{part}", self.stem) };
        if whole.len() <= limit {
            return whole;
        }
        let digest = blake3::hash(whole.as_bytes()).to_hex();
        let tail = format!("-{}", digest.get(..8).unwrap_or_default());
        let kept: String = whole.chars().take(limit.saturating_sub(tail.len())).collect();
        format!("{}{tail}", kept.trim_end_matches('-'))
    }

    /// The path of a part in a tree of names: `/items/prod/app`.
    pub(crate) fn path(&self, part: &str) -> String {
        if part.is_empty() { self.path.clone() } else { format!("{}/{part}", self.path) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_and_differ() {
        let naming =
            Naming::new(&"items".parse().unwrap(), Some(&"prod".parse::<EnvironmentName>().unwrap()));
        assert_eq!(naming.of("app", 32), "items-prod-app");
        assert_eq!(naming.path("app"), "/items/prod/app");
        let (one, other) = (naming.of(&"x".repeat(60), 32), naming.of(&"x".repeat(61), 32));
        assert!(one.len() <= 32 && other.len() <= 32 && one != other, "{one} {other}");
    }
}
