//! Products of small projects, built for real.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use terrace_image::{Architecture, Image, Node, Recipe, Tree};
use terrace_run::Executable;
use terrace_topology::Topology;

use super::{BuildFlags, Code, Event, Product, Work, build};
use crate::failure::Failure;

mod containers;
mod dockerfiles;
mod machines;
mod pushes;

/// What plays Terrace's parts: the program that the same `cargo test` has built.
fn terrace() -> Executable {
    let own = std::env::current_exe().unwrap();
    let program = own.parent().and_then(Path::parent).unwrap().join("terrace");
    assert!(program.is_file(), "`cargo build -p terrace` first: {} is missing", program.display());
    Executable::at(program)
}

fn skipped(why: &str) {
    use std::io::Write as _;
    drop(std::io::stderr().write_all(format!("\nSKIPPED: {why}\n").as_bytes()));
}

/// The processor of this machine, as the manifest and as images name it.
fn processor() -> (&'static str, Architecture) {
    match std::env::consts::ARCH {
        "aarch64" => ("arm64", Architecture::Arm64),
        _ => ("x86_64", Architecture::Amd64),
    }
}

/// A program that stands alone, made once: its arguments, a line each.
fn static_program() -> &'static [u8] {
    static PROGRAM: OnceLock<Vec<u8>> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let (source, program) = (folder.path().join("main.rs"), folder.path().join("main"));
        std::fs::write(&source, "fn main() { std::env::args().for_each(|one| println!(\"{one}\")); }")
            .unwrap();
        let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let made = Command::new("rustc")
            .args([
                "--edition",
                "2024",
                "-C",
                "strip=symbols",
                "-C",
                "target-feature=+crt-static",
                "--target",
                &target,
            ])
            .arg(&source)
            .arg("-o")
            .arg(&program)
            .status();
        assert!(made.unwrap().success());
        std::fs::read(program).unwrap()
    })
}

/// A project with Terrace's parts beside it.
struct Ground {
    folder: tempfile::TempDir,
    flags: BuildFlags,
    said: Mutex<Vec<String>>,
}

impl Ground {
    /// Of a manifest's `[app]`, in this shape, with these files.
    fn new(shape: &str, app: &str, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ground = Self {
            flags: BuildFlags::of(
                Some(folder.path().join("parts")),
                Some(folder.path().join("rds-ca.pem")),
                None,
            ),
            folder,
            said: Mutex::default(),
        };
        let manifest = format!(
            "name = \"shop\"\nshape = \"{shape}\"\nregion = \"eu-central-1\"\narchitecture = \"{}\"\n[web]\nroot = \"page\"\n\
             [app]\nroot = \"api\"\n{app}\n[data]\nengine = \"postgres\"\n",
            processor().0
        );
        ground.write("terrace.toml", &manifest);
        ground.write("page/dist/index.html", "<h1>shop</h1>");
        ground.write("rds-ca.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
        for (name, text) in files {
            ground.write(name, text);
        }
        for name in ["terrace-boot", "terrace-edge"] {
            let own = ground.path("parts").join(format!("linux-{}", processor().1));
            std::fs::create_dir_all(&own).unwrap();
            std::fs::write(own.join(name), static_program()).unwrap();
        }
        ground
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn program(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        self.write(name, text);
        std::fs::set_permissions(self.path(name), std::fs::Permissions::from_mode(0o755)).unwrap();
        self.path(name)
    }

    fn topology(&self) -> Topology {
        let text = std::fs::read_to_string(self.path("terrace.toml")).unwrap();
        let parsed = terrace_manifest::parse(&text, None);
        parsed.topology.unwrap_or_else(|| panic!("{:#?}", parsed.diagnostics))
    }

    async fn build(&self) -> Result<Product, Failure> {
        let project = crate::project::find(Some(self.folder.path()), None)?;
        let topology = self.topology();
        let work = Work { project: &project, topology: &topology, flags: &self.flags, executable: terrace() };
        build(&work, &|event| self.hear(&event)).await
    }

    /// Lines are a builder's own, and differ.
    fn hear(&self, event: &Event) {
        let text = match event {
            Event::Building { party, command } => format!("{party}: {command}"),
            Event::Built { party, took: None } => format!("{party}: nothing has changed"),
            Event::Built { party, took: Some(_) } => format!("{party}: built"),
            Event::Packed { party, .. } => format!("{party}: packed"),
            _ => return,
        };
        self.said.lock().unwrap().push(text.replace(&*self.folder.path().to_string_lossy(), "FOLDER"));
    }

    fn said(&self) -> String {
        std::mem::take(&mut *self.said.lock().unwrap()).join("\n")
    }

    async fn image(&self) -> Image {
        match self.build().await.unwrap_or_else(|failure| panic!("{}", words(&failure))).code.remove(&app()) {
            Some(Code::Image(image)) => image,
            other => panic!("{other:?}"),
        }
    }

    /// How a build fails, without what is this machine's.
    async fn failure(&self) -> String {
        let Err(failure) = self.build().await else { panic!("it is built") };
        words(&failure).replace(&*self.folder.path().to_string_lossy(), "FOLDER")
    }
}

fn app() -> terrace_topology::PartyName {
    "app".parse().unwrap()
}

fn words(failure: &Failure) -> String {
    anstream::adapter::strip_str(&failure.render()).to_string()
}

/// A package of Cargo's without dependencies.
fn rust(main: &str) -> Vec<(&'static str, String)> {
    vec![
        ("api/Cargo.toml", "[package]\nname = \"api\"\nedition = \"2024\"\n[workspace]\n".to_owned()),
        ("api/Cargo.lock", "# This file is automatically @generated by Cargo.\n# It is not intended for manual editing.\nversion = 4\n\n[[package]]\nname = \"api\"\nversion = \"0.0.0\"\n".to_owned()),
        ("api/src/main.rs", main.to_owned()),
    ]
}

/// An image's configuration.
fn config(image: &Image) -> serde_json::Value {
    serde_json::from_slice(image.config().bytes()).unwrap()
}
