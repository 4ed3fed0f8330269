//! What one party's machines fetch: Terrace's programs, its content as an archive, and a service's plain settings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use terrace_account::Content;
use terrace_aws::{ReleaseFiles, release_files};
use terrace_cloud::release::machines::{Archive, Artifact, SETTINGS};
use terrace_image::Executable;
use terrace_topology::{CommandLine, PartyName, ProjectPath, Service, WebServer};

use super::{Event, Told, Work, authorities, image, make, parts, settings};
use crate::aws::told::release as refused;
use crate::failure::Failure;

/// Of the web tier.
pub(super) async fn of_page(work: &Work<'_>, page: &Path, told: Told<'_>) -> Result<Artifact, Failure> {
    let mut files = BTreeMap::new();
    files.insert(parts::BOOT.to_owned(), content(&parts::find(work, parts::BOOT).await?));
    if work.topology.web.server == WebServer::Terrace {
        files.insert(parts::EDGE.to_owned(), content(&parts::find(work, parts::EDGE).await?));
    }
    let archive = Archive::of(page, |_| true).await.map_err(|failure| refused(&failure))?;
    files.insert("page.tar.gz".to_owned(), Content::bytes(archive.bytes().clone()));
    packed(&PartyName::web(), files, told)
}

/// Of a service; with the line that migrates, if it is this one that does.
pub(super) async fn of_service(
    work: &Work<'_>,
    (party, service, migrate): (&PartyName, &Service, Option<&CommandLine>),
    told: Told<'_>,
) -> Result<Artifact, Failure> {
    let mut files = BTreeMap::new();
    files.insert(parts::BOOT.to_owned(), content(&parts::find(work, parts::BOOT).await?));
    let known = authorities::databases(work, told).await?;
    files.insert("rds-ca.pem".to_owned(), Content::bytes(known));
    files.insert(SETTINGS.to_owned(), Content::bytes(settings(service).text().into_bytes()));
    let program = image::program(service);
    let made = make::service(work, (party, service), program.as_ref(), told).await?;
    if let Some(program) = &program {
        fits(work, party, &made.place(program.as_str())).await?;
    }
    let archive = match release_files(service) {
        ReleaseFiles::Listed(mut listed) => {
            let own =
                migrate.and_then(starts).filter(|own| service.files.is_empty() && !listed.contains(own));
            if let Some(own) = own {
                fits(work, party, &made.place(own.as_str())).await?;
                listed.push(own);
            }
            let folder = tempfile::tempdir()?;
            for one in &listed {
                let (from, to) = (made.place(one.as_str()), folder.path().join(one.as_str()));
                copy(&from, &to).map_err(|error| {
                    Failure::new(format!("{} cannot be released", make::shown(work, &from)))
                        .because(&error)
                        .help(format!(
                            "`files` and `run` of `[{party}]` name what its build leaves in `root`"
                        ))
                })?;
            }
            Archive::of(folder.path(), |_| true).await
        }
        ReleaseFiles::Folder { without_ignored, without } => {
            let kept = kept(&made.folder, without_ignored, without);
            Archive::of(&made.folder, move |path| kept.contains(path)).await
        }
    };
    let archive = archive.map_err(|failure| refused(&failure))?;
    files.insert(format!("{party}.tar.gz"), Content::bytes(archive.bytes().clone()));
    if let Some(line) = migrate {
        files.insert("migrate".to_owned(), Content::bytes(format!("{line}\n").into_bytes()));
    }
    packed(party, files, told)
}

/// The program of the service's that a line starts, if it is one.
fn starts(line: &CommandLine) -> Option<ProjectPath> {
    let first = line.as_str().split_whitespace().find(|word| *word != "exec")?;
    first.parse().ok().filter(|_| first.contains('/') && !first.starts_with('/'))
}

fn content(program: &Executable) -> Content {
    Content::bytes(program.bytes().clone())
}

fn packed(party: &PartyName, files: BTreeMap<String, Content>, told: Told<'_>) -> Result<Artifact, Failure> {
    let size = files.values().map(Content::length).sum();
    let artifact = Artifact::of(files).map_err(|failure| refused(&failure))?;
    told(Event::Packed { party: party.clone(), digest: artifact.digest().to_string(), size });
    Ok(artifact)
}

/// Refuses a program that the machines could not run; one that is for them and needs their libraries is theirs to try.
async fn fits(work: &Work<'_>, party: &PartyName, file: &Path) -> Result<(), Failure> {
    let bytes = tokio::fs::read(file).await.map_err(|error| {
        Failure::new(format!("there is no program {}", make::shown(work, file)))
            .because(&error)
            .help(format!("`run` of `[{party}]` names what `build` makes"))
    })?;
    let script = bytes.starts_with(b"#!");
    match Executable::new(bytes, work.architecture()) {
        Ok(_) | Err(terrace_image::ImageError::NotStatic { .. }) => Ok(()),
        Err(terrace_image::ImageError::NoExecutable { .. }) if script => Ok(()),
        Err(error) => {
            Err(Failure::new(format!("machines cannot run {}", make::shown(work, file))).because(&error))
        }
    }
}

/// Copies a file, or a folder with all that is in it; links stay links.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let about = std::fs::symlink_metadata(from)?;
    if let Some(above) = to.parent() {
        std::fs::create_dir_all(above)?;
    }
    if about.is_dir() {
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if about.is_symlink() {
        return std::os::unix::fs::symlink(std::fs::read_link(from)?, to);
    }
    std::fs::copy(from, to).map(drop)
}

/// The paths below a folder that go into a release, and the folders on the way to them.
pub(super) fn kept(
    folder: &Path,
    without_ignored: bool,
    without: &'static [&'static str],
) -> BTreeSet<String> {
    let walk = WalkBuilder::new(folder)
        .standard_filters(false)
        .git_ignore(without_ignored)
        .require_git(false)
        .filter_entry(move |entry| {
            let name = entry.file_name().to_string_lossy();
            entry.depth() == 0 || !without.iter().any(|pattern| matches(pattern, &name))
        })
        .build();
    let below = |path: PathBuf| path.strip_prefix(folder).ok()?.to_str().map(str::to_owned);
    walk.flatten().filter(|entry| entry.depth() > 0).filter_map(|entry| below(entry.into_path())).collect()
}

/// Whether a name fits a pattern, in which one `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| rest.ends_with(after)),
        None => pattern == name,
    }
}
