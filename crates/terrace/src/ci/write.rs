//! `terrace init --ci`: the workflow of a project that has a manifest.

use std::path::Path;

use terrace_aws::deployer::{self, Purpose};
use terrace_topology::{Architecture, EnvironmentName, Topology};

use super::repository::{self, Checkout};
use super::workflow::{ACCOUNT, PLACE, REVISION, SOURCE, Target, Workflow};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::{self, Project};
use crate::style::{GOOD, HELP, STRONG, paint};
use crate::write;

/// Writes the workflow into the checkout that a project lies in, and says what comes next.
pub(crate) fn write(project: &Project, printer: Printer) -> Result<Exit, Failure> {
    let here = std::env::current_dir()?;
    let checkout = repository::find(&project.folder).ok_or_else(|| {
        Failure::input(format!("{} lies in no Git repository", project.shown))
            .help("a workflow belongs to a repository on GitHub: `git init` makes one")
    })?;
    let target = checkout.root.join(PLACE);
    let shown = project::shown(&target, &here);
    if target.exists() {
        return Err(Failure::input(format!("{shown} is there already"))
            .help("it is left as it is; to have it written anew, move it away first"));
    }
    let workflow = workflow(project, &checkout)?;
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    write::whole(&target, &shown, &workflow.text())?;
    printer.say(format!("{} wrote {}", paint(GOOD, "✔"), paint(STRONG, &shown)));
    next(project, &checkout, &workflow, &here, printer);
    Ok(Exit::Success)
}

/// What the workflow depends on, read from the manifest.
fn workflow(project: &Project, checkout: &Checkout) -> Result<Workflow, Failure> {
    let unclear = || {
        Failure::input(format!("{} does not say what is to be deployed", project.shown))
            .help("`terrace check` says what is wrong with it")
    };
    let parsed = terrace_manifest::parse(&project.text, None);
    let names: Vec<EnvironmentName> = parsed.environments().cloned().collect();
    let meant = |name: Option<&str>| terrace_manifest::parse(&project.text, name).topology;
    let mut topologies: Vec<Topology> = if names.is_empty() {
        vec![parsed.topology.ok_or_else(unclear)?]
    } else {
        names.iter().map(|name| meant(Some(name.as_str()))).collect::<Option<_>>().ok_or_else(unclear)?
    };
    // What real users use comes last.
    topologies.sort_by_key(|topology| topology.production);
    let targets = topologies.iter().map(target).collect();
    let folder = project.folder.strip_prefix(&checkout.root).unwrap_or(Path::new(""));
    let file = project.manifest.file_name().map(|name| name.to_string_lossy().into_owned());
    Ok(Workflow {
        system: topologies.first().map(|topology| topology.name.to_string()).unwrap_or_default(),
        branch: checkout.branch.clone(),
        folder: (!folder.as_os_str().is_empty()).then(|| folder.display().to_string()),
        file: file.filter(|file| file != terrace_manifest::FILE_NAME),
        targets,
    })
}

fn target(topology: &Topology) -> Target {
    Target {
        environment: topology.environment.clone(),
        roles: (deployer::role(topology, Purpose::Plan), deployer::role(topology, Purpose::Deploy)),
        account: topology.account.clone(),
        partition: deployer::partition(topology),
        region: topology.region.clone(),
        runner: match topology.architecture {
            Architecture::X86_64 => "ubuntu-24.04",
            Architecture::Arm64 => "ubuntu-24.04-arm",
        },
    }
}

fn next(project: &Project, checkout: &Checkout, workflow: &Workflow, here: &Path, printer: Printer) {
    let repository =
        checkout.repository.as_ref().map_or_else(|| "OWNER/NAME".to_owned(), ToString::to_string);
    let usual = project.manifest == here.join(terrace_manifest::FILE_NAME);
    let at = if usual { String::new() } else { format!(" {}", project.shown) };
    let mut steps = Vec::new();
    for target in &workflow.targets {
        let environment =
            target.environment.as_ref().map(|name| format!(" --env {name}")).unwrap_or_default();
        let account = if target.account.is_some() { "" } else { " --account 123456789012" };
        let branch = match (&target.environment, workflow.branch.as_str()) {
            (None, branch) if branch != "main" => format!(" --branch {branch}"),
            _ => String::new(),
        };
        steps.push(format!(
            "make the roles, with rights to do so: `terrace policy{at}{environment}{account} --github {repository}{branch} --format shell | sh`"
        ));
    }
    if workflow.targets.iter().any(|target| target.account.is_none()) {
        steps.push(format!("tell the account: `gh variable set {ACCOUNT} --body 123456789012`"));
    }
    steps.push(format!(
        "tell where Terrace comes from: `gh variable set {SOURCE} --body URL`, `gh variable set {REVISION} --body COMMIT`"
    ));
    steps.push("read the workflow, commit it, and open a pull request: it gets a plan".to_owned());
    if checkout.repository.is_none() {
        printer.say(format!(
            "{}: `origin` is no repository on GitHub; put its name in below",
            paint(HELP, "note")
        ));
    }
    printer.say(format!("\n{}", paint(HELP, "next")));
    for (at, step) in steps.iter().enumerate() {
        printer.say(format!("  {}. {step}", at + 1));
    }
}
