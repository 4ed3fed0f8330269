//! Whether a Python service is asked for more at once than its pool of database connections can carry.
//!
//! SQLAlchemy's pool holds 5 connections and 10 more at need (`QueuePool`), and FastAPI runs plain functions on 40
//! threads: past 15 requests at once each waits up to 30 s for a connection that the others hold.

use std::path::Path;

use terrace_diag::{Diagnostic, Diagnostics};

use super::{Site, code};

/// What the default pool carries.
const DEFAULT_POOL: u32 = 15;
/// The most source files that are read.
const MOST_FILES: usize = 400;
/// The largest source file that is read.
const LARGEST: u64 = 1024 * 1024;

/// Compares each service's `concurrency` with its pool.
pub(super) fn inspect(site: &Site<'_>, found: &mut Diagnostics) {
    for (party, service) in &site.topology.services {
        let concurrency = service.concurrency.map(std::num::NonZeroU32::get);
        if concurrency.is_some_and(|n| n <= DEFAULT_POOL) {
            continue;
        }
        let root = site.path(&service.root);
        if !requires(&root, "sqlalchemy") || !requires(&root, "fastapi") || sets_pool(&root) {
            continue;
        }
        let message = match concurrency {
            Some(n) => format!("{n} requests at once share a pool of {DEFAULT_POOL} database connections"),
            None => {
                format!("any number of requests at once share a pool of {DEFAULT_POOL} database connections")
            }
        };
        let diagnostic = Diagnostic::warning(code::SMALL_POOL, message);
        let label = "SQLAlchemy's default pool; under load requests would stall for up to 30 s";
        let diagnostic = site.point(diagnostic, &format!("{party}.concurrency"), "", label);
        found.push(diagnostic.help(format!(
            "set `concurrency = {DEFAULT_POOL}` in `[{party}]`, so that others wait at the load balancer, or set \
             `pool_size` in the code"
        )));
    }
}

/// Whether a Python project names a package among what it needs.
fn requires(root: &Path, package: &str) -> bool {
    ["requirements.txt", "pyproject.toml", "Pipfile", "requirements/base.txt", "setup.cfg"]
        .iter()
        .filter_map(|file| std::fs::read_to_string(root.join(file)).ok())
        .any(|text| names(&text, package))
}

fn names(text: &str, package: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.match_indices(package).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + package.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// Whether the code sets the size of its pool.
fn sets_pool(root: &Path) -> bool {
    let sources = ignore::WalkBuilder::new(root).max_depth(Some(6)).require_git(false).build();
    sources
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "py"))
        .filter(|entry| entry.metadata().is_ok_and(|meta| meta.is_file() && meta.len() <= LARGEST))
        .take(MOST_FILES)
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .any(|text| ["pool_size", "NullPool", "poolclass"].iter().any(|word| text.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_found_by_their_whole_name() {
        assert!(names("fastapi==0.1\nSQLAlchemy[asyncio]>=2\n", "sqlalchemy"));
        assert!(names("dependencies = [\"fastapi>=0.100\"]", "fastapi"));
        assert!(!names("fastapi-users==1\n", "fastapi"));
    }
}
