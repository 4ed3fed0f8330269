//! `cargo xtask generate`: writes the files that are made from the code.

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let outcome = match std::env::args().nth(1).as_deref() {
        Some("generate") => xtask::generated::write(&xtask::root()).map_err(|e| e.to_string()),
        _ => Err("usage: cargo xtask generate".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            let _ = writeln!(std::io::stderr(), "error: {reason}");
            ExitCode::FAILURE
        }
    }
}
