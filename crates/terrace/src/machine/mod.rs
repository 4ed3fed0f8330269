//! What only the machine can tell about a system: folders, tools, files, servers, ports.
//!
//! Every finding points at the setting that it is about and says how to mend it. Nothing is changed and nothing of
//! the project is run; the tools' versions are asked for at most.

mod cargo;
pub(crate) mod code;
mod command_line;
mod entrance;
mod folders;
mod node;
mod page;
mod pools;
mod programs;
mod server;
mod tools;
pub(crate) mod usage;

use std::path::{Path, PathBuf};

use terrace_diag::{Diagnostic, Diagnostics, Span};
use terrace_manifest::Places;
use terrace_topology::{CommandLine, PartyName, ProjectPath, Runnable, Topology};

pub(crate) use cargo::is_build as is_cargo_build;
pub(crate) use command_line::steps;
pub(crate) use entrance::note as port_note;
pub(crate) use node::nearest;
pub(crate) use tools::Tools;

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// What a run needs before it begins; what it finds out for itself, and says, is left to it.
    BeforeRun,
    /// Everything.
    Everything,
}

/// A system that is looked at where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site<'a> {
    /// The folder of the manifest.
    pub(crate) folder: &'a Path,
    /// The manifest's text.
    pub(crate) text: &'a str,
    /// What it means.
    pub(crate) topology: &'a Topology,
    /// Where its settings are written.
    pub(crate) places: &'a Places,
    /// The programs at hand.
    pub(crate) tools: &'a Tools,
}

/// Everything that the machine has to say.
pub(crate) fn inspect(site: &Site<'_>, depth: Depth) -> Diagnostics {
    let mut found = Diagnostics::new();
    let commands = site.commands();
    let missing = folders::inspect(site, &mut found);
    let commands: Vec<_> = commands.into_iter().filter(|command| !missing.contains(command.root)).collect();
    for command in &commands {
        programs::inspect(site, command, &mut found);
        node::inspect(site, command, depth, &mut found);
        cargo::inspect(site, command, &mut found);
    }
    page::inspect(site, &missing, &mut found);
    if depth == Depth::Everything {
        pools::inspect(site, &mut found);
        server::inspect(site, &mut found);
    }
    found
}

/// What a command of the manifest is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Build,
    Run,
    Migrate,
}

/// A command of the manifest.
#[derive(Clone, Debug)]
struct Commanded<'a> {
    party: PartyName,
    purpose: Purpose,
    /// Its setting's name.
    key: String,
    root: &'a ProjectPath,
    line: &'a CommandLine,
    /// The build that comes before it.
    build: Option<&'a CommandLine>,
}

impl Site<'_> {
    /// Every command of the system.
    fn commands(&self) -> Vec<Commanded<'_>> {
        let topology = self.topology;
        let mut all = Vec::new();
        let mut add = |party: &PartyName, purpose, root, line, build| {
            let key = match purpose {
                Purpose::Build => format!("{party}.build"),
                Purpose::Run => format!("{party}.run"),
                Purpose::Migrate => "data.migrate".to_owned(),
            };
            all.push(Commanded { party: party.clone(), purpose, key, root, line, build });
        };
        let web = PartyName::web();
        if let Some(line) = &topology.web.build {
            add(&web, Purpose::Build, &topology.web.root, line, None);
        }
        for (party, service) in &topology.services {
            if let Some(line) = &service.build {
                add(party, Purpose::Build, &service.root, line, None);
            }
            if let Runnable::Command(line) | Runnable::Dockerfile { without_container: Some(line), .. } =
                &service.runnable
            {
                add(party, Purpose::Run, &service.root, line, service.build.as_ref());
            }
            if let Some(line) = topology.database.migrate.as_ref().filter(|_| *party == PartyName::app()) {
                add(party, Purpose::Migrate, &service.root, line, service.build.as_ref());
            }
        }
        all
    }

    /// A folder of the project on this machine.
    fn path(&self, path: &ProjectPath) -> PathBuf {
        self.folder.join(path.as_str())
    }

    /// A diagnostic with its place: where `word` stands in the setting, else the setting, else the nearest table.
    fn point(&self, diagnostic: Diagnostic, key: &str, word: &str, label: impl Into<String>) -> Diagnostic {
        match self.places.nearest(key) {
            Some(span) => diagnostic.at(self.narrow(span, word), label),
            None => diagnostic,
        }
    }

    fn narrow(&self, span: Span, word: &str) -> Span {
        let within = self.text.get(span.start()..span.end()).unwrap_or_default();
        let whole = |at: &usize| {
            let is_part = |c: char| c.is_alphanumeric() || "_-./".contains(c);
            let before = within.get(..*at).and_then(|text| text.chars().next_back());
            let after = within.get(at + word.len()..).and_then(|text| text.chars().next());
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        };
        let at =
            (!word.is_empty()).then(|| within.match_indices(word).map(|(at, _)| at).find(whole)).flatten();
        at.map_or(span, |at| Span::new(span.start() + at, span.start() + at + word.len()))
    }
}
