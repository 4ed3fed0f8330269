//! `terrace-vpc`: raises an order that stands on standard input, sends its probes, and says on standard output what was
//! heard. It is started by `terrace_vpc::send`, in namespaces of its own; it refuses to run as it is.

use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use terrace_vpc::{Order, VpcError, raise};

fn main() -> ExitCode {
    match answer() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "terrace-vpc: {error}");
            ExitCode::FAILURE
        }
    }
}

fn answer() -> Result<(), VpcError> {
    let kernel = |what: &str| {
        let what = what.to_owned();
        move |cause| VpcError::Kernel { what, cause }
    };
    // The first process of its own namespace, or somebody's machine would be changed.
    if std::process::id() != 1 {
        return Err(kernel("started outside of a namespace")(io::ErrorKind::PermissionDenied.into()));
    }
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(kernel("standard input"))?;
    let order: Order = serde_json::from_str(&text)?;
    let heard = serde_json::to_vec(&raise(&order)?)?;
    io::stdout().write_all(&heard).map_err(kernel("standard output"))
}
