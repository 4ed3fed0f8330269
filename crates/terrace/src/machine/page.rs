//! Whether there is a page, where nothing builds one.

use std::collections::BTreeSet;

use terrace_diag::{Diagnostic, Diagnostics};
use terrace_topology::ProjectPath;

use super::{Site, code};

/// Looks for the built page where no build makes it.
pub(super) fn inspect(site: &Site<'_>, missing: &BTreeSet<ProjectPath>, found: &mut Diagnostics) {
    let web = &site.topology.web;
    if web.build.is_some() || missing.contains(&web.root) {
        return;
    }
    let dist = web.root.join(&web.dist);
    let folder = site.path(&dist);
    if !folder.is_dir() {
        let diagnostic = Diagnostic::error(
            code::MISSING_PAGE,
            format!("there is no folder `{dist}`, and no `build` to make it"),
        );
        let diagnostic = site.point(diagnostic, "web.dist", "", "the built page is served from here");
        found.push(if site.path(&web.root).join("package.json").is_file() {
            diagnostic.help("add `build = \"npm ci && npm run build\"` to `[web]`")
        } else {
            diagnostic
                .help("set `dist` to the folder that holds `index.html`, or add a `build` that makes it")
        });
    } else if !folder.join("index.html").is_file() {
        let diagnostic = Diagnostic::warning(code::MISSING_PAGE, format!("`{dist}` has no `index.html`"));
        let diagnostic = site.point(diagnostic, "web.dist", "", "`/` will answer 404");
        found.push(diagnostic.help("set `dist` to the folder that holds `index.html`"));
    }
}
