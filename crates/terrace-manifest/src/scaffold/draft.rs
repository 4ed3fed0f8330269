//! What is known of a project, what is still asked, and the manifest that follows.

use std::collections::BTreeMap;

use terrace_diag::Severity;
use terrace_topology::SystemName;

use super::app::{self, FoundApp};
use super::page::{self, FoundPage};
use super::plan::{Plan, runnable};
use super::question::{self, Question, key_of};
use super::{FolderView, database, routes, write};
use crate::{parse, suggest};

/// Something that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What, in one line: `a page, Vite, in frontend`.
    pub what: String,
    /// The file that it was seen in.
    pub evidence: String,
}

/// Why an answer cannot be taken; in words for people.
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
    pub(super) name: String,
    pub(super) pages: Vec<FoundPage>,
    pub(super) apps: Vec<Candidate>,
    facts: Vec<Fact>,
    pub(super) answers: BTreeMap<&'static str, String>,
}

/// An app with what its own sources tell.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) app: FoundApp,
    pub(super) health: Option<Fact>,
    pub(super) prefixes: Vec<Fact>,
    pub(super) engines: Vec<database::Found>,
    other_database: Option<&'static str>,
    reads_port: bool,
    reads_database: bool,
}

impl Candidate {
    fn of(app: FoundApp, folder: &FolderView) -> Self {
        let sources = app.sources.as_str();
        Self {
            health: routes::health(folder, sources),
            prefixes: routes::prefixes(folder, sources),
            engines: database::all(folder, sources),
            other_database: database::other(folder, sources),
            reads_port: app.passes_port || routes::reads(folder, sources, "PORT"),
            reads_database: ["DATABASE_URL", "DB_HOST"].iter().any(|n| routes::reads(folder, sources, n)),
            app,
        }
    }
}

impl Draft {
    pub(super) fn of(folder: &FolderView) -> Self {
        let name = suggest::label(folder.name(), SystemName::MAX).unwrap_or_else(|| "app".to_owned());
        let mut draft = Self {
            name,
            pages: page::all(folder),
            apps: app::all(folder).into_iter().map(|app| Candidate::of(app, folder)).collect(),
            facts: Vec::new(),
            answers: BTreeMap::new(),
        };
        draft.keep_apart(folder);
        // A folder with a strange name, or a script with strange bytes, is not to spoil the manifest.
        let all = draft.clone();
        draft.pages.retain(|page| all.is_sound(&Plan { page: page.clone(), ..Plan::bare(&all.name) }));
        draft.apps.retain(|candidate| {
            all.is_sound(&Plan { app: runnable(&candidate.app), ..Plan::bare(&all.name) })
        });
        draft.facts = draft.all_facts();
        draft
    }

    /// Takes care that no page publishes an app: a manifest that did would be wrong.
    fn keep_apart(&mut self, folder: &FolderView) {
        let apps = self.apps.clone();
        for page in &mut self.pages {
            let publishes = |page: &FoundPage| {
                apps.iter().any(|candidate| {
                    let plan = Plan { page: page.clone(), app: runnable(&candidate.app), ..Plan::bare("x") };
                    let found = parse(&write::manifest(&plan), None).diagnostics;
                    found.iter().any(|found| found.code() == crate::code::SERVES_PROJECT)
                })
            };
            if publishes(page) {
                *page = page::apart(page.clone(), folder);
            }
        }
    }

    fn is_sound(&self, plan: &Plan) -> bool {
        !parse(&write::manifest(plan), None).diagnostics.has_errors()
    }

