//! What a release is made of, built on this machine: the page's folder, and the code of every party as an image or as the files
//! that machines fetch.
//!
//! Code is built by the manifest's own commands, as `terrace up` builds it, for the processor that the system runs on. What can
//! stand alone (Rust, Go) becomes an image without Docker; what has a Dockerfile is built by whichever builder is there. Every
//! image starts with `terrace-boot`, so that an application finds the same settings wherever it runs.
//!
//! GUARANTEE: the same sources and the same tools give the same digests. Nothing is sent anywhere but by [`push()`].

mod advice;
mod alone;
mod archive;
mod authorities;
mod builder;
mod commit;
mod dockerfile;
mod event;
mod fetched;
mod flags;
mod image;
mod make;
mod parts;
mod push;
mod settings;
mod tree;
mod way;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;

use terrace_cloud::release::machines::Artifact;
use terrace_cloud::release::record::Commit;
use terrace_image::{Architecture, Image};
use terrace_run::Executable;
use terrace_topology::{PartyName, Shape, Topology};

pub(crate) use event::Event;
pub(crate) use flags::BuildFlags;
pub(crate) use push::push;
pub(crate) use settings::settings;

use crate::failure::Failure;
use crate::project::Project;

/// Who is told what goes on.
pub(crate) type Told<'a> = &'a (dyn Fn(Event) + Send + Sync);

/// What a release is made of.
#[derive(Debug)]
pub(crate) struct Product {
    /// The folder of the built page.
    pub(crate) page: PathBuf,
    /// The code: of every service, and in shape `ec2` of the web tier as well.
    pub(crate) code: BTreeMap<PartyName, Code>,
    /// The migration: the words that a container is given, or the line that a machine runs.
    pub(crate) migrate: Option<Vec<String>>,
    /// What the sources are, if Git knows.
    pub(crate) commit: Option<Commit>,
}

/// One party's code.
#[derive(Debug)]
pub(crate) enum Code {
    /// As its containers run it.
    Image(Image),
    /// As its machines fetch it.
    Artifact(Artifact),
}

/// What is built, where, and with what.
pub(crate) struct Work<'a> {
    /// Where the manifest lies.
    pub(crate) project: &'a Project,
    /// What is meant.
    pub(crate) topology: &'a Topology,
    /// What was typed about it.
    pub(crate) flags: &'a BuildFlags,
    /// What plays Terrace's own parts while it builds.
    pub(crate) executable: Executable,
}

impl Work<'_> {
    /// The processor that is built for.
    fn architecture(&self) -> Architecture {
        match self.topology.architecture {
            terrace_topology::Architecture::X86_64 => Architecture::Amd64,
            terrace_topology::Architecture::Arm64 => Architecture::Arm64,
        }
    }
}

/// Builds everything, or as much of it as has changed.
///
/// # Errors
/// If a build fails, or what it makes cannot be released: then what to do.
pub(crate) async fn build(work: &Work<'_>, told: Told<'_>) -> Result<Product, Failure> {
    let commit = commit::of(&work.project.folder).await;
    let topology = work.topology;
    let page = make::page(work, told).await?;
    let mut code = BTreeMap::new();
    let mut migrate = None;
    match topology.shape {
        Shape::Containers => {
            for (party, service) in &topology.services {
                let built = image::build(work, (party, service), told).await?;
                migrate = migrate.or(built.migrate);
                code.insert(party.clone(), Code::Image(built.image));
            }
        }
        Shape::Machines => {
            code.insert(PartyName::web(), Code::Artifact(archive::of_page(work, &page, told).await?));
            let mut line = topology.database.migrate.as_ref();
            migrate = line.map(|line| vec![line.to_string()]);
            for (party, service) in &topology.services {
                let artifact = archive::of_service(work, (party, service, line.take()), told).await?;
                code.insert(party.clone(), Code::Artifact(artifact));
            }
        }
    }
    Ok(Product { page, code, migrate, commit })
}
