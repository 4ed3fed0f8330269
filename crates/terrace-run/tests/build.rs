//! Builds through the real thing: a shell command under a leash, run when something changed and only then.

#![expect(clippy::unwrap_used, reason = "what these tests stand on must be there")]

use std::path::Path;

use terrace_local::{Build, LocalPlan};
use terrace_run::Executable;
use terrace_run::build::{BuildError, Job, Outcome, Progress, run};
use terrace_run::state::StateFolder;
use terrace_topology::{PartyName, Shape};

/// A project with a page in `page`, built into `page/made`.
struct Project {
    folder: tempfile::TempDir,
    job: Job,
}

impl Project {
    fn new(command: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("page")).unwrap();
        std::fs::write(folder.path().join("page/source"), "one").unwrap();
        let job = job(folder.path(), command);
        Self { folder, job }
    }

    fn state(&self) -> StateFolder {
        StateFolder::open(self.folder.path(), "terrace").unwrap()
    }

    fn file(&self, path: &str) -> std::path::PathBuf {
        self.folder.path().join(path)
    }

    async fn build(&self) -> (Result<Outcome, BuildError>, Vec<String>) {
        let mut lines = Vec::new();
        let tell = |progress| match progress {
            Progress::Line(line) => lines.push(line.text),
            Progress::Waiting => lines.push("(waiting)".to_owned()),
            Progress::Started => {}
        };
        let outcome = run(&self.job, &self.state(), &executable(), tell).await;
        (outcome, lines)
    }

    async fn built(&self) -> bool {
        matches!(self.build().await.0.unwrap(), Outcome::Built(_))
    }
}

fn executable() -> Executable {
    Executable::at(env!("CARGO_BIN_EXE_terrace-run-parts"))
}

fn job(project: &Path, command: &str) -> Job {
    let build = Build {
        party: PartyName::web(),
        folder: "page".parse().unwrap(),
        command: command.parse().unwrap(),
        output: Some("page/made".parse().unwrap()),
    };
    let plan = LocalPlan {
        system: "items".parse().unwrap(),
        shape: Shape::Machines,
        builds: Vec::new(),
        processes: Vec::new(),
    };
    Job::of(&build, &plan, project)
}

#[tokio::test]
async fn a_build_runs_when_something_changed_and_only_then() {
    let project = Project::new("mkdir -p made && cp source made/page && echo said; echo loud >&2");
    let (outcome, mut lines) = project.build().await;
    assert!(matches!(outcome.unwrap(), Outcome::Built(_)));
    lines.sort();
    assert_eq!(lines, ["loud", "said"]);
    let log = std::fs::read_to_string(project.file(".terrace/logs/build-web.log")).unwrap();
    assert!(log.starts_with("$ mkdir -p made") && log.contains("\nsaid\n"), "{log}");
    assert!(!project.built().await, "nothing changed");

    std::fs::write(project.file("page/source"), "two").unwrap();
    assert!(project.built().await, "a source changed");
    assert_eq!(std::fs::read_to_string(project.file("page/made/page")).unwrap(), "two");

    std::fs::write(project.file("page/.env.local"), "VITE_X=1").unwrap();
    assert!(project.built().await, "a source came");
    assert!(!project.built().await);
    std::fs::remove_file(project.file("page/.env.local")).unwrap();
    assert!(project.built().await, "a source went");

    std::fs::remove_dir_all(project.file("page/made")).unwrap();
    assert!(project.built().await, "what was made went");
    std::fs::write(project.file("page/made/page"), "someone else's").unwrap();
    assert!(project.built().await, "what was made is another's");
    assert!(!project.built().await);
}

#[tokio::test]
async fn a_failed_build_says_what_it_said_and_leaves_no_stamp() {
    let project = Project::new("mkdir -p made && echo made > made/page && test ! -e broken");
    assert!(project.built().await);
    std::fs::write(project.file("page/broken"), "").unwrap();
    assert!(matches!(project.build().await.0, Err(BuildError::Failed { .. })));
    std::fs::remove_file(project.file("page/broken")).unwrap();
    assert!(project.built().await, "the last good build was before the failed one");

    let project = Project::new("for i in 1 2 3; do echo line $i; done; exit 7");
    let error = project.build().await.0.unwrap_err().to_string();
    let shown =
        error.replace(&project.folder.path().canonicalize().unwrap().display().to_string(), "PROJECT");
    let shown = shown.replace(&project.folder.path().display().to_string(), "PROJECT");
    insta::assert_snapshot!(shown, @"
    the build of `web` failed (exit status 7): `for i in 1 2 3; do echo line $i; done; exit 7` in `PROJECT/page`
      | line 1
      | line 2
      | line 3
      all of it: `PROJECT/.terrace/logs/build-web.log`
    ");
}

#[tokio::test]
async fn a_build_that_makes_nothing_is_no_good_build() {
    let project = Project::new("mkdir -p made");
    let error = project.build().await.0.unwrap_err().to_string();
    assert!(
        error.contains("page/made` is not there or empty; `mkdir -p made` should have made it"),
        "{error}"
    );

    std::fs::remove_dir_all(project.file("page")).unwrap();
    let error = project.build().await.0.unwrap_err().to_string();
    assert!(error.contains("there is no folder"), "{error}");
    assert!(error.contains("`web.root` names it"), "{error}");
}

#[tokio::test]
async fn two_systems_never_build_in_one_folder_at_once() {
    let first = Project::new("mkdir made.lock && mkdir -p made && cp source made && rmdir made.lock");
    let mut second = Project::new("true");
    // As `root = "../other/page"` has it: another project's folder, another state folder.
    second.job = first.job.clone();
    for round in 0..10 {
        std::fs::write(first.file("page/source"), format!("{round}")).unwrap();
        let (one, two) = tokio::join!(first.build(), second.build());
        assert!(matches!(one.0.unwrap(), Outcome::Built(_)));
        assert!(matches!(two.0.unwrap(), Outcome::Built(_)));
        assert!(one.1.iter().chain(&two.1).any(|line| line == "(waiting)"), "one of them waited");
    }
}
