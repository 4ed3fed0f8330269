//! Apps in Go.

use super::FoundApp;
use crate::scaffold::FolderView;
use crate::scaffold::text::{as_root, folder_of, from_folder, lies_in, name_of, within};

const FRAMEWORKS: &[(&str, &str)] = &[
    ("github.com/gin-gonic/gin", "Gin"),
    ("github.com/labstack/echo", "Echo"),
    ("github.com/gofiber/fiber", "Fiber"),
    ("github.com/go-chi/chi", "chi"),
    ("github.com/gorilla/mux", "Gorilla"),
    ("connectrpc.com/connect", "Connect"),
];

/// Every module that serves HTTP.
pub(super) fn all(folder: &FolderView) -> Vec<FoundApp> {
    folder
        .paths()
        .filter(|path| name_of(path) == "go.mod")
        .filter_map(|path| app(folder, folder_of(path), folder.text(path).unwrap_or_default()))
        .collect()
}

fn app(folder: &FolderView, root: &str, module: &str) -> Option<FoundApp> {
    let framework = FRAMEWORKS.iter().find(|(path, _)| module.contains(path)).map(|(_, name)| *name);
    let sources = || {
        folder
            .paths()
            .filter(|path| path.ends_with(".go") && !path.ends_with("_test.go") && lies_in(path, root))
            .filter_map(|path| Some((path, folder.text(path)?)))
    };
    let serves = framework.is_some() || sources().any(|(_, text)| text.contains("\"net/http\""));
    if !serves {
        return None;
    }
    let mut mains: Vec<&str> = sources()
        .filter(|(_, text)| {
            text.lines().any(|line| line.trim() == "package main") && text.contains("func main(")
        })
        .map(|(path, _)| from_folder(folder_of(path), root))
        .collect();
    mains.sort_by_key(|package| {
        let likely = ["", "cmd/server", "cmd/api", "cmd/web", "cmd/app"];
        likely.iter().position(|name| name == package).unwrap_or(likely.len())
    });
    let main = mains.first()?;
    let package = if main.is_empty() { ".".to_owned() } else { format!("./{main}") };
    Some(FoundApp {
        root: as_root(root).to_owned(),
        kind: framework.map_or_else(|| "Go".to_owned(), |name| format!("{name} in Go")),
        build: Some(format!("go build -o bin/server {package}")),
        run: Some("bin/server".to_owned()),
        image: None,
        migration: None,
        port: 8080,
        sources: root.to_owned(),
        passes_port: false,
        evidence: within(root, "go.mod"),
    })
}
