//! A deployed system as a visitor meets it: one request, from this machine, with the machine's own trust.
//!
//! GUARANTEE: nothing of the account goes with it, redirects are not followed, and no more than the answer's head is kept.

use std::error::Error;
use std::time::Duration;

use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use crate::deployed::Url;
use crate::release::Pace;

/// One answer may take as long.
const SILENCE: Duration = Duration::from_secs(15);

/// What a visitor got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// An answer, with its status.
    Answer(u16),
    /// None, and why.
    Nothing(String),
}

impl Seen {
    /// Whether somebody is there who can answer this.
    pub fn is_well(&self) -> bool {
        matches!(self, Self::Answer(200..=399))
    }

    /// In words: `it answers 503`.
    pub fn words(&self) -> String {
        match self {
            Self::Answer(status) => format!("it answers {status}"),
            Self::Nothing(why) => format!("nobody answers ({why})"),
        }
    }
}

/// Asks a path (`/`, `/api/health`) until it is well, as often as the pace says; what was seen last.
pub async fn visit(url: &Url, path: &str, pace: Pace, tells: impl Fn(&Seen)) -> Seen {
    let address = format!("{}{path}", url.as_str().trim_end_matches('/'));
    let connector = connector();
    let mut tried = 0;
    loop {
        let seen = match tokio::time::timeout(SILENCE, asked(&connector, &address)).await {
            Ok(seen) => seen,
            Err(_) => Seen::Nothing(format!("silence for {} s", SILENCE.as_secs())),
        };
        tried += 1;
        if seen.is_well() || tried >= pace.most {
            return seen;
        }
        tells(&seen);
        pace.wait().await;
    }
}

fn connector() -> Connector {
    let timeouts = HttpConnectorSettings::builder().connect_timeout(Duration::from_secs(5)).build();
    Connector::builder()
        .connector_settings(timeouts)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .proxy_config(ProxyConfig::from_env())
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build()
}

async fn asked(connector: &Connector, address: &str) -> Seen {
    let mut request = HttpRequest::empty();
    if let Err(error) = request.set_uri(address.to_owned()) {
        return Seen::Nothing(error.to_string());
    }
    request.headers_mut().insert("user-agent", concat!("terrace/", env!("CARGO_PKG_VERSION")));
    match connector.call(request).await {
        Ok(answer) => Seen::Answer(answer.status().as_u16()),
        Err(error) => {
            let mut why = error.to_string();
            let mut next = error.source();
            // The last says most: `Connection refused`, `certificate has expired`.
            while let Some(cause) = next {
                why = cause.to_string();
                next = cause.source();
            }
            Seen::Nothing(why)
        }
    }
}
