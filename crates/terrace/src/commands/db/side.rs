//! Which of a project's databases is meant: the one running here, that one through the rehearsed tunnel, or the deployed one.

use terrace_run::database::clients::Login;
use terrace_run::database::{self};

use super::{Target, not_there};
use crate::failure::Failure;
use crate::printer::Printer;
use crate::signals::Signals;

/// Where the database is.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Side {}

/// A database that can be entered. A tunnel to it, if there is one, lives as long as this.
pub(super) struct Entered {
    /// How a client gets in.
    pub(super) login: Login,
    /// Which it is, in a few words.
    pub(super) title: String,
}

impl Side {
    /// Whether it is the running one, without a tunnel.
    pub(super) fn is_here(&self) -> bool {
        true
    }

    /// The name that is typed before it is overwritten, and what it is.
    pub(super) fn name(&self, target: &Target, _printer: Printer) -> Result<(String, String), Failure> {
        Ok((target.system.clone(), format!("the database of {} on this machine", target.system)))
    }

    /// Finds it, and opens a tunnel if it takes one.
    pub(super) async fn enter(
        &self,
        target: &Target,
        _signals: &mut Signals,
        _printer: Printer,
    ) -> Result<Entered, Failure> {
        let state = target.running()?;
        let login = database::login(&target.plan, &target.process, &state).await;
        let login = login.map_err(|error| not_there(target, &error))?;
        Ok(Entered { login, title: target.system.clone() })
    }
}

impl Entered {
    /// Tells what happens to the tunnel, for as long as it is there.
    pub(super) async fn attend(&mut self) {
        std::future::pending().await
    }

    /// Closes the tunnel.
    pub(super) async fn leave(self) {}
}
