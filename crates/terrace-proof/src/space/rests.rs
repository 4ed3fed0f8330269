//! What a box rests on: small ids, which the caller knows the rules and their places by.

use std::sync::Arc;

/// A rule, an entry, a route: whatever the caller gave this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u32);

/// Rules, each once, lowest first. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rests(Arc<[RuleId]>);

impl Rests {
    /// One rule.
    pub fn on(rule: RuleId) -> Self {
        Self(Arc::from([rule]))
    }

    /// The rules.
    pub fn rules(&self) -> &[RuleId] {
        &self.0
    }

    /// Whether a rule is among them.
    pub fn contains(&self, rule: RuleId) -> bool {
        self.0.binary_search(&rule).is_ok()
    }

    /// The rules of both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        if self.0.is_empty() {
            return other.clone();
        }
        if other.0.iter().all(|rule| self.contains(*rule)) {
            return self.clone();
        }
        // Both are in order: merged, not sorted anew.
        let mut merged = Vec::with_capacity(self.0.len() + other.0.len());
        let (mut one, mut two) = (self.0.iter().copied().peekable(), other.0.iter().copied().peekable());
        while let (Some(a), Some(b)) = (one.peek().copied(), two.peek().copied()) {
            merged.push(a.min(b));
            if a <= b {
                one.next();
            }
            if b <= a {
                two.next();
            }
        }
        merged.extend(one);
        merged.extend(two);
        Self(Arc::from(merged))
    }
}

impl FromIterator<RuleId> for Rests {
    fn from_iter<I: IntoIterator<Item = RuleId>>(rules: I) -> Self {
        let mut rules: Vec<RuleId> = rules.into_iter().collect();
        rules.sort_unstable();
        rules.dedup();
        Self(Arc::from(rules))
    }
}
