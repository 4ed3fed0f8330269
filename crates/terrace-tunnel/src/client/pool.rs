//! The sessions behind one port: which connection goes through which, and when there is another.

use std::num::NonZeroU8;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use terrace_net::Port;
use terrace_ssm::{Limits, MessageIds, Session};

use super::channel::{Channel, Events, Readiness};
use super::dialing::{Dialing, seed};
use super::owed::{Owed, Terminations};
use super::{Control, Options, Over, TunnelError};
use crate::wire::{Dialer, Shared, Stream};

/// How often the first socket of a session is dialled.
const DIALS: u32 = 3;

/// How long an end waits for a beginning.
const BEGINNING: Duration = Duration::from_secs(3);
/// Sessions beyond those that were wished for, while all of those stand still.
const SPARE: usize = 2;

#[derive(Debug)]
pub(super) struct Pool<C> {
    control: Arc<C>,
    dialer: Arc<Dialer>,
    limits: Limits,
    most: NonZeroU8,
    events: Events,
    channels: Mutex<Vec<Arc<Channel>>>,
    closed: AtomicBool,
    terminations: Terminations,
    /// One session begins at a time, so that two connections do not begin two where one would do.
    beginning: tokio::sync::Mutex<Option<Port>>,
}

impl<C: Control> Pool<C> {
    pub(super) fn new(control: C, options: &Options, events: Events) -> Self {
        Self {
            control: Arc::new(control),
            dialer: Arc::new(Dialer::from_env()),
            limits: options.limits.clone(),
            most: options.sessions,
            events,
            channels: Mutex::default(),
            closed: AtomicBool::new(false),
            terminations: options.terminations.clone(),
            beginning: tokio::sync::Mutex::new(None),
        }
    }

    /// Where events go.
    pub(super) const fn events(&self) -> &Events {
        &self.events
    }

    /// The first session, which tells early what is wrong.
    pub(super) async fn first(&self, local: Option<Port>) -> Result<(Arc<Channel>, Readiness), TunnelError> {
        let mut beginning = self.beginning.lock().await;
        *beginning = local;
        self.begin(local).await
    }

    /// A stream of a session that has the fewest; of a new one where that is wished for, or none is left.
    pub(super) async fn stream(&self) -> Result<(Stream, Arc<Channel>), TunnelError> {
        loop {
            if let Some(channel) = self.choice()
                && let Some(stream) = channel.open()
            {
                return Ok((stream, channel));
            }
            let beginning = self.beginning.lock().await;
            // Somebody else may have begun one meanwhile.
            if let Some(channel) = self.choice()
                && let Some(stream) = channel.open()
            {
                return Ok((stream, channel));
            }
            match self.begin(*beginning).await {
                Ok((channel, _)) => {
                    if let Some(stream) = channel.open() {
                        return Ok((stream, channel));
                    }
                }
                Err(error) => {
                    // A session that is busy is better than none.
                    let busy = self.usable().into_iter().min_by_key(|channel| channel.streams());
                    if let Some(channel) = busy
                        && let Some(stream) = channel.open()
                    {
                        return Ok((stream, channel));
                    }
                    return Err(error);
                }
            }
        }
    }

    /// Puts another session in the place of one whose addresses may be out of date; whether there is one.
    pub(super) async fn replace(&self, old: &Channel) -> bool {
        if !old.may_be_outdated() {
            return false;
        }
        let beginning = self.beginning.lock().await;
        if old.is_retired() {
            return true;
        }
        // The old one goes on until there is a new one: what is wrong may be the database, not the session.
        if self.begin(*beginning).await.is_err() {
            return false;
        }
        old.retire();
        true
    }

    /// Whether a connection would find a session.
    pub(super) fn is_usable(&self) -> bool {
        !self.usable().is_empty()
    }

    /// The session for the next connection; none if there should be another.
    fn choice(&self) -> Option<Arc<Channel>> {
        let usable = self.usable();
        let (count, most) = (usable.len(), usize::from(self.most.get()));
        let free = usable.iter().filter(|channel| !channel.is_clogged());
        match free.min_by_key(|channel| channel.streams()) {
            Some(least) => (count >= most || least.streams() == 0).then(|| Arc::clone(least)),
            // All stand still: a few more than were wished for are better than none that goes.
            None if count < most + SPARE => None,
            None => usable.into_iter().min_by_key(|channel| channel.streams()),
        }
    }

    fn usable(&self) -> Vec<Arc<Channel>> {
        let channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        channels.iter().filter(|channel| channel.is_usable()).map(Arc::clone).collect()
    }

    /// Starts a session and waits for its handshake.
    async fn begin(&self, local: Option<Port>) -> Result<(Arc<Channel>, Readiness), TunnelError> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(Over::Ended.into());
        }
        let control = Arc::clone(&self.control);
        let start = move |control: Arc<C>| async move { control.start(local).await };
        let mut owed = Owed::ask(control, &self.terminations, start);
        let grant = owed.grant().await?;
        let session = grant.session().clone();
        let dialing = Dialing::new(Arc::clone(&self.control), Arc::clone(&self.dialer));
        let mut dials = 1;
        let mut opened = dialing.open(&grant).await;
        while dials < DIALS && opened.as_ref().is_err_and(TunnelError::is_passing) {
            dials += 1;
            opened = dialing.resume(&session).await;
        }
        let socket = match opened {
            Ok(socket) => socket,
            Err(error) => {
                owed.end().await;
                return Err(error);
            }
        };
        let shared = Shared::new(Session::client(self.limits.clone(), MessageIds::new(seed())));
        let channel =
            Arc::new(Channel::begin(session, shared, socket, dialing, self.events.clone(), &self.limits));
        let readiness = channel.ready().await;
        // From here on its driver ends it.
        owed.settle();
        let readiness = readiness?;
        self.channels.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&channel));
        Ok((channel, readiness))
    }

    /// Lets go of sessions that serve nobody any more, and ends them on the server's side.
    pub(super) async fn tidy(&self) {
        let done: Vec<Arc<Channel>> = {
            let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
            channels.extract_if(.., |channel| channel.is_done()).collect()
        };
        for channel in done {
            channel.close().await;
        }
    }

    /// Ends all sessions on the server's side.
    pub(super) async fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        // One that begins right now has an end, too.
        let beginning = tokio::time::timeout(BEGINNING, self.beginning.lock()).await;
        let channels: Vec<Arc<Channel>> =
            self.channels.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect();
        drop(beginning);
        let mut ends = tokio::task::JoinSet::new();
        for channel in channels {
            ends.spawn(async move { channel.close().await });
        }
        ends.join_all().await;
    }
}
