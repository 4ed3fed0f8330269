//! What is known of a project, what is still asked, and the manifest that follows.

use super::FolderView;

/// Something that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What, in one line: `a Vite page in frontend`.
    pub what: String,
    /// Where it was seen: a path, or a path and what stands there.
    pub evidence: String,
}

/// One thing that could not be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What [`Draft::answer`] knows it by.
    pub key: &'static str,
    /// What to ask, ending in a question mark.
    pub prompt: String,
    /// What can be answered; any text if there is none.
    pub choices: Vec<Choice>,
    /// What holds without an answer.
    pub default: String,
}

/// One possible answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What [`Draft::answer`] takes.
    pub value: String,
    /// What people read.
    pub label: String,
}

/// Why an answer cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerError(String);

impl std::fmt::Display for AnswerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AnswerError {}

/// A manifest in the making.
#[derive(Clone, Debug)]
pub struct Draft {
    facts: Vec<Fact>,
}

impl Draft {
    pub(super) fn of(folder: &FolderView) -> Self {
        let _ = folder;
        Self { facts: Vec::new() }
    }

    /// What was seen.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// What is still asked. An answer may bring other questions, so ask the first, answer it, and look again.
    pub fn questions(&self) -> Vec<Question> {
        Vec::new()
    }

    /// Takes the answer to the question `key`.
    ///
    /// # Errors
    /// If there is no such question, or the answer is none of its choices or cannot be a value of that key.
    pub fn answer(&mut self, key: &str, answer: &str) -> Result<(), AnswerError> {
        Err(AnswerError(format!("`{key}` is not asked, so `{answer}` answers nothing")))
    }

    /// The manifest, with what was answered and the defaults for the rest.
    pub fn manifest(&self) -> String {
        String::new()
    }
}
