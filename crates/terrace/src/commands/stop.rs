//! `terrace stop`: ends a run from another terminal.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::Where;
use crate::session;
use crate::style::{GOOD, paint};

/// Take everything down, from the outside in; data is kept
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Where,
    /// End everything at once, without finishing requests
    #[arg(long)]
    now: bool,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let project = args.place.find()?;
    session::with(&project, async |client| {
        client.stop(args.now).await.map_err(|error| session::refused(&project, &error))
    })?;
    printer.say(format!("{} {} is stopped", paint(GOOD, "✔"), project.title()));
    Ok(Exit::Success)
}
