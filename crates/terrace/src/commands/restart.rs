//! `terrace restart`: replaces a party of a run.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::FileFlag;
use crate::session;
use crate::style::{GOOD, paint};

/// Replace a party's processes, one after the other, without a failed request
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A process as `terrace status` names it (`app`), or one replica of it (`app-2`)
    #[arg(value_name = "PARTY")]
    party: String,
    #[command(flatten)]
    file: FileFlag,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let project = args.file.find()?;
    let party = args.party;
    session::with(&project, async |client| {
        let status = client.status().await.map_err(|error| session::refused(&project, &error))?;
        session::ensure_known(&party, &status)?;
        printer.say(format!("replacing {party}"));
        client.restart(&party).await.map_err(|error| session::refused(&project, &error))
    })?;
    printer.say(format!("{} {party} is replaced", paint(GOOD, "✔")));
    Ok(Exit::Success)
}
