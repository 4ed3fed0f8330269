//! An opening that is given up leaves no session behind on the server's side.

use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use terrace_net::Port;
use terrace_tunnel::client::{self, Control, ControlError, Grant, Options, SessionId, Terminations};
use terrace_tunnel::wire::StreamUrl;
use tokio::sync::Notify;

use crate::world::{World, settled};

/// Where the opening stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// The session was granted, and the answer is on its way.
    Answer,
    /// The answer was read, and nothing was dialled.
    Dial,
}

/// Asks the endpoint, and stands still until it is told to go on.
#[derive(Debug)]
struct Still<C> {
    control: C,
    at: At,
    reached: Arc<Notify>,
    on: Arc<Notify>,
}

impl<C: Control> Control for Still<C> {
    async fn start(&self, local: Option<Port>) -> Result<Grant, ControlError> {
        let granted = self.control.start(local).await;
        if self.at == At::Answer {
            self.reached.notify_one();
            self.on.notified().await;
        }
        granted
    }

    async fn resume(&self, session: &SessionId) -> Result<Grant, ControlError> {
        self.control.resume(session).await
    }

    async fn terminate(&self, session: &SessionId) -> Result<(), ControlError> {
        self.control.terminate(session).await
    }

    async fn sign(
        &self,
        session: &SessionId,
        url: &StreamUrl,
    ) -> Result<Vec<(HeaderName, HeaderValue)>, ControlError> {
        if self.at == At::Dial {
            self.reached.notify_one();
            self.on.notified().await;
        }
        self.control.sign(session, url).await
    }

    fn region(&self) -> &str {
        self.control.region()
    }
}

#[tokio::test]
async fn a_session_that_was_granted_to_an_opening_that_is_given_up_is_ended() {
    for at in [At::Answer, At::Dial] {
        let world = World::new("unpaced").await;
        let (reached, on, terminations) =
            (Arc::new(Notify::new()), Arc::new(Notify::new()), Terminations::default());
        let control =
            Still { control: world.control(), at, reached: Arc::clone(&reached), on: Arc::clone(&on) };
        let options = Options { terminations: terminations.clone(), ..Options::default() };
        tokio::select! {
            opened = client::open(control, options) => panic!("{at:?}: {opened:?}"),
            () = reached.notified() => {}
        }
        assert_eq!(world.endpoint.sessions(), 1, "{at:?}");
        on.notify_one();
        terminations.wait().await;
        settled(&world.endpoint, 0).await;
    }
}
