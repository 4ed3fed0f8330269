//! What differs between two releases, and what going back to one would do.

use std::collections::BTreeSet;

use serde::Serialize;
use terrace_cloud::release::record::{Contents, Number, Outcome, Page, Record};

use super::words::counted;

/// What differs between two releases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Changed {
    /// Files of the page that are new, others, or gone.
    pub(crate) page: BTreeSet<String>,
    /// Whether the application is another.
    pub(crate) code: bool,
    /// Whether settings are others.
    pub(crate) configuration: bool,
    /// Whether what Terraform was given is another.
    pub(crate) infrastructure: bool,
}

impl Changed {
    /// From what was in force before, if anything was.
    pub(crate) fn between(before: Option<&Contents>, after: &Contents) -> Self {
        let none = Contents::default();
        let before = before.unwrap_or(&none);
        Self {
            page: files(before.page.as_ref(), after.page.as_ref()),
            code: after.has_other_code(before),
            configuration: before.configuration != after.configuration,
            infrastructure: before.infrastructure != after.infrastructure,
        }
    }

    /// In a few words: `page (2 files), code`.
    pub(crate) fn words(&self) -> String {
        let files = self.page.len();
        let files = (files > 0).then(|| format!("page ({})", counted(files, "file")));
        let rest = [
            (self.code, "code"),
            (self.configuration, "configuration"),
            (self.infrastructure, "infrastructure"),
        ];
        let rest = rest.into_iter().filter(|(changed, _)| *changed).map(|(_, word)| word.to_owned());
        let all: Vec<String> = files.into_iter().chain(rest).collect();
        if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
    }
}

fn files(before: Option<&Page>, after: Option<&Page>) -> BTreeSet<String> {
    let of = |page: Option<&Page>| -> BTreeSet<_> {
        let files = page.map(|page| page.files.as_slice()).unwrap_or_default();
        files.iter().cloned().collect()
    };
    of(before).symmetric_difference(&of(after)).map(|file| file.path.clone()).collect()
}

/// What going back to a release would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Back {
    /// It is what is in force.
    InForce,
    /// It never was.
    Never,
    /// What it was made of is kept no longer.
    Gone,
    /// It would bring this back.
    Brings {
        /// What differs from what is in force.
        changed: Changed,
        /// Later releases that changed the database's tables, which going back leaves as they are.
        migrated_since: Vec<Number>,
    },
}

impl Back {
    /// To one of these releases (the newest first, all that came after it among them), of which as many as `keep` are kept.
    pub(crate) fn to(record: &Record, all: &[Record], in_force: Option<&Record>, keep: usize) -> Self {
        let Some(in_force) = in_force else { return Self::Never };
        if record.number == in_force.number {
            return Self::InForce;
        }
        if !record.is_done() {
            return Self::Never;
        }
        let newer = all.iter().filter(|one| one.is_done() && one.number > record.number);
        if newer.clone().count() >= keep.max(1) {
            return Self::Gone;
        }
        let digest = |one: &Record| one.contents.migration.as_ref().map(|migration| migration.digest);
        let own = digest(record);
        let migrated = newer.filter(|one| one.migrated && one.restores.is_none() && digest(one) != own);
        Self::Brings {
            changed: Changed::between(Some(&in_force.contents), &record.contents),
            migrated_since: migrated.map(|one| one.number).collect(),
        }
    }

    /// In a few words; empty where one cannot go back.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::InForce | Self::Never => String::new(),
            Self::Gone => "kept no longer".to_owned(),
            Self::Brings { changed, migrated_since } => {
                let tables = match migrated_since.as_slice() {
                    [] => String::new(),
                    all => {
                        let all: Vec<String> = all.iter().map(ToString::to_string).collect();
                        format!("; tables stay as {} left them", all.join(", "))
                    }
                };
                format!("{}{tables}", changed.words())
            }
        }
    }
}

/// What became of a release, in a few words.
pub(crate) fn outcome(record: &Record, in_force: Option<Number>) -> &'static str {
    match &record.outcome {
        Outcome::Done { .. } if in_force == Some(record.number) => "in force",
        Outcome::Done { .. } => "done",
        Outcome::Failed { .. } => "failed",
        Outcome::Begun => "begun",
    }
}
