//! The moment between the leash and the command: becomes the user that was asked for, ties its life to the leash's,
//! and turns into the command.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{Gid, Uid, getppid, setgid, setgroups, setuid};

use super::{Identity, Launch};

/// What the leash puts behind `__leash exec`.
pub(super) fn arguments(launch: &Launch) -> Vec<OsString> {
    let (uid, gid) =
        launch.identity.map_or(("-".into(), "-".into()), |id| (id.uid.to_string(), id.gid.to_string()));
    let own = std::process::id().to_string();
    let mut all: Vec<OsString> = vec![own.into(), uid.into(), gid.into(), launch.program.clone()];
    all.extend(launch.args.iter().cloned());
    all
}

/// Turns into the command; comes back only with the reason why it could not.
pub(super) fn exec(args: impl Iterator<Item = OsString>) -> String {
    let mut args = args;
    let mut number = || args.next().and_then(|arg| arg.to_str().and_then(|text| text.parse::<u32>().ok()));
    let (leash, uid, gid) = (number(), number(), number());
    let identity = uid.zip(gid).map(|(uid, gid)| Identity { uid, gid });
    let Some((leash, program)) = leash.zip(args.next()) else {
        return "a leash starts this, nobody else".to_owned();
    };
    if let Err(error) = identity.map_or(Ok(()), become_user) {
        return format!("cannot become user {}: {error}", identity.map_or(0, |id| id.uid));
    }
    // After the change of user, which forgets it. The kernel ends the command should the leash be killed.
    if let Err(error) = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL) {
        return format!("cannot be tied to the leash: {error}");
    }
    if getppid().as_raw().unsigned_abs() != leash {
        return "the leash has gone".to_owned();
    }
    // The leash blocks the signals that it waits for, and what is blocked stays so across an `exec`.
    if let Err(error) = SigSet::empty().thread_set_mask() {
        return format!("cannot be made to take signals: {error}");
    }
    let error = Command::new(&program).args(args).exec();
    format!("cannot run `{}`: {error}", program.display())
}

fn become_user(identity: Identity) -> nix::Result<()> {
    let gid = Gid::from_raw(identity.gid);
    setgroups(&[gid])?;
    setgid(gid)?;
    setuid(Uid::from_raw(identity.uid))?;
    nix::sys::prctl::set_no_new_privs()
}
