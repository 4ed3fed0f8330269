//! One call, and all pages of one.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt as _, Limited};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;
use terrace_aws::inventory::Unread;

use super::endpoint::{STS, Service};
use super::{Xml, retry};
use crate::{LiveError, Settings};

/// Nothing in an account has more pages.
const PAGES: usize = 2000;
/// No answer of AWS is larger.
const LARGEST: usize = 64 << 20;

/// Unreserved in a URL, RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// An account that is asked.
pub(crate) struct Account {
    connector: Connector,
    credentials: SharedCredentialsProvider,
    pub(crate) region: String,
    endpoint: Option<String>,
    unread: Mutex<BTreeSet<Unread>>,
}

/// A call that reads.
pub(crate) struct Call<'a> {
    service: Service,
    /// As IAM calls it: `DescribeVpcs`.
    action: &'a str,
    body: Body<'a>,
    /// Where, if not where the account is asked.
    region: Option<&'a str>,
}

enum Body<'a> {
    /// A form that is answered in XML, of a version of the interface.
    Query { version: &'static str, fields: Vec<(String, String)> },
    /// JSON to a target: `AmazonEC2ContainerServiceV20141113`.
    Target { target: &'static str, version: &'static str, fields: Json },
    /// A path that is read.
    Path { path: &'a str, query: &'a str },
}

/// Why a call gave nothing.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    pub(crate) code: String,
    message: String,
}

impl Refusal {
    fn unsent(message: impl ToString) -> Self {
        Self { status: 0, code: String::new(), message: message.to_string() }
    }

    /// There is none of what was asked for.
    pub(crate) fn is_absent(&self) -> bool {
        self.status == 404 || self.code.contains("NotFound") || self.code.contains("NoSuch")
    }
}

impl<'a> Call<'a> {
    /// Of a service that takes forms.
    pub(crate) fn query(service: Service, version: &'static str, action: &'a str) -> Self {
        Self { service, action, body: Body::Query { version, fields: Vec::new() }, region: None }
    }

    /// Of a service that takes JSON.
    pub(crate) fn json(
        service: Service,
        (target, version): (&'static str, &'static str),
        action: &'a str,
        fields: Json,
    ) -> Self {
        Self { service, action, body: Body::Target { target, version, fields }, region: None }
    }

    /// Of a service that has paths; the query as it stands in the address.
    pub(crate) fn path(service: Service, action: &'a str, path: &'a str, query: &'a str) -> Self {
        Self { service, action, body: Body::Path { path, query }, region: None }
    }

    /// With a field.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        match &mut self.body {
            Body::Query { fields, .. } => fields.push((name.to_owned(), value.to_owned())),
            Body::Target { fields, .. } => {
                if let Some(fields) = fields.as_object_mut() {
                    fields.insert(name.to_owned(), value.into());
                }
            }
            Body::Path { .. } => {}
        }
        self
    }

    /// In another region.
    pub(crate) fn within(self, region: &'a str) -> Self {
        Self { region: Some(region), ..self }
    }

    /// As IAM calls it.
    fn permission(&self) -> String {
        format!("{}:{}", self.service.name, self.action)
    }
}

/// A path's part, encoded.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

impl Account {
    /// Finds region and credentials, and asks whose they are.
    pub(crate) async fn open(settings: &Settings) -> Result<(Self, Xml), LiveError> {
        let tls = || Provider::Rustls(CryptoMode::Ring);
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(Builder::new().tls_provider(tls()).build_https());
        if let Some(region) = &settings.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        let config: SdkConfig = loader.load().await;
        let region = config.region().ok_or(LiveError::Region)?.to_string();
        let credentials = config.credentials_provider();
        let credentials = credentials.ok_or_else(|| LiveError::Credentials("no provider".to_owned()))?;
        let timeouts = HttpConnectorSettings::builder()
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(Duration::from_secs(60))
            .build();
        let connector = Connector::builder()
            .connector_settings(timeouts)
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .proxy_config(ProxyConfig::from_env())
            .tls_provider(tls())
            .build();
        let endpoint = settings.endpoint.clone().or_else(|| config.endpoint_url().map(str::to_owned));
        let account = Self { connector, credentials, region, endpoint, unread: Mutex::default() };
        account.credentials.provide_credentials().await.map_err(|error| {
            let why =
                std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            // What each place said follows in lines of its own.
            let first = why.lines().next().unwrap_or_default();
            LiveError::Credentials(first.trim_end_matches(". Attempted:").to_owned())
        })?;
        let call = Call::query(STS, "2011-06-15", "GetCallerIdentity");
        match account.xml(&call).await {
            Ok(who) => Ok((account, who)),
            Err(refusal) if refusal.status == 0 => {
                let address = account.endpoint.clone().unwrap_or_else(|| STS.address(&account.region));
                Err(LiveError::Unreachable { address, why: refusal.message })
            }
            Err(refusal) => Err(LiveError::Refused(refusal.text())),
        }
    }

