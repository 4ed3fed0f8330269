//! An account that is asked: credentials, connection, and what came of a call.

use std::error::Error as _;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector};
use backon::Retryable as _;
use http::{HeaderName, HeaderValue};
use serde_json::Value as Json;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::sending::{Answer, send};
use crate::{
    AccountError, Call, Keys, Patience, Refusal, Service, Settings, Xml, patience, request, service,
};

/// Credentials that end sooner are asked for anew.
const TOO_LATE: Duration = Duration::from_secs(120);

/// An account that is asked; clones share its connections and credentials.
#[derive(Clone)]
pub struct Account {
    pub(crate) connector: SharedHttpConnector,
    provider: SharedCredentialsProvider,
    /// Those that were had last. A provider keeps none, and some run a program or ask another service each time.
    credentials: Arc<Mutex<Option<Credentials>>>,
    region: String,
    endpoint: Option<String>,
    pub(crate) patience: Patience,
}

/// Who asks, by `sts:GetCallerIdentity`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The account's number; empty if it was not told.
    pub account: String,
    /// The user, or the role and its session; empty if it was not told.
    pub arn: String,
    /// What `${aws:userid}` means in policies; empty if it was not told.
    pub user_id: String,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { region, endpoint, .. } = self;
        f.debug_struct("Account").field("region", region).field("endpoint", endpoint).finish_non_exhaustive()
    }
}

impl Account {
    /// Finds region and credentials, and asks whose they are.
    ///
    /// # Errors
    /// If there is no region, there are no credentials, AWS does not take them, or nobody answers.
    pub async fn open(settings: &Settings) -> Result<(Self, Identity), AccountError> {
        let account = Self::unasked(settings).await?;
        match account.xml(&Call::query(service::STS, "2011-06-15", "GetCallerIdentity")).await {
            Ok(who) => {
                let word = |name: &str| who.find(name).map(|one| one.own().to_owned()).unwrap_or_default();
                let who = Identity { account: word("Account"), arn: word("Arn"), user_id: word("UserId") };
                Ok((account, who))
            }
            Err(refusal) if refusal.is_unanswered() => {
                let address = account.address(service::STS, &account.region);
                Err(AccountError::Unreachable { address, why: refusal.message().to_owned() })
            }
            Err(refusal) => Err(AccountError::Refused(refusal.text())),
        }
    }

    /// Finds region and credentials, and asks nobody of AWS whose they are.
    ///
    /// # Errors
    /// If there is no region, or there are no credentials.
    pub async fn unasked(settings: &Settings) -> Result<Self, AccountError> {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(Builder::new().tls_provider(tls()).build_https());
        if let Some(region) = &settings.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &settings.profile {
            loader = loader.profile_name(profile);
        }
        let config: SdkConfig = loader.load().await;
        let region = config.region().ok_or(AccountError::Region)?.to_string();
        let provider = config.credentials_provider();
        let provider = provider.ok_or_else(|| AccountError::Credentials("no provider".to_owned()))?;
        let endpoint = settings.endpoint.clone().or_else(|| config.endpoint_url().map(str::to_owned));
        let account = Self::of(region, endpoint, provider);
        account.credentials().await.map_err(|error| AccountError::Credentials(said(&error)))?;
        Ok(account)
    }

    /// With credentials that are at hand, at an endpoint that is none of AWS's own.
    pub fn given(region: &str, endpoint: &str, keys: Keys) -> Self {
        Self::of(region.to_owned(), Some(endpoint.to_owned()), SharedCredentialsProvider::new(keys.0))
    }

    fn of(region: String, endpoint: Option<String>, provider: SharedCredentialsProvider) -> Self {
        let timeouts = HttpConnectorSettings::builder().connect_timeout(Duration::from_secs(5)).build();
        let connector = Connector::builder()
            .connector_settings(timeouts)
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .proxy_config(proxy(endpoint.as_deref()))
            .tls_provider(tls())
            .build();
        let connector = SharedHttpConnector::new(connector);
        let patience = Patience::default();
        Self { connector, provider, credentials: Arc::default(), region, endpoint, patience }
    }

