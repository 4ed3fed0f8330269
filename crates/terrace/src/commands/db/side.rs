//! Which of a project's databases is meant: the one running here, that one through the rehearsed tunnel, or the deployed one.

use std::path::PathBuf;

use terrace_run::database;
use terrace_run::database::clients::Login;
use terrace_tunnel::client::Listen;

use super::{Target, not_there};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::signals::Signals;
use crate::tunnel::door::AccountFlags;
use crate::tunnel::lines;
use crate::tunnel::open::{Manner, Tunnels, Voice};
use crate::tunnel::reach::{Password, System};

/// Where the database is.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Side {
    /// The deployed database, through a tunnel that lives as long as the client
    #[arg(long, help_heading = "On AWS")]
    aws: bool,
    /// The running database, through a tunnel as to the deployed one
    #[arg(long, conflicts_with = "aws")]
    rehearse: bool,
    /// The authorities that the server's certificate must be of (PEM); without it the connection is only encrypted
    #[arg(long, value_name = "FILE", help_heading = "On AWS", value_hint = clap::ValueHint::FilePath)]
    ca: Option<PathBuf>,
    #[command(flatten)]
    account: AccountFlags,
}

/// A database that can be entered. A tunnel to it, if there is one, lives as long as this.
pub(super) struct Entered {
    /// How a client gets in.
    pub(super) login: Login,
    /// Which it is, in a few words.
    pub(super) title: String,
    tunnels: Option<Tunnels>,
}

impl Side {
    /// Whether it is the running one, without a tunnel.
    pub(super) fn is_here(&self) -> bool {
        !self.aws && !self.rehearse
    }

    /// Refuses flags that mean nothing here, and a file that is none of authorities.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let flag = self.account.first().or(self.ca.as_ref().map(|_| "--ca"));
        match flag {
            Some(flag) if !self.aws => {
                Err(Failure::input(format!("`{flag}` is about the deployed database")).help("add `--aws`"))
            }
            _ => lines::authorities(self.ca.clone()).map(drop),
        }
    }

    /// The name that is typed before it is overwritten, and what it is.
    pub(super) fn name(&self, target: &Target) -> (String, String) {
        let system = &target.system;
        if !self.aws {
            return (system.clone(), format!("the database of {system} on this machine"));
        }
        let name = match &target.environment {
            Some(environment) => format!("{system}-{environment}"),
            None => system.clone(),
        };
        (name.clone(), format!("the database of {name} on AWS"))
    }

    /// Finds it, and opens a tunnel if it takes one.
    pub(super) async fn enter(
        &self,
        target: &Target,
        signals: &mut Signals,
        printer: Printer,
    ) -> Result<Entered, Failure> {
        if self.is_here() {
            let state = target.running()?;
            let login = database::login(&target.plan, &target.process, &state).await;
            let login = login.map_err(|error| not_there(target, &error))?;
            return Ok(Entered { login, title: target.system.clone(), tunnels: None });
        }
        let mut tunnels = Tunnels::new(printer);
        let entered = tokio::select! {
            entered = self.tunnel(target, &mut tunnels, printer) => entered,
            _ = signals.next() => Err(Failure::Told(Exit::Interrupted)),
        };
        match entered {
            Ok((login, title)) => Ok(Entered { login, title, tunnels: Some(tunnels) }),
            Err(failure) => {
                // A session that was granted meanwhile is ended.
                tunnels.close().await;
                Err(failure)
            }
        }
    }

    async fn tunnel(
        &self,
        target: &Target,
        tunnels: &mut Tunnels,
        printer: Printer,
    ) -> Result<(Login, String), Failure> {
        let environment = target.environment.as_deref();
        let project = target.project.clone();
        let system = if self.aws {
            System::aws(project, environment, &self.account, printer)?
        } else {
            System::local(project, environment, printer).await?
        };
        let tls = lines::authorities(self.ca.clone())?;
        let (account, mut found) = system.find(&self.account, &[], &tls, Password::Read).await?;
        let reach = found.pop().ok_or_else(|| Failure::new("no database was found"))?;
        let (through, remote) = (&reach.way.through, &reach.way.remote);
        printer.say(format!("{}: through {} to {remote}", reach.title, through.called));
        // Nobody has to know its port but the client.
        let opened =
            tunnels.open(&account, (&through.target, remote), Listen::Any, &Manner::default()).await?;
        let at = opened.local;
        let login = reach.login.ok_or_else(|| Failure::new("no login was found"))?;
        Ok((login.at(at, &remote.host().to_string()), reach.title))
    }
}

impl Entered {
    /// Tells what happens to the tunnel, for as long as it is there.
    pub(super) async fn attend(&mut self) {
        match &mut self.tunnels {
            Some(tunnels) => tunnels.attend(Voice::Trouble).await,
            None => std::future::pending().await,
        }
    }

    /// Closes the tunnel.
    pub(super) async fn leave(self) {
        if let Some(tunnels) = self.tunnels {
            tunnels.close().await;
        }
    }
}
