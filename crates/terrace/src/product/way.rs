//! How a build is told which processor it builds for, and that what it makes is to stand alone.
//!
//! Cargo and Go heed their environment, so the manifest's command stays as it is and is told by that. Other builds are left
//! alone: what they leave is looked at afterwards.

use std::path::Path;
use std::process::Stdio;

use terrace_image::Architecture;
use terrace_topology::{CommandLine, PartyName, ProjectPath};
use tokio::process::Command;

use super::make;
use crate::failure::Failure;
use crate::machine::{Tools, is_cargo_build, steps};

/// How a build is led.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Not at all.
    AsItIs,
    /// To a target of Rust's, whose folder lies within Cargo's.
    Cargo {
        /// `x86_64-unknown-linux-musl`
        triple: String,
        /// What else the environment says, as a shell is told.
        settings: Vec<(String, String)>,
    },
    /// To a processor, by Go's own variables.
    Go(Architecture),
}

/// How this command is led to these machines. `program` is the file that it has to make.
pub(super) async fn of(
    party: &PartyName,
    folder: &Path,
    command: &CommandLine,
    program: Option<&ProjectPath>,
    architecture: Architecture,
) -> Result<Way, Failure> {
    let steps = steps(command.as_str());
    let usual = program.is_some_and(|program| cargo_folder(program.as_str()).is_some());
    if let Some(cargo) = steps.iter().find(|step| is_cargo_build(step)).filter(|_| usual) {
        return rust(party, &folder.join(&cargo.folder), architecture).await;
    }
    let go = steps.iter().any(|step| step.program() == "go" && (step.has("build") || step.has("install")));
    Ok(if go { Way::Go(architecture) } else { Way::AsItIs })
}

/// Where in a path Cargo's folder ends: after `target/`.
fn cargo_folder(path: &str) -> Option<usize> {
    let at = if path.starts_with("target/") { 0 } else { path.find("/target/")? + 1 } + "target/".len();
    path.get(at..)
        .is_some_and(|rest| rest.starts_with("release/") || rest.starts_with("debug/"))
        .then_some(at)
}

/// Rust's name of a processor.
const fn rust_name(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::Amd64 => "x86_64",
        Architecture::Arm64 => "aarch64",
    }
}

/// The target that can be built for here. musl's programs need nothing of the machine; where it is not installed, or C has to be
/// compiled and there is no compiler for it, glibc's own static libraries do on the same processor.
async fn rust(party: &PartyName, folder: &Path, architecture: Architecture) -> Result<Way, Failure> {
    let name = rust_name(architecture);
    let (musl, gnu) = (format!("{name}-unknown-linux-musl"), format!("{name}-unknown-linux-gnu"));
    let tools = Tools::of_environment();
    let installed = installed(folder, &musl).await;
    let compiler = [format!("{name}-linux-musl-gcc"), "musl-gcc".to_owned()];
    let compiler = compiler.into_iter().find(|compiler| tools.find(compiler).is_some());
    let here = std::env::consts::OS == "linux" && std::env::consts::ARCH == name;
    let needs_c = std::fs::read_to_string(folder.join("Cargo.lock"))
        .is_ok_and(|lock| lock.lines().any(|line| line == "name = \"cc\""));
    let told = std::env::var_os(format!("CC_{}", musl.replace('-', "_"))).is_some();
    if installed && (!needs_c || compiler.is_some() || told || !here) {
        let variable = format!("CARGO_TARGET_{}_LINKER", musl.replace('-', "_").to_uppercase());
        let mut settings = Vec::new();
        if !here && std::env::var_os(&variable).is_none() {
            // Rust has musl's start files and a linker of its own; the machine's knows one processor.
            let linker = compiler.filter(|compiler| compiler.starts_with(name));
            settings.push((variable, linker.unwrap_or_else(|| "rust-lld".to_owned())));
        }
        return Ok(Way::Cargo { triple: musl, settings });
    }
    if here && cfg!(target_os = "linux") {
        let flag = "-C target-feature=+crt-static";
        let set = std::env::var_os("RUSTFLAGS").is_some_and(|flags| !flags.is_empty());
        let setting = if set {
            // They would stand in for the target's.
            ("RUSTFLAGS".to_owned(), format!("\"$RUSTFLAGS {flag}\""))
        } else {
            let name = gnu.replace('-', "_").to_uppercase();
            (format!("CARGO_TARGET_{name}_RUSTFLAGS"), format!("'{flag}'"))
        };
        return Ok(Way::Cargo { triple: gnu, settings: vec![setting] });
    }
    Err(Failure::new(format!("`{party}` cannot be built for linux/{architecture} on this machine"))
        .cause(format!("Rust's target {musl} is not installed"))
        .help(format!("`rustup target add {musl}`, then type the same again"))
        .help("or write a Dockerfile and say `image = \"Dockerfile\"`: docker, podman or buildah build it"))
}

