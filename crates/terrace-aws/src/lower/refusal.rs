//! Why AWS would not have a system, in the manifest's words.

use terrace_diag::Code;

/// One reason, with the setting it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    code: Code,
    setting: String,
    message: String,
    helps: Vec<String>,
}

impl Refusal {
    /// What is wrong with a setting, by its path in the manifest: `data.version`, `app.machine`, `zones`.
    pub fn new(code: Code, setting: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, setting: setting.into(), message: message.into(), helps: Vec::new() }
    }

    /// What would mend it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.helps.push(text.into());
        self
    }

    /// The code by which people look it up.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The setting's path in the manifest.
    pub fn setting(&self) -> &str {
        &self.setting
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What would mend it.
    pub fn helps(&self) -> &[String] {
        &self.helps
    }
}

/// What AWS would have, and whoever asks for it should know; said as a refusal is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning(pub Refusal);
