//! What is shown with each request: nothing until the registry asks, then what it asks for, to it alone.

use std::collections::BTreeMap;

use http::HeaderValue;
use tokio::sync::Mutex;

use crate::challenge::Challenge;
use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::error::{Place, RegistryError};
use crate::token::{Scope, Token, basic, bearer};
use crate::wire::Wire;

/// The credentials, what the registry asked for, and the tokens that came of it.
pub(crate) struct Authorisation {
    credentials: Credentials,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    challenge: Option<Challenge>,
    tokens: BTreeMap<Scope, Token>,
}

impl Authorisation {
    pub(crate) fn new(credentials: Credentials) -> Self {
        Self { credentials, state: Mutex::default() }
    }

    /// What to show for a scope; nothing as long as nothing was asked for.
    ///
    /// The lock is held while a token is fetched, so that requests side by side fetch one.
    pub(crate) async fn header(
        &self,
        wire: &Wire,
        endpoint: &Endpoint,
        scope: &Scope,
        place: &Place,
    ) -> Result<Option<HeaderValue>, RegistryError> {
        let mut state = self.state.lock().await;
        let wrong = |why: &str| RegistryError::Unauthorised { place: place.clone(), why: why.to_owned() };
        let (realm, service) = match (&state.challenge, &self.credentials) {
            (None, _) => return Ok(None),
            (Some(_), Credentials::Bearer(token)) => {
                let header =
                    bearer(token).ok_or_else(|| wrong("the token has characters that HTTP cannot carry"))?;
                return Ok(Some(header));
            }
            (Some(Challenge::Basic), Credentials::Anonymous) => {
                return Err(wrong("it asks for a name and a password"));
            }
            (Some(Challenge::Basic), Credentials::Basic { user, password }) => {
                let header = basic(user, password)
                    .ok_or_else(|| wrong("the name or the password has characters that HTTP cannot carry"))?;
                return Ok(Some(header));
            }
            (Some(Challenge::Bearer { realm, service }), _) => (realm.clone(), service.clone()),
        };
        if let Some(token) = state.tokens.get(scope).filter(|token| token.is_good()) {
            return Ok(Some(token.header.clone()));
        }
        if !endpoint.allows(&realm) {
            return Err(wrong("it names a token service without TLS, to which no password is sent"));
        }
        let token = Token::fetch(wire, &realm, service.as_deref(), scope, &self.credentials).await?;
        let header = token.header.clone();
        state.tokens.insert(scope.clone(), token);
        Ok(Some(header))
    }

    /// What was shown was not enough: what the registry asks for now is kept, and the token for the scope is let go.
    pub(crate) async fn asked(&self, challenge: Challenge, scope: &Scope, shown: Option<&HeaderValue>) {
        let mut state = self.state.lock().await;
        state.challenge = Some(challenge);
        // Another request may have fetched a newer one meanwhile.
        if state.tokens.get(scope).is_some_and(|token| Some(&token.header) == shown) {
            state.tokens.remove(scope);
        }
    }
}