/// Whether the toolchain of a folder has the library of a target.
async fn installed(folder: &Path, triple: &str) -> bool {
    let output = Command::new("rustc")
        .args(["--print", "sysroot"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .await;
    let Ok(output) = output else { return false };
    let sysroot = String::from_utf8_lossy(&output.stdout);
    Path::new(sysroot.trim()).join("lib/rustlib").join(triple).join("lib").is_dir()
}

impl Way {
    /// The command with what it is told.
    pub(super) fn command(&self, command: &CommandLine) -> Result<CommandLine, Failure> {
        let settings = match self {
            Self::AsItIs => return Ok(command.clone()),
            Self::Cargo { triple, settings } => {
                let more = settings.iter().map(|(name, value)| format!(" {name}={value}"));
                format!("CARGO_BUILD_TARGET={triple}{}", more.collect::<String>())
            }
            Self::Go(architecture) => format!("CGO_ENABLED=0 GOARCH={architecture} GOOS=linux"),
        };
        make::line(&format!("export {settings}; {command}"))
    }

    /// Where a file comes to lie that the command alone would leave at this path.
    pub(super) fn moved(&self, path: &str) -> String {
        let Self::Cargo { triple, .. } = self else { return path.to_owned() };
        match cargo_folder(path).and_then(|at| path.split_at_checked(at)) {
            Some((before, after)) => format!("{before}{triple}/{after}"),
            None => path.to_owned(),
        }
    }

    /// A failed build's failure, with what is special about it.
    pub(super) fn helped(&self, failure: Failure) -> Failure {
        match self {
            Self::AsItIs => failure,
            Self::Cargo { triple, .. } if triple.ends_with("-gnu") => failure.help(format!(
                "it is linked with all its libraries, because no other machine has this one's: that takes their static versions \
                 (`libc6-dev` on Debian, `glibc-static` on Fedora), or `rustup target add {}` and a compiler for it (`musl-tools`) \
                 where C is compiled",
                triple.replace("-gnu", "-musl")
            )),
            Self::Cargo { triple, .. } => failure.help(format!(
                "it is built for {triple}, so that it needs nothing of the machine that it runs on; where C is compiled, that takes a \
                 compiler for it (`musl-tools` on Debian)"
            )),
            Self::Go(_) => failure.help("it is built with CGO_ENABLED=0, so that it needs nothing of the machine that it runs on"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_makes_for_a_target_lies_in_a_folder_of_its_own() {
        let way = Way::Cargo { triple: "x86_64-unknown-linux-musl".to_owned(), settings: Vec::new() };
        for (path, moved) in [
            ("target/release/api", "target/x86_64-unknown-linux-musl/release/api"),
            ("../target/debug/api", "../target/x86_64-unknown-linux-musl/debug/api"),
            ("target/x", "target/x"),
            ("migrations", "migrations"),
            ("mytarget/release/api", "mytarget/release/api"),
        ] {
            assert_eq!(way.moved(path), moved, "{path}");
            assert_eq!(Way::Go(Architecture::Amd64).moved(path), path);
        }
    }

    #[tokio::test]
    async fn a_command_is_told_and_stays_what_it_is() {
        let (party, line) = ("app".parse().unwrap(), "go build -o bin/api ./cmd/api".parse().unwrap());
        let (folder, program) = (Path::new("/"), "bin/api".parse().unwrap());
        let go = of(&party, folder, &line, Some(&program), Architecture::Arm64).await.unwrap();
        insta::assert_snapshot!(go.command(&line).unwrap(), @"export CGO_ENABLED=0 GOARCH=arm64 GOOS=linux; go build -o bin/api ./cmd/api");
        for (command, program) in [
            ("make", "bin/api"),
            ("cargo build --release --target x", "target/x/release/api"),
            ("cargo build", "bin/api"),
        ] {
            let (command, program) = (command.parse().unwrap(), program.parse().unwrap());
            let way = of(&party, folder, &command, Some(&program), Architecture::Amd64).await;
            assert_eq!(way.unwrap(), Way::AsItIs, "{command}");
        }
    }
}
