//! Pages: what is built into files, and plain files.

use super::package::{self, Package};
use super::text::{as_root, folder_of, from_folder, lies_in, name_of, string_after, within};
use super::{Fact, FolderView};

/// A page that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FoundPage {
    /// Its folder, from the project's.
    pub(super) root: String,
    /// What it is made with.
    pub(super) kind: &'static str,
    pub(super) build: Option<String>,
    pub(super) dist: String,
    pub(super) spa: bool,
    /// Where it was seen.
    pub(super) evidence: String,
    /// What has to be mended for it to be files.
    pub(super) advice: Option<String>,
}

impl FoundPage {
    pub(super) fn fact(&self) -> Fact {
        let place = if self.root == "." { "here".to_owned() } else { format!("in {}", self.root) };
        Fact { what: format!("a page, {}, {place}", self.kind), evidence: self.evidence.clone() }
    }
}

/// Every page of the project, the likeliest first.
pub(super) fn all(folder: &FolderView) -> Vec<FoundPage> {
    let packages = package::all(folder);
    let mut pages: Vec<FoundPage> = packages.iter().filter_map(|package| built(package, folder)).collect();
    if pages.is_empty() {
        pages.extend(plain(folder));
    }
    pages.sort_by_key(|page| (rank(&page.root), page.root.clone()));
    pages
}

/// How unlikely a folder is to hold the page.
fn rank(root: &str) -> usize {
    const LIKELY: &[&str] = &["frontend", "web", "client", "ui", "webapp", "app", "www", "site", "page", "."];
    const UNLIKELY: &[&str] =
        &["docs", "doc", "examples", "example", "storybook", "e2e", "test", "tests", "admin"];
    let parts: Vec<&str> = root.split('/').collect();
    if parts.iter().any(|part| UNLIKELY.contains(part)) {
        return 100;
    }
    LIKELY.iter().position(|name| parts.contains(name)).unwrap_or(50)
}

/// A configuration file of this stem, whatever language it is written in.
fn config<'f>(folder: &'f FolderView, root: &str, stem: &str) -> Option<&'f str> {
    ["js", "mjs", "cjs", "ts", "mts", "cts"]
        .iter()
        .find_map(|extension| folder.text(&within(root, &format!("{stem}.{extension}"))))
}

struct Tool {
    kind: &'static str,
    dist: String,
    spa: bool,
    script: &'static str,
    advice: Option<String>,
}

fn tool(kind: &'static str, dist: &str, spa: bool) -> Tool {
    Tool { kind, dist: dist.to_owned(), spa, script: "build", advice: None }
}

fn built(package: &Package, folder: &FolderView) -> Option<FoundPage> {
    let tool = tool_of(package, folder)?;
    let installer = package.installer(folder);
    let build = if package.script(tool.script).is_some() {
        installer.install_and_run(tool.script)
    } else {
        format!("{} && {}", installer.install(), without_script(tool.kind)?)
    };
    Some(FoundPage {
        root: as_root(&package.folder).to_owned(),
        kind: tool.kind,
        build: Some(build),
        dist: tool.dist,
        spa: tool.spa,
        evidence: package.path(),
        advice: tool.advice,
    })
}

/// The command that builds without a script for it.
fn without_script(kind: &str) -> Option<&'static str> {
    match kind {
        "Vite" => Some("npx vite build"),
        "Next.js" => Some("npx next build"),
        "Create React App" => Some("npx react-scripts build"),
        "Angular" => Some("npx ng build"),
        "Astro" => Some("npx astro build"),
        "Nuxt" => Some("npx nuxt generate"),
        _ => None,
    }
}

fn tool_of(package: &Package, folder: &FolderView) -> Option<Tool> {
    let root = package.folder.as_str();
    if package.needs("next") {
        return Some(next(config(folder, root, "next.config")));
    }
    if package.needs("react-scripts") {
        return Some(tool("Create React App", "build", true));
    }
    if package.needs("@angular/core") {
        let angular = folder.text(&within(root, "angular.json")).unwrap_or_default();
        return Some(tool("Angular", &angular_dist(angular), true));
    }
    if package.needs("astro") {
        let dist = config(folder, root, "astro.config").and_then(|text| string_after(text, "outDir"));
        return Some(tool("Astro", dist.unwrap_or("dist"), false));
    }
    if package.needs("@sveltejs/kit") {
        let text = config(folder, root, "svelte.config").unwrap_or_default();
        let dist = string_after(text, "pages").unwrap_or("build");
        let mut found = tool("SvelteKit", dist, text.contains("fallback"));
        if !package.needs("@sveltejs/adapter-static") {
            found.advice =
                Some("SvelteKit needs `@sveltejs/adapter-static`, so that the build makes files".to_owned());
        }
        return Some(found);
    }
    if package.needs("nuxt") {
        let script = if package.script("generate").is_some() { "generate" } else { "-" };
        return Some(Tool { script, ..tool("Nuxt", ".output/public", false) });
    }
    if package.needs("gatsby") {
        return Some(tool("Gatsby", "public", false));
    }
    if package.needs("@vue/cli-service") {
        return Some(tool("Vue CLI", "dist", true));
    }
    if package.needs("vite") {
        let dist = config(folder, root, "vite.config").and_then(|text| string_after(text, "outDir"));
        return Some(tool("Vite", dist.unwrap_or("dist"), true));
    }
    let bundled =
        ["webpack", "parcel", "parcel-bundler", "esbuild", "rollup", "@rspack/core", "@rsbuild/core"];
    let has_index = ["index.html", "src/index.html", "public/index.html"]
        .iter()
        .any(|path| folder.has(&within(root, path)));
    let is_bundled = bundled.iter().any(|name| package.needs(name));
    (is_bundled && has_index && package.script("build").is_some())
        .then(|| tool("a bundled page", "dist", true))
}

