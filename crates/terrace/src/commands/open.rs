//! `terrace open`: the page in a browser.

use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::Where;
use crate::session;
use crate::watch::side::Side;

/// Open the page in a browser: the one that runs here, or the deployed one
///
/// Its address is printed as well.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    place: Where,
    /// Only print the address
    #[arg(long)]
    print: bool,
    /// Print it as JSON, and open nothing
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    side: Side,
}

#[derive(Serialize)]
struct Address<'a> {
    url: &'a str,
}

pub(crate) fn run(args: Args, printer: Printer) -> Result<Exit, Failure> {
    let here = args.side.is_here()?;
    let project = args.place.find()?;
    let url = if here {
        session::with(&project, async |client| {
            let status = client.status().await.map_err(|error| session::refused(&project, &error))?;
            status.reached.map(|reached| reached.url).ok_or_else(|| {
                Failure::new(format!("{} is still starting", project.title()))
                    .help("`terrace status` says what it waits for")
            })
        })?
    } else {
        crate::run::runtime()?.block_on(async {
            let session = args.side.open(project, printer).await?;
            let deployed = session.deployed().await?;
            let url = deployed.names.url.map(|url| url.to_string());
            url.ok_or_else(|| {
                let again = format!("`terrace deploy{}` tells it at its end", session.env_flag());
                Failure::new(format!("nobody has told yet where {} is reached", session.system)).help(again)
            })
        })?
    };
    if args.json {
        printer.json(&Address { url: &url })?;
        return Ok(Exit::Success);
    }
    printer.data(&url)?;
    if !args.print {
        open::that_detached(&url)
            .map_err(|error| Failure::new("no browser could be opened").because(&error))?;
    }
    Ok(Exit::Success)
}
