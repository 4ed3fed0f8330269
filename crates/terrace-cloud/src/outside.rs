//! What anybody may ask for, from this machine and with the machine's own trust: a deployed system as a visitor meets it, and
//! public files.
//!
//! GUARANTEE: nothing of the account goes with it, redirects are not followed, and of an answer no more is kept than its head,
//! or as much of its body as was said.

use std::error::Error;
use std::time::Duration;

use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::byte_stream::ByteStream;

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
    match get(connector, address).await {
        Ok(answer) => Seen::Answer(answer.status().as_u16()),
        Err(why) => Seen::Nothing(why),
    }
}

/// What an address answers with 200, if it is not more than so many bytes.
///
/// # Errors
/// If nobody answers, or with something else, or with more; in words.
pub async fn fetch(address: &str, largest: usize) -> Result<Vec<u8>, String> {
    let answer = get(&connector(), address).await?;
    if answer.status().as_u16() != 200 {
        return Err(format!("it answers {}", answer.status().as_u16()));
    }
    let mut body = ByteStream::new(answer.into_body());
    let mut bytes = Vec::new();
    while let Some(part) = body.next().await {
        bytes.extend_from_slice(&part.map_err(|error| last(&error))?);
        if bytes.len() > largest {
            return Err("it answers with more than such a file has".to_owned());
        }
    }
    Ok(bytes)
}

async fn get(connector: &Connector, address: &str) -> Result<HttpResponse, String> {
    let mut request = HttpRequest::empty();
    request.set_uri(address.to_owned()).map_err(|error| error.to_string())?;
    request.headers_mut().insert("user-agent", concat!("terrace/", env!("CARGO_PKG_VERSION")));
    connector.call(request).await.map_err(|error| last(&error))
}

/// What says most: `Connection refused`, `certificate has expired`.
fn last(error: &(dyn Error + 'static)) -> String {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// One answer on this machine.
    async fn answering(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 1024];
            let size = stream.read(&mut asked).await.unwrap();
            assert!(String::from_utf8_lossy(&asked[..size]).starts_with("GET /list.pem HTTP/1.1\r\n"));
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        format!("http://{address}/list.pem")
    }

    #[tokio::test]
    async fn what_is_there_is_fetched_and_what_is_not_is_said() {
        const FOUR: &str = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nlist";
        assert_eq!(fetch(&answering(FOUR).await, 4).await.unwrap(), b"list");
        let more = fetch(&answering(FOUR).await, 3).await.unwrap_err();
        assert_eq!(more, "it answers with more than such a file has");
        let elsewhere = answering("HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n").await;
        assert_eq!(fetch(&elsewhere, 4).await.unwrap_err(), "it answers 302");
        let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        assert!(fetch(&format!("http://{nobody}/"), 4).await.unwrap_err().contains("refused"));
    }
}