    /// With another patience.
    #[must_use]
    pub fn with(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// At no endpoint but AWS's own.
    #[cfg(test)]
    pub(crate) fn at_aws(self) -> Self {
        Self { endpoint: None, ..self }
    }

    /// Where it is asked.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Where all calls go instead of AWS, if anywhere.
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// The answer in XML.
    ///
    /// # Errors
    /// If AWS refuses, nobody answers, or the answer is no XML.
    pub async fn xml(&self, call: &Call<'_>) -> Result<Xml, Refusal> {
        let odd = |why| Refusal::unsent(format!("the answer is no XML: {why}"));
        Xml::parse(&self.secret(call).await?).map_err(odd)
    }

    /// The answer in JSON.
    ///
    /// # Errors
    /// If AWS refuses, nobody answers, or the answer is no JSON.
    pub async fn json(&self, call: &Call<'_>) -> Result<Json, Refusal> {
        let odd = |why| Refusal::unsent(format!("the answer is no JSON: {why}"));
        serde_json::from_str(&self.secret(call).await?).map_err(odd)
    }

    /// The answer as text.
    ///
    /// # Errors
    /// If AWS refuses, or nobody answers.
    pub async fn text(&self, call: &Call<'_>) -> Result<String, Refusal> {
        self.secret(call).await.map(|text| text.as_str().to_owned())
    }

    /// The answer as text that is wiped when it is let go.
    ///
    /// # Errors
    /// If AWS refuses, or nobody answers.
    pub async fn secret(&self, call: &Call<'_>) -> Result<Zeroizing<String>, Refusal> {
        self.answer(call).await.map(|answer| answer.text())
    }

    /// The answer with its headers: an entity tag, for example.
    ///
    /// # Errors
    /// If AWS refuses, or nobody answers.
    pub async fn answer(&self, call: &Call<'_>) -> Result<Answer, Refusal> {
        let broken = self.patience.broken && call.reads();
        let again = |refusal: &Refusal| patience::passing(refusal) || (broken && refusal.is_cut());
        let answer =
            (|| self.once(call)).retry(self.patience.pauses()).sleep(tokio::time::sleep).when(again).await;
        self.forget_if_expired(answer.as_ref().err()).await;
        answer
    }

    /// Has credentials asked for anew by the next call, if AWS takes these no longer.
    pub(crate) async fn forget_if_expired(&self, refusal: Option<&Refusal>) {
        if refusal.is_some_and(Refusal::is_expired) {
            *self.credentials.lock().await = None;
        }
    }

    /// The headers that sign a request that somebody else sends: bare, with no other header but `Host`, and no body; for the
    /// start of a WebSocket (`wss://…`, `ws://…`). To be asked for afresh each time. None if the address is signed already.
    ///
    /// # Errors
    /// If there are no credentials any more, or it is no address.
    pub async fn sign(
        &self,
        service: Service,
        method: &str,
        url: &str,
    ) -> Result<Vec<(HeaderName, HeaderValue)>, Refusal> {
        request::bare(service, &self.region, (method, url), self.signer().await?)
    }

    /// The keys in force, for a program that is to ask AWS itself; good for two minutes at the least.
    ///
    /// # Errors
    /// If there are no credentials any more.
    pub async fn keys(&self) -> Result<Keys, Refusal> {
        self.credentials().await.map(Keys).map_err(|error| Refusal::unsigned(said(&error)))
    }

    async fn once(&self, call: &Call<'_>) -> Result<Answer, Refusal> {
        let region = call.region.unwrap_or(&self.region);
        let request = request::of(call, &self.address(call.service, region), region, self.signer().await?)?;
        send(&self.connector, request, (None, &|_| {}), self.patience.silence).await?.good()
    }

    /// Credentials to sign with.
    pub(crate) async fn signer(&self) -> Result<Credentials, Refusal> {
        self.credentials().await.map_err(|error| Refusal::unsigned(said(&error)))
    }

    fn address(&self, service: Service, region: &str) -> String {
        self.endpoint.clone().unwrap_or_else(|| service.address(region))
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let mut kept = self.credentials.lock().await;
        let late = SystemTime::now() + TOO_LATE;
        if let Some(good) = kept.as_ref().filter(|one| one.expiry().is_none_or(|end| end > late)) {
            return Ok(good.clone());
        }
        let fresh = self.provider.provide_credentials().await?;
        *kept = Some(fresh.clone());
        Ok(fresh)
    }
}

/// The environment's proxy; none to this machine, where it would lead elsewhere.
fn proxy(endpoint: Option<&str>) -> ProxyConfig {
    let uri = endpoint.and_then(|endpoint| endpoint.parse::<http::Uri>().ok());
    let host = uri.as_ref().and_then(http::Uri::host).unwrap_or_default();
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    let here = host.eq_ignore_ascii_case("localhost") || ip.is_ok_and(|ip| ip.is_loopback());
    if here { ProxyConfig::disabled() } else { ProxyConfig::from_env() }
}

fn tls() -> Provider {
    Provider::Rustls(CryptoMode::Ring)
}

/// Why there are no credentials, in one line.
fn said(error: &CredentialsError) -> String {
    let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    // What each place said follows in lines of its own.
    let first = why.lines().next().unwrap_or_default();
    first.trim_end_matches(". Attempted:").to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use aws_credential_types::provider::ProvideCredentials;
    use aws_credential_types::provider::future;

    use super::*;

    /// Makes credentials that are good for so long, and counts them.
    #[derive(Debug)]
    struct Counting(Arc<AtomicU32>, Duration);

    impl ProvideCredentials for Counting {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let end = SystemTime::now() + self.1;
            let nth = self.0.fetch_add(1, Ordering::Relaxed);
            let made = Credentials::new(format!("AKID{nth}"), "secret", None, Some(end), "test");
            future::ProvideCredentials::ready(Ok(made))
        }
    }

    #[tokio::test]
    async fn credentials_are_asked_for_anew_before_they_end_and_not_each_time() {
        for (seconds, asked) in [(3600, 1), (30, 3)] {
            let count = Arc::new(AtomicU32::new(0));
            let provider = Counting(count.clone(), Duration::from_secs(seconds));
            let account = Account::of("eu-west-1".to_owned(), None, SharedCredentialsProvider::new(provider));
            for _ in 0..3 {
                account.sign(service::SSM, "GET", "https://ssm.eu-west-1.amazonaws.com/").await.unwrap();
            }
            assert_eq!(count.load(Ordering::Relaxed), asked, "{seconds} s");
        }
    }
}
