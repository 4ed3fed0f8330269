//! Every file in `tests/folders` is a project's folder and, after `=== expected`, what Terrace makes of it.
//!
//! A line `=== PATH` begins a file of the folder. Dropping a file in adds a case; `TERRACE_UPDATE=1` writes the
//! expectations anew.

#![expect(
    clippy::disallowed_methods,
    reason = "cases are files, and an environment variable rewrites what is expected"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot read its case has failed")]
#![expect(clippy::string_slice, reason = "paths are cut at their slashes")]

use std::fmt::Write;

use proptest::prelude::*;
use terrace_manifest::parse;
use terrace_manifest::scaffold::{Draft, FolderView, look};

const EXPECTED: &str = "=== expected\n";

fn view(name: &str, text: &str) -> FolderView {
    let mut view = FolderView::new(name);
    let mut file: Option<(String, String)> = None;
    for line in text.split_inclusive('\n') {
        if let Some(path) = line.strip_prefix("=== ") {
            add(&mut view, file.replace((path.trim().to_owned(), String::new())));
        } else if let Some((_, text)) = &mut file {
            text.push_str(line);
        }
    }
    add(&mut view, file);
    view
}

/// Adds a file as the command line would: not from folders it would not enter, text only where it would read.
fn add(view: &mut FolderView, file: Option<(String, String)>) {
    let Some((path, text)) = file else { return };
    let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    if folders.into_iter().all(FolderView::enters) {
        let text = FolderView::reads(&path).then_some(text);
        view.add(path, text);
    }
}

fn describe(draft: &Draft) -> String {
    let mut text = String::new();
    for fact in draft.facts() {
        writeln!(text, "found: {} ({})", fact.what, fact.evidence).unwrap();
    }
    for question in draft.questions() {
        let choices: Vec<&str> = question.choices.iter().map(|c| c.value.as_str()).collect();
        writeln!(text, "asks {}: {} {choices:?} = {}", question.key, question.prompt, question.default)
            .unwrap();
    }
    for advice in draft.advice() {
        writeln!(text, "advice: {advice}").unwrap();
    }
    write!(text, "\n{}", draft.manifest()).unwrap();
    text
}

