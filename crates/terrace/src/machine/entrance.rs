//! Whether the port that a browser would use is free.

use terrace_diag::{Diagnostic, Diagnostics};
use terrace_net::Port;

use super::{Site, code};

/// The port that the page is served on if it is free.
const PREFERRED: u16 = 8080;

/// Says who holds the port, if it is taken.
pub(super) fn inspect(site: &Site<'_>, found: &mut Diagnostics) {
    let Ok(port) = Port::new(PREFERRED) else { return };
    if terrace_run::ports::listen(Some(port)).is_ok() || runs_here(site) {
        return;
    }
    let message = match terrace_run::ports::holder(port) {
        Some(holder) => format!("port {port} is taken by {holder}"),
        None => format!("port {port} is taken"),
    };
    found.push(
        Diagnostic::warning(code::PORT_TAKEN, message)
            .help("`terrace up` will take another one and print it; `--port` asks for a certain one"),
    );
}

/// Whether this very project runs: then the port is its own.
fn runs_here(_site: &Site<'_>) -> bool {
    false
}
