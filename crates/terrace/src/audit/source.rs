//! What a path is: our manifest, a folder of Terraform, a plan or state, a template; and its inventory.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use terrace_audit::report::{Accepted, Source};
use terrace_aws::inventory::{Inventory, Place, Tree, Unread};
use terrace_diag::Diagnostics;

use super::declared;
use super::settings::AuditFile;
use super::walk::{self, Walked};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::{design, diagnostics, project};

/// The largest plan, state or template that is read.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Values that were typed, and the environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    /// Values of variables and parameters, as they were typed.
    pub(crate) values: BTreeMap<String, String>,
    /// The environment of a manifest.
    pub(crate) environment: Option<String>,
    /// The workspace of Terraform.
    pub(crate) workspace: Option<String>,
    /// The region of a template's stack.
    pub(crate) region: Option<String>,
    /// Files of values for Terraform.
    pub(crate) files: Vec<PathBuf>,
}

/// A design that was read.
#[derive(Debug)]
pub(crate) struct Design {
    /// Everything in it.
    pub(crate) inventory: Inventory,
    /// What it is.
    pub(crate) source: Source,
    /// What is accepted because the manifest means it.
    pub(crate) accepted: Accepted,
    /// What was taken for granted in reading it.
    pub(crate) assumed: Vec<String>,
}

/// What a path turned out to be.
#[derive(Clone, Debug)]
enum Kind {
    Manifest(PathBuf),
    Terraform(PathBuf),
    Document(PathBuf),
    Template { folder: PathBuf, file: String },
}

/// Where `terrace-audit.toml` is looked for.
pub(crate) fn home(path: Option<&Path>) -> PathBuf {
    let path = path.unwrap_or(Path::new("."));
    if path.is_dir() { path.to_owned() } else { path.parent().map(Path::to_owned).unwrap_or_default() }
}

/// Reads what a path holds; without a path, this project's manifest, else what is in this folder.
pub(crate) fn read(
    path: Option<&Path>,
    given: &Given,
    file: &AuditFile,
    printer: Printer,
) -> Result<Design, Failure> {
    let kind = match path {
        Some(path) => kind(path)?,
        None => match project::find(None, None) {
            Ok(project) => Kind::Manifest(project.manifest),
            Err(none) => kind(Path::new(".")).map_err(|_| none.help("or give what is to be audited: a folder of Terraform, a plan or state as JSON, a CloudFormation template, or `--live`"))?,
        },
    };
    match kind {
        Kind::Manifest(path) => manifest(&path, given, printer),
        Kind::Terraform(folder) => terraform(&folder, given, file, printer),
        Kind::Document(path) => document(&path),
        Kind::Template { folder, file: name } => template(&folder, &name, given, file, printer),
    }
}

fn kind(path: &Path) -> Result<Kind, Failure> {
    let shown = path.display();
    if path.is_dir() {
        return folder(path);
    }
    if !path.exists() {
        return Err(Failure::input(format!("there is no file or folder `{shown}`")).help(
            "give a project, a folder of Terraform, a plan or state as JSON, or a CloudFormation template",
        ));
    }
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    if name.ends_with(".tf") || name.ends_with(".tf.json") {
        return Ok(Kind::Terraform(folder));
    }
    if name.ends_with(".toml") {
        return Ok(Kind::Manifest(path.to_owned()));
    }
    let text = whole(path)?;
    if terrace_cloudformation::looks_like_template(&text) {
        return Ok(Kind::Template { folder, file: name.to_owned() });
    }
    if text.trim_start().trim_start_matches('\u{feff}').starts_with('{') {
        return Ok(Kind::Document(path.to_owned()));
    }
    Err(Failure::input(format!("`{shown}` is nothing that can be audited"))
        .cause("it is no manifest, no Terraform, no plan or state as JSON, and no CloudFormation template")
        .help("of a binary plan, `terraform show -json PLAN > plan.json` makes one that can be read"))
}

