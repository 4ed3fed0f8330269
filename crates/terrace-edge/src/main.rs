//! The `terrace-edge` program: a configuration file, or `--inherit` for a control socket on standard input.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "usage: terrace-edge [serve --config] CONFIG.json | terrace-edge --inherit";

fn main() -> ExitCode {
    let all: Vec<_> = std::env::args_os().skip(1).collect();
    // `serve --config FILE` says what happens, in a unit file; the file alone does as well.
    let mut arguments = match all.as_slice() {
        [serve, config, file] if serve == "serve" && config == "--config" => vec![file.clone()],
        _ => all,
    }
    .into_iter();
    let outcome = match (arguments.next(), arguments.next()) {
        (Some(argument), None) if argument == "--inherit" => terrace_edge::run_inherited(),
        (Some(argument), None) if argument == "--help" || argument == "-h" => {
            say(USAGE);
            return ExitCode::SUCCESS;
        }
        (Some(path), None) => terrace_edge::run_config_file(Path::new(&path), say),
        _ => {
            say(USAGE);
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("terrace-edge: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// One line on standard error; if nobody reads it, there is nobody to tell.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