    /// What was not read.
    pub(crate) fn unread(&self) -> Vec<Unread> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Notes that something was not read.
    pub(crate) fn pass_over(&self, what: impl Into<String>, why: impl Into<String>) {
        let unread = Unread { what: what.into(), why: why.into(), place: None };
        self.unread.lock().unwrap_or_else(PoisonError::into_inner).insert(unread);
    }

    fn note(&self, call: &Call<'_>, refusal: &Refusal) {
        let denied =
            refusal.status == 403 || refusal.code.contains("Denied") || refusal.code.contains("Unauthorized");
        let why = if denied {
            format!("was denied ({}); allow it to whoever reads, and read again", refusal.code)
        } else {
            format!("gave nothing ({})", refusal.text())
        };
        self.pass_over(call.permission(), why);
    }

    /// The answer in XML; none, and a note, if it is refused.
    pub(crate) async fn ask(&self, call: &Call<'_>) -> Option<Xml> {
        self.noted(call, self.xml(call).await)
    }

    /// The answer in XML; none if there is none of what was asked for.
    pub(crate) async fn seek(&self, call: &Call<'_>) -> Option<Xml> {
        match self.xml(call).await {
            Err(refusal) if refusal.is_absent() => None,
            result => self.noted(call, result),
        }
    }

    /// The answer in JSON; none, and a note, if it is refused.
    pub(crate) async fn tell(&self, call: &Call<'_>) -> Option<Json> {
        self.noted(call, self.answer(call, json).await)
    }

    /// The answer in JSON; none if there is none of what was asked for.
    pub(crate) async fn look(&self, call: &Call<'_>) -> Option<Json> {
        match self.answer(call, json).await {
            Err(refusal) if refusal.is_absent() => None,
            result => self.noted(call, result),
        }
    }

    /// The answer as text; none if there is none of what was asked for.
    pub(crate) async fn text(&self, call: &Call<'_>) -> Option<String> {
        match self.answer(call, |text| Ok(text.to_owned())).await {
            Err(refusal) if refusal.is_absent() => None,
            result => self.noted(call, result),
        }
    }

    /// All pages of a form: each answer's `token` element is the next call's `field`.
    pub(crate) async fn pages(
        &self,
        service: Service,
        version: &'static str,
        action: &str,
        fields: &[(&str, &str)],
        (token, field): (&str, &str),
    ) -> Vec<Xml> {
        let mut all = Vec::new();
        let mut next: Option<String> = None;
        while all.len() < PAGES {
            let mut call = Call::query(service, version, action);
            for (name, value) in fields {
                call = call.with(name, value);
            }
            if let Some(next) = &next {
                call = call.with(field, next);
            }
            let Some(page) = self.ask(&call).await else { break };
            let more = page.find(token).map(|token| token.own().to_owned()).filter(|token| !token.is_empty());
            all.push(page);
            if more.is_none() || more == next {
                break;
            }
            next = more;
        }
        all
    }

    /// All pages of JSON.
    pub(crate) async fn sheets(
        &self,
        service: Service,
        target: (&'static str, &'static str),
        action: &str,
        fields: &Json,
        (token, field): (&str, &str),
    ) -> Vec<Json> {
        let mut all = Vec::new();
        let mut next: Option<String> = None;
        while all.len() < PAGES {
            let mut call = Call::json(service, target, action, fields.clone());
            if let Some(next) = &next {
                call = call.with(field, next);
            }
            let Some(page) = self.tell(&call).await else { break };
            let more =
                page.get(token).and_then(Json::as_str).filter(|token| !token.is_empty()).map(str::to_owned);
            all.push(page);
            if more.is_none() || more == next {
                break;
            }
            next = more;
        }
        all
    }

    fn noted<T>(&self, call: &Call<'_>, result: Result<T, Refusal>) -> Option<T> {
        result.map_err(|refusal| self.note(call, &refusal)).ok()
    }

    async fn xml(&self, call: &Call<'_>) -> Result<Xml, Refusal> {
        self.answer(call, |text| Xml::parse(text).map_err(Refusal::unsent)).await
    }

    async fn answer<T>(
        &self,
        call: &Call<'_>,
        read: impl Fn(&str) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut attempt = 0;
        loop {
            let result = self.once(call).await;
            attempt += 1;
            match result {
                Ok(text) => return read(&text),
                Err(refusal)
                    if attempt < retry::ATTEMPTS && retry::passing(refusal.status, &refusal.code) =>
                {
                    tokio::time::sleep(retry::pause(attempt)).await;
                }
                Err(refusal) => return Err(refusal),
            }
        }
    }

