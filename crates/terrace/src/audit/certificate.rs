//! Writing a certificate, and checking one.

use std::path::Path;

use terrace_audit::Settings;
use terrace_audit::report::Source;
use terrace_aws::inventory::Inventory;
use terrace_certificate::{LARGEST, Wrong, read_and_check};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::write;

/// Writes what is proved of a design.
pub(crate) fn written(
    inventory: &Inventory,
    settings: &Settings,
    source: &Source,
    path: &Path,
) -> Result<(), Failure> {
    let certificate = terrace_audit::certificate(inventory, settings, source);
    let text = certificate.text().map_err(|error| Failure::of(&error))?;
    write::whole(path, &path.display().to_string(), &text)
}

/// Tries a certificate's claims.
pub(crate) fn checked(path: &Path, printer: Printer) -> Result<Exit, Failure> {
    let shown = path.display();
    let unreadable =
        |error: &std::io::Error| Failure::input(format!("{shown} cannot be read")).because(error);
    let length = std::fs::metadata(path).map_err(|error| unreadable(&error))?.len();
    if usize::try_from(length).map_or(true, |length| length > LARGEST) {
        return Err(Failure::input(format!("{shown} has more than {} MB", LARGEST / 1024 / 1024)));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(&error))?;
    match read_and_check(&text) {
        Ok(done) => {
            let also = match done.not_claimed {
                0 => String::new(),
                1 => ", 1 exception is not claimed".to_owned(),
                n => format!(", {n} exceptions are not claimed"),
            };
            printer.data(format!(
                "{shown}: {} claims hold, {} packets tried{also}\n",
                done.claims, done.packets
            ))?;
            Ok(Exit::Success)
        }
        Err(wrong @ Wrong::Refuted(_)) => {
            printer.data(format!("{shown}: {wrong}\n"))?;
            Ok(Exit::Violated)
        }
        Err(wrong) => Err(Failure::input(format!("{shown} is not checked")).cause(wrong.to_string())),
    }
}
