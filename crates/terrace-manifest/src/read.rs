//! Reading described tables: types are checked here, unknown keys told here, places noted here.
//!
//! A reader returns what is right and reports what is not; nothing wrong is reported twice.

use std::fmt::Display;
use std::str::FromStr;

use terrace_diag::{Diagnostic, Diagnostics, Span};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::describe::{Fields, Key, Kind};
use crate::words::Word;
use crate::{Places, Written, code, refuse, suggest, unknown};

/// Reads the settings of one place: the whole file, or one environment.
#[derive(Debug)]
pub(crate) struct Reader<'d> {
    diagnostics: &'d mut Diagnostics,
    /// Where what was read is written.
    pub(crate) places: Places,
    /// What stands before every name: nothing, or `environments.prod`.
    prefix: String,
}

/// A table that is being read.
#[derive(Clone, Debug)]
pub(crate) struct Section<'t, 'i> {
    /// Its dotted name within the settings; empty for the settings themselves.
    path: String,
    table: &'t DeTable<'i>,
    fields: &'static Fields,
}

/// A name that the user chose, its place, and its value.
pub(crate) type NamedEntry<'t, 'i, N> = (N, Span, &'t Spanned<DeValue<'i>>);

/// A key as written, with its value.
pub(crate) type Entry<'t, 'i> = (Span, &'t Spanned<DeValue<'i>>);

fn dotted(parent: &str, name: &str) -> String {
    match (parent, name) {
        ("", only) | (only, "") => only.to_owned(),
        _ => format!("{parent}.{name}"),
    }
}

impl<'t, 'i> Section<'t, 'i> {
    /// The dotted name of a key of this table.
    pub(crate) fn path_of(&self, name: &str) -> String {
        dotted(&self.path, name)
    }

    pub(crate) fn entry(&self, name: &str) -> Option<Entry<'t, 'i>> {
        let (key, value) = self.table.get_key_value(name)?;
        // The parser leaves an empty place where a value could not be read, and has said so already.
        (!value.span().is_empty()).then(|| (key.span().into(), value))
    }

    /// Every key that is written, with its place, in the order of names.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&'t str, Span)> + use<'t, 'i> {
        self.table.keys().map(|key| (key.get_ref().as_ref(), key.span().into()))
    }
}

impl<'d> Reader<'d> {
    pub(crate) fn new(diagnostics: &'d mut Diagnostics, prefix: String) -> Self {
        Self { diagnostics, places: Places::default(), prefix }
    }

    /// Adds a finding.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The name to speak of a key by.
    pub(crate) fn full_name(&self, path: &str) -> String {
        dotted(&self.prefix, path)
    }

    /// Starts reading a table whose keys are described.
    pub(crate) fn open<'t, 'i>(
        &mut self,
        path: &str,
        table: &'t DeTable<'i>,
        fields: &'static Fields,
    ) -> Section<'t, 'i> {
        let section = Section { path: path.to_owned(), table, fields };
        for (name, span) in section.names().filter(|(name, _)| fields.find(name).is_none()) {
            let value = table.get(name).map(Spanned::get_ref);
            let (found, meant) = unknown::key(name, span, value, path, &self.full_name(path), fields);
            self.diagnostics.push(found);
            // What was misspelt is not missing besides.
            if let Some(meant) = meant {
                self.note(section.path_of(meant), span);
            }
        }
        section
    }

    /// Notes where something is written.
    pub(crate) fn note(&mut self, path: String, span: Span) {
        self.places.note(path, span);
    }

    /// A key's place and value, if it is written.
    pub(crate) fn written<'t, 'i>(&mut self, section: &Section<'t, 'i>, key: &Key) -> Option<Entry<'t, 'i>> {
        debug_assert!(section.fields.find(key.name).is_some(), "{} is described where it is read", key.name);
        let (at, value) = section.entry(key.name)?;
        self.note(section.path_of(key.name), value.span().into());
        Some((at, value))
    }

    /// A table of described keys.
    pub(crate) fn table<'t, 'i>(&mut self, section: &Section<'t, 'i>, key: &Key) -> Option<Section<'t, 'i>> {
        let (_, value) = self.written(section, key)?;
        match (value.get_ref(), &key.kind) {
            (DeValue::Table(table), Kind::Table(fields) | Kind::WholeOrTable(_, fields)) => {
                Some(self.open(&section.path_of(key.name), table, fields))
            }
            (DeValue::Integer(_), Kind::WholeOrTable(..)) => None,
            (_, kind) => {
                let path = section.path_of(key.name);
                self.wrong_type(&path, key.name, value, kind);
                // What would be in it is not missing besides.
                if let Kind::Table(fields) | Kind::WholeOrTable(_, fields) = kind {
                    for inner in fields.keys {
                        self.note(dotted(&path, inner.name), value.span().into());
                    }
                }
                None
            }
        }
    }

    /// A table whose keys the user names: each name with its place and its value.
    pub(crate) fn named<'t, 'i, N>(
        &mut self,
        section: &Section<'t, 'i>,
        key: &Key,
    ) -> Vec<NamedEntry<'t, 'i, N>>
    where
        N: FromStr<Err: Display>,
    {
        self.named_or(section, key, |_, _, _, _| None)
    }

