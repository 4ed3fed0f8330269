//! `terrace restart`: what runs.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::Where;

/// To be written
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Where,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(_args: Args, _printer: Printer) -> Result<Exit, Failure> {
    Ok(Exit::NotRunning)
}
