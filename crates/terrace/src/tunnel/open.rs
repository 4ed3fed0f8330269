//! Open tunnels: their events in one stream, and the end of all of them.

use std::net::SocketAddr;
use std::num::NonZeroU8;

use terrace_account::Account;
use terrace_net::{Endpoint, Port};
use terrace_run::ports;
use terrace_ssm::Limits;
use terrace_tunnel::client::{self, AccountControl, Listen, Options, Target, Terminations, TunnelEvent};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::failure::Failure;
use crate::printer::{Printer, Talk};
use crate::style::{QUIET, WARNING, paint};

/// How tunnels are opened.
#[derive(Clone, Debug)]
pub(crate) struct Manner {
    /// Sessions that connections are spread over.
    pub(crate) sessions: NonZeroU8,
    /// What a session may hold.
    pub(crate) limits: Limits,
}

impl Default for Manner {
    fn default() -> Self {
        Self { sessions: NonZeroU8::MIN, limits: Limits::default() }
    }
}

/// How much of what happens is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// All that a person who watches a tunnel wants to know.
    All,
    /// Trouble only: a client has the terminal.
    Trouble,
}

/// One open tunnel.
pub(crate) struct Opened {
    /// Its near end.
    pub(crate) local: SocketAddr,
    /// The session that was started first.
    pub(crate) session: String,
    /// What the far side has to say.
    pub(crate) banner: String,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// Open tunnels. Let go of, they stop at once, and their sessions are left to the server's side.
pub(crate) struct Tunnels {
    /// In the order in which they were opened.
    pub(crate) opened: Vec<Opened>,
    tell: mpsc::UnboundedSender<(usize, TunnelEvent)>,
    told: mpsc::UnboundedReceiver<(usize, TunnelEvent)>,
    terminations: Terminations,
    printer: Printer,
}

impl Tunnels {
    /// None yet.
    pub(crate) fn new(printer: Printer) -> Self {
        let (tell, told) = mpsc::unbounded_channel();
        Self { opened: Vec::new(), tell, told, terminations: Terminations::default(), printer }
    }

    /// Opens one more.
    pub(crate) async fn open(
        &mut self,
        account: &Account,
        (target, remote): (&Target, &Endpoint),
        listen: Listen,
        manner: &Manner,
    ) -> Result<&Opened, Failure> {
        let control = AccountControl::new(account.clone(), target.clone(), remote.clone());
        let options = Options {
            listen,
            sessions: manner.sessions,
            limits: manner.limits.clone(),
            holder: Some(|port| ports::holder(port).map(|holder| holder.to_string())),
            terminations: self.terminations.clone(),
        };
        let mut tunnel = client::open(control, options).await.map_err(|error| {
            let helps = error.help();
            helps.into_iter().fold(Failure::of(&error), Failure::help)
        })?;
        let (local, session) = (tunnel.local(), tunnel.session().to_string());
        let banner = tunnel.banner().to_owned();
        let (stop, mut stopped) = oneshot::channel();
        let (tell, number) = (self.tell.clone(), self.opened.len());
        let task = tokio::spawn(async move {
            loop {
                tokio::select! {
                    event = tunnel.events().recv() => match event {
                        Some(event) => drop(tell.send((number, event))),
                        None => break,
                    },
                    told = &mut stopped => {
                        if told.is_ok() {
                            tunnel.close().await;
                        }
                        return;
                    }
                }
            }
            // Nothing more happens; its port stays until it is told to stop.
            if stopped.await.is_ok() {
                tunnel.close().await;
            }
        });
        self.opened.push(Opened { local, session, banner, stop, task });
        self.opened.last().ok_or_else(|| Failure::new("the tunnel is gone"))
    }

    /// Tells what happens, for as long as this is polled.
    pub(crate) async fn attend(&mut self, voice: Voice) {
        loop {
            match self.told.recv().await {
                Some((number, event)) => self.say(number, &event, voice),
                None => std::future::pending().await,
            }
        }
    }

    fn say(&self, number: usize, event: &TunnelEvent, voice: Voice) {
        use TunnelEvent as E;
        let style = match event {
            E::Opened { .. } | E::Accepted { .. } | E::Closed { .. } | E::Ignored { .. } => None,
            E::Paused { .. } | E::Continued { .. } => None,
            // It happens each hour, and nothing comes of it.
            E::Reconnecting { attempt: 1, .. } | E::Resumed { .. } if voice == Voice::Trouble => None,
            E::Resumed { .. } | E::Reopened { .. } => Some(QUIET),
            _ => Some(WARNING),
        };
        let port = self.opened.get(number).map(|one| one.local.port()).unwrap_or_default();
        let whose = if self.opened.len() > 1 { format!("[{port}] ") } else { String::new() };
        match style {
            Some(style) => self.printer.say(paint(style, format!("{whose}{event}"))),
            None if self.printer.talk() >= Talk::Verbose => {
                self.printer.say(paint(QUIET, format!("{whose}{event}")));
            }
            None => {}
        }
    }

    /// Ends all of them, on the server's side too, and one whose opening was given up. A few seconds at most.
    pub(crate) async fn close(self) {
        let ending: Vec<JoinHandle<()>> = self
            .opened
            .into_iter()
            .map(|one| {
                // A task that is gone has let go of its tunnel.
                let _gone = one.stop.send(());
                one.task
            })
            .collect();
        for task in ending {
            let _gone = task.await;
        }
        self.terminations.wait().await;
    }
}

/// Where a tunnel to a port is wished to be: the same port here if it may be had, else the next free one.
pub(crate) fn prefer(remote: Port) -> Listen {
    // Low ports are root's alone.
    let wish = if remote.get() < 1024 { remote.get().saturating_add(8000) } else { remote.get() };
    Port::new(wish).map_or(Listen::Any, Listen::Prefer)
}
