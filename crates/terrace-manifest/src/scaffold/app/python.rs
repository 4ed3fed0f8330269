//! Apps in Python.

use std::collections::BTreeSet;

use super::FoundApp;
use crate::scaffold::FolderView;
use crate::scaffold::text::{as_root, folder_of, from_folder, lies_in, name_of, string_after, within};

/// A framework: what it is called, the package, what makes an app of it, and whether that is an ASGI one.
struct Framework {
    name: &'static str,
    package: &'static str,
    call: &'static str,
    is_asgi: bool,
}

const FRAMEWORKS: &[Framework] = &[
    Framework { name: "FastAPI", package: "fastapi", call: "FastAPI(", is_asgi: true },
    Framework { name: "Litestar", package: "litestar", call: "Litestar(", is_asgi: true },
    Framework { name: "Quart", package: "quart", call: "Quart(", is_asgi: true },
    Framework { name: "Sanic", package: "sanic", call: "Sanic(", is_asgi: true },
    Framework { name: "Flask", package: "flask", call: "Flask(", is_asgi: false },
    Framework { name: "Starlette", package: "starlette", call: "Starlette(", is_asgi: true },
];

/// Every project that serves HTTP.
pub(super) fn all(folder: &FolderView) -> Vec<FoundApp> {
    let roots: BTreeSet<&str> = folder
        .paths()
        .filter(|path| {
            matches!(
                name_of(path),
                "requirements.txt" | "pyproject.toml" | "Pipfile" | "setup.py" | "manage.py"
            )
        })
        .map(folder_of)
        .collect();
    let found: Vec<FoundApp> = roots.iter().filter_map(|root| app(folder, root)).collect();
    // A project whose sources lie in folders of their own is told once, by its outermost folder.
    found
        .iter()
        .filter(|app| {
            !found.iter().any(|other| {
                other.sources != app.sources
                    && lies_in(&app.sources, &other.sources)
                    && other.kind == app.kind
            })
        })
        .cloned()
        .collect()
}

/// What a project needs, by whatever file says so.
fn needs(folder: &FolderView, root: &str) -> String {
    ["requirements.txt", "pyproject.toml", "Pipfile", "setup.py"]
        .iter()
        .filter_map(|name| folder.text(&within(root, name)))
        .flat_map(|text| [text.to_ascii_lowercase(), "\n".to_owned()])
        .collect()
}

fn has_package(needs: &str, package: &str) -> bool {
    needs.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).any(|word| word == package)
}

fn app(folder: &FolderView, root: &str) -> Option<FoundApp> {
    let needs = needs(folder, root);
    let sources: Vec<(&str, &str)> = folder
        .paths()
        .filter(|path| path.ends_with(".py") && lies_in(path, root) && !is_test(path))
        .filter_map(|path| Some((from_folder(path, root), folder.text(path)?)))
        .collect();
    if has_package(&needs, "django") || sources.iter().any(|(path, _)| *path == "manage.py") {
        return django(folder, root, &needs, &sources);
    }
    let (framework, object) = FRAMEWORKS
        .iter()
        .filter(|framework| needs.is_empty() || has_package(&needs, framework.package))
        .find_map(|framework| Some((framework, object(&sources, framework.call)?)))?;
    let (server, run) = served(framework.is_asgi, &object);
    Some(found(folder, root, framework.name, &needs, server, run))
}

fn is_test(path: &str) -> bool {
    path.split('/').any(|part| part == "tests" || part == "test" || part.starts_with("test_"))
}

/// Where the app is made.
#[derive(Debug)]
struct Object {
    /// The folder to import from, if it is not the project's own.
    from: Option<&'static str>,
    module: String,
    name: String,
    is_factory: bool,
}

fn object(sources: &[(&str, &str)], call: &str) -> Option<Object> {
    let mut files: Vec<&(&str, &str)> = sources.iter().filter(|(_, text)| text.contains(call)).collect();
    files.sort_by_key(|(path, _)| (path.matches('/').count(), *path));
    let assigned = files.iter().find_map(|(path, text)| {
        let name = text.lines().find_map(|line| {
            // Only what is assigned at the top of the module can be imported.
            let (name, value) = line.split_once('=')?;
            let name = name.split(':').next()?.trim_end();
            let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            (is_name && value.trim_start().starts_with(call)).then_some(name)
        })?;
        Some((path, name, false))
    });
    let made = || {
        files.iter().find_map(|(path, text)| {
            let line =
                text.lines().find(|line| line.starts_with("def create") || line.starts_with("def make"))?;
            let name = line.strip_prefix("def ")?.split('(').next()?;
            line.contains("()").then_some((path, name, true))
        })
    };
    let (path, name, is_factory) = assigned.or_else(made)?;
    let (from, path) = match path.strip_prefix("src/") {
        Some(rest) if rest.contains('/') => (Some("src"), rest),
        _ => (None, *path),
    };
    let module = path.strip_suffix(".py")?.trim_end_matches("/__init__").replace('/', ".");
    Some(Object { from, module, name: name.to_owned(), is_factory })
}

