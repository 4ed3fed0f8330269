//! A public file that is fetched once in a while and kept for this user.
//!
//! GUARANTEE: nothing of the user or the account goes with the request, redirects are not followed, and what is kept has been
//! looked at. Where calls go elsewhere than to AWS (`AWS_ENDPOINT_URL`), nothing is fetched.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;

use super::{Event, Told};

/// So long a file is as good as new.
const FRESH: Duration = Duration::from_hours(30 * 24);
/// So long may an answer take.
const PATIENCE: Duration = Duration::from_secs(20);
/// So large may it be, in bytes.
const LARGEST: usize = 4 << 20;

/// The file of this name: as it was fetched within a month, or from this address, or as it was fetched before that.
pub(super) async fn kept(
    name: &str,
    address: &str,
    good: fn(&[u8]) -> bool,
    told: Told<'_>,
) -> Result<Vec<u8>, String> {
    let place = cache().map(|folder| folder.join("terrace").join(name));
    let before = match &place {
        Some(place) => tokio::fs::read(place).await.ok().filter(|bytes| good(bytes)),
        None => None,
    };
    if let (Some(bytes), Some(place)) = (&before, &place)
        && is_fresh(place)
    {
        return Ok(bytes.clone());
    }
    if std::env::var_os("AWS_ENDPOINT_URL").is_some_and(|endpoint| !endpoint.is_empty()) {
        return Err("AWS_ENDPOINT_URL is set, so nothing is fetched from AWS".to_owned());
    }
    told(Event::Fetching { what: address.to_owned() });
    let bytes = match tokio::time::timeout(PATIENCE, get(address)).await {
        Ok(Ok(bytes)) if good(&bytes) => bytes,
        Ok(Ok(_)) => return before.ok_or_else(|| format!("{address} answers with something else")),
        Ok(Err(why)) => return before.ok_or_else(|| format!("{address}: {why}")),
        Err(_) => {
            return before.ok_or_else(|| format!("{address}: no answer within {} s", PATIENCE.as_secs()));
        }
    };
    if let Some(place) = place {
        // Where it cannot be kept it is fetched again.
        let _ = keep(&place, &bytes);
    }
    Ok(bytes)
}

/// XDG Base Directory Specification.
fn cache() -> Option<PathBuf> {
    let set = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    set.or_else(|| Some(std::env::home_dir().filter(|home| home.is_absolute())?.join(".cache")))
}

fn is_fresh(place: &Path) -> bool {
    let changed = place.metadata().and_then(|about| about.modified());
    changed.is_ok_and(|changed| SystemTime::now().duration_since(changed).is_ok_and(|age| age < FRESH))
}

/// Written whole beside its place and then put there, so that nobody reads half of it.
fn keep(place: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("/"));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut file, bytes)?;
    file.persist(place).map(drop).map_err(|error| error.error)
}

/// What an address answers with 200.
async fn get(address: &str) -> Result<Vec<u8>, String> {
    let timeouts = HttpConnectorSettings::builder().connect_timeout(Duration::from_secs(5)).build();
    let connector = Connector::builder()
        .connector_settings(timeouts)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .proxy_config(ProxyConfig::from_env())
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build();
    let mut request = HttpRequest::empty();
    request.set_uri(address.to_owned()).map_err(|error| error.to_string())?;
    request.headers_mut().insert("user-agent", concat!("terrace/", env!("CARGO_PKG_VERSION")));
    let answer = connector.call(request).await.map_err(|error| last(&error))?;
    if answer.status().as_u16() != 200 {
        return Err(format!("it answers {}", answer.status().as_u16()));
    }
    let mut body = ByteStream::new(answer.into_body());
    let mut bytes = Vec::new();
    while let Some(part) = body.next().await {
        bytes.extend_from_slice(&part.map_err(|error| last(&error))?);
        if bytes.len() > LARGEST {
            return Err("it answers with more than such a file has".to_owned());
        }
    }
    Ok(bytes)
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
    async fn what_is_there_is_got_and_what_is_not_is_said() {
        let there = answering("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nlist").await;
        assert_eq!(get(&there).await.unwrap(), b"list");
        let elsewhere = answering("HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n").await;
        assert_eq!(get(&elsewhere).await.unwrap_err(), "it answers 302");
        let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        assert!(get(&format!("http://{nobody}/")).await.unwrap_err().contains("refused"));
    }

    #[test]
    fn what_is_kept_is_whole_and_new() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("terrace/list.pem");
        assert!(!is_fresh(&place));
        keep(&place, b"list").unwrap();
        assert_eq!(std::fs::read(&place).unwrap(), b"list");
        assert!(is_fresh(&place));
    }
}
