//! The program `terrace-boot`: everything is in the library of the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    terrace_boot::main(std::env::args_os().skip(1))
}
