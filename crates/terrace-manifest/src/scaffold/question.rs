//! What is asked: only what could not be seen, each with a default that works.

use terrace_topology::{Engine, Shape};

use super::Draft;
use super::app::FoundApp;
use super::draft::Candidate;
use super::plan::{UNKNOWN_RUN, guessed_paths};
use crate::words::Word;

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

pub(super) const SHAPE: &str = "shape";
pub(super) const PAGE: &str = "web";
pub(super) const PAGE_ROOT: &str = "web.root";
pub(super) const APP: &str = "app";
pub(super) const APP_ROOT: &str = "app.root";
pub(super) const RUN: &str = "app.run";
pub(super) const PATHS: &str = "app.paths";
pub(super) const HEALTH: &str = "app.health";
pub(super) const ENGINE: &str = "data.engine";

/// Every question that the folder leaves open, in the order to ask them.
pub(super) fn all(draft: &Draft) -> Vec<Question> {
    let all = [
        Some(shape_question()),
        page_question(draft),
        app_question(draft),
        root_question(draft),
        run_question(draft),
        paths_question(draft),
        health_question(draft),
        engine_question(draft),
    ];
    all.into_iter().flatten().collect()
}

fn shape_question() -> Question {
    Question {
        key: SHAPE,
        prompt: "How shall it run on AWS?".to_owned(),
        choices: Shape::CHOICES
            .iter()
            .map(|choice| Choice {
                value: choice.word.to_owned(),
                label: format!("{}: {}", choice.word, choice.about),
            })
            .collect(),
        default: "ec2".to_owned(),
    }
}

fn page_question(draft: &Draft) -> Option<Question> {
    match draft.pages.as_slice() {
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
            choices: draft
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

fn app_question(draft: &Draft) -> Option<Question> {
    let (first, rest) = draft.apps.split_first()?;
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
        choices: draft.apps.iter().map(choice).collect(),
        default: key_of(&first.app),
    })
}

fn root_question(draft: &Draft) -> Option<Question> {
    draft.apps.is_empty().then(|| Question {
        key: APP_ROOT,
        prompt: "In which folder is the app?".to_owned(),
        choices: Vec::new(),
        default: "backend".to_owned(),
    })
}

fn run_question(draft: &Draft) -> Option<Question> {
    let run = draft.candidate().and_then(|candidate| candidate.app.run.as_ref());
    run.is_none().then(|| Question {
        key: RUN,
        prompt: "Which command starts the app, in its folder?".to_owned(),
        choices: Vec::new(),
        default: UNKNOWN_RUN.to_owned(),
    })
}

fn paths_question(draft: &Draft) -> Option<Question> {
    let prefixes = draft.candidate().map(|candidate| candidate.prefixes.as_slice()).unwrap_or_default();
    let is_plain = prefixes.iter().any(|prefix| prefix.what == "/api");
    (!is_plain).then(|| Question {
        key: PATHS,
        prompt: "Which paths does the app answer?".to_owned(),
        choices: Vec::new(),
        default: guessed_paths(prefixes).join(" "),
    })
}

fn health_question(draft: &Draft) -> Option<Question> {
    let health = draft.candidate().and_then(|candidate| candidate.health.as_ref());
    health.is_none().then(|| Question {
        key: HEALTH,
        prompt: "Which path answers 200 when the app is well?".to_owned(),
        choices: Vec::new(),
        default: "/health".to_owned(),
    })
}

fn engine_question(draft: &Draft) -> Option<Question> {
    let engines = draft.candidate().map(|candidate| candidate.engines.as_slice()).unwrap_or_default();
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

/// What tells one app from another in the same folder.
pub(super) fn key_of(app: &FoundApp) -> String {
    format!("{}: {}", app.root, app.kind)
}
