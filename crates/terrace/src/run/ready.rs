//! The moment at which everything is healthy.

use serde::Serialize;
use terrace_run::Reached;

use super::Shown;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::progress::View;

/// The endpoints as `--json` prints them.
#[derive(Debug, Serialize)]
struct Endpoints<'a> {
    system: &'a str,
    shape: &'a str,
    url: &'a str,
    processes: Vec<Endpoint<'a>>,
    tunnel: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Endpoint<'a> {
    name: &'a str,
    address: &'a str,
}

/// Says where the page is, in whichever way was asked for.
pub(super) fn tell(
    view: &mut View,
    reached: &Reached,
    took: u64,
    shown: Shown,
    printer: Printer,
) -> Result<(), Failure> {
    view.settle();
    printer.say(crate::progress::headline(&reached.url, took));
    if let Some(rehearsal) = &reached.rehearsal {
        printer.say(format!(
            "  its database, reached as on AWS: `terrace tunnel --local`, or the AWS CLI with --endpoint-url {rehearsal}"
        ));
    }
    if shown.json {
        let board = view.board();
        printer.json(&Endpoints {
            system: &board.system,
            shape: &board.shape,
            url: &reached.url,
            processes: reached.endpoints.iter().map(|(name, address)| Endpoint { name, address }).collect(),
            tunnel: reached.rehearsal.as_deref(),
        })?;
    }
    if shown.open
        && let Err(error) = open::that_detached(&reached.url)
    {
        printer.say(format!("no browser could be opened: {error}"));
    }
    Ok(())
}
