//! `terrace schema`: what a manifest may say, for editors.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;

/// Print the JSON schema of terrace.toml
///
/// Editors that know TOML (Taplo, Even Better TOML, Tombi) complete and check the manifest with it: put
/// `#:schema ./terrace.schema.json` on its first line and save the schema beside it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

pub(crate) fn run(_: Args, printer: Printer) -> Result<Exit, Failure> {
    printer.data(terrace_manifest::json_schema())?;
    Ok(Exit::Success)
}
