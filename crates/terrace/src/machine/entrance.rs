//! Whether the port that a browser would use is free.

use terrace_net::Port;

/// The port that the page is served on if it is free.
const PREFERRED: u16 = 8080;

/// Who holds the port, if it is taken: nothing is wrong then, but the address will be another.
pub(crate) fn note() -> Option<String> {
    let port = Port::new(PREFERRED).ok()?;
    if terrace_run::ports::listen(Some(port)).is_ok() {
        return None;
    }
    let holder = terrace_run::ports::holder(port).map(|holder| format!(" by {holder}")).unwrap_or_default();
    Some(format!("port {port} is taken{holder}: `terrace up` will take another one and print it"))
}
