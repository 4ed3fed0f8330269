//! What has to be on a machine for a service to run: said by the manifest, or told from what runs.

use terrace_topology::{CommandLine, PartyName, Runnable, Runtime, Service};

use super::super::{Refusal, codes};

/// What AWS packages for Amazon Linux 2023: CPython 3.x, Node.js, Corretto.
const PYTHONS: [u8; 5] = [9, 11, 12, 13, 14];
const NODES: [u8; 4] = [18, 20, 22, 24];
const JAVAS: [u8; 5] = [8, 11, 17, 21, 25];

/// What is taken where only the kind is known.
const PYTHON: Runtime = Runtime::Python(12);
const NODE: Runtime = Runtime::Node(22);
const JAVA: Runtime = Runtime::Java(21);

/// The command that runs on a machine; none if there is only a Dockerfile.
pub(crate) const fn command(service: &Service) -> Option<&CommandLine> {
    match &service.runnable {
        Runnable::Command(line) => Some(line),
        Runnable::Dockerfile { without_container, .. } => without_container.as_ref(),
    }
}

/// The program of a command line: its first word that is no variable and no `exec`.
pub(crate) fn program(line: &CommandLine) -> &str {
    let own = |word: &&str| *word != "exec" && *word != "env" && !is_assignment(word);
    line.as_str().split_whitespace().find(own).unwrap_or_default()
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

/// The runtime of a service.
pub(crate) fn of(party: &PartyName, service: &Service, line: &CommandLine) -> Result<Runtime, Refusal> {
    let setting = format!("{party}.runtime");
    let Some(runtime) = service.runtime.or_else(|| told(program(line))) else {
        let program = program(line);
        let message = format!("it cannot be told what `{program}` needs on its machines");
        return Err(Refusal::new(codes::RUNTIME, setting, message)
            .help("say it: `runtime = \"python3.12\"`, `\"nodejs22\"`, `\"java21\"`, or `\"native\"` for a program that needs nothing"));
    };
    let known: &[u8] = match runtime {
        Runtime::Python(_) => &PYTHONS,
        Runtime::Node(_) => &NODES,
        Runtime::Java(_) => &JAVAS,
        Runtime::Native => return Ok(runtime),
    };
    let (Runtime::Python(version) | Runtime::Node(version) | Runtime::Java(version)) = runtime else {
        return Ok(runtime);
    };
    if known.contains(&version) {
        return Ok(runtime);
    }
    let name = |version: u8| match runtime {
        Runtime::Python(_) => Runtime::Python(version),
        Runtime::Node(_) => Runtime::Node(version),
        Runtime::Java(_) | Runtime::Native => Runtime::Java(version),
    };
    let known: Vec<String> = known.iter().map(|version| format!("`{}`", name(*version))).collect();
    Err(Refusal::new(codes::RUNTIME, setting, format!("Amazon Linux 2023 has no {runtime}"))
        .help(format!("it has {}", known.join(", "))))
}

/// The runtime that a program's name tells.
pub(super) fn told(program: &str) -> Option<Runtime> {
    let name = program.rsplit('/').next().unwrap_or_default();
    let version = name.strip_prefix("python3.").and_then(|minor| minor.parse().ok());
    match name {
        "python" | "python3" | "uvicorn" | "gunicorn" | "hypercorn" | "granian" | "daphne"
        | "waitress-serve" | "flask" | "fastapi" => {
            return Some(PYTHON);
        }
        "node" | "npm" | "npx" => return Some(NODE),
        "java" => return Some(JAVA),
        _ => {}
    }
    if let Some(minor) = version {
        return Some(Runtime::Python(minor));
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    match ending {
        Some("py") => return Some(PYTHON),
        Some("js" | "mjs" | "cjs") => return Some(NODE),
        Some("jar") => return Some(JAVA),
        Some("sh") => return None,
        _ => {}
    }
    let folders: Vec<&str> = program.split('/').collect();
    match folders.as_slice() {
        [.., ".venv" | "venv", "bin", _] => Some(PYTHON),
        ["", ..] | [_] | [] => None,
        [..] if folders.contains(&"node_modules") => Some(NODE),
        [..] => Some(Runtime::Native),
    }
}

/// What `dnf` and `apt-get` call it.
pub(crate) fn packages(runtime: Runtime, line: &CommandLine) -> (String, String) {
    let npm = matches!(program(line), "npm" | "npx");
    match runtime {
        Runtime::Python(minor) => {
            (format!("python3.{minor} python3.{minor}-pip"), "python3 python3-pip python3-venv".to_owned())
        }
        Runtime::Node(major) if npm => (format!("nodejs{major} nodejs{major}-npm"), "nodejs npm".to_owned()),
        Runtime::Node(major) => (format!("nodejs{major}"), "nodejs".to_owned()),
        Runtime::Java(8) => ("java-1.8.0-amazon-corretto".to_owned(), "default-jre-headless".to_owned()),
        Runtime::Java(version) => {
            (format!("java-{version}-amazon-corretto-headless"), "default-jre-headless".to_owned())
        }
        Runtime::Native => (String::new(), String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_tell_their_runtime() {
        let cases = [
            (".venv/bin/uvicorn main:app --port $PORT", Some("python3.12")),
            (".venv/bin/api", Some("python3.12")),
            ("A=1 exec python3.13 main.py", Some("python3.13")),
            ("./main.py", Some("python3.12")),
            ("gunicorn app:app", Some("python3.12")),
            ("node dist/main.js", Some("nodejs22")),
            ("npm start", Some("nodejs22")),
            ("node_modules/.bin/next start", Some("nodejs22")),
            ("java -jar target/api.jar", Some("java21")),
            ("target/release/items-api", Some("native")),
            ("./api --port $PORT", Some("native")),
            ("./start.sh", None),
            ("/usr/bin/thing", None),
            ("api", None),
        ];
        for (line, expected) in cases {
            let line: CommandLine = line.parse().unwrap();
            assert_eq!(told(program(&line)).map(|found| found.to_string()).as_deref(), expected, "{line}");
        }
    }
}
