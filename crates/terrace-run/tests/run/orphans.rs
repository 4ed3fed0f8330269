//! The supervisor is killed, and nothing is left: no server, no daemon, no database.

use std::process::{Child, Command, Stdio};

use crate::plan::Trial;
use crate::stage::{PARTS, Project, Running, kill_nine, until};

/// A supervisor in a process of its own, killed when it is dropped.
struct Supervisor(Child);

impl Supervisor {
    #[expect(clippy::unwrap_used, reason = "a supervisor that does not start is a failed test")]
    fn of(project: &Project) -> Self {
        let mut command = Command::new(PARTS);
        command
            .arg("up")
            .arg(project.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _ended = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_leaves_nothing_and_the_next_one_starts() {
    let project = Project::new();
    let supervisor = Supervisor::of(&project);
    let client = project.client().await;
    client.wait_healthy().await.unwrap();
    let processes = project.processes();
    assert!(processes.len() >= 6, "three edges, two replicas, a database: {processes:?}");
    drop(supervisor);
    // At once: it waits until the first one's processes have gone.
    let mut run = Running::begin(project.options(Trial::default().plan()));
    run.ready().await;
    run.stop(&project).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_even_killed_leashes_leave_anything() {
    let project = Project::new();
    let mut run = Running::begin(project.options(Trial { mood: "deaf", ..Trial::default() }.plan()));
    run.ready().await;
    let leashes = project.leashes();
    assert_eq!(leashes.len(), 6, "three edges, two replicas, a database: {leashes:?}");
    leashes.into_iter().for_each(kill_nine);
    // What was held directly has ended with its leash; the daemons of the application are free now.
    assert!(!project.processes().is_empty());
    run.stop(&project).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_run_leaves_nothing() {
    let project = Project::new();
    let mut run = Running::begin(project.options(Trial { mood: "deaf", ..Trial::default() }.plan()));
    run.ready().await;
    run.task.abort();
    assert!(run.task.await.unwrap_err().is_cancelled());
    until("all is gone", async || project.processes().is_empty()).await;
}
