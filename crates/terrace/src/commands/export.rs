//! `terrace export`: the system as plain Terraform, to keep and to leave with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use terrace_aws::Design;
use terrace_topology::Topology;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::FileFlag;
use crate::style::{GOOD, paint};
use crate::{design, export_readme, write};

/// Write the system as plain Terraform files, by concern, with comments that say why
///
/// Terraform 1.11 or OpenTofu 1.11 and later apply them with the provider hashicorp/aws; Terrace is not needed
/// afterwards. The same manifest gives the same bytes. Files that lie there already and differ are kept unless
/// `--force` is given.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder to write into; it is made if it is not there
    #[arg(value_hint = clap::ValueHint::DirPath)]
    folder: PathBuf,
    #[command(flatten)]
    file: FileFlag,
    /// The environment to write
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Write over files that differ, and take away those of an earlier export that have no part in this one
    #[arg(long)]
    force: bool,
    /// Say what was written as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Written<'a> {
    folder: String,
    files: Vec<&'a str>,
    removed: Vec<&'a str>,
    resources: usize,
}

/// What an export may consist of; nothing else in a folder is ever touched.
const OWN: [&str; 11] = [
    "README.md",
    "app.tf",
    "data.tf",
    "edge.tf",
    "network.tf",
    "observability.tf",
    "outputs.tf",
    "secrets.tf",
    "terraform.tf",
    "variables.tf",
    "web.tf",
];

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let project = args.file.find()?;
    let designed = design::of(&project, args.env.as_deref(), printer)?;
    let files = files(&designed.topology, &designed.design)?;
    let folder = std::path::absolute(&args.folder)?;
    if folder.exists() && !folder.is_dir() {
        return Err(Failure::input(format!("{} is a file, not a folder", args.folder.display()))
            .help("give a folder; it is made if it is not there"));
    }
    let stale = stale(&folder, &files)?;
    if !args.force {
        let differing = differing(&folder, &files)?;
        let in_the_way: Vec<&str> = differing.into_iter().chain(stale.iter().copied()).collect();
        if !in_the_way.is_empty() {
            return Err(Failure::new(format!(
                "{} holds files that differ from this export: {}",
                args.folder.display(),
                in_the_way.join(", ")
            ))
            .help(
                "nothing was written; `--force` writes over them, another folder leaves them as they are",
            ));
        }
    }
    std::fs::create_dir_all(&folder)
        .map_err(|error| Failure::new(format!("{} cannot be made", folder.display())).because(&error))?;
    for (name, text) in &files {
        let shown = args.folder.join(name).display().to_string();
        write::whole(&folder.join(name), &shown, text)?;
    }
    for name in &stale {
        std::fs::remove_file(folder.join(name))?;
    }
    let resources = designed.design.graph.len();
    if args.json {
        printer.json(&Written {
            folder: folder.display().to_string(),
            files: files.keys().map(String::as_str).collect(),
            removed: stale,
            resources,
        })?;
        return Ok(Exit::Success);
    }
    let shown = args.folder.display();
    printer.say(format!("{} {resources} resources in {} files in {shown}", paint(GOOD, "✔"), files.len()));
    printer.say(format!("next: terraform -chdir={shown} init, and read {shown}/README.md"));
    Ok(Exit::Success)
}

/// Every file of an export with its text.
fn files(topology: &Topology, design: &Design) -> Result<BTreeMap<String, String>, Failure> {
    let emitted = terrace_terraform::emit(design).map_err(|error| Failure::of(&error))?;
    let mut files: BTreeMap<String, String> =
        emitted.into_iter().map(|(name, text)| (name.to_string(), text)).collect();
    files.insert("README.md".to_owned(), export_readme::text(topology, &design.graph, &files));
    Ok(files)
}

/// Files of an earlier export that have no part in this one.
fn stale(folder: &Path, files: &BTreeMap<String, String>) -> Result<Vec<&'static str>, Failure> {
    let mut stale = Vec::new();
    for name in OWN {
        if !files.contains_key(name) && folder.join(name).try_exists()? {
            stale.push(name);
        }
    }
    Ok(stale)
}

/// Files that are there with another text.
fn differing<'a>(folder: &Path, files: &'a BTreeMap<String, String>) -> Result<Vec<&'a str>, Failure> {
    let mut differing = Vec::new();
    for (name, text) in files {
        match std::fs::read(folder.join(name)) {
            Ok(there) if there == text.as_bytes() => {}
            Ok(_) => differing.push(name.as_str()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(
                    Failure::new(format!("{} cannot be read", folder.join(name).display())).because(&error)
                );
            }
        }
    }
    Ok(differing)
}
