//! The builds: the manifest's own commands, told by their environment which processor they build for.

use std::path::{Path, PathBuf};

use terrace_local::{Build, LocalPlan};
use terrace_run::build::{Job, Outcome, Progress};
use terrace_run::state::StateFolder;
use terrace_topology::{CommandLine, PartyName, ProjectPath, Service};

use super::way::{self, Way};
use super::{Event, Told, Work};
use crate::failure::Failure;

/// What becomes of a build whose command is told more than it is locally: its marks lie apart from those of `terrace up`.
const APART: &str = "release";

/// Builds the page; gives its folder.
pub(super) async fn page(work: &Work<'_>, told: Told<'_>) -> Result<PathBuf, Failure> {
    let web = &work.topology.web;
    let dist = web.root.join(&web.dist);
    if let Some(command) = &web.build {
        let party = PartyName::web();
        let (folder, output) = (web.root.clone(), Some(dist.clone()));
        let build = Build { party, folder, command: command.clone(), output };
        run(work, &work.project.stem(), &build, told).await?;
    }
    let folder = work.project.folder.join(dist.as_str());
    if folder.join("index.html").is_file() {
        return Ok(folder);
    }
    let failure = if folder.is_dir() {
        Failure::new(format!("`{dist}` has no index.html: it is no page"))
    } else {
        Failure::new(format!("there is no folder `{dist}`, where the built page belongs"))
    };
    Err(failure
        .help("set `dist` of `[web]` to the folder that holds `index.html`, or `build` to what makes it"))
}

/// A service's build that has run.
#[derive(Debug)]
pub(super) struct Made {
    /// The service's folder.
    pub(super) folder: PathBuf,
    way: Way,
}

impl Made {
    /// Where a file of the service is, by the path that it has where the manifest's own command builds it.
    pub(super) fn place(&self, path: &str) -> PathBuf {
        let moved = self.folder.join(self.way.moved(path));
        if moved.exists() { moved } else { self.folder.join(path) }
    }
}

/// Builds a service for the processor that it runs on. `program` is what the command has to make, if that is one file.
pub(super) async fn service(
    work: &Work<'_>,
    (party, service): (&PartyName, &Service),
    program: Option<&ProjectPath>,
    told: Told<'_>,
) -> Result<Made, Failure> {
    let folder = work.project.folder.join(service.root.as_str());
    let architecture = work.architecture();
    let way = match &service.build {
        Some(command) => way::of(party, &folder, command, program, architecture).await?,
        None => Way::AsItIs,
    };
    if let Some(command) = &service.build {
        let output = program.and_then(|program| way.moved(program.as_str()).parse().ok());
        let build = Build {
            party: party.clone(),
            folder: service.root.clone(),
            command: way.command(command)?,
            output: output.map(|output: ProjectPath| service.root.join(&output)),
        };
        let stem = if way == Way::AsItIs { work.project.stem() } else { apart(&work.project.stem()) };
        run(work, &stem, &build, told).await.map_err(|failure| way.helped(failure))?;
    }
    Ok(Made { folder, way })
}

fn apart(stem: &str) -> String {
    format!("{stem}+{APART}")
}

async fn run(work: &Work<'_>, stem: &str, build: &Build, told: Told<'_>) -> Result<(), Failure> {
    let topology = work.topology;
    let plan = LocalPlan {
        system: topology.name.clone(),
        shape: topology.shape,
        builds: Vec::new(),
        processes: Vec::new(),
    };
    let state = StateFolder::open(&work.project.folder, stem).map_err(|error| Failure::of(&error))?;
    let job = Job::of(build, &plan, &work.project.folder);
    let party = || build.party.clone();
    let outcome = terrace_run::build::run(&job, &state, &work.executable, |progress| {
        told(match progress {
            Progress::Waiting => Event::Waiting { party: party() },
            Progress::Started => Event::Building { party: party(), command: build.command.to_string() },
            Progress::Line(line) => Event::Line { party: party(), text: line.text },
        });
    });
    let took = match outcome.await.map_err(|error| crate::run::of_build(&error))? {
        Outcome::Unchanged => None,
        Outcome::Built(took) => Some(took),
    };
    told(Event::Built { party: party(), took });
    Ok(())
}

/// A text as a command line; only an empty one is none.
pub(super) fn line(text: &str) -> Result<CommandLine, Failure> {
    text.parse().map_err(|error: terrace_topology::CommandLineError| Failure::of(&error))
}

/// A path as people of the project write it.
pub(super) fn shown(work: &Work<'_>, path: &Path) -> String {
    crate::project::shown(path, &work.project.folder)
}
