//! Whether the programs that commands name are there.

use terrace_diag::{Diagnostic, Diagnostics};

use super::command_line::{Step, steps};
use super::{Commanded, Purpose, Site, code, tools};

/// Looks up every program that a command of the manifest plainly runs.
pub(super) fn inspect(site: &Site<'_>, command: &Commanded<'_>, found: &mut Diagnostics) {
    let steps = steps(command.line.as_str());
    let mut seen: Vec<&str> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let program = step.program();
        if seen.contains(&program) {
            continue;
        }
        seen.push(program);
        // What an earlier step or the build makes is not there yet.
        let made_before = index > 0 || command.built;
        let diagnostic = if program.contains('/') {
            own_program(site, command, step, made_before)
        } else {
            installed_program(site, command, step).or_else(|| script_file(site, command, step, made_before))
        };
        if let Some(diagnostic) = diagnostic {
            found.push(diagnostic);
        }
    }
    if let (Purpose::Run, Some(step)) = (command.purpose, steps.first()) {
        found_other_profile(site, command, step, found);
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
            Purpose::Build => diagnostic.help(format!("it is looked for in `{}`", command.root)),
        }
    };
    Some(site.point(diagnostic, &command.key, program, ""))
}

/// A program of the machine: a name.
fn installed_program(site: &Site<'_>, command: &Commanded<'_>, step: &Step) -> Option<Diagnostic> {
    let program = step.program();
    if site.tools.find(program).is_some() {
        return None;
    }
    let folder = site.path(command.root).join(&step.folder);
    let mut diagnostic = Diagnostic::error(code::MISSING_TOOL, format!("`{program}` is not on this machine"));
    let what = match command.purpose {
        Purpose::Build => "needed to build",
        Purpose::Run => "needed to run",
    };
    diagnostic = site.point(diagnostic, &command.key, program, format!("{what} `{}`", command.party));
    let local =
        [".venv/bin", "venv/bin"].into_iter().find(|place| folder.join(place).join(program).is_file());
    Some(if let Some(place) = local {
        diagnostic.help(format!("it is in the project's own environment: write `{place}/{program}`"))
    } else if folder.join("node_modules/.bin").join(program).is_file() {
        diagnostic.help(format!("it is one of the project's packages: write `npx {program}`"))
    } else if let Some(how) = tools::how_to_install(program) {
        diagnostic.help(how)
    } else {
        diagnostic.help("install it, or write the path to it; it is looked up in `PATH`")
    })
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

/// `cargo build --release` with `target/debug/…`, and the other way round.
fn found_other_profile(site: &Site<'_>, command: &Commanded<'_>, step: &Step, found: &mut Diagnostics) {
    let Some(build) = site.topology.services.get(&command.party).and_then(|service| service.build.as_ref())
    else {
        return;
    };
    let Some(cargo) = steps(build.as_str()).into_iter().find(|s| s.program() == "cargo" && s.has("build"))
    else {
        return;
    };
    if cargo.words.iter().any(|word| word.starts_with("--profile") || word.starts_with("--target")) {
        return;
    }
    let released = cargo.has("--release") || cargo.has("-r");
    let program = step.program();
    let (wrong, right, how) = if released {
        ("target/debug/", "target/release/", "the build makes a release")
    } else {
        ("target/release/", "target/debug/", "the build has no `--release`")
    };
    if let Some(rest) = program.strip_prefix(wrong) {
        let diagnostic =
            Diagnostic::warning(code::OTHER_BUILD, format!("the build does not make `{program}`"));
        let diagnostic = site.point(diagnostic, &command.key, program, how);
        found.push(if released {
            diagnostic.help(format!("run `{right}{rest}`"))
        } else {
            diagnostic.help("build with `cargo build --release`")
        });
    }
}
