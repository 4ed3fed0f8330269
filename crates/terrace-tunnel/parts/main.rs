//! The plugin as a program of its own, for this crate's tests: there is no `terrace` here.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = std::env::args().skip(1).collect();
    let code = terrace_tunnel::plugin::run(arguments, |name| std::env::var(name).ok(), None).await;
    ExitCode::from(code)
}