/// The server's package, and the command that starts it.
fn served(is_asgi: bool, object: &Object) -> (&'static str, String) {
    let Object { from, module, name, is_factory } = object;
    if is_asgi {
        let from = from.map_or_else(String::new, |folder| format!(" --app-dir {folder}"));
        let factory = if *is_factory { " --factory" } else { "" };
        let run = format!(
            ".venv/bin/uvicorn {module}:{name}{from}{factory} --host ${{HOST:-127.0.0.1}} --port $PORT"
        );
        return ("uvicorn", run);
    }
    let from = from.map_or_else(String::new, |folder| format!(" --chdir {folder}"));
    let target = if *is_factory { format!("'{module}:{name}()'") } else { format!("{module}:{name}") };
    ("gunicorn", format!(".venv/bin/gunicorn{from} --bind ${{HOST:-127.0.0.1}}:$PORT {target}"))
}

fn django(folder: &FolderView, root: &str, needs: &str, sources: &[(&str, &str)]) -> Option<FoundApp> {
    let manage = sources.iter().find(|(path, _)| *path == "manage.py").map(|(_, text)| *text);
    let settings = manage.and_then(|text| {
        let (_, rest) = text.split_once("DJANGO_SETTINGS_MODULE")?;
        let quoted =
            rest.split(['"', '\'']).find(|part| part.contains('.') && !part.contains(char::is_whitespace))?;
        quoted.split('.').next()
    });
    let package = settings.map(str::to_owned).or_else(|| {
        let (path, _) = sources.iter().find(|(path, _)| path.ends_with("wsgi.py"))?;
        Some(folder_of(path).replace('/', "."))
    })?;
    let object = Object {
        from: None,
        module: format!("{package}.wsgi"),
        name: "application".to_owned(),
        is_factory: false,
    };
    let (server, run) = served(false, &object);
    Some(found(folder, root, "Django", needs, server, run))
}

fn found(folder: &FolderView, root: &str, name: &str, needs: &str, server: &str, run: String) -> FoundApp {
    let has = |name: &str| folder.has(&within(root, name));
    // `fastapi[standard]` brings uvicorn.
    let brings = has_package(needs, server) || (server == "uvicorn" && needs.contains("fastapi[standard]"));
    let server = if brings { String::new() } else { format!(" {server}") };
    let also = if brings { String::new() } else { format!(" && .venv/bin/pip install{server}") };
    let poetry =
        has("poetry.lock") || string_after(needs, "build-backend").is_some_and(|b| b.contains("poetry"));
    let (build, evidence) = if has("uv.lock") {
        (
            format!(
                "uv sync --frozen{}",
                if brings { String::new() } else { format!(" && uv pip install{server}") }
            ),
            "pyproject.toml",
        )
    } else if has("requirements.txt") {
        (
            format!("python3 -m venv .venv && .venv/bin/pip install -r requirements.txt{server}"),
            "requirements.txt",
        )
    } else if poetry {
        (format!("POETRY_VIRTUALENVS_IN_PROJECT=true poetry install --only main{also}"), "pyproject.toml")
    } else if has("pyproject.toml") || has("setup.py") {
        let evidence = if has("pyproject.toml") { "pyproject.toml" } else { "setup.py" };
        (format!("python3 -m venv .venv && .venv/bin/pip install .{server}"), evidence)
    } else if has("Pipfile") {
        (format!("PIPENV_VENV_IN_PROJECT=1 pipenv install --deploy{also}"), "Pipfile")
    } else {
        (
            format!("python3 -m venv .venv && .venv/bin/pip install {}{server}", name.to_ascii_lowercase()),
            "manage.py",
        )
    };
    FoundApp {
        root: as_root(root).to_owned(),
        kind: name.to_owned(),
        build: Some(build),
        run: Some(run),
        image: None,
        migration: None,
        port: 8000,
        sources: root.to_owned(),
        passes_port: true,
        evidence: within(root, evidence),
    }
}
