//! A session that was asked for and that nobody drives yet. If whoever asked goes away, it is ended on the server's side all
//! the same: what Session Manager has granted lingers there for 20 minutes otherwise.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{Control, ControlError, Grant, SessionId};

/// How long ending one may take.
const TERMINATE: Duration = Duration::from_secs(5);
/// How long all of it is waited for.
const WAIT: Duration = Duration::from_secs(6);

/// Sessions that are being ended in the background, because an opening was given up. Who is about to end the runtime waits
/// for them first.
#[derive(Clone, Debug)]
pub struct Terminations(Arc<watch::Sender<usize>>);

impl Default for Terminations {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

/// One of them; it is over when this is dropped.
struct Underway(Terminations);

impl Terminations {
    /// Waits until there are none, a few seconds at most.
    pub async fn wait(&self) {
        let mut count = self.0.subscribe();
        let _ = tokio::time::timeout(WAIT, count.wait_for(|count| *count == 0)).await;
    }

    fn begin(&self) -> Underway {
        self.0.send_modify(|count| *count = count.saturating_add(1));
        Underway(self.clone())
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

type Asked = JoinHandle<Result<Grant, ControlError>>;

/// A session that is owed an end.
#[derive(Debug)]
pub(super) struct Owed<C: Control> {
    control: Arc<C>,
    terminations: Terminations,
    /// The answer that is not there yet. It comes, whether or not somebody waits for it.
    asked: Option<Asked>,
    session: Option<SessionId>,
}

impl<C: Control> Owed<C> {
    /// Asks for one.
    pub(super) fn ask<F>(
        control: Arc<C>,
        terminations: &Terminations,
        start: impl FnOnce(Arc<C>) -> F,
    ) -> Self
    where
        F: Future<Output = Result<Grant, ControlError>> + Send + 'static,
    {
        let asked = Some(tokio::spawn(start(Arc::clone(&control))));
        Self { control, terminations: terminations.clone(), asked, session: None }
    }

    /// What was granted; once.
    pub(super) async fn grant(&mut self) -> Result<Grant, ControlError> {
        let Some(asked) = &mut self.asked else { return Err(ControlError::Spent) };
        let granted = asked.await;
        self.asked = None;
        // The task cannot be cancelled; that it panicked is its own trouble.
        let grant = granted.map_err(|_| ControlError::Spent)??;
        self.session = Some(grant.session().clone());
        Ok(grant)
    }

    /// Somebody else ends it from now on, or it is over.
    pub(super) fn settle(mut self) {
        self.session = None;
    }

    /// Ends it now. That it cannot be ended is not what is wrong.
    pub(super) async fn end(mut self) {
        if let Some(session) = &self.session {
            let _ = tokio::time::timeout(TERMINATE, self.control.terminate(session)).await;
        }
        self.session = None;
    }
}

impl<C: Control> Drop for Owed<C> {
    fn drop(&mut self) {
        let (asked, session) = (self.asked.take(), self.session.take());
        if asked.is_none() && session.is_none() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        let (control, underway) = (Arc::clone(&self.control), self.terminations.begin());
        runtime.spawn(async move {
            let end = async {
                let granted = match asked {
                    Some(asked) => asked.await.ok().and_then(Result::ok),
                    None => None,
                };
                if let Some(session) = session.or_else(|| granted.map(|grant| grant.session().clone())) {
                    let _ = control.terminate(&session).await;
                }
            };
            let _ = tokio::time::timeout(TERMINATE, end).await;
            drop(underway);
        });
    }
}
