//! Whether the folders that the manifest names are there.

use std::collections::BTreeSet;
use std::path::Path;

use terrace_diag::{Diagnostic, Diagnostics};
use terrace_topology::{PartyName, ProjectPath};

use super::{Site, code};

/// Says which are missing, and returns those.
pub(super) fn inspect(site: &Site<'_>, found: &mut Diagnostics) -> BTreeSet<ProjectPath> {
    let mut missing = BTreeSet::new();
    let web = PartyName::web();
    let services = site.topology.services.iter().map(|(party, service)| (party, &service.root));
    for (party, root) in std::iter::once((&web, &site.topology.web.root)).chain(services) {
        let path = site.path(root);
        if path.is_dir() {
            continue;
        }
        let message = if path.exists() {
            format!("`{root}` is not a folder")
        } else {
            format!("there is no folder `{root}`")
        };
        let mut diagnostic = Diagnostic::error(code::MISSING_FOLDER, message);
        diagnostic = site.point(diagnostic, &format!("{party}.root"), "", "looked for beside the manifest");
        if let Some(other) = near(site.folder, root) {
            diagnostic = diagnostic.help(format!("there is a folder `{other}`"));
        }
        found.push(diagnostic);
        missing.insert(root.clone());
    }
    missing
}

/// A folder of the project with nearly that name.
fn near(project: &Path, root: &ProjectPath) -> Option<String> {
    let entries = std::fs::read_dir(project).ok()?;
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    super::node::nearest(root.as_str(), names.iter().map(String::as_str)).map(str::to_owned)
}
