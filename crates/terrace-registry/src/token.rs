//! Tokens for a registry, from the service that it names (distribution, "Token Authentication Specification").

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Method, StatusCode};
use serde::Deserialize;
use url::Url;
use zeroize::Zeroizing;

use crate::credentials::Credentials;
use crate::error::RegistryError;
use crate::wire::{Request, Wire};

/// What a request is for; a token is good for one of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scope(Vec<String>);

impl Scope {
    /// To read a repository.
    pub(crate) fn pull(repository: &str) -> Self {
        Self(vec![format!("repository:{repository}:pull")])
    }

    /// To write to a repository, and to read the other from which layers are mounted.
    pub(crate) fn push(repository: &str, from: Option<&str>) -> Self {
        let mut scopes = vec![format!("repository:{repository}:pull,push")];
        scopes.extend(from.map(|from| format!("repository:{from}:pull")));
        Self(scopes)
    }

    /// To ask whether it is a registry.
    pub(crate) fn none() -> Self {
        Self(Vec::new())
    }
}

/// A token and how long it is good for.
pub(crate) struct Token {
    pub(crate) header: HeaderValue,
    until: Instant,
}

#[derive(Deserialize)]
struct Given {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<u64>,
}

/// For how many seconds a token is good if its service does not say (and none is for less), how many are believed, and how much
/// earlier a new one is asked for.
const UNSAID: u64 = 60;
const LONGEST: u64 = 24 * 3600;
const EARLIER: Duration = Duration::from_secs(10);

impl Token {
    /// Whether it is good for a while.
    pub(crate) fn is_good(&self) -> bool {
        Instant::now() + EARLIER < self.until
    }

    /// Asks for one.
    pub(crate) async fn fetch(
        wire: &Wire,
        realm: &Url,
        service: Option<&str>,
        scope: &Scope,
        credentials: &Credentials,
    ) -> Result<Self, RegistryError> {
        let mut url = realm.clone();
        {
            let mut query = url.query_pairs_mut();
            query.extend_pairs(service.map(|service| ("service", service)));
            query.extend_pairs(scope.0.iter().map(|scope| ("scope", scope)));
            query.append_pair("client_id", "terrace");
        }
        let mut request = Request::new(Method::GET, url);
        if let Credentials::Basic { user, password } = credentials {
            let header = basic(user, password).ok_or_else(|| RegistryError::Unauthorised {
                place: request.place(),
                why: "the name or the password has characters that HTTP cannot carry".to_owned(),
            })?;
            request = request.header(AUTHORIZATION, header);
        }
        let asked = Instant::now();
        let answer = wire.send(request).await?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let why = answer.said().unwrap_or_else(|| answer.status.to_string());
                return Err(RegistryError::Unauthorised { place: answer.place, why });
            }
            _ => return Err(answer.refused()),
        }
        // What serde says of a wrong text may quote it, and it holds a token.
        let given: Given =
            serde_json::from_slice(&answer.body).map_err(|_| answer.wrong("no token in JSON"))?;
        let token = given.token.or(given.access_token).map(Zeroizing::new);
        let token = token.ok_or_else(|| answer.wrong("no token in it"))?;
        let header =
            bearer(&token).ok_or_else(|| answer.wrong("a token with characters that HTTP cannot carry"))?;
        let good = Duration::from_secs(given.expires_in.unwrap_or(UNSAID).clamp(UNSAID, LONGEST));
        Ok(Self { header, until: asked + good })
    }
}

/// The header of a name and a password (RFC 7617).
pub(crate) fn basic(user: &str, password: &str) -> Option<HeaderValue> {
    let pair = Zeroizing::new(format!("{user}:{password}"));
    let encoded = Zeroizing::new(BASE64_STANDARD.encode(pair.as_bytes()));
    let no_colon = !user.contains(':');
    sensitive(&Zeroizing::new(format!("Basic {}", encoded.as_str()))).filter(|_| no_colon)
}

/// The header of a token (RFC 6750).
pub(crate) fn bearer(token: &str) -> Option<HeaderValue> {
    sensitive(&Zeroizing::new(format!("Bearer {token}")))
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
