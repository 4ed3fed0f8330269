//! `terrace completions`: what shells need to complete the command line.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// Print the completions of a shell
///
/// For bash: `terrace completions bash > ~/.local/share/bash-completion/completions/terrace`.
/// For zsh: into a file `_terrace` in a folder of `$fpath`.
/// For fish: `terrace completions fish > ~/.config/fish/completions/terrace.fish`.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let mut command = crate::args::Args::command();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "terrace", &mut script);
    printer.data(String::from_utf8_lossy(&script))?;
    Ok(Exit::Success)
}
