//! What a checkout tells of itself: its root, the repository on GitHub that it is of, the branch that others start from.
//!
//! Git's own files are read; no program is run, so that nothing has to be installed.

use std::path::{Path, PathBuf};

use terrace_aws::deployer::Repository;

/// A checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checkout {
    /// The folder that it begins in.
    pub(crate) root: PathBuf,
    /// What `origin` is on GitHub, if it is there.
    pub(crate) repository: Option<Repository>,
    /// The branch that `origin` begins with; `main` if it is not told.
    pub(crate) branch: String,
}

/// The checkout that a folder is in.
pub(crate) fn find(folder: &Path) -> Option<Checkout> {
    let root = folder.ancestors().find(|above| above.join(".git").exists())?;
    let git = storage(root);
    let read = |name: &str| std::fs::read_to_string(git.join(name)).unwrap_or_default();
    let head = read("refs/remotes/origin/HEAD");
    let branch = head.trim().strip_prefix("ref: refs/remotes/origin/").unwrap_or("main").to_owned();
    Some(Checkout { root: root.to_owned(), repository: origin(&read("config")), branch })
}

/// Where Git keeps what all work trees share.
fn storage(root: &Path) -> PathBuf {
    let git = root.join(".git");
    // A work tree or a submodule has a file that names the folder.
    let Ok(text) = std::fs::read_to_string(&git) else { return git };
    let Some(named) = text.trim().strip_prefix("gitdir: ") else { return git };
    let own = root.join(named);
    match std::fs::read_to_string(own.join("commondir")) {
        Ok(common) => own.join(common.trim()),
        Err(_) => own,
    }
}

/// The repository that the configuration's `origin` is.
fn origin(config: &str) -> Option<Repository> {
    let mut inside = false;
    for line in config.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[remote \"origin\"]";
        } else if let Some((key, url)) = line.split_once('=').filter(|_| inside)
            && key.trim() == "url"
        {
            return on_github(url.trim());
        }
    }
    None
}

/// `https://github.com/o/r.git`, `git@github.com:o/r.git`, `ssh://git@github.com/o/r`
fn on_github(url: &str) -> Option<Repository> {
    let (before, after) = url.split_once("github.com")?;
    if !(before.ends_with("://") || before.ends_with('@') || before.is_empty()) {
        return None;
    }
    let path = after.strip_prefix(':').or_else(|| after.strip_prefix('/'))?;
    path.trim_end_matches('/').trim_end_matches(".git").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remotes_on_github_are_known_in_every_form() {
        for url in [
            "https://github.com/octocat/hello-world.git",
            "https://github.com/octocat/hello-world/",
            "https://x-access-token:secret@github.com/octocat/hello-world",
            "git@github.com:octocat/hello-world.git",
            "ssh://git@github.com/octocat/hello-world.git",
        ] {
            let found = on_github(url).unwrap();
            assert_eq!(found.to_string(), "octocat/hello-world", "{url}");
        }
        for url in [
            "https://gitlab.com/o/r.git",
            "https://notgithub.com/o/r",
            "/srv/github.com",
            "https://github.com/o",
        ] {
            assert_eq!(on_github(url), None, "{url}");
        }
    }
}
