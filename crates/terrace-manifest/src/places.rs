//! Where each setting is written, by its dotted name.

use std::collections::BTreeMap;

use terrace_diag::Span;

/// The places of settings in one source text, by dotted name (`web.dist`, `network.subnets.app[1]`); the value's
/// place, or for a table its header's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    spans: BTreeMap<String, Span>,
    end: usize,
}

impl Places {
    /// Where the setting itself is written, if it is.
    pub fn of(&self, key: &str) -> Option<Span> {
        self.spans.get(key).copied()
    }

    /// Where the setting is written, or else the nearest list or table that it would be in.
    pub fn nearest(&self, key: &str) -> Option<Span> {
        let mut key = key;
        loop {
            if let Some(span) = self.of(key) {
                return Some(span);
            }
            key = key.get(..key.rfind(['.', '['])?)?;
        }
    }

    /// The place to point at when something is wrong with a setting, written or not: its own, or else that of the
    /// nearest list or table that it would be in, or else the end of the file.
    ///
    /// A setting is named as in the manifest, whichever environment was chosen: `data.version`, `app.cpu`,
    /// `app.count.min`, `zones`, `network.subnets.app[1]` (items count from 0). A name that is no setting's has a
    /// place too.
    pub fn point_at(&self, key: &str) -> Span {
        self.nearest(key).unwrap_or(Span::new(self.end, self.end))
    }

    /// Whether a setting is written and could not be read, so that nothing can be said of it.
    pub(crate) fn is_unread<T>(&self, key: &str, read: &Option<T>) -> bool {
        read.is_none() && self.of(key).is_some()
    }

    pub(crate) fn note(&mut self, key: String, span: Span) {
        self.spans.insert(key, span);
    }

    /// These places, in a text that ends at `end`.
    #[must_use]
    pub(crate) fn ending_at(self, end: usize) -> Self {
        Self { end, ..self }
    }

    /// These places, and over them those of `other`.
    #[must_use]
    pub(crate) fn under(&self, other: &Self) -> Self {
        let mut both = self.clone();
        // A list takes another's place as a whole, and so do its items.
        let own_list = |key: &str| key.split_once('[').is_some_and(|(list, _)| other.of(list).is_some());
        both.spans.retain(|key, _| !own_list(key));
        both.spans.extend(other.spans.iter().map(|(key, span)| (key.clone(), *span)));
        both
    }

    pub(crate) fn spans(&self) -> impl Iterator<Item = Span> {
        self.spans.values().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_has_a_place_to_point_at() {
        let mut places = Places::default().ending_at(99);
        for (at, key) in
            ["app", "app.count", "network.subnets.app", "network.subnets.app[1]"].iter().enumerate()
        {
            places.note((*key).to_owned(), Span::new(at, at));
        }
        let at = |key: &str| places.point_at(key).start();
        assert_eq!(at("app.count"), 1);
        assert_eq!(at("app.count.min"), 1);
        assert_eq!(at("app.cpu"), 0);
        assert_eq!(at("network.subnets.app[1]"), 3);
        assert_eq!(at("network.subnets.app[2]"), 2);
        assert_eq!(at("network.subnets.web[0]"), 99);
        assert_eq!((at("zones"), at(""), at("[")), (99, 99, 99));
    }

    #[test]
    fn a_list_of_an_environment_takes_the_other_s_place() {
        let (mut base, mut own) = (Places::default(), Places::default());
        for (places, items) in [(&mut base, 3), (&mut own, 1)] {
            places.note("zones".to_owned(), Span::new(items, items));
            for item in 0..items {
                places.note(format!("zones[{item}]"), Span::new(items, items));
            }
        }
        assert_eq!(base.under(&own).of("zones[2]"), None);
        assert_eq!(own.under(&base).of("zones[2]"), Some(Span::new(3, 3)));
    }
}
