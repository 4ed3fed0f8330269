//! One request, as far as its answer: within a bounded silence, of a bounded size.

use std::error::Error as _;
use std::fmt;
use std::future::pending;
use std::pin::pin;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_types::body::SdkBody;
use http::HeaderMap;
use http_body_util::BodyExt as _;
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::Refusal;

/// No answer that is taken whole is larger.
const LARGEST: usize = 64 << 20;

/// Who is told how many bytes have been handed to the connection.
pub type Told<'a> = &'a (dyn Fn(u64) + Send + Sync);

/// An answer, whatever its status.
pub struct Answer {
    /// HTTP's.
    pub status: u16,
    headers: HeaderMap,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Answer {
    /// A header's text; none if there is none, or it is no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// All headers that are text.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
    }

    /// Its body as text that is wiped when it is let go.
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(String::from_utf8_lossy(&self.body).into_owned())
    }

    /// Itself if it is a success.
    pub(crate) fn good(self) -> Result<Self, Refusal> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        let refusal = Refusal::answered(self.status, &self.text()).called(self.header("x-amzn-errortype"));
        Err(refusal.about(self.header("x-amz-bucket-region")))
    }
}

/// Sends a request whose body, if it is `moved`, tells how far it is.
pub(crate) async fn send(
    connector: &SharedHttpConnector,
    request: http::Request<SdkBody>,
    (mut moved, told): (Option<watch::Receiver<u64>>, Told<'_>),
    silence: Duration,
) -> Result<Answer, Refusal> {
    let request = request.try_into().map_err(Refusal::unsent)?;
    let mut call = pin!(connector.call(request));
    let answer = loop {
        tokio::select! {
            answer = &mut call => break answer,
            on = further(&mut moved) => match on {
                Some(sent) => told(sent),
                None => moved = None,
            },
            () = tokio::time::sleep(silence) => return Err(silent(silence)),
        }
    };
    let answer =
        answer.map_err(|error| Refusal::cut(error.source().map_or_else(|| error.to_string(), chain)))?;
    let status = answer.status().as_u16();
    let answer = answer.try_into_http1x().map_err(Refusal::unsent)?;
    let (parts, body) = answer.into_parts();
    Ok(Answer { status, headers: parts.headers, body: collected(body, silence).await? })
}

/// Waits until more has been sent; none when there is nobody to tell it any more.
async fn further(moved: &mut Option<watch::Receiver<u64>>) -> Option<u64> {
    match moved {
        Some(moved) => moved.changed().await.ok().map(|()| *moved.borrow_and_update()),
        None => pending().await,
    }
}

async fn collected(mut body: SdkBody, silence: Duration) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let mut whole = Zeroizing::new(Vec::new());
    loop {
        let frame = tokio::time::timeout(silence, body.frame()).await.map_err(|_| silent(silence))?;
        let Some(frame) = frame else { return Ok(whole) };
        let frame = frame.map_err(|error| Refusal::cut(chain(error.as_ref())))?;
        let Some(data) = frame.data_ref() else { continue };
        if whole.len() + data.len() > LARGEST {
            return Err(Refusal::unsent(format!("the answer is larger than {} MiB", LARGEST >> 20)));
        }
        // Grown by a new one: what a vector leaves behind when it moves is not wiped.
        if whole.capacity() < whole.len() + data.len() {
            let mut larger = Zeroizing::new(Vec::with_capacity(2 * whole.len() + data.len()));
            larger.extend_from_slice(&whole);
            whole = larger;
        }
        whole.extend_from_slice(data);
    }
}

fn silent(silence: Duration) -> Refusal {
    Refusal::cut(format!("nothing came for {} s", silence.as_secs_f32()))
}

/// An error with those below it.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut all = error.to_string();
    let mut below = error.source();
    while let Some(error) = below {
        let text = error.to_string();
        if !all.contains(&text) {
            all.push_str(&format!(": {text}"));
        }
        below = error.source();
    }
    all
}
