//! Terrace's own parts: the program starts itself again as an edge process, as a leash, or as what starts an
//! application.
//!
//! This is settled before the command line is read, so that a leash stays tiny and no thread is started in it.

use std::process::ExitCode;

use terrace_run::Executable;

/// Plays the part that the first argument asks for, if it asks for one.
pub(crate) fn play() -> Option<ExitCode> {
    let part = std::env::args_os().nth(1)?;
    if part == Executable::EDGE {
        return Some(edge());
    }
    if part == Executable::BOOT {
        return Some(terrace_boot::main(std::env::args_os().skip(2)));
    }
    if part == Executable::LEASH {
        return Some(terrace_run::leash::main(std::env::args_os().skip(2)));
    }
    None
}

fn edge() -> ExitCode {
    match terrace_edge::run_inherited() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let printer = crate::printer::Printer::new(crate::printer::Talk::Normal);
            printer.tell(crate::failure::Failure::of(&error).render());
            ExitCode::FAILURE
        }
    }
}
