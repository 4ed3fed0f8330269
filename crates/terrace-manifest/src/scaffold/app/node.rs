//! Apps in JavaScript and TypeScript.

use super::FoundApp;
use crate::scaffold::FolderView;
use crate::scaffold::package::{self, Package};
use crate::scaffold::text::{as_root, within};

const FRAMEWORKS: &[(&str, &str)] = &[
    ("@nestjs/core", "NestJS"),
    ("express", "Express"),
    ("fastify", "Fastify"),
    ("koa", "Koa"),
    ("@hapi/hapi", "hapi"),
    ("@hono/node-server", "Hono"),
    ("hono", "Hono"),
    ("restify", "Restify"),
    ("polka", "Polka"),
    ("apollo-server", "Apollo"),
    ("@apollo/server", "Apollo"),
];

/// Every package that serves HTTP.
pub(super) fn all(folder: &FolderView) -> Vec<FoundApp> {
    package::all(folder).iter().filter_map(|package| app(package, folder)).collect()
}

fn app(package: &Package, folder: &FolderView) -> Option<FoundApp> {
    let (_, framework) = FRAMEWORKS.iter().find(|(name, _)| package.needs(name))?;
    let run = run(package, folder)?;
    let installer = package.installer(folder);
    let is_page_s = ["vite", "next", "react-scripts", "@angular/core", "astro", "webpack"]
        .iter()
        .any(|n| package.needs(n));
    let script = ["build:server", "build:api", "server:build"]
        .into_iter()
        .find(|script| package.script(script).is_some())
        .or_else(|| (!is_page_s && package.script("build").is_some()).then_some("build"));
    Some(FoundApp {
        root: as_root(&package.folder).to_owned(),
        kind: (*framework).to_owned(),
        build: Some(match script {
            Some(script) => installer.install_and_run(script),
            None => installer.install().to_owned(),
        }),
        run: Some(run),
        image: None,
        migration: None,
        port: 3000,
        sources: package.folder.clone(),
        passes_port: false,
        evidence: package.path(),
    })
}

/// The command that starts it. The program itself where that can be told, since a package manager between does
/// not always pass a signal on.
fn run(package: &Package, folder: &FolderView) -> Option<String> {
    let installer = package.installer(folder);
    for name in ["start:prod", "start:production", "start:server", "start:api", "server", "start"] {
        let Some(script) = package.script(name) else { continue };
        let is_page_s = ["vite", "react-scripts", "next", "ng ", "astro", "concurrently", "nuxt", "webpack"]
            .iter()
            .any(|tool| script.starts_with(tool));
        let watches =
            ["nodemon", "watch", "ts-node-dev", "nest start"].iter().any(|word| script.contains(word));
        if is_page_s || watches {
            continue;
        }
        let is_simple = !script.contains(['&', '|', ';', '$', '=']);
        return Some(if script.starts_with("node ") && is_simple {
            script.to_owned()
        } else {
            installer.run(name)
        });
    }
    if package.needs("@nestjs/core") {
        return Some("node dist/main.js".to_owned());
    }
    let files = [
        "server.js",
        "index.js",
        "app.js",
        "main.js",
        "src/server.js",
        "src/index.js",
        "src/app.js",
        "src/main.js",
        "server/index.js",
        "server.mjs",
        "index.mjs",
        "server/index.mjs",
    ];
    let exists = |file: &str| folder.has(&within(&package.folder, file));
    if let Some(main) = package.main().filter(|main| main.ends_with("js") && exists(main)) {
        return Some(format!("node {main}"));
    }
    if let Some(file) = files.iter().find(|file| exists(file)) {
        return Some(format!("node {file}"));
    }
    let sources = [
        "src/index.ts",
        "src/server.ts",
        "src/main.ts",
        "src/app.ts",
        "server.ts",
        "index.ts",
        "server/index.ts",
    ];
    sources.iter().find(|file| exists(file)).map(|file| format!("npx tsx {file}"))
}
