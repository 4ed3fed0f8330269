//! Terrace's own parts for this crate's tests, which have no `terrace` to start them with.

use std::process::ExitCode;

use terrace_run::Executable;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let part = args.next().unwrap_or_default();
    if part == Executable::LEASH {
        return terrace_run::leash::main(args);
    }
    if part == Executable::EDGE {
        return match terrace_edge::run_inherited() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    ExitCode::from(2)
}
