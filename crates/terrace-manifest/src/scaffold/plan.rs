//! What goes into a new manifest.

use terrace_topology::{Engine, EngineVersion};

use super::app::FoundApp;
use super::page::FoundPage;
use super::question;
use super::{Draft, Fact};
use crate::words::Word;

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

impl Plan {
    /// What a project is taken for of which nothing was seen.
    pub(super) fn bare(name: &str) -> Self {
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
                migration: None,
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

    /// What a draft comes to, with its answers and the defaults for the rest.
    pub(super) fn of(draft: &Draft) -> Self {
        let answer = |key: &str| draft.answers.get(key).cloned();
        let mut plan = Self::bare(&draft.name);
        plan.shape = answer(question::SHAPE).unwrap_or(plan.shape);
        match draft.page() {
            Some(page) => plan.page = page.clone(),
            None => plan.page.root = answer(question::PAGE_ROOT).unwrap_or(plan.page.root),
        }
        if let Some(candidate) = draft.candidate() {
            plan.app = candidate.app.clone();
            plan.health = candidate.health.as_ref().map_or(plan.health, |health| health.what.clone());
            plan.paths = guessed_paths(&candidate.prefixes);
            if let Some(found) = candidate.engines.first() {
                plan.engine = found.engine;
            }
        }
        plan.app.root = answer(question::APP_ROOT).unwrap_or(plan.app.root);
        plan.app.run = answer(question::RUN).or(plan.app.run);
        plan.app = runnable(&plan.app);
        plan.health = answer(question::HEALTH).unwrap_or(plan.health);
        if let Some(paths) = answer(question::PATHS) {
            plan.paths = paths.split([' ', ',']).filter(|path| !path.is_empty()).map(str::to_owned).collect();
        }
        plan.engine =
            answer(question::ENGINE).and_then(|word| Engine::from_word(&word)).unwrap_or(plan.engine);
        plan.version = draft
            .candidate()
            .and_then(|candidate| candidate.engines.iter().find(|found| found.engine == plan.engine))
            .and_then(|found| found.version.clone());
        plan
    }
}

/// What stands for a command that is not known.
pub(super) const UNKNOWN_RUN: &str = "./server";

/// The app with a command, if only a stand-in.
pub(super) fn runnable(app: &FoundApp) -> FoundApp {
    FoundApp { run: app.run.clone().or_else(|| Some(UNKNOWN_RUN.to_owned())), ..app.clone() }
}

/// The paths that routes with these first words need.
pub(super) fn guessed_paths(prefixes: &[Fact]) -> Vec<String> {
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
