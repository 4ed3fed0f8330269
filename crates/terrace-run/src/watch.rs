//! Which party's sources have changed (`--watch`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ignore::WalkBuilder;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use terrace_local::{Destination, LocalPlan, ProcessKind};
use terrace_topology::PartyName;
use tokio::sync::mpsc;

use crate::build::{Sources, is_made, is_never_source};
use crate::supervisor::Run;

/// For how long nothing more must change before a change is told: an editor writes more than one file.
const QUIET: Duration = Duration::from_millis(150);

/// A party's sources have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) party: PartyName,
    /// One of the files.
    pub(crate) path: PathBuf,
}

/// The changes of a run's sources.
pub(crate) struct Changes {
    watcher: RecommendedWatcher,
    seen: mpsc::UnboundedReceiver<notify::Event>,
    folders: Vec<(PartyName, PathBuf)>,
    /// What parties that are not built are made of; those that are built have their stamps.
    unbuilt: BTreeMap<PartyName, Vec<(Sources, blake3::Hash)>>,
    found: BTreeMap<PartyName, PathBuf>,
}

impl Changes {
    /// Watches the sources of all parties; none, and a note that says why, if that is not possible.
    pub(crate) fn watch(run: &Run, plan: &LocalPlan) -> Option<Self> {
        let (tell, seen) = mpsc::unbounded_channel();
        let handler = move |event: notify::Result<notify::Event>| {
            if let Ok(event) = event {
                let _ended = tell.send(event);
            }
        };
        let complain = |error: notify::Error| run.hub.note(format!("sources are not watched: {error}"));
        let watcher = notify::recommended_watcher(handler).map_err(complain).ok()?;
        // With their real paths, as the kernel tells them.
        let folders: Vec<(PartyName, PathBuf)> = source_folders(run, plan)
            .into_iter()
            .map(|(party, folder)| (party, folder.canonicalize().unwrap_or(folder)))
            .collect();
        let mut unbuilt: BTreeMap<PartyName, Vec<_>> = BTreeMap::new();
        for (party, folder) in &folders {
            if plan.builds.iter().all(|build| build.party != *party) {
                let sources = Sources::new(folder, None);
                let hash = sources.hash();
                unbuilt.entry(party.clone()).or_default().push((sources, hash));
            }
        }
        let mut changes = Self { watcher, seen, folders, unbuilt, found: BTreeMap::new() };
        for (_, folder) in changes.folders.clone() {
            changes.add(&folder).map_err(complain).ok()?;
        }
        Some(changes)
    }

    /// Watches a folder and all below it, but for what is never a source: each folder by itself, since one watch over
    /// all would take the thousands in `node_modules` along.
    fn add(&mut self, folder: &Path) -> notify::Result<()> {
        let folders = WalkBuilder::new(folder)
            .hidden(false)
            .filter_entry(|entry| {
                entry.file_type().is_some_and(|kind| kind.is_dir())
                    && (entry.depth() == 0
                        || !(entry.file_name().to_str().is_some_and(is_private) || is_made(entry.path())))
            })
            .require_git(false)
            .build();
        for entry in folders.flatten() {
            self.watcher.watch(entry.path(), RecursiveMode::NonRecursive)?;
        }
        Ok(())
    }

    /// The next party whose sources have changed; none when nothing is watched any more.
    pub(crate) async fn next(&mut self) -> Option<Change> {
        loop {
            let event = if self.found.is_empty() {
                self.seen.recv().await?
            } else {
                match tokio::time::timeout(QUIET, self.seen.recv()).await {
                    Ok(event) => event?,
                    Err(_quiet) => {
                        let (party, path) = self.found.pop_first()?;
                        if self.is_new(&party).await {
                            return Some(Change { party, path });
                        }
                        continue;
                    }
                }
            };
            self.look(&event);
        }
    }

    /// Whether a party that is not built is made of something else than before: programs write into their folders,
    /// too.
    async fn is_new(&mut self, party: &PartyName) -> bool {
        let Some(all) = self.unbuilt.get_mut(party) else { return true };
        let mut new = false;
        for (sources, hash) in all {
            let looked_at = sources.clone();
            if let Ok(now) = tokio::task::spawn_blocking(move || looked_at.hash()).await {
                new |= now != std::mem::replace(hash, now);
            }
        }
        new
    }

    fn look(&mut self, event: &notify::Event) {
        if matches!(event.kind, EventKind::Access(_) | EventKind::Other) {
            return;
        }
        for path in &event.paths {
            if path.is_dir() && !is_made(path) && matches!(event.kind, EventKind::Create(_)) {
                // A folder that cannot be watched is missed; what lies in it now is a change all the same.
                let _unwatched = self.add(path);
            }
            let of = self.folders.iter().filter(|(_, folder)| path.starts_with(folder));
            // Of folders that lie in each other, the innermost; of services that share one, each.
            let innermost = of.clone().map(|(_, folder)| folder.as_os_str().len()).max();
            for (party, folder) in of.filter(|(_, folder)| Some(folder.as_os_str().len()) == innermost) {
                let within = path.strip_prefix(folder).unwrap_or(path);
                let private = within.iter().any(|part| part.to_str().is_some_and(is_private));
                if !private && !is_never_source(within) {
                    self.found.insert(party.clone(), path.clone());
                }
            }
        }
    }
}

/// Where each party's sources lie: of its build, of its program, of the page as it is served if nothing builds it.
fn source_folders(run: &Run, plan: &LocalPlan) -> Vec<(PartyName, PathBuf)> {
    let built = |party: &PartyName| plan.builds.iter().any(|build| build.party == *party);
    let mut all: Vec<_> = plan.builds.iter().map(|b| (b.party.clone(), b.folder.as_str())).collect();
    for process in &plan.processes {
        let party = &process.party;
        match &process.kind {
            ProcessKind::Service(service) => all.push((party.clone(), service.program.folder.as_str())),
            ProcessKind::Edge(edge) if !built(party) => {
                all.extend(edge.routes.iter().filter_map(|route| match &route.to {
                    Destination::Files { folder, .. } => Some((party.clone(), folder.as_str())),
                    Destination::Edge(_) | Destination::Service { .. } => None,
                }));
            }
            ProcessKind::Edge(_) | ProcessKind::Database(_) | ProcessKind::Migration(_) => {}
        }
    }
    let mut all: Vec<_> = all.into_iter().map(|(party, folder)| (party, run.project.join(folder))).collect();
    all.sort();
    all.dedup();
    all
}

/// What belongs to tools and not to the program.
fn is_private(name: &str) -> bool {
    matches!(name, ".git" | ".terrace") || name.ends_with('~') || name.ends_with(".swp")
}
