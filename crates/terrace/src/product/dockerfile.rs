//! The image of a Dockerfile: built by whichever builder is there, saved as a layout, and given `terrace-boot` to start with.
//!
//! The builder runs at each release, since only it knows what a Dockerfile depends on; what has not changed it keeps itself.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use terrace_image::{Image, Node, Start, Tree};
use terrace_run::leash::{self, Inherited, Launch, StopSignal};
use terrace_topology::{CommandLine, PartyName, ProjectPath, Service};

use super::builder::Builder;
use super::image::{BOOT, Built, entrypoint, ours, path, unmade};
use super::{Event, Told, Work, advice, make, parts, words};
use crate::failure::Failure;
use crate::machine::Tools;

/// How many of a build's last lines a failure repeats.
const LAST_LINES: usize = 20;
/// How long a builder may take to end when it is told to.
const STOP: Duration = Duration::from_secs(10);

/// Builds a Dockerfile.
pub(super) async fn build(
    work: &Work<'_>,
    (party, service): (&PartyName, &Service),
    file: &ProjectPath,
    told: Told<'_>,
) -> Result<Built, Failure> {
    let context = work.project.folder.join(service.root.as_str());
    let file = context.join(file.as_str());
    if !file.is_file() {
        return Err(Failure::input(format!("there is no {}", make::shown(work, &file)))
            .help(format!("`image` of `[{party}]` names the Dockerfile, from `root`")));
    }
    private(work, &context, &file)?;
    let builder = Builder::find(work.flags.builder().as_deref(), &Tools::of_environment()).await?;
    let (boot, files) = ours(work, told).await?;
    let folder = tempfile::tempdir()?;
    let (identity, archive) = (folder.path().join("identity"), folder.path().join("image.tar"));
    let platform = format!("linux/{}", work.architecture());
    let arguments = builder.build(&platform, &file, &identity, &context);
    let began = Instant::now();
    told(Event::Building {
        party: party.clone(),
        command: format!("{} {}", builder.name(), arguments.join(" ")),
    });
    let at = Running { work, builder: &builder, party, told };
    at.run(arguments, &context).await?;
    let name = tokio::fs::read_to_string(&identity).await.map_err(|error| {
        Failure::new(format!("{} did not say what it has built", builder.name())).because(&error)
    })?;
    at.run(builder.save(name.trim(), &archive), &context).await?;
    let bytes = tokio::fs::read(&archive).await?;
    told(Event::Built { party: party.clone(), took: Some(began.elapsed()) });
    let architecture = work.architecture();
    let image = tokio::task::spawn_blocking(move || {
        let image = Image::open(&bytes.into(), architecture).map_err(|error| unmade(&error))?;
        started(
            &image,
            files.with(path(BOOT)?, Node::program(boot.bytes().clone())).map_err(|error| unmade(&error))?,
        )
    });
    let image = image.await.map_err(|error| Failure::of(&error))??;
    let migrate = work.topology.database.migrate.as_ref().map(|line| migration(line, service));
    Ok(Built { image, migrate })
}

/// With `terrace-boot` before what the image starts by itself, unless it is there.
fn started(image: &Image, ours: Tree) -> Result<Image, Failure> {
    let start = image.start().map_err(|error| unmade(&error))?;
    let command: Vec<String> = start.entrypoint.iter().chain(&start.arguments).cloned().collect();
    let Some(first) = command.first() else {
        return Err(Failure::new("the Dockerfile's image starts nothing")
            .help("end the Dockerfile with what it starts: `CMD [\"node\", \"server.js\"]`"));
    };
    if first.rsplit('/').next() == Some(parts::BOOT) {
        return Ok(image.clone());
    }
    let start = Start { entrypoint: entrypoint().map(str::to_owned).into(), arguments: command };
    image.over("terrace-boot and what databases are known by", &ours, &start).map_err(|error| unmade(&error))
}

