//! Terrace's own parts: the program starts itself again as an edge process, as a leash, or as what starts an
//! application; and under the name of the AWS CLI's plugin it is that plugin.
//!
//! This is settled before the command line is read, so that a leash stays tiny and no thread is started in it.

use std::process::ExitCode;

use terrace_run::{Executable, ports};
use terrace_tunnel::plugin;

/// Plays the part that the first argument asks for, if it asks for one.
pub(crate) fn play() -> Option<ExitCode> {
    let mut words = std::env::args_os();
    if words.next().is_some_and(|name| plugin::is_plugin(&name)) {
        return Some(session_manager_plugin());
    }
    let part = words.next()?;
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

/// The AWS CLI has found this program under the name that it looks for.
fn session_manager_plugin() -> ExitCode {
    // What is no UTF-8 is nothing that the AWS CLI says.
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let Ok(runtime) = crate::run::runtime() else { return ExitCode::FAILURE };
    let holder = |port| ports::holder(port).map(|holder| holder.to_string());
    let code = runtime.block_on(plugin::run(words, |name| std::env::var(name).ok(), Some(holder)));
    runtime.shutdown_background();
    ExitCode::from(code)
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
