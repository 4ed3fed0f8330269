//! How a key is described: the words in which `keys` says what may be written.
//!
//! One description serves the decoder, the suggestions and the JSON schema.

use crate::unknown::alternatives;

/// A key and what it takes.
#[derive(Debug)]
pub(crate) struct Key {
    /// As written.
    pub(crate) name: &'static str,
    /// What it is for, for people.
    pub(crate) about: &'static str,
    /// What it takes.
    pub(crate) kind: Kind,
    /// Whether a manifest needs it; an environment never does.
    pub(crate) required: bool,
    /// What holds if it is not written, as TOML, where that is one value.
    pub(crate) default: Option<&'static str>,
    /// Values to show, as TOML.
    pub(crate) examples: &'static [&'static str],
}

/// What a key takes.
#[derive(Debug)]
pub(crate) enum Kind {
    /// A string of a form.
    Text(&'static Text),
    /// One of some words.
    Choice(&'static [Choice]),
    /// A whole number between two bounds, inclusive.
    Whole(Bounds),
    /// One of some whole numbers.
    Number(&'static [u16]),
    /// Whole numbers between two bounds, all different: at least one, and at most so many.
    Wholes(Bounds, usize),
    /// `true` or `false`.
    Flag,
    /// Strings of a form: at least one, and at most so many.
    List(&'static Text, usize),
    /// A table of described keys.
    Table(&'static Fields),
    /// A whole number, or a table that says more.
    WholeOrTable(Bounds, &'static Fields),
    /// A whole number, or as many strings of a form as one may say, all different.
    WholeOrList(Bounds, &'static Text),
    /// A table whose keys the user names, and how many there are at most.
    Named(&'static Text, &'static Kind, usize),
}

/// Inclusive bounds of a whole number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) least: i64,
    pub(crate) most: i64,
}

impl Bounds {
    /// The numbers within, as the end of "expected …".
    pub(crate) fn expected(self) -> String {
        let Self { least, most } = self;
        if most == least + 1 {
            format!("{least} or {most}")
        } else {
            format!("a whole number from {least} to {most}")
        }
    }
}

/// The form of a string.
#[derive(Debug)]
pub(crate) struct Text {
    /// What such a string is called.
    pub(crate) noun: &'static str,
    /// Its form as an ECMA-262 expression, for editors; the decoder uses the value's own type.
    pub(crate) pattern: &'static str,
    /// The most characters it has.
    pub(crate) longest: usize,
    /// Whether people leave the quotes out, as in `version = 16`.
    pub(crate) is_often_bare: bool,
    /// A right string that was probably meant.
    pub(crate) mend: fn(&str) -> Option<String>,
}

/// One of the words that a key takes.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) word: &'static str,
    pub(crate) about: &'static str,
    /// Other words that people use for it.
    pub(crate) aliases: &'static [&'static str],
}

/// The keys of a table.
#[derive(Debug)]
pub(crate) struct Fields {
    pub(crate) keys: &'static [Key],
    /// What else holds of them together.
    pub(crate) needs: Needs,
}

/// What a table needs besides its required keys.
#[derive(Debug)]
pub(crate) enum Needs {
    /// Nothing.
    Nothing,
    /// At least one of these.
    AnyOf(&'static [&'static str]),
    /// Exactly one of these.
    OneOf(&'static [&'static str]),
}

impl Needs {
    /// The keys of which one has to be written.
    pub(crate) fn names(&self) -> &'static [&'static str] {
        match self {
            Self::Nothing => &[],
            Self::AnyOf(names) | Self::OneOf(names) => names,
        }
    }
}

impl Fields {
    /// The key of this name.
    pub(crate) fn find(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Kind {
    /// What it takes, as the end of "expected …".
    pub(crate) fn expected(&self) -> String {
        match self {
            Self::Text(_) => "a string".to_owned(),
            Self::Choice(choices) => {
                let words: Vec<String> = choices.iter().map(|c| format!("`\"{}\"`", c.word)).collect();
                words.join(" or ")
            }
            Self::Whole(bounds) => bounds.expected(),
            Self::Number(numbers) => alternatives(numbers.iter().map(ToString::to_string)),
            Self::Wholes(..) => "a list of whole numbers".to_owned(),
            Self::WholeOrList(bounds, _) => format!("{}, or a list of strings", bounds.expected()),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::List(..) => "a list of strings".to_owned(),
            Self::Table(_) => "a table".to_owned(),
            Self::WholeOrTable(..) => "a whole number or a table".to_owned(),
            Self::Named(..) => "a table".to_owned(),
        }
    }
}
