//! `session-manager-plugin` as the AWS CLI calls it.
//!
//! Six arguments: what `StartSession` answered (or the name of the environment's variable that holds it), the region,
//! `StartSession`, the profile, the request, the address of Systems Manager. Alone it says that it is installed; `--version` says
//! which plugin it is as good as. Lines on standard output are those of the official plugin, because tools read them.
//!
//! GUARANTEE: a signal ends the session on the server's side; the token is in no output.

mod call;
mod control;
mod signal;

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::num::NonZeroU8;
use std::path::{Path, PathBuf};

use terrace_ssm::Version;

use crate::client::{Holder, Options, Over, TunnelEvent, open_as_agreed};
pub use call::{Call, CallError};
use control::Handed;

/// The name under which the AWS CLI looks for it.
pub const NAME: &str = "session-manager-plugin";

/// Exit codes: the official plugin has no other.
const DONE: u8 = 0;
const WRONG: u8 = 1;

/// Whether a program was called under the plugin's name (its first argument, `argv[0]`).
pub fn is_plugin(program: &OsStr) -> bool {
    Path::new(program).file_stem() == Some(OsStr::new(NAME))
}

/// Makes a link under the plugin's name in a folder, to this program; where it stands. A link that is there is replaced.
///
/// # Errors
/// If the folder cannot be written, or something that is no link stands there.
pub fn install(folder: &Path, program: &Path) -> io::Result<PathBuf> {
    let name = if cfg!(windows) { format!("{NAME}.exe") } else { NAME.to_owned() };
    let link = folder.join(name);
    match std::fs::symlink_metadata(&link) {
        Ok(found) if found.is_symlink() => std::fs::remove_file(&link)?,
        Ok(_) => {
            let told = format!(
                "{} is there already and is no link; remove it, or choose another folder",
                link.display()
            );
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, told));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(program, &link)?;
    #[cfg(not(unix))]
    std::fs::copy(program, &link)?;
    Ok(link)
}

/// Does what the AWS CLI asks (the arguments without the program's name); the exit code. Needs a runtime of tokio.
pub async fn run(
    arguments: Vec<String>,
    environment: impl Fn(&str) -> Option<String>,
    holder: Option<Holder>,
) -> u8 {
    match arguments.as_slice() {
        [] => {
            say(
                "\nThe Session Manager plugin was installed successfully. Use the AWS CLI to start a session.\n",
            );
            return DONE;
        }
        [one] if one == "--version" => {
            say(&Version::CLIENT.to_string());
            return DONE;
        }
        _ => {}
    }
    let call = match Call::read(&arguments, &environment) {
        Ok(call) => call,
        Err(error) => return wrong(&error),
    };
    let unsigned =
        environment("SSM_PLUGIN_SKIP_CLIENT_CONFIGURE").is_some_and(|word| word.eq_ignore_ascii_case("true"));
    serve(call, unsigned, holder).await
}

async fn serve(call: Call, unsigned: bool, holder: Option<Holder>) -> u8 {
    let Ok(mut signals) = signal::Signals::new() else {
        return wrong("this system does not let it listen for signals");
    };
    let session = call.grant().session().clone();
    let refusal = call.no_port();
    let control = Handed::new(call, unsigned, complain).await;
    if let Some(told) = refusal {
        control.ends().end(&session).await;
        return wrong(told);
    }
    say(&format!("\nStarting session with SessionId: {session}"));
    let options = Options { sessions: NonZeroU8::MIN, holder, ..Options::default() };
    let ends = control.ends();
    let opened = tokio::select! {
        opened = open_as_agreed(control, options) => opened,
        () = signals.any() => {
            ends.end(&session).await;
            return exiting(&session);
        }
    };
    let mut tunnel = match opened {
        Ok(tunnel) => tunnel,
        Err(error) => {
            ends.end(&session).await;
            let code = wrong(&error);
            error.help().iter().for_each(|help| complain(help));
            return code;
        }
    };
    if !tunnel.banner().is_empty() {
        say(tunnel.banner());
    }
    say(&format!(
        "Port {} opened for sessionId {session}.\nWaiting for connections...",
        tunnel.local().port()
    ));
    let mut accepted = false;
    loop {
        let event = tokio::select! {
            event = tunnel.events().recv() => event,
            () = signals.any() => {
                tunnel.close().await;
                return exiting(&session);
            }
        };
        match event {
            Some(TunnelEvent::Accepted { .. }) if !accepted => {
                accepted = true;
                say(&format!("\nConnection accepted for session [{session}]"));
            }
            Some(TunnelEvent::Ended { why, .. }) if !tunnel.is_usable() => return ended(&session, &why),
            Some(event) if is_worth_telling(&event) => complain(&event.to_string()),
            Some(_) => {}
            None => return exiting(&session),
        }
    }
}

/// What a user of the plugin wants to know without asking.
const fn is_worth_telling(event: &TunnelEvent) -> bool {
    matches!(
        event,
        TunnelEvent::Overflowed { .. }
            | TunnelEvent::ConnectFailed { .. }
            | TunnelEvent::Cut { .. }
            | TunnelEvent::Reconnecting { .. }
            | TunnelEvent::Resumed { .. }
            | TunnelEvent::Reopened { .. }
    )
}

fn ended(session: &crate::client::SessionId, why: &Over) -> u8 {
    match why {
        Over::Closed { output } => say(&format!("\n\nSessionId: {session} : {output}\n")),
        Over::TimedOut => say(&format!("\nSession: {session} timed out.")),
        Over::Ended => return exiting(session),
        other => return wrong(other),
    }
    DONE
}

fn exiting(session: &crate::client::SessionId) -> u8 {
    say(&format!("\n\nExiting session with sessionId: {session}.\n"));
    DONE
}

/// A line that tools may read, at once.
fn say(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

fn complain(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{NAME}: {line}");
}

fn wrong(error: impl std::fmt::Display) -> u8 {
    complain(&error.to_string());
    WRONG
}
