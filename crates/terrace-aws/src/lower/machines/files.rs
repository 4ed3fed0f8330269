//! What of a service's folder is shipped to its machines.

use terrace_topology::{ProjectPath, Runtime, Service};

use super::runtime;

/// The files of a release, from the service's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReleaseFiles {
    /// These files and folders, whole: said by the manifest, or the one program that runs.
    Listed(Vec<ProjectPath>),
    /// The whole folder.
    Folder {
        /// Whether what `.gitignore` names stays behind. Not so where a build's output runs, which it names.
        without_ignored: bool,
        /// Names of files and folders that stay behind wherever they are, `*` for anything.
        without: &'static [&'static str],
    },
}

/// What no release needs: history, and what belongs to one developer's machine.
const LEFT_BEHIND: [&str; 6] = [".git", ".env", ".env.*", ".terrace", ".DS_Store", "terraform.tfstate*"];
const PYTHON_LEFT_BEHIND: [&str; 11] = [
    ".git",
    ".env",
    ".env.*",
    ".terrace",
    ".DS_Store",
    "terraform.tfstate*",
    // Made on the machine itself: a virtual environment knows its place and its interpreter.
    ".venv",
    "venv",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
];

/// The rule for a service: what `files` says; else the program, if one file is all there is to run; else the folder.
pub fn release_files(service: &Service) -> ReleaseFiles {
    if !service.files.is_empty() {
        return ReleaseFiles::Listed(service.files.clone());
    }
    let Some(line) = runtime::command(service) else {
        return ReleaseFiles::Folder { without_ignored: true, without: &LEFT_BEHIND };
    };
    match service.runtime.or_else(|| runtime::told(runtime::program(line))) {
        Some(Runtime::Native) => match one(runtime::program(line)) {
            Some(program) => ReleaseFiles::Listed(vec![program]),
            None => ReleaseFiles::Folder { without_ignored: true, without: &LEFT_BEHIND },
        },
        Some(Runtime::Java(_)) => {
            let jar = line.as_str().split_whitespace().find(|word| word.ends_with(".jar")).and_then(one);
            match jar {
                Some(jar) => ReleaseFiles::Listed(vec![jar]),
                None => ReleaseFiles::Folder { without_ignored: false, without: &LEFT_BEHIND },
            }
        }
        Some(Runtime::Python(_)) => {
            ReleaseFiles::Folder { without_ignored: true, without: &PYTHON_LEFT_BEHIND }
        }
        // `node_modules` and what a bundler made are ignored by Git, and are what runs.
        Some(Runtime::Node(_)) => ReleaseFiles::Folder { without_ignored: false, without: &LEFT_BEHIND },
        None => ReleaseFiles::Folder { without_ignored: true, without: &LEFT_BEHIND },
    }
}

/// A word as a file below the service's folder.
fn one(word: &str) -> Option<ProjectPath> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./+@-".contains(c);
    let path: ProjectPath = word.parse().ok()?;
    (word.contains('/') && word.chars().all(plain) && !path.as_str().starts_with("..")).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped(settings: &str) -> String {
        let manifest = format!(
            "name = \"items\"\nshape = \"ec2\"\n[web]\nroot = \"f\"\n[app]\nroot = \"b\"\n{settings}\n[data]\nengine = \"postgres\"\n"
        );
        let parsed = terrace_manifest::parse(&manifest, None);
        let topology = parsed.topology.unwrap_or_else(|| panic!("{:#?}", parsed.diagnostics));
        match release_files(topology.services.values().next().unwrap()) {
            ReleaseFiles::Listed(files) => {
                files.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
            }
            ReleaseFiles::Folder { without_ignored, without } => format!(
                "the folder{}{}",
                if without_ignored { ", without what is ignored" } else { "" },
                if without.contains(&".venv") { ", without .venv" } else { "" }
            ),
        }
    }

    #[test]
    fn a_release_has_what_runs() {
        for (settings, expected) in [
            ("run = \"target/release/api --port 80\"", "target/release/api"),
            ("run = \"./api\"\nfiles = [\"api\", \"migrations\"]", "api migrations"),
            ("run = \"java -Xmx512m -jar target/api.jar\"", "target/api.jar"),
            ("run = \"java -cp classes Main\"", "the folder"),
            ("run = \".venv/bin/uvicorn main:app\"", "the folder, without what is ignored, without .venv"),
            ("run = \"node dist/main.js\"", "the folder"),
            ("run = \"start\"\nruntime = \"native\"", "the folder, without what is ignored"),
            ("run = \"../elsewhere/api\"", "the folder, without what is ignored"),
        ] {
            assert_eq!(shipped(settings), expected, "{settings}");
        }
    }
}
