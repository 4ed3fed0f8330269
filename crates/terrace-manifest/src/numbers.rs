//! Reading whole numbers: within bounds, out of a list of right ones, several of them.

use terrace_diag::{Diagnostic, Span};
use toml::de::{DeInteger, DeValue};

use crate::describe::{Bounds, Key, Kind};
use crate::read::{Reader, Section};
use crate::{Written, code, refuse};

impl Reader<'_> {
    /// Whether a key is written as a whole number.
    pub(crate) fn is_whole(&self, section: &Section<'_, '_>, key: &Key) -> bool {
        section.entry(key.name).is_some_and(|(_, value)| value.get_ref().is_integer())
    }

    /// Whether a key is written as a list.
    pub(crate) fn is_list(&self, section: &Section<'_, '_>, key: &Key) -> bool {
        section.entry(key.name).is_some_and(|(_, value)| value.get_ref().is_array())
    }

    /// A whole number within the key's bounds.
    pub(crate) fn whole<T: TryFrom<i64>>(
        &mut self,
        section: &Section<'_, '_>,
        key: &Key,
    ) -> Option<Written<T>> {
        let (_, value) = self.written(section, key)?;
        let path = section.path_of(key.name);
        let (bounds, number) = match (&key.kind, value.get_ref()) {
            (Kind::WholeOrTable(..), DeValue::Table(_)) => return None,
            (
                Kind::Whole(bounds) | Kind::WholeOrTable(bounds, _) | Kind::WholeOrList(bounds, _),
                DeValue::Integer(number),
            ) => (bounds, number),
            _ => {
                self.wrong_type(&path, key.name, value, &key.kind);
                return None;
            }
        };
        self.bounded(&path, number, value.span().into(), *bounds)
    }

    fn bounded<T: TryFrom<i64>>(
        &mut self,
        path: &str,
        number: &DeInteger<'_>,
        span: Span,
        bounds: Bounds,
    ) -> Option<Written<T>> {
        let within = whole(number)
            .filter(|n| (bounds.least..=bounds.most).contains(n))
            .and_then(|n| T::try_from(n).ok());
        if within.is_none() {
            let found = refuse::out_of_bounds(&self.full_name(path), &number.to_string(), span, bounds);
            self.report(found);
        }
        Some(Written::new(within?, span))
    }

    /// One of the key's numbers.
    pub(crate) fn number(&mut self, section: &Section<'_, '_>, key: &Key) -> Option<Written<u16>> {
        let (_, value) = self.written(section, key)?;
        let path = section.path_of(key.name);
        let (Kind::Number(known), DeValue::Integer(number)) = (&key.kind, value.get_ref()) else {
            self.wrong_type(&path, key.name, value, &key.kind);
            return None;
        };
        let span = Span::from(value.span());
        let right = whole(number).and_then(|n| known.iter().copied().find(|known| i64::from(*known) == n));
        if right.is_none() {
            let message = format!("`{}` cannot be {number}", self.full_name(&path));
            let mut found = Diagnostic::error(code::INVALID_VALUE, message)
                .at(span, format!("expected {}", key.kind.expected()));
            let near =
                whole(number).and_then(|n| known.iter().min_by_key(|known| n.abs_diff((**known).into())));
            if let Some(near) = near {
                found = found.help(format!("the nearest is `{} = {near}`", key.name));
            }
            self.report(found);
        }
        Some(Written::new(right?, span))
    }

    /// At least one whole number within the key's bounds, all different.
    pub(crate) fn wholes<T: TryFrom<i64> + PartialEq>(
        &mut self,
        section: &Section<'_, '_>,
        key: &Key,
    ) -> Option<Written<Vec<Written<T>>>> {
        let (_, value) = self.written(section, key)?;
        let path = section.path_of(key.name);
        let (Some(items), Kind::Wholes(bounds, most)) = (value.get_ref().as_array(), &key.kind) else {
            self.wrong_type(&path, key.name, value, &key.kind);
            return None;
        };
        let span = Span::from(value.span());
        self.has_items(&path, items.len(), *most, span, "number", key)?;
        let kind = Kind::Whole(*bounds);
        let mut read: Vec<Written<T>> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let path = format!("{path}[{at}]");
            let place = Span::from(item.span());
            self.note(path.clone(), place);
            let DeValue::Integer(number) = item.get_ref() else {
                self.wrong_type(&path, "", item, &kind);
                continue;
            };
            let Some(number) = self.bounded::<T>(&path, number, place, *bounds) else { continue };
            match read.iter().find(|earlier| **earlier == number) {
                Some(earlier) => self.report(refuse::twice(&self.full_name(&path), place, earlier.span())),
                None => read.push(number),
            }
        }
        (read.len() == items.len()).then(|| Written::new(read, span))
    }
}

/// The number, if it is not larger than any that could be meant.
fn whole(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok()
}
