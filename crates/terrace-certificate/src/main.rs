//! Checks certificates: `terrace-certificate FILE`. Exit codes: 0 checked, 1 refuted, 64 anything else.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that says what it found")]
#![expect(
    clippy::disallowed_methods,
    reason = "the one file that is asked for is read; the library reads none"
)]

use std::process::ExitCode;

use terrace_certificate::{Wrong, read_and_check};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [file] = arguments.as_slice() else {
        eprintln!("usage: terrace-certificate FILE");
        return ExitCode::from(64);
    };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{} cannot be read: {error}", file.display());
            return ExitCode::from(64);
        }
    };
    match read_and_check(&text) {
        Ok(done) => {
            println!("checked: {} claims, {} packets tried", done.claims, done.packets);
            ExitCode::SUCCESS
        }
        Err(wrong @ Wrong::Refuted(_)) => {
            println!("refuted: {wrong}");
            ExitCode::from(1)
        }
        Err(wrong) => {
            eprintln!("not checked: {wrong}");
            ExitCode::from(64)
        }
    }
}
