//! What is known of a project, what is still asked, and the manifest that follows.

use std::collections::BTreeMap;

use terrace_diag::Severity;
use terrace_topology::{Engine, EngineVersion, SystemName};

use super::app::{self, FoundApp};
use super::page::{self, FoundPage};
use super::{FolderView, database, routes, write};
use crate::words::Word;
use crate::{parse, suggest};

/// Something that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What, in one line: `a page, Vite, in frontend`.
    pub what: String,
    /// The file that it was seen in.
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
    name: String,
    pages: Vec<FoundPage>,
    apps: Vec<Candidate>,
    facts: Vec<Fact>,
    answers: BTreeMap<&'static str, String>,
}

/// An app with what its own sources tell.
#[derive(Clone, Debug)]
struct Candidate {
    app: FoundApp,
    health: Option<Fact>,
    prefixes: Vec<Fact>,
    engines: Vec<database::Found>,
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

/// What goes into the manifest.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) shape: String,
    pub(super) page: FoundPage,
    pub(super) app: FoundApp,
    pub(super) paths: Vec<String>,
    pub(super) health: String,
    pub(super) engine: Engine,
    pub(super) version: Option<EngineVersion>,
}

const SHAPE: &str = "shape";
const PAGE: &str = "web";
const PAGE_ROOT: &str = "web.root";
const APP: &str = "app";
const APP_ROOT: &str = "app.root";
const RUN: &str = "app.run";
const PATHS: &str = "app.paths";
const HEALTH: &str = "app.health";
const ENGINE: &str = "data.engine";

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

    fn page(&self) -> Option<&FoundPage> {
        let chosen = self.answers.get(PAGE);
        self.pages.iter().find(|page| chosen == Some(&page.root)).or(self.pages.first())
    }

    fn candidate(&self) -> Option<&Candidate> {
        let chosen = self.answers.get(APP);
        self.apps.iter().find(|c| chosen == Some(&key_of(&c.app))).or(self.apps.first())
    }

    /// What is still asked. An answer may bring other questions, so ask the first, answer it, and look again.
    pub fn questions(&self) -> Vec<Question> {
        let all = [
            Some(self.shape_question()),
            self.page_question(),
            self.app_question(),
            self.root_question(),
            self.run_question(),
            self.paths_question(),
            self.health_question(),
            self.engine_question(),
        ];
        all.into_iter().flatten().filter(|question| !self.answers.contains_key(question.key)).collect()
    }

    fn shape_question(&self) -> Question {
        Question {
            key: SHAPE,
            prompt: "How shall it run on AWS?".to_owned(),
            choices: terrace_topology::Shape::CHOICES
                .iter()
                .map(|choice| Choice {
                    value: choice.word.to_owned(),
                    label: format!("{}: {}", choice.word, choice.about),
                })
                .collect(),
            default: "ec2".to_owned(),
        }
    }

    fn page_question(&self) -> Option<Question> {
        match self.pages.as_slice() {
            [] => Some(Question {
                key: PAGE_ROOT,
                prompt: "In which folder is the page?".to_owned(),
                choices: Vec::new(),
                default: "frontend".to_owned(),
            }),
            [_] => None,
            [first, ..] => Some(Question {
                key: PAGE,
                prompt: "Which of these is the page?".to_owned(),
                choices: self
                    .pages
                    .iter()
                    .map(|page| Choice {
                        value: page.root.clone(),
                        label: format!("{} ({})", page.root, page.kind),
                    })
                    .collect(),
                default: first.root.clone(),
            }),
        }
    }

    fn app_question(&self) -> Option<Question> {
        let (first, rest) = self.apps.split_first()?;
        if rest.is_empty() {
            return None;
        }
        let choice = |candidate: &Candidate| Choice {
            value: key_of(&candidate.app),
            label: format!("{} ({})", candidate.app.root, candidate.app.kind),
        };
        Some(Question {
            key: APP,
            prompt: "Which of these is the app?".to_owned(),
            choices: self.apps.iter().map(choice).collect(),
            default: key_of(&first.app),
        })
    }

    fn root_question(&self) -> Option<Question> {
        self.apps.is_empty().then(|| Question {
            key: APP_ROOT,
            prompt: "In which folder is the app?".to_owned(),
            choices: Vec::new(),
            default: "backend".to_owned(),
        })
    }

    fn run_question(&self) -> Option<Question> {
        let run = self.candidate().and_then(|candidate| candidate.app.run.as_ref());
        run.is_none().then(|| Question {
            key: RUN,
            prompt: "Which command starts the app, in its folder?".to_owned(),
            choices: Vec::new(),
            default: UNKNOWN_RUN.to_owned(),
        })
    }

    fn paths_question(&self) -> Option<Question> {
        let prefixes = self.candidate().map(|candidate| candidate.prefixes.as_slice()).unwrap_or_default();
        let is_plain = prefixes.iter().any(|prefix| prefix.what == "/api");
        (!is_plain).then(|| Question {
            key: PATHS,
            prompt: "Which paths does the app answer?".to_owned(),
            choices: Vec::new(),
            default: guessed_paths(prefixes).join(" "),
        })
    }

    fn health_question(&self) -> Option<Question> {
        let health = self.candidate().and_then(|candidate| candidate.health.as_ref());
        health.is_none().then(|| Question {
            key: HEALTH,
            prompt: "Which path answers 200 when the app is well?".to_owned(),
            choices: Vec::new(),
            default: "/health".to_owned(),
        })
    }

    fn engine_question(&self) -> Option<Question> {
        let engines = self.candidate().map(|candidate| candidate.engines.as_slice()).unwrap_or_default();
        let default = engines.first().map_or(Engine::Postgres, |found| found.engine);
        (engines.len() != 1).then(|| Question {
            key: ENGINE,
            prompt: "Which database?".to_owned(),
            choices: [Engine::Postgres, Engine::Mysql]
                .into_iter()
                .map(|engine| Choice { value: engine.word().to_owned(), label: engine.title().to_owned() })
                .collect(),
            default: default.word().to_owned(),
        })
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
        write::manifest(&self.plan())
    }

    fn plan(&self) -> Plan {
        let answer = |key: &str| self.answers.get(key).cloned();
        let mut plan = Plan::bare(&self.name);
        plan.shape = answer(SHAPE).unwrap_or(plan.shape);
        match self.page() {
            Some(page) => plan.page = page.clone(),
            None => plan.page.root = answer(PAGE_ROOT).unwrap_or(plan.page.root),
        }
        if let Some(candidate) = self.candidate() {
            plan.app = candidate.app.clone();
            plan.health = candidate.health.as_ref().map_or(plan.health, |health| health.what.clone());
            plan.paths = guessed_paths(&candidate.prefixes);
            if let Some(found) = candidate.engines.first() {
                plan.engine = found.engine;
            }
        }
        plan.app.root = answer(APP_ROOT).unwrap_or(plan.app.root);
        plan.app.run = answer(RUN).or(plan.app.run);
        plan.app = runnable(&plan.app);
        plan.health = answer(HEALTH).unwrap_or(plan.health);
        if let Some(paths) = answer(PATHS) {
            plan.paths = paths.split([' ', ',']).filter(|path| !path.is_empty()).map(str::to_owned).collect();
        }
        plan.engine = answer(ENGINE).and_then(|word| Engine::from_word(&word)).unwrap_or(plan.engine);
        plan.version = self
            .candidate()
            .and_then(|candidate| candidate.engines.iter().find(|found| found.engine == plan.engine))
            .and_then(|found| found.version.clone());
        plan
    }
}

