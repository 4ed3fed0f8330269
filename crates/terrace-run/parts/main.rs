//! Terrace's own parts for this crate's tests, which have no `terrace` to start them with: a leash, an edge, a whole
//! run, and an application that misbehaves as it is told.

mod app;
mod plan;

use std::process::ExitCode;

use terrace_run::{Executable, Stop, UpOptions, up};

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let part = args.next().unwrap_or_default();
    let word = |arg: Option<std::ffi::OsString>| arg.and_then(|a| a.into_string().ok()).unwrap_or_default();
    match part.to_str() {
        Some(Executable::LEASH) => terrace_run::leash::main(args),
        Some(Executable::EDGE) => match terrace_edge::run_inherited() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Some(Executable::BOOT) => terrace_boot::main(args),
        Some("app") => app::main(&word(args.next())),
        Some("up") => supervise(&word(args.next())),
        _ => ExitCode::from(2),
    }
}

/// Runs the plan in that folder until it is killed.
fn supervise(project: &str) -> ExitCode {
    let run = async {
        let (events, mut told) = tokio::sync::mpsc::unbounded_channel();
        let (_never, stop) = tokio::sync::watch::channel(Stop::No);
        tokio::spawn(async move { while told.recv().await.is_some() {} });
        let plan = plan::Trial::default().plan();
        up(options(project, plan), events, stop).await
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime.map(|runtime| runtime.block_on(run)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(_)) | Err(_) => ExitCode::FAILURE,
    }
}

fn options(project: &str, plan: terrace_local::LocalPlan) -> UpOptions {
    UpOptions {
        project: project.into(),
        stem: "terrace".to_owned(),
        plan,
        port: None,
        watch: false,
        offline: true,
        database_binaries: None,
        rehearsal: None,
        executable: Executable::current(),
    }
}