    fn all_facts(&self) -> Vec<Fact> {
        let mut facts: Vec<Fact> = self.pages.iter().map(FoundPage::fact).collect();
        for candidate in &self.apps {
            facts.push(candidate.app.fact());
            let image = candidate.app.image.as_ref();
            if let Some(image) = image.filter(|image| !candidate.app.evidence.ends_with(image.as_str())) {
                facts.push(Fact {
                    what: "a container for it".to_owned(),
                    evidence: write::joined(&candidate.app.root, image),
                });
            }
            facts.extend(candidate.app.migration.iter().map(|migration| migration.fact()));
            let paths = candidate.prefixes.iter().map(|prefix| Fact {
                what: format!("requests for {}", prefix.what),
                evidence: prefix.evidence.clone(),
            });
            facts.extend(paths);
            facts.extend(candidate.health.iter().map(|health| Fact {
                what: format!("a health check, {}", health.what),
                evidence: health.evidence.clone(),
            }));
            facts.extend(candidate.engines.iter().flat_map(|found| found.signs.clone()));
        }
        let mut once: Vec<Fact> = Vec::new();
        for fact in facts {
            if !once.contains(&fact) {
                once.push(fact);
            }
        }
        once
    }

    /// What was seen.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// What the project itself has to have mended to run on Terrace; each a sentence without a full stop.
    pub fn advice(&self) -> Vec<String> {
        let mut advice: Vec<String> = self.page().and_then(|page| page.advice.clone()).into_iter().collect();
        let Some(candidate) = self.candidate() else { return advice };
        let place = &candidate.app.root;
        if !candidate.reads_port {
            advice.push(format!(
                "the app in `{place}` has to listen on the port in `PORT`; nothing there reads it"
            ));
        }
        if !candidate.reads_database {
            advice.push(format!(
                "the app in `{place}` finds its database in `DATABASE_URL`; nothing there reads it"
            ));
        }
        if let (Some(other), true) = (candidate.other_database, candidate.engines.is_empty()) {
            advice.push(format!("the app uses {other}, and Terrace runs PostgreSQL or MySQL"));
        }
        advice
    }

    /// The page that goes into the manifest.
    pub(super) fn page(&self) -> Option<&FoundPage> {
        let chosen = self.answers.get(question::PAGE);
        self.pages.iter().find(|page| chosen == Some(&page.root)).or(self.pages.first())
    }

    /// The app that goes into the manifest.
    pub(super) fn candidate(&self) -> Option<&Candidate> {
        let chosen = self.answers.get(question::APP);
        self.apps.iter().find(|c| chosen == Some(&key_of(&c.app))).or(self.apps.first())
    }

    /// What is still asked. An answer may bring other questions, so ask the first, answer it, and look again.
    pub fn questions(&self) -> Vec<Question> {
        let open = |question: &Question| !self.answers.contains_key(question.key);
        question::all(self).into_iter().filter(open).collect()
    }

    /// Takes the answer to the question `key`.
    ///
    /// # Errors
    /// If there is no such question, or the answer is none of its choices or cannot be a value of that key.
    pub fn answer(&mut self, key: &str, answer: &str) -> Result<(), AnswerError> {
        let answer = answer.trim();
        let Some(question) = self.questions().into_iter().find(|question| question.key == key) else {
            return Err(AnswerError(format!("`{key}` is not asked")));
        };
        if !question.choices.is_empty() && !question.choices.iter().any(|choice| choice.value == answer) {
            let values = question.choices.iter().map(|choice| format!("`{}`", choice.value));
            return Err(AnswerError(format!("expected {}", crate::unknown::alternatives(values))));
        }
        let mut answered = self.clone();
        answered.answers.insert(question.key, answer.to_owned());
        let wrong = parse(&answered.manifest(), None)
            .diagnostics
            .into_iter()
            .find(|d| d.severity() == Severity::Error);
        if let Some(wrong) = wrong {
            let why = wrong.primary().map_or_else(String::new, |label| format!(": {}", label.text()));
            return Err(AnswerError(format!("{}{why}", wrong.message())));
        }
        *self = answered;
        Ok(())
    }

    /// The manifest, with what was answered and the defaults for the rest.
    pub fn manifest(&self) -> String {
        write::manifest(&Plan::of(self))
    }
}
