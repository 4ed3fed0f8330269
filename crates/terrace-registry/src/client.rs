//! A registry that is spoken to.

use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{Method, StatusCode};
use serde::Deserialize;

use crate::authorisation::Authorisation;
use crate::challenge::Challenge;
use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::error::{RegistryError, is_passing};
use crate::event::Told;
use crate::patience::Patience;
use crate::token::Scope;
use crate::wire::{Answer, Request, Wire};

/// How a registry is spoken to.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Layers above this size go in parts of it, in bytes; others whole. A part that broke is all that is sent anew. 32 MiB.
    pub chunk: u64,
    /// How many layers are on their way side by side. 3.
    pub side_by_side: usize,
    /// How often something is tried again in a row without anything moving. 5.
    pub attempts: usize,
    /// How long to wait before the second attempt; longer each time after it. 500 ms.
    pub first_pause: Duration,
    /// How long nothing may move. A registry may take a while to store a large layer. 120 s.
    pub idle: Duration,
    /// Certificates to trust besides the machine's, in PEM.
    pub roots: Option<Vec<u8>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            chunk: 32 << 20,
            side_by_side: 3,
            attempts: 5,
            first_pause: Duration::from_millis(500),
            idle: Duration::from_secs(120),
            roots: None,
        }
    }
}

/// A registry, with who asks. Requests may go side by side.
pub struct Registry {
    pub(crate) endpoint: Endpoint,
    pub(crate) settings: Settings,
    wire: Wire,
    authorisation: Authorisation,
}

impl Registry {
    /// A registry that is spoken to in this way. Nothing is sent yet.
    pub fn new(
        endpoint: Endpoint,
        credentials: Credentials,
        settings: Settings,
    ) -> Result<Self, RegistryError> {
        let wire = Wire::new(&endpoint, settings.roots.as_deref(), settings.idle)?;
        Ok(Self { endpoint, settings, wire, authorisation: Authorisation::new(credentials) })
    }

    /// Where it is.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Whether it is a registry that takes the credentials.
    pub async fn ping(&self) -> Result<(), RegistryError> {
        let answer = self
            .call_again(&Scope::none(), &|_| (), || Request::new(Method::GET, self.endpoint.at("")))
            .await?;
        match answer.status {
            StatusCode::OK => Ok(()),
            StatusCode::NOT_FOUND => Err(answer.wrong("it has no `/v2/`")),
            _ => Err(answer.refused()),
        }
    }

    pub(crate) fn patience(&self) -> Patience {
        Patience::new(self.settings.attempts, self.settings.first_pause)
    }

    /// A request, and once more with what the registry asks to be shown.
    ///
    /// What goes elsewhere (a registry may keep its uploads with others) is shown nothing.
    pub(crate) async fn call(
        &self,
        scope: &Scope,
        request: impl Fn() -> Request,
    ) -> Result<Answer, RegistryError> {
        let mut challenged = false;
        loop {
            let mut next = request();
            let place = next.place();
            if !self.endpoint.allows(&next.url) {
                let why = "it sends on to an address without TLS".to_owned();
                return Err(RegistryError::Answer { place, why });
            }
            let ours = self.endpoint.trusts(&next.url);
            let mut shown = None;
            if ours {
                shown = self.authorisation.header(&self.wire, &self.endpoint, scope, &place).await?;
                next.headers.extend(shown.clone().map(|header| (AUTHORIZATION, header)));
            }
            let answer = self.wire.send(next).await?;
            if answer.status != StatusCode::UNAUTHORIZED || !ours {
                return Ok(answer);
            }
            let Some(challenge) = Challenge::read(&answer.headers).filter(|_| !challenged) else {
                let why = answer.said().unwrap_or_else(|| "it does not say why".to_owned());
                return Err(RegistryError::Unauthorised { place: answer.place, why });
            };
            self.authorisation.asked(challenge, scope, shown.as_ref()).await;
            challenged = true;
        }
    }

    /// A small request that may be made twice, as often as patience has it.
    pub(crate) async fn call_again(
        &self,
        scope: &Scope,
        told: Told<'_>,
        request: impl Fn() -> Request,
    ) -> Result<Answer, RegistryError> {
        let mut patience = self.patience();
        loop {
            let error = match self.call(scope, &request).await {
                Ok(answer) if answer.is_passing() => answer.refused(),
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let passing = error.is_passing();
            patience.wait(error, passing, told).await?;
        }
    }
}

/// How registries write what went wrong (distribution-spec, "Error Codes").
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    errors: Vec<SaidOne>,
}

#[derive(Deserialize)]
struct SaidOne {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: Option<String>,
}

/// The longest text of a registry that is shown, in characters.
const LONGEST: usize = 400;

impl Answer {
    /// Whether it may be another one soon.
    pub(crate) fn is_passing(&self) -> bool {
        is_passing(self.status.as_u16())
    }

    fn said_one(&self) -> Option<SaidOne> {
        let said: Said = serde_json::from_slice(&self.body).ok()?;
        said.errors.into_iter().next()
    }

    /// The registry's words for what went wrong, without the stop at their end.
    pub(crate) fn said(&self) -> Option<String> {
        let SaidOne { code, message } = self.said_one()?;
        let text = plain(&message.filter(|message| !message.is_empty()).unwrap_or(code));
        Some(text.trim().trim_end_matches('.').to_owned()).filter(|text| !text.is_empty())
    }

    /// What an answer that was not hoped for comes to.
    pub(crate) fn refused(&self) -> RegistryError {
        let place = self.place.clone();
        let code = self.said_one().map(|said| plain(&said.code)).unwrap_or_default();
        let why = self.said().unwrap_or_else(|| "it does not say why".to_owned());
        match (self.status.as_u16(), code.as_str()) {
            (401, _) => RegistryError::Unauthorised { place, why },
            (404, "NAME_UNKNOWN") => RegistryError::NoRepository { place, why },
            (400 | 409 | 412, "TAG_INVALID" | "TAG_IMMUTABLE") => RegistryError::TagTaken { place, why },
            (403, _) => RegistryError::Denied { place, why },
            (status, _) => {
                let again = self
                    .text("retry-after")
                    .and_then(|text| text.trim().parse().ok())
                    .map(Duration::from_secs);
                RegistryError::Refused { place, status, code, message: why, again }
            }
        }
    }
}

fn plain(text: &str) -> String {
    text.chars().map(|one| if one.is_control() { ' ' } else { one }).take(LONGEST).collect()
}
