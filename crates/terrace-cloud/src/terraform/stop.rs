//! Asking a run to stop: once, and it stops at the next safe point; twice, and it stops now.

use tokio::sync::watch;

/// Who asks.
#[derive(Debug)]
pub struct Stopper(watch::Sender<u8>);

/// Who is asked; clones are asked together.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<u8>);

/// One who asks and one who is asked.
pub fn stopping() -> (Stopper, Stop) {
    let (asks, asked) = watch::channel(0);
    (Stopper(asks), Stop(asked))
}

impl Stopper {
    /// Asks once more.
    pub fn ask(&self) {
        self.0.send_modify(|times| *times = times.saturating_add(1));
    }
}

impl Stop {
    /// One who is never asked.
    pub fn never() -> Self {
        stopping().1
    }

    /// Waits until it was asked more often than this; how often.
    pub(super) async fn beyond(&mut self, times: u8) -> u8 {
        match self.0.wait_for(|asked| *asked > times).await.map(|asked| *asked) {
            Ok(asked) => asked,
            // Nobody can ask any more.
            Err(_) => std::future::pending().await,
        }
    }
}