fn folder(path: &Path) -> Result<Kind, Failure> {
    let manifest = path.join(terrace_manifest::FILE_NAME);
    if manifest.is_file() {
        return Ok(Kind::Manifest(manifest));
    }
    let shown = path.display();
    let entries = std::fs::read_dir(path)
        .map_err(|error| Failure::input(format!("{shown} cannot be read")).because(&error))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| path.join(name).is_file())
        .collect();
    names.sort();
    if names.iter().any(|name| name.ends_with(".tf") || name.ends_with(".tf.json")) {
        return Ok(Kind::Terraform(path.to_owned()));
    }
    let may = |name: &&String| [".yaml", ".yml", ".json", ".template"].iter().any(|end| name.ends_with(end));
    let templates: Vec<&String> = names
        .iter()
        .filter(may)
        .filter(|name| {
            whole(&path.join(name)).is_ok_and(|text| terrace_cloudformation::looks_like_template(&text))
        })
        .collect();
    match templates.as_slice() {
        [one] => Ok(Kind::Template { folder: path.to_owned(), file: (*one).clone() }),
        [] => Err(Failure::input(format!("there is nothing in `{shown}` that can be audited"))
            .cause("no terrace.toml, no `.tf` files, no CloudFormation template")
            .help("give the folder itself, or the file")),
        several => {
            let names: Vec<&str> = several.iter().map(|name| name.as_str()).collect();
            Err(Failure::input(format!("there are {} templates in `{shown}`", several.len()))
                .cause(names.join(", "))
                .help("give the one that is deployed; those that it nests are read with it"))
        }
    }
}

fn whole(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let wrong = |error: &std::io::Error| Failure::input(format!("{shown} cannot be read")).because(error);
    // What is no plain file (`<(terraform show -json)`, a device) tells no length beforehand.
    let file = std::fs::File::open(path).map_err(|error| wrong(&error))?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| wrong(&error))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST) {
        return Err(Failure::input(format!("{shown} has more than {} MB", LARGEST / 1024 / 1024)));
    }
    let bytes = utf16(bytes);
    String::from_utf8(bytes).map_err(|error| {
        Failure::input(format!("{shown} is not UTF-8 text"))
            .because(&error)
            .help("of a binary plan, `terraform show -json PLAN > plan.json` makes one that can be read")
    })
}

/// PowerShell's `>` writes UTF-16.
pub(super) fn utf16(bytes: Vec<u8>) -> Vec<u8> {
    let Some(rest) = bytes.strip_prefix(&[0xff, 0xfe]) else { return bytes };
    let units: Vec<u16> =
        rest.chunks_exact(2).filter_map(|two| Some(u16::from_le_bytes(two.try_into().ok()?))).collect();
    String::from_utf16(&units).map_or(bytes, String::into_bytes)
}

fn manifest(path: &Path, given: &Given, printer: Printer) -> Result<Design, Failure> {
    let project = project::find(Some(path), None)?;
    let designed = design::without_warnings(&project, given.environment.as_deref(), printer)?;
    let inventory = Inventory::of(&designed.design.graph);
    let accepted = declared::accepted(&designed.topology, &project.shown);
    let resources = inventory.len();
    let source = Source { name: project.shown, kind: "the manifest's design on AWS".to_owned(), resources };
    Ok(Design { inventory, source, accepted, assumed: Vec::new() })
}

fn terraform(folder: &Path, given: &Given, file: &AuditFile, printer: Printer) -> Result<Design, Failure> {
    let walked = walk::folder(folder)?;
    let mut values: BTreeMap<String, String> =
        file.variables.iter().map(|(name, value)| (name.clone(), json(value))).collect();
    values.extend(given.values.clone());
    let mut settings = terrace_terraform::found::Given { variables: values, ..Default::default() };
    settings.workspace.clone_from(&given.workspace);
    let mut tree = walked.tree.clone();
    for path in &given.files {
        let name = path.display().to_string();
        tree.insert(name.clone(), whole(path)?);
        settings.files.push(name);
    }
    let inventory = terrace_terraform::found::folder(&tree, &walked.root, &settings)
        .map_err(|all| told(&all, printer))?;
    let mut design = found(inventory, &walked, folder.display().to_string(), "a folder of Terraform");
    let asks =
        walked.tree.iter().any(|(path, text)| path.ends_with(".tf") && text.contains("terraform.workspace"));
    if asks && given.workspace.is_none() {
        design
            .assumed
            .push("terraform.workspace is taken as `default`: `--workspace NAME` says another".to_owned());
    }
    Ok(design)
}

