//! A service as an image: of a program that stands alone, or of a Dockerfile; started by `terrace-boot` in either case.

use terrace_aws::{ReleaseFiles, release_files};
use terrace_image::{Executable, Image, ImageError, ImagePath, Node, Tree};
use terrace_topology::{PartyName, ProjectPath, Runnable, Service};

use super::{Event, Told, Work, alone, authorities, dockerfile, parts};
use crate::failure::Failure;

/// Where `terrace-boot` is in every image.
pub(super) const BOOT: &str = "/usr/local/bin/terrace-boot";

/// A service's image.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) image: Image,
    /// The migration, as the words that a container of it is given.
    pub(super) migrate: Option<Vec<String>>,
}

/// Builds a service's image.
pub(super) async fn build(
    work: &Work<'_>,
    (party, service): (&PartyName, &Service),
    told: Told<'_>,
) -> Result<Built, Failure> {
    let beside: Option<ProjectPath> = "Dockerfile".parse().ok();
    let beside = beside.filter(|file| work.project.folder.join(service.root.join(file).as_str()).is_file());
    let built = match (&service.runnable, program(service), beside) {
        (Runnable::Dockerfile { file, .. }, _, _) => {
            dockerfile::build(work, (party, service), file, told).await?
        }
        (Runnable::Command(line), Some(program), _) => {
            alone::build(work, (party, service), (line, &program), told).await?
        }
        (Runnable::Command(_), None, Some(file)) => {
            dockerfile::build(work, (party, service), &file, told).await?
        }
        (Runnable::Command(line), None, None) => {
            return Err(dockerfile::missing(work, (party, service), line));
        }
    };
    let size = built.image.blobs().map(terrace_image::Blob::size).sum();
    let digest = built.image.manifest().digest().to_string();
    told(Event::Packed { party: party.clone(), digest, size });
    Ok(built)
}

/// The one program that a service runs, if that is all there is to it.
pub(super) fn program(service: &Service) -> Option<ProjectPath> {
    let Runnable::Command(line) = &service.runnable else { return None };
    let bare = Service { files: Vec::new(), ..service.clone() };
    let ReleaseFiles::Listed(files) = release_files(&bare) else { return None };
    let [program] = files.as_slice() else { return None };
    let jar = program.as_str().ends_with(".jar");
    // It is what the line begins with, and not what an interpreter is given.
    let first = line.as_str().split_whitespace().find(|word| *word != "exec")?;
    let same = first.parse::<ProjectPath>().is_ok_and(|first| first == *program);
    (!jar && same).then(|| program.clone())
}

/// What every image has of Terrace's, and of AWS's.
pub(super) async fn ours(work: &Work<'_>, told: Told<'_>) -> Result<(Executable, Tree), Failure> {
    let boot = parts::find(work, parts::BOOT).await?;
    let known = authorities::databases(work, told).await?;
    let tree = Tree::default().with(path(authorities::DATABASES)?, Node::file(known));
    Ok((boot, tree.map_err(|error| unmade(&error))?))
}

/// What an image begins with.
pub(super) fn entrypoint() -> [&'static str; 3] {
    [BOOT, "--watch", "--"]
}

pub(super) fn path(text: &str) -> Result<ImagePath, Failure> {
    ImagePath::new(text).map_err(|error| Failure::of(&error))
}

pub(super) fn unmade(error: &ImageError) -> Failure {
    Failure::new("the image could not be made").because(error)
}
