//! The image of a program that stands alone: no Docker, no base, no shell.

use terrace_image::{Executable, Image, ImageError, Recipe, Tree, User};
use terrace_topology::{CommandLine, PartyName, ProjectPath, Service};

use super::image::{BOOT, Built, entrypoint, ours, path, unmade};
use super::{Told, Work, authorities, make, tree, words};
use crate::failure::Failure;

/// Where the service's folder is in the image.
const FOLDER: &str = "/app";
/// Whom tasks run as.
const USER: u32 = 10001;

/// Builds the program and its image.
pub(super) async fn build(
    work: &Work<'_>,
    (party, service): (&PartyName, &Service),
    (line, program): (&CommandLine, &ProjectPath),
    told: Told<'_>,
) -> Result<Built, Failure> {
    let mut start =
        words::plain(line.as_str(), service.port).ok_or_else(|| needs_shell(party, "run", line))?;
    let migration = migration(work, party, service)?;
    // Before the build, which takes longer: what is missing is said at once.
    let (boot, mut files) = ours(work, told).await?;
    let made = make::service(work, (party, service), Some(program), told).await?;
    let file = made.place(program.as_str());
    let bytes = tokio::fs::read(&file).await.map_err(|error| unread(work, &file, &error))?;
    let executable =
        Executable::new(bytes, work.architecture()).map_err(|error| unfit(work, &file, party, &error))?;
    let mut listed: Vec<ProjectPath> =
        service.files.iter().filter(|file| *file != program).cloned().collect();
    listed.extend(migration.as_ref().and_then(|(_, own)| own.clone()).filter(|own| own != program));
    listed.dedup();
    for one in &listed {
        files = tree::add(files, &made.place(one.as_str()), &format!("{FOLDER}/{one}"))?;
    }
    if let Some(first) = start.first_mut() {
        *first = format!("{FOLDER}/{program}");
    }
    let packing = Packing { executable, boot, files, program: program.clone(), start, port: service.port };
    // Packing is work for a processor, not for the threads that wait.
    let image = tokio::task::spawn_blocking(move || packing.image()).await;
    let image = image.map_err(|error| Failure::of(&error))??;
    Ok(Built { image, migrate: migration.map(|(words, _)| words) })
}

struct Packing {
    executable: Executable,
    boot: Executable,
    files: Tree,
    program: ProjectPath,
    start: Vec<String>,
    port: terrace_net::Port,
}

impl Packing {
    fn image(self) -> Result<Image, Failure> {
        let own = path(&format!("{FOLDER}/{}", self.program))?;
        let wrong = |error: ImageError| unmade(&error);
        Recipe::new(own, self.executable)
            .user(User::new("app", USER).map_err(wrong)?)
            .certificates(authorities::internet()?)
            .time_zones(authorities::zones()?)
            .files("what the service needs", self.files)
            .program(path(BOOT)?, self.boot)
            .map_err(wrong)?
            .entrypoint(entrypoint())
            .arguments(self.start)
            .directory(path(FOLDER)?)
            .port(self.port)
            .image()
            .map_err(wrong)
    }
}

/// The migration's words, and the program of the service's that it starts.
type Migration = (Vec<String>, Option<ProjectPath>);

fn migration(work: &Work<'_>, party: &PartyName, service: &Service) -> Result<Option<Migration>, Failure> {
    let Some(line) = &work.topology.database.migrate else { return Ok(None) };
    let mut words = words::plain(line.as_str(), service.port)
        .ok_or_else(|| needs_shell(&PartyName::database(), "migrate", line))?;
    let first = words.first_mut().filter(|first| first.contains('/') && !first.starts_with('/'));
    let Some(first) = first else {
        let why = format!("the image of `{party}` holds its program and no other: `{line}` is not in it");
        return Err(Failure::new("the migration could not run on AWS")
            .cause(why)
            .help("let the program do it (`migrate = \"target/release/api --migrate\"`), or say `image = \"Dockerfile\"`"));
    };
    let own: ProjectPath =
        first.parse().map_err(|error: terrace_topology::ProjectPathError| Failure::of(&error))?;
    *first = format!("{FOLDER}/{own}");
    Ok(Some((words, Some(own))))
}

fn needs_shell(party: &PartyName, key: &str, line: &CommandLine) -> Failure {
    Failure::new(format!("`{line}` takes a shell, and an image of a program alone has none"))
        .help(format!(
            "write `{key}` of `[{party}]` as a program and its arguments; `$PORT` and `$HOST` are put in, and all else is in the \
             program's environment"
        ))
        .help("or write a Dockerfile and say `image = \"Dockerfile\"`")
}

fn unread(work: &Work<'_>, file: &std::path::Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("there is no program {}", make::shown(work, file)))
        .because(error)
        .help("`run` names what `build` makes")
}

fn unfit(work: &Work<'_>, file: &std::path::Path, party: &PartyName, error: &ImageError) -> Failure {
    Failure::new(format!("`{party}` cannot become an image: {}", make::shown(work, file))).because(error)
}