    /// The same, where `special` may say something of its own about a name that is none: it gets the name, its
    /// place, its dotted name and the error.
    pub(crate) fn named_or<'t, 'i, N>(
        &mut self,
        section: &Section<'t, 'i>,
        key: &Key,
        special: impl Fn(&str, Span, &str, &N::Err) -> Option<Diagnostic>,
    ) -> Vec<NamedEntry<'t, 'i, N>>
    where
        N: FromStr<Err: Display>,
    {
        let Some((_, value)) = self.written(section, key) else { return Vec::new() };
        let (DeValue::Table(table), Kind::Named(form, _, most)) = (value.get_ref(), &key.kind) else {
            self.wrong_type(&section.path_of(key.name), key.name, value, &key.kind);
            return Vec::new();
        };
        if table.len() > *most {
            let message =
                format!("`{}` has {} entries", self.full_name(&section.path_of(key.name)), table.len());
            let found = Diagnostic::error(code::INVALID_VALUE, message);
            self.report(found.at(value.span().into(), format!("expected {most} at most")));
            return Vec::new();
        }
        let mut all = Vec::new();
        for (name, value) in table {
            let span = Span::from(name.span());
            let path = dotted(&section.path_of(key.name), name.get_ref());
            match name.get_ref().parse::<N>() {
                Ok(parsed) if !value.span().is_empty() => {
                    self.note(path, value.span().into());
                    all.push((parsed, span, value));
                }
                Ok(_) => {}
                Err(error) => {
                    let special = special(name.get_ref(), span, &self.full_name(&path), &error);
                    self.report(
                        special.unwrap_or_else(|| refuse::invalid(name.get_ref(), span, form, &error)),
                    );
                }
            }
        }
        all
    }

    /// A string that is a `T`.
    pub(crate) fn text<T>(&mut self, section: &Section<'_, '_>, key: &Key) -> Option<Written<T>>
    where
        T: FromStr<Err: Display>,
    {
        self.text_or(section, key, |_, _, _| None)
    }

    /// The same, where `special` may say something of its own about a text that is none: it gets the text's place,
    /// the key's dotted name and the error.
    pub(crate) fn text_or<T>(
        &mut self,
        section: &Section<'_, '_>,
        key: &Key,
        special: impl Fn(Span, &str, &T::Err) -> Option<Diagnostic>,
    ) -> Option<Written<T>>
    where
        T: FromStr<Err: Display>,
    {
        let (_, value) = self.written(section, key)?;
        self.text_value_or(&section.path_of(key.name), key.name, value, &key.kind, special)
    }

    /// The string `value` of the key `name`, as a `T`.
    pub(crate) fn text_value<T>(
        &mut self,
        path: &str,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        kind: &Kind,
    ) -> Option<Written<T>>
    where
        T: FromStr<Err: Display>,
    {
        self.text_value_or(path, name, value, kind, |_, _, _| None)
    }

    fn text_value_or<T>(
        &mut self,
        path: &str,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        kind: &Kind,
        special: impl Fn(Span, &str, &T::Err) -> Option<Diagnostic>,
    ) -> Option<Written<T>>
    where
        T: FromStr<Err: Display>,
    {
        let (Some(text), Kind::Text(form)) = (value.get_ref().as_str(), kind) else {
            self.wrong_type(path, name, value, kind);
            return None;
        };
        let span = Span::from(value.span());
        match text.parse::<T>() {
            Ok(_) if text.chars().count() > form.longest => {
                let message = format!("`{}` is too long a {}", refuse::shown(text), form.noun);
                let expected = format!("expected {} characters at most", form.longest);
                self.report(Diagnostic::error(code::INVALID_VALUE, message).at(span, expected));
                None
            }
            Ok(parsed) => Some(Written::new(parsed, span)),
            Err(error) => {
                let special = special(span, &self.full_name(path), &error);
                self.report(special.unwrap_or_else(|| refuse::invalid(text, span, form, &error)));
                None
            }
        }
    }

    /// At least one string, each of which is a `T`.
    pub(crate) fn list<T>(
        &mut self,
        section: &Section<'_, '_>,
        key: &'static Key,
    ) -> Option<Written<Vec<Written<T>>>>
    where
        T: FromStr<Err: Display>,
    {
        self.list_or(section, key, |_, _, _| None)
    }

    /// The same, with `special` as in [`Self::text_or`].
    pub(crate) fn list_or<T>(
        &mut self,
        section: &Section<'_, '_>,
        key: &'static Key,
        special: impl Fn(Span, &str, &T::Err) -> Option<Diagnostic>,
    ) -> Option<Written<Vec<Written<T>>>>
    where
        T: FromStr<Err: Display>,
    {
        let (_, value) = self.written(section, key)?;
        let path = section.path_of(key.name);
        let (Some(items), Kind::List(form, most)) = (value.get_ref().as_array(), &key.kind) else {
            self.wrong_type(&path, key.name, value, &key.kind);
            return None;
        };
        let span = Span::from(value.span());
        self.has_items(&path, items.len(), *most, span, form.noun, key)?;
        let item_kind = Kind::Text(form);
        let read: Vec<Option<Written<T>>> = items
            .iter()
            .enumerate()
            .map(|(at, item)| {
                let path = format!("{path}[{at}]");
                self.note(path.clone(), item.span().into());
                self.text_value_or(&path, "", item, &item_kind, &special)
            })
            .collect();
        let all: Option<Vec<Written<T>>> = read.into_iter().collect();
        Some(Written::new(all?, span))
    }

