//! What was released, by whom, when: a numbered record each, in the foundation's bucket.
//!
//! `releases/SYSTEM/ENVIRONMENT/N.json` is written once under its number (`If-None-Match: *`), so that two who release at
//! once have two numbers, and a second time when the release has ended (`If-Match`). `…/current` names the release in force.
//! A rollback is a release with a number of its own, which says what it restores: the book tells what happened, in order.
//!
//! GUARANTEE: the same record is the same bytes; a number is given once; a release that was begun and not ended is found
//! again by whoever releases next; nothing secret is in a record.

mod book;
mod settings;
mod value;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::deployed::Party;

pub use book::{Begun, Book, Open, Since};
pub use settings::{Differences, Settings};
pub use value::{Digest, Moment, Number, ValueError};

/// The form of records that this version writes and reads.
const FORMAT: u32 = 2;

/// A release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    format: u32,
    /// Its number.
    pub number: Number,
    /// When it was begun.
    pub at: Moment,
    /// Who released: an ARN.
    pub by: String,
    /// What it was built from, if that is known.
    pub commit: Option<Commit>,
    /// What whoever released says about it.
    pub message: Option<String>,
    /// The release that is brought back, if this is a rollback.
    pub restores: Option<Number>,
    /// What the audit found and somebody allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<Allowed>,
    /// What is released.
    pub contents: Contents,
    /// The task definition that runs it (ARN), once there is one.
    pub definition: Option<String>,
    /// Whether its migration has run to a good end.
    #[serde(default)]
    pub migrated: bool,
    /// What became of it.
    pub outcome: Outcome,
}

/// A rule of the audit that was violated, and why that was allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// The rule.
    pub rule: String,
    /// Why.
    pub because: String,
}

/// A revision of the sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Git's name for it.
    pub revision: String,
    /// Whether there were changes that are in no commit.
    pub dirty: bool,
}

/// What is released.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// The page, if there is one.
    pub page: Option<Page>,
    /// The application, if there is one.
    pub app: Option<App>,
    /// What has to run before traffic moves, if anything.
    pub migration: Option<Migration>,
    /// What each service starts with beside its code.
    pub configuration: BTreeMap<Party, Settings>,
    /// Of what Terraform was given.
    pub infrastructure: Option<Digest>,
}

/// The application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum App {
    /// An image, by its digest in the registry.
    Image(Digest),
    /// What each party's machines fetch.
    Artifacts(BTreeMap<Party, Fetched>),
}

/// What a party's machines fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// Of all of it: by this it is found.
    pub digest: Digest,
    /// Of all but the settings.
    pub code: Digest,
}

/// What has to run before traffic moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migration {
    /// The command.
    pub command: Vec<String>,
    /// Of what it runs: two releases with the same leave a database alike.
    pub digest: Digest,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Of all its files.
    pub digest: Digest,
    /// By path.
    pub files: Vec<File>,
}

/// A file of a page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct File {
    /// Below the page's folder, with `/`: `assets/index-BhX3f9a1.js`.
    pub path: String,
    /// Of its content.
    pub digest: Digest,
    /// In bytes.
    pub length: u64,
    /// Its media type, as it is sent.
    #[serde(rename = "type")]
    pub media_type: String,
    /// `Cache-Control`, as it is sent.
    pub cache: String,
}

/// What became of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is under way, or whoever did it was stopped.
    Begun,
    /// It was in force from then on, until the next.
    Done {
        /// When it had ended.
        at: Moment,
    },
    /// It never was in force.
    Failed {
        /// When it had ended.
        at: Moment,
        /// Why, in a few lines.
        why: Vec<String>,
    },
}

/// What is said of a release before it has a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// When.
    pub at: Moment,
    /// Who: an ARN.
    pub by: String,
    /// What it was built from, if that is known.
    pub commit: Option<Commit>,
    /// What is said about it.
    pub message: Option<String>,
    /// The release that is brought back, if this is a rollback.
    pub restores: Option<Number>,
    /// What the audit found and somebody allowed.
    pub allowed: Vec<Allowed>,
    /// What is released.
    pub contents: Contents,
}

impl App {
    /// What is code in it, by party: settings come with it, and another setting is no other code.
    pub fn code(&self) -> BTreeMap<&str, Digest> {
        match self {
            Self::Image(digest) => BTreeMap::from([("", *digest)]),
            Self::Artifacts(all) => all.iter().map(|(party, one)| (party.as_str(), one.code)).collect(),
        }
    }
}

impl Contents {
    /// Whether the code is another.
    pub fn has_other_code(&self, before: &Self) -> bool {
        self.app.as_ref().map(App::code) != before.app.as_ref().map(App::code)
    }

    /// The settings of a service.
    pub fn settings(&self, service: &str) -> Settings {
        let found = self.configuration.iter().find(|(party, _)| party.as_str() == service);
        found.map(|(_, settings)| settings.clone()).unwrap_or_default()
    }

    /// These again, where others are in force: what the infrastructure is stays as it is, and with it which secrets there are.
    #[must_use]
    pub fn again_after(&self, in_force: &Self) -> Self {
        let mut again = self.clone();
        again.infrastructure = in_force.infrastructure;
        for (party, settings) in &mut again.configuration {
            settings.secret = in_force.settings(party.as_str()).secret;
        }
        again
    }
}

impl Page {
    /// Of these files, in whatever order.
    pub fn of(mut files: Vec<File>) -> Self {
        files.sort();
        let mut text = String::new();
        for File { path, digest, media_type, cache, .. } in &files {
            // No path has a line break: see `page::folder`.
            text.push_str(&format!("{path}\n{digest}\n{media_type}\n{cache}\n"));
        }
        Self { digest: Digest::of(text.as_bytes()), files }
    }

    /// The file at a path.
    pub fn file(&self, path: &str) -> Option<&File> {
        let at = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        self.files.get(at)
    }
}

impl Record {
    fn begun(number: Number, draft: &Draft) -> Self {
        let Draft { at, by, commit, message, restores, allowed, contents } = draft.clone();
        let (format, definition, migrated, outcome) = (FORMAT, None, false, Outcome::Begun);
        Self {
            format,
            number,
            at,
            by,
            commit,
            message,
            restores,
            allowed,
            contents,
            definition,
            migrated,
            outcome,
        }
    }

    /// Whether it is what is to be released.
    pub(crate) fn is_of(&self, draft: &Draft) -> bool {
        self.contents == draft.contents && self.restores == draft.restores
    }

    /// Whether it came into force.
    pub fn is_done(&self) -> bool {
        matches!(self.outcome, Outcome::Done { .. })
    }

    /// Whether it has not ended.
    pub fn is_begun(&self) -> bool {
        self.outcome == Outcome::Begun
    }

    /// As it is kept: JSON whose fields have an order, with a line break at its end.
    pub fn text(&self) -> String {
        // Nothing in a record can fail to be JSON.
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        text + "\n"
    }

    /// Reads [`Record::text`].
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Form {
            format: u32,
        }
        match serde_json::from_slice::<Form>(text) {
            Ok(Form { format }) if format > FORMAT => {
                return Err("it was written by a newer Terrace than this one: use that one".to_owned());
            }
            Ok(Form { format }) if format < FORMAT => {
                return Err(format!(
                    "it has the form {format} of an older Terrace, whose releases held no settings; this one reads form {FORMAT}: take the older releases' records away, and `terrace deploy` begins anew"
                ));
            }
            _ => {}
        }
        let mut record: Self = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if let Some(page) = &mut record.contents.page {
            page.files.sort();
        }
        Ok(record)
    }
}
