//! Signals that end a session. The AWS CLI ignores them while its plugin runs.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGINT, SIGTERM, SIGQUIT, SIGHUP and SIGTSTP: a session that is stopped would be forgotten by its gateway.
#[derive(Debug)]
pub(super) struct Signals {
    signals: Vec<Signal>,
}

impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        let stop = SignalKind::from_raw(nix::sys::signal::Signal::SIGTSTP as i32);
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::quit(),
            SignalKind::hangup(),
            stop,
        ];
        let signals = kinds.into_iter().map(signal).collect::<io::Result<_>>()?;
        Ok(Self { signals })
    }

    /// Waits for any of them.
    pub(super) async fn any(&mut self) {
        std::future::poll_fn(|context| {
            if self.signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready()) {
                return std::task::Poll::Ready(());
            }
            std::task::Poll::Pending
        })
        .await;
    }
}