#[test]
fn every_folder_gets_the_manifest_that_is_expected() {
    let update = std::env::var_os("TERRACE_UPDATE").is_some();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/folders");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 20, "{} folders were found", paths.len());
    let mut wrong = Vec::new();
    for path in paths {
        let case = std::fs::read_to_string(&path).unwrap();
        let (files, expected) = case.split_once(EXPECTED).unwrap_or((&case, ""));
        let draft = look(&view(&path.file_stem().unwrap().to_string_lossy(), files));
        let said = describe(&draft);
        let parsed = parse(&draft.manifest(), None);
        assert!(parsed.diagnostics.is_empty(), "{}: {:?}\n{said}", path.display(), parsed.diagnostics);
        assert!(parsed.topology.is_some());
        if said == expected {
            continue;
        }
        if update {
            std::fs::write(&path, format!("{files}{EXPECTED}{said}")).unwrap();
        } else {
            wrong.push(format!("{}\nexpected:\n{expected}\nsaid:\n{said}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}\nTERRACE_UPDATE=1 writes what is said now", wrong.join("\n"));
}

/// The folder of an example, without its manifests: what `terrace init` would see before there are any.
fn example(name: &str) -> FolderView {
    let root = format!("{}/../../examples/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut view = FolderView::new(name);
    let mut open = vec![String::new()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(format!("{root}/{folder}")).unwrap().map(Result::unwrap) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if entry.file_type().unwrap().is_dir() {
                if FolderView::enters(&path) {
                    open.push(path);
                }
            } else {
                let text = FolderView::reads(&path).then(|| std::fs::read_to_string(entry.path()).unwrap());
                view.add(path, text);
            }
        }
    }
    view
}

#[test]
fn the_examples_are_seen_for_what_they_are() {
    for name in ["items", "fastapi"] {
        let path = format!("{}/../../examples/{name}/terrace.toml", env!("CARGO_MANIFEST_DIR"));
        let meant = parse(&std::fs::read_to_string(path).unwrap(), None).topology.unwrap();
        let draft = look(&example(name));
        let seen = parse(&draft.manifest(), None).topology.unwrap();
        let (meant_app, seen_app) =
            (meant.services.values().next().unwrap(), seen.services.values().next().unwrap());
        assert_eq!(seen_app.root, meant_app.root, "{name}: {}", describe(&draft));
        assert_eq!(seen_app.runnable, meant_app.runnable, "{name}");
        assert_eq!(seen_app.build, meant_app.build, "{name}");
        assert_eq!(seen_app.paths, meant_app.paths, "{name}");
        assert_eq!(seen_app.health, meant_app.health, "{name}");
        assert_eq!(seen.database.engine, meant.database.engine, "{name}");
        // The other example borrows its page from beside it, which no look into its folder shows.
        if name == "items" {
            assert_eq!(seen.web, meant.web, "{name}");
        }
    }
}

#[test]
fn answers_change_the_manifest_and_questions_end() {
    let mut draft = look(&FolderView::new("Nothing Here"));
    assert!(draft.answer("app.run", "  ").is_err());
    assert!(draft.answer("shape", "kubernetes").is_err());
    assert!(draft.answer("web.root", "/abs").is_err());
    assert!(draft.answer("app.paths", "/*").is_err());
    assert!(draft.answer("what", "ever").is_err());
    let answers = [
        ("shape", "fargate"),
        ("web.root", "page"),
        ("app.root", "api"),
        ("app.run", "./run.sh"),
        ("app.paths", "/api/*, /docs"),
        ("app.health", "/up"),
        ("data.engine", "mysql"),
    ];
    for (key, answer) in answers {
        draft.answer(key, answer).unwrap();
    }
    assert_eq!(draft.questions(), []);
    let topology = parse(&draft.manifest(), None).topology.unwrap();
    assert_eq!(topology.name.as_str(), "nothing-here");
    assert_eq!(topology.shape, terrace_topology::Shape::Containers);
    assert_eq!(topology.web.root.as_str(), "page");
    assert_eq!(topology.database.engine, terrace_topology::Engine::Mysql);
    let service = topology.services.values().next().unwrap();
    assert_eq!((service.root.as_str(), service.health.as_str(), service.paths.len()), ("api", "/up", 2));
}

fn folders() -> impl Strategy<Value = FolderView> {
    let parts = prop::sample::select(vec![
        "",
        "a/",
        "web/",
        "back end/",
        "api/\u{7}/",
        "..\\/",
        "src/",
        "~x/",
        "日本/",
    ]);
    let names = prop::sample::select(vec![
        "package.json",
        "index.html",
        "Cargo.toml",
        "requirements.txt",
        "main.py",
        "go.mod",
        "main.go",
        "Dockerfile",
        "src/main.rs",
        "vite.config.ts",
        "angular.json",
        "server.js",
        "manage.py",
        "compose.yml",
        "schema.prisma",
    ]);
    let texts = prop::sample::select(vec![
        "",
        "{\"dependencies\":{\"vite\":\"1\",\"express\":\"4\",\"pg\":\"8\"},\"scripts\":{\"build\":\"x\",\"start\":\"node \\u0000\"}}",
        "{\"dependencies\":{\"@angular/core\":\"1\"},\"main\":\"\\n.js\"}",
        "{\"projects\":{\"\\u0007\":{\"architect\":{\"build\":{\"options\":{\"outputPath\":\"/abs\"}}}}}}",
        "export default { outDir: '../../..' }",
        "outDir: '.'",
        "[package]\nname = \"x y\"\n[dependencies]\naxum = \"1\"\nsqlx = { features = [\"mysql\"] }\n",
        "fastapi\nasyncpg\n",
        "app = FastAPI()\n@app.get(\"/heal th\")\n@app.get(\"/x*y\")\n@app.get('/%7B')",
        "app = Flask(__name__)\n@app.route('/*')\n",
        "module x\nrequire github.com/gin-gonic/gin v1\n",
        "package main\nfunc main() {}\n",
        "FROM x\nCMD [\"\\u0000\"]\nEXPOSE 99999\n",
        "image: postgres:99999999999",
        "os.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"a.b\")",
    ]);
    prop::collection::vec((parts, names, texts), 0..6).prop_map(|files| {
        let mut view = FolderView::new("x");
        for (part, name, text) in files {
            view.add(format!("{part}{name}"), Some(text.to_owned()));
        }
        view
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn whatever_a_folder_holds_the_manifest_is_sound(folder in folders(), name in ".{0,12}") {
        let mut named = FolderView::new(name);
        for path in folder.paths() {
            named.add(path, folder.text(path).map(str::to_owned));
        }
        let mut draft = look(&named);
        let parsed = parse(&draft.manifest(), None);
        prop_assert!(!parsed.diagnostics.has_errors(), "{:?}\n{}", parsed.diagnostics, draft.manifest());
        prop_assert!(parsed.topology.is_some());
        // Taking every default changes nothing, and then nothing is asked.
        let before = draft.manifest();
        while let Some(question) = draft.questions().first().cloned() {
            prop_assert_eq!(draft.answer(question.key, &question.default), Ok(()));
        }
        prop_assert_eq!(draft.manifest(), before);
    }
}