fn next(config: Option<&str>) -> Tool {
    let text = config.unwrap_or_default();
    let dist = string_after(text, "distDir").unwrap_or("out");
    let mut found = tool("Next.js", dist, false);
    if string_after(text, "output") != Some("export") {
        found.advice =
            Some("Next.js needs `output: 'export'` in next.config, so that the build makes files".to_owned());
    }
    found
}

/// Where Angular builds to: `outputPath`, and `browser` in it since version 17.
fn angular_dist(text: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let projects = json.get("projects").and_then(serde_json::Value::as_object);
    let Some((name, project)) = projects.and_then(|projects| projects.iter().next()) else {
        return "dist".to_owned();
    };
    let build = project.pointer("/architect/build").or_else(|| project.pointer("/targets/build"));
    let builder =
        build.and_then(|b| b.get("builder")).and_then(serde_json::Value::as_str).unwrap_or_default();
    let path = build.and_then(|b| b.pointer("/options/outputPath"));
    let base = path
        .and_then(|p| p.as_str().or_else(|| p.get("base").and_then(serde_json::Value::as_str)))
        .map_or_else(|| format!("dist/{name}"), str::to_owned);
    let inner = path.and_then(|p| p.get("browser")).and_then(serde_json::Value::as_str);
    match (inner, builder.ends_with(":application")) {
        (Some(""), _) | (None, false) => base,
        (Some(inner), _) => format!("{base}/{inner}"),
        (None, true) => format!("{base}/browser"),
    }
}

/// Files that are a page as they are.
fn plain(folder: &FolderView) -> Vec<FoundPage> {
    const TEMPLATES: &[&str] = &["templates", "views", "examples", "docs", "tests", "test"];
    folder
        .paths()
        .filter(|path| name_of(path) == "index.html")
        .map(folder_of)
        .filter(|root| !root.split('/').any(|part| TEMPLATES.contains(&part)))
        .map(|root| plain_page(root, folder))
        .collect()
}

fn plain_page(root: &str, folder: &FolderView) -> FoundPage {
    let page = FoundPage {
        root: as_root(root).to_owned(),
        kind: "plain files",
        build: None,
        dist: ".".to_owned(),
        spa: false,
        evidence: within(root, "index.html"),
        advice: None,
    };
    if root.is_empty() { apart(page, folder) } else { page }
}

/// The page where its files lie among others that must not become public: what belongs to it is copied out.
pub(super) fn apart(page: FoundPage, folder: &FolderView) -> FoundPage {
    if page.build.is_some() {
        // A build that puts its files among others is left to do so where it does by itself.
        return FoundPage { dist: "dist".to_owned(), ..page };
    }
    let root = if page.root == "." { "" } else { page.root.as_str() };
    let build = format!("mkdir -p dist && cp -R {} dist/", parts(folder, root).join(" "));
    FoundPage { build: Some(build), dist: "dist".to_owned(), ..page }
}

/// What in a folder belongs to a page of plain files.
fn parts(folder: &FolderView, root: &str) -> Vec<String> {
    const ENDINGS: &[&str] =
        &["html", "css", "js", "svg", "png", "jpg", "jpeg", "gif", "webp", "ico", "webmanifest"];
    const FOLDERS: &[&str] =
        &["assets", "css", "js", "img", "images", "static", "fonts", "styles", "scripts", "media"];
    let is_plain = |name: &str| {
        name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
            && !name.starts_with(['-', '.'])
    };
    let mut files: Vec<String> = folder
        .paths()
        .filter(|path| lies_in(path, root))
        .map(|path| from_folder(path, root))
        .filter(|path| !path.contains('/') && is_plain(path) && !path.contains(".config."))
        .filter(|path| path.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending)))
        .map(str::to_owned)
        .collect();
    let folders = FOLDERS.iter().filter(|name| folder.paths().any(|path| lies_in(path, &within(root, name))));
    files.extend(folders.map(|name| (*name).to_owned()));
    files
}