    /// Strings of a key that also takes a number: as many as that number could be, all different.
    pub(crate) fn distinct<T>(
        &mut self,
        section: &Section<'_, '_>,
        key: &'static Key,
    ) -> Option<Written<Vec<Written<T>>>>
    where
        T: FromStr<Err: Display> + PartialEq,
    {
        let (Some((_, value)), Kind::WholeOrList(bounds, form)) = (section.entry(key.name), &key.kind) else {
            return None;
        };
        let items = value.get_ref().as_array()?;
        let path = section.path_of(key.name);
        let span = Span::from(value.span());
        self.note(path.clone(), span);
        if i64::try_from(items.len()).is_ok_and(|n| !(bounds.least..=bounds.most).contains(&n)) {
            let noun = if items.len() == 1 { "item" } else { "items" };
            let message = format!("`{}` has {} {noun}", self.full_name(&path), items.len());
            let expected = format!("expected {} to {}, each a {}", bounds.least, bounds.most, form.noun);
            self.report(Diagnostic::error(code::INVALID_VALUE, message).at(span, expected));
            return None;
        }
        let kind = Kind::Text(form);
        let mut read: Vec<Written<T>> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let path = format!("{path}[{at}]");
            self.note(path.clone(), item.span().into());
            let Some(text) = self.text_value::<T>(&path, "", item, &kind) else { continue };
            match read.iter().find(|earlier| **earlier == text) {
                Some(earlier) => {
                    let found = refuse::twice(&self.full_name(&path), text.span(), earlier.span());
                    self.report(found);
                }
                None => read.push(text),
            }
        }
        (read.len() == items.len()).then(|| Written::new(read, span))
    }

    /// Whether a list has one item at least, and `most` at most; it is told where it has not.
    pub(crate) fn has_items(
        &mut self,
        path: &str,
        count: usize,
        most: usize,
        span: Span,
        noun: &str,
        key: &Key,
    ) -> Option<()> {
        let name = self.full_name(path);
        let found = match count {
            0 => Diagnostic::error(code::INVALID_VALUE, format!("`{name}` is an empty list"))
                .at(span, format!("expected at least one {noun}"))
                .help(refuse::example(key)),
            count if count > most => {
                Diagnostic::error(code::INVALID_VALUE, format!("`{name}` has {count} items"))
                    .at(span, format!("expected {most} at most"))
            }
            _ => return Some(()),
        };
        self.report(found);
        None
    }

    /// One of a type's words.
    pub(crate) fn word<T: Word>(&mut self, section: &Section<'_, '_>, key: &Key) -> Option<Written<T>> {
        let (_, value) = self.written(section, key)?;
        let span = Span::from(value.span());
        let Some(text) = value.get_ref().as_str() else {
            let mut found = self.mistyped(&section.path_of(key.name), value, &key.kind);
            let said = match value.get_ref() {
                DeValue::Boolean(flag) => suggest::choice(&flag.to_string(), T::CHOICES),
                _ => None,
            };
            if let Some(word) = said {
                found = found.help(format!("write `{} = \"{word}\"`", key.name));
            }
            self.report(found);
            return None;
        };
        if let Some(known) = T::from_word(text) {
            return Some(Written::new(known, span));
        }
        let message =
            format!("`{}` cannot be `{}`", self.full_name(&section.path_of(key.name)), refuse::shown(text));
        let mut found = Diagnostic::error(code::INVALID_VALUE, message)
            .at(span, format!("expected {}", key.kind.expected()));
        if let Some(word) = suggest::choice(text, T::CHOICES) {
            found = found.help(format!("did you mean `{} = \"{word}\"`?", key.name));
        }
        self.report(found);
        None
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, section: &Section<'_, '_>, key: &Key) -> Option<Written<bool>> {
        let (_, value) = self.written(section, key)?;
        let Some(flag) = value.get_ref().as_bool() else {
            self.wrong_type(&section.path_of(key.name), key.name, value, &key.kind);
            return None;
        };
        Some(Written::new(flag, value.span().into()))
    }

    fn mistyped(&self, path: &str, value: &Spanned<DeValue<'_>>, kind: &Kind) -> Diagnostic {
        refuse::mistyped(&self.full_name(path), value, kind)
    }

    /// Reports a value of another type, with the value of the right type if it can be told.
    pub(crate) fn wrong_type(&mut self, path: &str, name: &str, value: &Spanned<DeValue<'_>>, kind: &Kind) {
        let mut found = self.mistyped(path, value, kind);
        if let Some(help) = refuse::retyped(&self.full_name(path), name, value.get_ref(), kind) {
            found = found.help(help);
        }
        self.report(found);
    }
}
