//! Whether the programs that commands name are there.

use terrace_diag::{Diagnostic, Diagnostics};

use super::command_line::{Step, steps};
use super::{Commanded, Purpose, Site, code, tools};

/// Looks up every program that a command of the manifest plainly runs.
pub(super) fn inspect(site: &Site<'_>, command: &Commanded<'_>, found: &mut Diagnostics) {
    let steps = steps(command.line.as_str());
    let mut seen: Vec<&str> = Vec::new();
    // What earlier steps or the build bring is not there yet.
    let mut brought = command.build.is_some_and(|build| self::steps(build.as_str()).iter().any(installs));
    for (index, step) in steps.iter().enumerate() {
        let program = step.program();
        let made_before = index > 0 || command.build.is_some();
        let known = seen.contains(&program) || program.starts_with('~') || program.contains(['*', '?']);
        seen.push(program);
        let diagnostic = if known {
            None
        } else if program.contains('/') {
            own_program(site, command, step, made_before)
        } else if site.tools.find(program).is_some() {
            script_file(site, command, step, made_before)
        } else if brought {
            None
        } else {
            Some(missing_tool(site, command, step))
        };
        if let Some(diagnostic) = diagnostic {
            found.push(diagnostic);
        }
        brought |= installs(step);
    }
}

/// Whether a step may bring programs that are not there before it.
fn installs(step: &Step) -> bool {
    match step.program() {
        "npm" | "pnpm" | "yarn" | "bun" => {
            ["-g", "--global", "global", "--location=global"].iter().any(|word| step.has(word))
        }
        "cargo" | "go" | "gem" | "dotnet" => step.has("install"),
        "npx" | "cmake" | "make" | "node" | "tsc" | "vite" | "cp" | "mkdir" | "rm" | "mv" => false,
        _ => true,
    }
}

/// A program of the project: a path.
fn own_program(
    site: &Site<'_>,
    command: &Commanded<'_>,
    step: &Step,
    made_before: bool,
) -> Option<Diagnostic> {
    let program = step.program();
    let file = site.path(command.root).join(&step.folder).join(program);
    let diagnostic = if file.is_dir() {
        Diagnostic::error(code::NOT_EXECUTABLE, format!("`{program}` is a folder"))
    } else if file.is_file() {
        if tools::is_program(&file) {
            return None;
        }
        Diagnostic::error(code::NOT_EXECUTABLE, format!("`{program}` is not executable")).help(format!(
            "`chmod +x {}`",
            command.root.as_str().trim_end_matches('/').to_owned() + "/" + program
        ))
    } else if made_before {
        return None;
    } else {
        let diagnostic = Diagnostic::error(code::MISSING_PROGRAM, format!("there is no `{program}`"));
        match command.purpose {
            Purpose::Run => {
                diagnostic.help(format!("add the `build` that makes it to `[{}]`", command.party))
            }
            Purpose::Migrate => diagnostic.help(format!("it runs in the app's folder, `{}`", command.root)),
            Purpose::Build => diagnostic.help(format!("it is looked for in `{}`", command.root)),
        }
    };
    Some(site.point(diagnostic, &command.key, program, ""))
}

/// A program of the machine, a name, that is not there.
fn missing_tool(site: &Site<'_>, command: &Commanded<'_>, step: &Step) -> Diagnostic {
    let program = step.program();
    let folder = site.path(command.root).join(&step.folder);
    let mut diagnostic = Diagnostic::error(code::MISSING_TOOL, format!("`{program}` is not on this machine"));
    let what = match command.purpose {
        Purpose::Build => "needed to build",
        Purpose::Run => "needed to run",
        Purpose::Migrate => "needed to migrate the database for",
    };
    diagnostic = site.point(diagnostic, &command.key, program, format!("{what} `{}`", command.party));
    let local =
        [".venv/bin", "venv/bin"].into_iter().find(|place| folder.join(place).join(program).is_file());
    if let Some(place) = local {
        diagnostic.help(format!("it is in the project's own environment: write `{place}/{program}`"))
    } else if folder.join("node_modules/.bin").join(program).is_file() {
        diagnostic.help(format!("it is one of the project's packages: write `npx {program}`"))
    } else if let Some(how) = tools::how_to_install(program) {
        diagnostic.help(how)
    } else {
        diagnostic.help("install it, or write the path to it; it is looked up in `PATH`")
    }
}

/// The file that an interpreter is given: `node server.js`, `python main.py`.
fn script_file(
    site: &Site<'_>,
    command: &Commanded<'_>,
    step: &Step,
    made_before: bool,
) -> Option<Diagnostic> {
    let interprets = ["node", "python", "python3", "ruby", "php", "deno", "bun", "sh", "bash"];
    let script = step.words.get(1).filter(|word| !word.starts_with('-') && !word.contains('$'))?;
    let is_script =
        [".js", ".mjs", ".cjs", ".ts", ".py", ".rb", ".php", ".sh"].iter().any(|e| script.ends_with(e));
    let file = site.path(command.root).join(&step.folder).join(script);
    if !interprets.contains(&step.program()) || !is_script || made_before || file.exists() {
        return None;
    }
    let diagnostic = Diagnostic::error(code::MISSING_PROGRAM, format!("there is no `{script}`"));
    let place = command.root.as_str();
    Some(site.point(diagnostic, &command.key, script, format!("looked for in `{place}`")))
}
