//! Routes: which paths the app answers, and which of them says that it is well.

use std::collections::BTreeSet;

use super::app::sources;
use super::text::{lies_in, quoted_paths};
use super::{Fact, FolderView};

/// Paths that say whether an app is well, the likeliest first.
const HEALTH: &[&str] = &[
    "/health",
    "/healthz",
    "/api/health",
    "/api/healthz",
    "/api/v1/health",
    "/health/ready",
    "/readyz",
    "/livez",
    "/health/live",
    "/_health",
    "/actuator/health",
    "/up",
    "/ping",
    "/status",
    "/api/ping",
    "/api/status",
];

/// The path of the health check, if the sources have one.
pub(super) fn health(folder: &FolderView, root: &str) -> Option<Fact> {
    if let Some(prefix) = nest_prefix(folder, root) {
        // Nest's controllers are named without a slash, and stand below the prefix.
        let (name, path) = sources(folder, root).find_map(|(path, text)| {
            let name = HEALTH.iter().find(|name| controller(text) == Some(name.trim_start_matches('/')))?;
            Some((*name, path))
        })?;
        return Some(Fact { what: format!("{}{name}", prefix.what), evidence: path.to_owned() });
    }
    let found: Vec<(&str, String)> = sources(folder, root)
        .filter(|(path, _)| !is_test(path))
        .flat_map(|(path, text)| {
            let django = text.contains("urlpatterns");
            HEALTH
                .iter()
                .filter(move |health| has_route(text, health, django))
                .map(move |health| (path, (*health).to_owned()))
        })
        .collect();
    let (path, health) =
        found.iter().min_by_key(|(_, health)| HEALTH.iter().position(|known| known == health))?;
    let is_django = sources(folder, root).any(|(at, text)| at == *path && text.contains("urlpatterns"));
    let slash = is_django && !quoted_paths_of(folder, root).contains(health.as_str());
    let health = if slash { format!("{health}/") } else { health.clone() };
    Some(Fact { what: health, evidence: (*path).to_owned() })
}

fn has_route(text: &str, health: &str, is_django: bool) -> bool {
    let bare = health.trim_start_matches('/');
    quoted_paths(text).any(|path| path == health || path.trim_end_matches('/') == health)
        || (is_django
            && [format!("\"{bare}/\""), format!("'{bare}/'")]
                .iter()
                .any(|route| text.contains(route.as_str())))
}

fn quoted_paths_of<'f>(folder: &'f FolderView, root: &'f str) -> BTreeSet<&'f str> {
    sources(folder, root).flat_map(|(_, text)| quoted_paths(text)).collect()
}

fn is_test(path: &str) -> bool {
    path.split('/').any(|part| {
        let part = part.to_ascii_lowercase();
        part == "tests"
            || part == "test"
            || part == "__tests__"
            || part.contains(".test.")
            || part.contains(".spec.")
            || part.starts_with("test_")
            || part.ends_with("_test.go")
    })
}

/// The prefixes of the app's routes: `/api/*`, or the first words of its routes where it has no prefix.
pub(super) fn prefixes(folder: &FolderView, root: &str) -> Vec<Fact> {
    let mut firsts: Vec<Fact> = Vec::new();
    for (path, text) in sources(folder, root).filter(|(path, _)| !is_test(path)) {
        for line in text.lines().filter(|line| is_route(line)) {
            let django = if text.contains("urlpatterns") { relative_routes(line) } else { Vec::new() };
            let routes = quoted_paths(line).map(str::to_owned).chain(django);
            for route in routes {
                let first: String = route
                    .trim_start_matches('/')
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_')
                    .collect();
                let first = format!("/{first}");
                let is_health = HEALTH.contains(&route.trim_end_matches('/')) && !route.starts_with("/api");
                if first.len() > 1 && !is_health && !firsts.iter().any(|known| known.what == first) {
                    firsts.push(Fact { what: first, evidence: path.to_owned() });
                }
            }
        }
    }
    if let Some(prefix) = nest_prefix(folder, root) {
        return vec![prefix];
    }
    if let Some(api) = firsts.iter().find(|first| first.what == "/api") {
        let graphql = firsts.iter().find(|first| first.what == "/graphql");
        return [Some(api), graphql].into_iter().flatten().cloned().collect();
    }
    firsts.truncate(8);
    firsts
}

/// `app.setGlobalPrefix('api')` of NestJS.
fn nest_prefix(folder: &FolderView, root: &str) -> Option<Fact> {
    sources(folder, root).find_map(|(path, text)| {
        let prefix = first_string(text.split_once("setGlobalPrefix(")?.1)?.trim_matches('/');
        (!prefix.is_empty() && !prefix.contains(['/', ' ']))
            .then(|| Fact { what: format!("/{prefix}"), evidence: path.to_owned() })
    })
}

fn controller(text: &str) -> Option<&str> {
    Some(first_string(text.split_once("@Controller(")?.1)?.trim_matches('/'))
}

/// The string that a text begins with.
fn first_string(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    text.get(1..)?.split(quote).next()
}

/// Whether a line says where requests go.
fn is_route(line: &str) -> bool {
    const WORDS: &[&str] = &[
        ".route(",
        ".get(",
        ".post(",
        ".put(",
        ".delete(",
        ".patch(",
        ".all(",
        ".use(",
        ".nest(",
        ".scope(",
        "scope(",
        "nest(",
        "@get(",
        "@post(",
        "@Get(",
        "@Controller(",
        "#[get(",
        "#[post(",
        "#[put(",
        "#[delete(",
        "mount(",
        "setGlobalPrefix(",
        "HandleFunc(",
        "Handle(",
        ".GET(",
        ".POST(",
        ".Get(",
        ".Post(",
        ".Group(",
        ".group(",
        ".Route(",
        "prefix=",
        "url_prefix=",
        "path(",
        "basePath(",
        "service(",
        "prefix:",
        "root_path=",
    ];
    WORDS.iter().any(|word| line.contains(word))
}

/// Django's routes, which begin without a slash.
fn relative_routes(line: &str) -> Vec<String> {
    let after = line.split_once("path(").map(|(_, rest)| rest.trim_start()).unwrap_or_default();
    first_string(after)
        .filter(|route| !route.is_empty() && !route.starts_with('^'))
        .map(|r| format!("/{r}"))
        .into_iter()
        .collect()
}

/// Whether a folder's files speak of an environment variable at all.
pub(super) fn reads(folder: &FolderView, root: &str, name: &str) -> bool {
    folder
        .paths()
        .filter(|path| lies_in(path, root))
        .filter_map(|path| folder.text(path))
        .any(|text| text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).any(|word| word == name))
}
