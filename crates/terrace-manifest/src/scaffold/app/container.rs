//! Dockerfiles: what they start, and on which port.

use super::FoundApp;
use crate::scaffold::FolderView;
use crate::scaffold::text::{as_root, folder_of, name_of, within};

/// One Dockerfile.
#[derive(Clone, Debug)]
pub(super) struct Dockerfile {
    pub(super) folder: String,
    pub(super) name: String,
    command: Option<String>,
    port: Option<u16>,
}

/// Every Dockerfile of the project that can be an app's.
pub(super) fn all(folder: &FolderView) -> Vec<Dockerfile> {
    folder
        .paths()
        .filter(|path| matches!(name_of(path), "Dockerfile" | "Containerfile"))
        .map(|path| (path, folder.text(path).unwrap_or_default()))
        .filter(|(path, text)| !serves_files(text) && !is_of_page(folder, folder_of(path)))
        .map(|(path, text)| Dockerfile {
            folder: folder_of(path).to_owned(),
            name: name_of(path).to_owned(),
            command: command(text),
            port: exposed(text),
        })
        .collect()
}

/// Whether its last stage is a web server for files, and so the page's.
fn serves_files(text: &str) -> bool {
    let last = text.lines().rev().find_map(|line| line.trim().strip_prefix("FROM "));
    last.is_some_and(|image| {
        ["nginx", "caddy", "httpd"].iter().any(|server| image.trim().starts_with(server))
    })
}

/// Whether a page lies beside it; in the project's own folder that says nothing.
fn is_of_page(folder: &FolderView, at: &str) -> bool {
    let has = |name: &str| folder.has(&within(at, name));
    !at.is_empty() && (has("index.html") || has("public/index.html"))
}

/// `CMD ["node", "server.js"]` and `CMD node server.js` start `node server.js`.
fn command(text: &str) -> Option<String> {
    let lines = || text.lines().rev().map(str::trim);
    let line = lines()
        .find_map(|line| line.strip_prefix("CMD "))
        .or_else(|| lines().find_map(|line| line.strip_prefix("ENTRYPOINT ")))?
        .trim();
    let words = match serde_json::from_str::<Vec<String>>(line) {
        Ok(words) => words.join(" "),
        Err(_) if line.starts_with('[') || line.ends_with('\\') => return None,
        Err(_) => line.to_owned(),
    };
    // What lies at a place of the container's own does not lie there outside of it.
    (!words.is_empty() && !words.starts_with('/') && !words.contains(" /")).then_some(words)
}

fn exposed(text: &str) -> Option<u16> {
    text.lines()
        .find_map(|line| line.trim().strip_prefix("EXPOSE "))
        .and_then(|ports| ports.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok())
        .filter(|port| *port >= 1024)
}

impl Dockerfile {
    /// The app that it alone tells of.
    pub(super) fn app(&self) -> FoundApp {
        FoundApp {
            root: as_root(&self.folder).to_owned(),
            kind: "a container".to_owned(),
            build: None,
            run: self.command.clone(),
            image: Some(self.name.clone()),
            migration: None,
            port: self.port.unwrap_or(8080),
            sources: self.folder.clone(),
            passes_port: false,
            evidence: within(&self.folder, &self.name),
        }
    }
}