/// A migration's words: plain, or for the shell that the image has to have then.
fn migration(line: &CommandLine, service: &Service) -> Vec<String> {
    words::plain(line.as_str(), service.port)
        .unwrap_or_else(|| vec!["/bin/sh".to_owned(), "-c".to_owned(), line.to_string()])
}

struct Running<'a> {
    work: &'a Work<'a>,
    builder: &'a Builder,
    party: &'a PartyName,
    told: Told<'a>,
}

impl Running<'_> {
    async fn run(&self, arguments: Vec<String>, folder: &Path) -> Result<(), Failure> {
        let name = self.builder.name();
        let shown = format!("{name} {}", arguments.join(" "));
        let launch = Launch {
            program: self.builder.program().into(),
            args: arguments.into_iter().map(Into::into).collect(),
            environment: Vec::new(),
            inherited: Inherited::Everything,
            folder: folder.to_owned(),
            identity: None,
            stop_signal: StopSignal::Terminate,
            stop_within: STOP,
        };
        let mut last = VecDeque::new();
        let exit = leash::run(&launch, &self.work.executable, |line| {
            if last.len() == LAST_LINES {
                last.pop_front();
            }
            last.push_back(line.text.clone());
            (self.told)(Event::Line { party: self.party.clone(), text: line.text });
        });
        let exit = exit.await.map_err(|error| Failure::of(&error))?;
        if exit.is_success() {
            return Ok(());
        }
        let platform = format!("linux/{}", self.work.architecture());
        let failure = Failure::new(format!("`{}` could not be built", self.party))
            .cause(format!("`{shown}` ended with {exit}"));
        let foreign = last.iter().any(|line: &String| line.to_lowercase().contains("exec format error"));
        let failure = failure.excerpt(last);
        Err(if foreign {
            failure.help(format!(
                "this machine cannot run programs for {platform}: install QEMU's (`apt install qemu-user-static`), or set `architecture` \
                 to this machine's"
            ))
        } else {
            failure
        })
    }
}

/// Refuses to send this machine's databases and secrets to a builder: `COPY . .` would put them into the image.
fn private(work: &Work<'_>, context: &Path, file: &Path) -> Result<(), Failure> {
    if !context.join(".terrace").exists() {
        return Ok(());
    }
    let mut own = file.to_owned().into_os_string();
    own.push(".dockerignore");
    let lists = [PathBuf::from(own), context.join(".dockerignore")];
    // The first that is there counts, as builders have it.
    let list = lists.iter().find_map(|list| std::fs::read_to_string(list).ok()).unwrap_or_default();
    let names = |line: &str| {
        let line = line.trim().trim_start_matches('/').trim_start_matches("**/").trim_end_matches('/');
        matches!(line, ".terrace" | ".*" | "*")
    };
    if list.lines().any(names) {
        return Ok(());
    }
    let ignored = make::shown(work, &context.join(".dockerignore"));
    Err(Failure::new(
        "`.terrace` lies in the folder that the Dockerfile is built from, and its builder would be sent it",
    )
    .cause("it holds this machine's databases and secrets, and `COPY . .` would put them into the image")
    .help(format!("`echo .terrace >> {ignored}`, then type the same again")))
}

/// Why a service that needs more than itself cannot become an image, and the Dockerfile that would do.
pub(super) fn missing(
    work: &Work<'_>,
    (party, service): (&PartyName, &Service),
    line: &CommandLine,
) -> Failure {
    let place = match service.root.as_str() {
        "." => advice::NAME.to_owned(),
        root => format!("{root}/{}", advice::NAME),
    };
    let failure = Failure::input(format!("`{party}` needs a Dockerfile to run in a container"))
        .cause(format!("`{line}` needs more than a program that stands alone"));
    let context = work.project.folder.join(service.root.as_str());
    match advice::dockerfile(&context, service, line) {
        Some(text) => {
            failure.help(format!("write this to {place}, and change it where your app differs:\n{text}"))
        }
        None => failure.help(format!(
            "write {place}; it copies the app into an image and ends with `CMD` and what `run` says"
        )),
    }
}