fn document(path: &Path) -> Result<Design, Failure> {
    let shown = path.display().to_string();
    let text = whole(path)?;
    let inventory = terrace_terraform::found::json(&text, &shown)
        .map_err(|error| Failure::input(format!("{shown} cannot be audited")).because(&error))?;
    Ok(found(inventory, &Walked::default(), shown, "what Terraform tells as JSON"))
}

fn template(
    folder: &Path,
    name: &str,
    given: &Given,
    file: &AuditFile,
    printer: Printer,
) -> Result<Design, Failure> {
    let walked = walk::folder(folder)?;
    let path = Tree::resolve(&walked.root, name).unwrap_or_else(|| name.to_owned());
    let mut parameters: BTreeMap<String, String> = file
        .variables
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().map_or_else(|| json(value), str::to_owned)))
        .collect();
    parameters.extend(given.values.clone());
    let settings =
        terrace_cloudformation::Given { parameters, region: given.region.clone(), ..Default::default() };
    let shown = Path::new(folder.strip_prefix(".").unwrap_or(folder)).join(name).display().to_string();
    let inventory = terrace_cloudformation::template(&walked.tree, &path, &settings).map_err(|all| {
        let text = walked.tree.get(&path).unwrap_or_default();
        printer.tell(diagnostics::render(diagnostics::Source { name: &shown, text }, &all));
        Failure::Told(Exit::Unreadable)
    })?;
    Ok(found(inventory, &walked, shown.clone(), terrace_audit::report::TEMPLATE))
}

/// A value of `[variables]` as JSON, which Terraform reads as an expression.
fn json(value: &toml::Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// An account that was read.
pub(crate) fn live(inventory: Inventory, vpcs: &[String]) -> Design {
    let name = if vpcs.is_empty() { "the account".to_owned() } else { vpcs.join(", ") };
    let resources = inventory.items().filter(|item| item.type_name().starts_with("aws_")).count();
    let source = Source { name, kind: "what AWS tells of it".to_owned(), resources };
    Design { inventory, source, accepted: Accepted::default(), assumed: Vec::new() }
}

/// Errors that name their places in their text.
fn told(all: &Diagnostics, printer: Printer) -> Failure {
    printer.tell(diagnostics::render(diagnostics::Source { name: "", text: "" }, all));
    Failure::Told(Exit::Unreadable)
}

/// A path as it is written from here: with `..` where it lies beside, whole where the two have little in common.
fn near(path: &Path, here: &Path) -> String {
    let above = here.ancestors().take(5).position(|ancestor| path.starts_with(ancestor));
    match above.zip(here.ancestors().nth(above.unwrap_or_default())) {
        Some((up, common)) if common.parent().is_some() => {
            let rest = path.strip_prefix(common).unwrap_or(path);
            Path::new(&"../".repeat(up)).join(rest).display().to_string()
        }
        _ => path.display().to_string(),
    }
}

fn found(mut inventory: Inventory, walked: &Walked, name: String, kind: &str) -> Design {
    let left_out = walked.left_out.iter().map(|what| (what, "is too large or no text"));
    let tofu = walked.tofu.iter().map(|what| (what, "is a file that only OpenTofu reads"));
    for (what, why) in left_out.chain(tofu) {
        inventory.pass_over(Unread::part(what, why, Some(Place { file: what.clone(), line: None })));
    }
    if !walked.top.as_os_str().is_empty() {
        let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
        inventory.name_files(&|file| near(&walked.top.join(file), &here));
    }
    let resources = inventory.items().filter(|item| item.type_name().starts_with("aws_")).count();
    let source = Source { name, kind: kind.to_owned(), resources };
    Design { inventory, source, accepted: Accepted::default(), assumed: Vec::new() }
}
