//! Tunnels in the foreground: opened, shown, attended until Ctrl-C or until the client has ended.

use std::collections::BTreeSet;

use serde::Serialize;
use terrace_run::database::Maker;
use terrace_run::database::clients::{self, Errand, Login, Tls};
use terrace_ssm::Limits;
use terrace_topology::Engine;
use terrace_tunnel::client::Listen;

use super::Args;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::project::Project;
use crate::signals::{Asked, Signals};
use crate::style::{GOOD, QUIET, STRONG, paint};
use crate::tunnel::child::{self, Ended, Interrupt};
use crate::tunnel::lines::{self, Lines};
use crate::tunnel::open::{Manner, Tunnels, Voice, prefer};
use crate::tunnel::program;
use crate::tunnel::reach::{Password, Reach, System};

/// One tunnel as `--json` prints it.
#[derive(Serialize)]
struct Line {
    local: String,
    port: u16,
    remote: String,
    target: String,
    session: String,
    #[serde(flatten)]
    database: Option<Lines>,
}

#[derive(Serialize)]
struct All {
    tunnels: Vec<Line>,
}

/// A tunnel that is open.
struct Shown {
    line: Line,
    login: Option<Login>,
    title: String,
    called: String,
    banner: String,
}

pub(super) async fn run(
    args: &Args,
    project: Project,
    limits: Limits,
    tls: &Tls,
    printer: Printer,
) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let manner = Manner { sessions: args.sessions, limits };
    let mut tunnels = Tunnels::new(printer);
    let opened = tokio::select! {
        opened = open(args, project, tls, &manner, &mut tunnels, printer) => Some(opened),
        _ = signals.next() => None,
    };
    let shown = match opened {
        Some(Ok(shown)) => shown,
        Some(Err(failure)) => {
            tunnels.close().await;
            return Err(failure);
        }
        None => {
            tunnels.close().await;
            return Err(Failure::Told(Exit::Interrupted));
        }
    };
    let outcome = if args.open {
        client(&shown, &mut tunnels, &mut signals, printer).await
    } else {
        show(args, shown, printer).map(|()| Exit::Success)
    };
    if args.open || outcome.is_err() {
        tunnels.close().await;
        return outcome;
    }
    let asked = tokio::select! {
        asked = signals.next() => asked,
        () = tunnels.attend(Voice::All) => Asked::Terminate,
    };
    // A terminal has echoed `^C` at the beginning of the line.
    let begin = if asked == Asked::Interrupt { "\n" } else { "" };
    printer.say(format!("{begin}ending the session on the other side too"));
    tokio::select! {
        () = tunnels.close() => Ok(Exit::Success),
        _ = signals.next() => Ok(Exit::Interrupted),
    }
}

/// Finds and opens all that was asked for.
async fn open(
    args: &Args,
    project: Project,
    tls: &Tls,
    manner: &Manner,
    tunnels: &mut Tunnels,
    printer: Printer,
) -> Result<Vec<Shown>, Failure> {
    let environment = args.env.as_deref();
    let system = if args.local {
        System::local(project, environment, printer).await?
    } else {
        printer.say(paint(QUIET, "looking for the way"));
        System::aws(project, environment, &args.account, printer)?
    };
    let password = if args.open || args.show_password { Password::Read } else { Password::Leave };
    let (account, found) = system.find(&args.account, &args.to, tls, password).await?;
    let mut shown = Vec::new();
    for (at, reach) in found.into_iter().enumerate() {
        let Reach { way, title, login } = reach;
        let (target, remote) = (way.through.target, way.remote);
        let listen = match args.port.get(at) {
            Some(port) => Listen::Exactly(*port),
            None => prefer(remote.port()),
        };
        let opened = tunnels.open(&account, (&target, &remote), listen, manner).await?;
        let local = opened.local;
        let login = login.map(|login| login.at(local, &remote.host().to_string()));
        let client = match &login {
            Some(login) => maker(login, args.local).await,
            None => None,
        };
        let line = Line {
            local: local.to_string(),
            port: local.port(),
            remote: remote.to_string(),
            target: target.to_string(),
            session: opened.session.clone(),
            database: login.as_ref().map(|login| Lines::of(login, client, args.show_password)),
        };
        shown.push(Shown { line, login, title, called: way.through.called, banner: opened.banner.clone() });
    }
    Ok(shown)
}

/// Whose client the line is for: that of MySQL for MySQL, if this machine has it; MariaDB stands in for it here.
async fn maker(login: &Login, local: bool) -> Option<Maker> {
    if login.engine != Engine::Mysql {
        return None;
    }
    let all = clients::clients(login.engine, Errand::Shell).await;
    let wanted = if local { Maker::Mariadb } else { Maker::Mysql };
    // Through a tunnel only MySQL's own can look at a certificate.
    let only = matches!(login.tls, Tls::Verified(_));
    all.iter().map(|program| program.maker).max_by_key(|maker| *maker == wanted).filter(|_| !only)
}

fn show(args: &Args, shown: Vec<Shown>, printer: Printer) -> Result<(), Failure> {
    if args.json {
        return printer.json(&All { tunnels: shown.into_iter().map(|one| one.line).collect() });
    }
    let banners: BTreeSet<&str> = shown.iter().map(|one| one.banner.as_str()).collect();
    for banner in banners.into_iter().filter(|banner| !banner.is_empty()) {
        printer.say(paint(STRONG, banner));
    }
    for one in &shown {
        printer.say(format!(
            "{} {}: {} is at {}, through {}",
            paint(GOOD, "✔"),
            one.title,
            one.line.remote,
            paint(STRONG, &one.line.local),
            one.called
        ));
        match &one.line.database {
            Some(database) => printer.data(database.render())?,
            None => printer.data(lines::plain(&one.line.remote, &one.line.local))?,
        }
    }
    printer.say(paint(QUIET, "it stays until Ctrl-C"));
    Ok(())
}

/// Starts the client, and ends with it: its exit code is the command's.
async fn client(
    shown: &[Shown],
    tunnels: &mut Tunnels,
    signals: &mut Signals,
    printer: Printer,
) -> Result<Exit, Failure> {
    let one = shown.first().and_then(|one| Some((one, one.login.as_ref()?)));
    let (one, login) = one.ok_or_else(|| Failure::new("there is no database to open a client on"))?;
    let server = program::server(login).await?;
    let program = program::choose(Errand::Shell, login.engine, &server).await?;
    let ready = login.client(&program, None).map_err(|error| Failure::of(&error))?;
    printer.say(format!("{}: {} with {}", one.title, server.title(), program.title()));
    match child::run(ready, Interrupt::Client, signals, tunnels.attend(Voice::Trouble)).await? {
        Ended::Code(code) => Ok(Exit::of_client(code)),
        Ended::Interrupted => Err(Failure::Told(Exit::Interrupted)),
    }
}