    async fn once(&self, call: &Call<'_>) -> Result<String, Refusal> {
        let credentials = self.credentials.provide_credentials().await.map_err(Refusal::unsent)?;
        let request = self.request(call, credentials)?;
        let request = request.try_into().map_err(Refusal::unsent)?;
        let answer = self.connector.call(request).await.map_err(|error| {
            let why = std::error::Error::source(&error).map_or_else(|| error.to_string(), chain);
            Refusal::unsent(why)
        })?;
        let status = answer.status().as_u16();
        let body = answer.into_body();
        let bytes = collected(body).await?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if (200..300).contains(&status) { Ok(text) } else { Err(refused(status, &text)) }
    }

    fn request(&self, call: &Call<'_>, credentials: Credentials) -> Result<http::Request<SdkBody>, Refusal> {
        let service = call.service;
        let region = call.region.unwrap_or(&self.region);
        let base = self.endpoint.clone().unwrap_or_else(|| service.address(region));
        let base = base.trim_end_matches('/');
        let (method, address, kind, target, body) = match &call.body {
            Body::Query { version, fields } => {
                let mut form = format!("Action={}&Version={version}", call.action);
                for (name, value) in fields {
                    form.push_str(&format!("&{}={}", encoded(name), encoded(value)));
                }
                ("POST", format!("{base}/"), "application/x-www-form-urlencoded", None, form)
            }
            Body::Target { target, version, fields } => {
                let kind = if *version == "1.0" {
                    "application/x-amz-json-1.0"
                } else {
                    "application/x-amz-json-1.1"
                };
                (
                    "POST",
                    format!("{base}/"),
                    kind,
                    Some(format!("{target}.{}", call.action)),
                    fields.to_string(),
                )
            }
            Body::Path { path, query } => {
                let mark = if query.is_empty() { "" } else { "?" };
                ("GET", format!("{base}{path}{mark}{query}"), "", None, String::new())
            }
        };
        let mut request = http::Request::builder().method(method).uri(&address);
        let mut headers: Vec<(&str, String)> = Vec::new();
        if !kind.is_empty() {
            headers.push(("content-type", kind.to_owned()));
        }
        if let Some(target) = target {
            headers.push(("x-amz-target", target));
        }
        for (name, value) in &headers {
            request = request.header(*name, value);
        }
        let mut request = request.body(SdkBody::from(body.as_str())).map_err(Refusal::unsent)?;
        let mut settings = SigningSettings::default();
        if service.name == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        let identity = credentials.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(service.signed_for(region))
            .name(service.name)
            .time(SystemTime::now())
            .settings(settings)
            .build()
            .map_err(Refusal::unsent)?
            .into();
        let named = headers.iter().map(|(name, value)| (*name, value.as_str()));
        let signable =
            SignableRequest::new(method, address.as_str(), named, SignableBody::Bytes(body.as_bytes()))
                .map_err(Refusal::unsent)?;
        let (instructions, _) = sign(signable, &parameters).map_err(Refusal::unsent)?.into_parts();
        instructions.apply_to_request_http1x(&mut request);
        Ok(request)
    }
}

fn json(text: &str) -> Result<Json, Refusal> {
    serde_json::from_str(text).map_err(Refusal::unsent)
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

async fn collected(body: SdkBody) -> Result<Vec<u8>, Refusal> {
    let whole = Limited::new(body, LARGEST).collect().await;
    whole.map(|whole| whole.to_bytes().to_vec()).map_err(Refusal::unsent)
}

/// What an answer that is no success says.
fn refused(status: u16, text: &str) -> Refusal {
    let short = |text: &str| text.chars().take(300).collect::<String>();
    if let Ok(json) = serde_json::from_str::<Json>(text) {
        let word =
            |names: &[&str]| names.iter().find_map(|name| json.get(name)?.as_str()).unwrap_or_default();
        let code = word(&["__type", "code", "Code"]);
        let code = code.rsplit('#').next().unwrap_or(code);
        return Refusal { status, code: short(code), message: short(word(&["message", "Message"])) };
    }
    let found = Xml::parse(text).ok();
    let word = |name: &str| {
        found.as_ref().and_then(|xml| Some(xml.find(name)?.own().to_owned())).unwrap_or_default()
    };
    Refusal { status, code: short(&word("Code")), message: short(&word("Message")) }
}

impl Refusal {
    fn text(&self) -> String {
        match (self.code.as_str(), self.message.as_str()) {
            ("", "") => format!("HTTP {}", self.status),
            ("", message) => message.to_owned(),
            (code, "") => code.to_owned(),
            (code, message) => format!("{code}: {message}"),
        }
    }
}
