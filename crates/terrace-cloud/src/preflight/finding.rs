//! What is found, as a value.

use serde::Serialize;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// The deployment would fail.
    Stops,
    /// It may fail, or do what is not meant.
    Warns,
}

/// Something that stops a deployment, or may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about: `account`, `quota`.
    pub code: &'static str,
    /// How much it weighs.
    pub weight: Weight,
    /// In a sentence.
    pub text: String,
    /// What to do: commands to type, or a few words.
    pub help: Vec<String>,
}

impl Finding {
    pub(crate) fn stops(code: &'static str, text: &str) -> Self {
        Self { code, weight: Weight::Stops, text: text.to_owned(), help: Vec::new() }
    }

    pub(crate) fn warns(code: &'static str, text: &str) -> Self {
        Self { weight: Weight::Warns, ..Self::stops(code, text) }
    }

    pub(crate) fn help(mut self, text: &str) -> Self {
        self.help.push(text.to_owned());
        self
    }
}
