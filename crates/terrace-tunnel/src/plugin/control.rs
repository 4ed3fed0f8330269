//! A control plane that begins with a session that was handed over.

use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderName, HeaderValue};
use serde_json::Value as Json;
use terrace_account::{Account, Settings};
use terrace_net::Port;

use super::Call;
use crate::client::{Calls, Control, ControlError, Grant, SessionId};
use crate::wire::StreamUrl;

/// The first session was handed over; another one is started as that one was, if it can be.
#[derive(Debug)]
pub(super) struct Handed {
    grant: Mutex<Option<Grant>>,
    request: Json,
    region: String,
    calls: Ends,
}

/// What can be asked of AWS: nothing, where there are no credentials.
#[derive(Clone, Debug)]
pub(super) struct Ends(Option<Arc<Calls>>);

impl Ends {
    /// Ends a session, as far as that is possible.
    pub(super) async fn end(&self, session: &SessionId) {
        if let Some(calls) = &self.0 {
            // The gateway ends it anyway, later.
            let _ = calls.terminate(session).await;
        }
    }
}

impl Handed {
    /// With the credentials that the AWS CLI had; without any, and a word about it, if there are none.
    pub(super) async fn new(call: Call, unsigned: bool, tell: impl Fn(&str)) -> Self {
        let settings = Settings {
            region: Some(call.region().to_owned()),
            profile: call.profile().map(str::to_owned),
            endpoint: call.endpoint().map(str::to_owned),
        };
        let account = if unsigned {
            None
        } else {
            let found = Account::unasked(&settings).await;
            found.map_err(|error| tell(&format!("the session is neither signed nor resumed: {error}"))).ok()
        };
        Self {
            request: call.request().clone(),
            region: call.region().to_owned(),
            calls: Ends(account.map(|account| Arc::new(Calls::new(account)))),
            grant: Mutex::new(Some(call.grant().clone())),
        }
    }

    pub(super) fn ends(&self) -> Ends {
        self.calls.clone()
    }
}

impl Control for Handed {
    async fn start(&self, _local: Option<Port>) -> Result<Grant, ControlError> {
        let handed = self.grant.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (handed, &self.calls.0) {
            (Some(grant), _) => Ok(grant),
            (None, Some(calls)) if self.request.is_object() => calls.start(self.request.clone(), None).await,
            (None, _) => Err(ControlError::Spent),
        }
    }

    async fn resume(&self, session: &SessionId) -> Result<Grant, ControlError> {
        match &self.calls.0 {
            Some(calls) => calls.resume(session).await,
            None => Err(ControlError::Spent),
        }
    }

    async fn terminate(&self, session: &SessionId) -> Result<(), ControlError> {
        self.calls.end(session).await;
        Ok(())
    }

    async fn sign(
        &self,
        session: &SessionId,
        url: &StreamUrl,
    ) -> Result<Vec<(HeaderName, HeaderValue)>, ControlError> {
        match &self.calls.0 {
            Some(calls) => calls.sign(session, url).await,
            None => Ok(Vec::new()),
        }
    }

    fn region(&self) -> &str {
        &self.region
    }
}