const UNKNOWN_RUN: &str = "./server";

/// The app with a command, if only a stand-in.
fn runnable(app: &FoundApp) -> FoundApp {
    FoundApp { run: app.run.clone().or_else(|| Some(UNKNOWN_RUN.to_owned())), ..app.clone() }
}

/// What tells one app from another in the same folder.
fn key_of(app: &FoundApp) -> String {
    format!("{}: {}", app.root, app.kind)
}

fn guessed_paths(prefixes: &[Fact]) -> Vec<String> {
    if prefixes.is_empty() {
        return vec!["/api/*".to_owned()];
    }
    prefixes
        .iter()
        .flat_map(|prefix| match prefix.what.as_str() {
            "/api" => vec!["/api/*".to_owned()],
            "/graphql" => vec!["/graphql".to_owned()],
            other => vec![other.to_owned(), format!("{other}/*")],
        })
        .collect()
}

impl Plan {
    /// What a project is taken for of which nothing was seen.
    fn bare(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            shape: "ec2".to_owned(),
            page: FoundPage {
                root: "frontend".to_owned(),
                kind: "unknown",
                build: None,
                dist: "dist".to_owned(),
                spa: true,
                evidence: String::new(),
                advice: None,
            },
            app: FoundApp {
                root: "backend".to_owned(),
                kind: "unknown".to_owned(),
                build: None,
                run: Some(UNKNOWN_RUN.to_owned()),
                image: None,
                port: 8000,
                sources: String::new(),
                passes_port: false,
                evidence: String::new(),
            },
            paths: vec!["/api/*".to_owned()],
            health: "/health".to_owned(),
            engine: Engine::Postgres,
            version: None,
        }
    }
}
