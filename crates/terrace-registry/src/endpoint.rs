//! Where a registry is.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

use crate::error::RegistryError;

/// A registry: HTTPS, or on this machine plain HTTP, as Docker has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Url);

impl Endpoint {
    /// A host with or without a port (`123456789012.dkr.ecr.eu-central-1.amazonaws.com`, `127.0.0.1:5000`), or a URL without a path.
    ///
    /// Plain HTTP is for this machine only: with a host alone it is taken for `localhost` and loopback addresses.
    pub fn new(text: &str) -> Result<Self, RegistryError> {
        let wrong = |why| {
            // What is before an `@` may be a password.
            let shown = text.rsplit_once('@').map_or(text, |(_, host)| host);
            RegistryError::Endpoint {
                text: shown.chars().take(200).flat_map(char::escape_debug).collect(),
                why,
            }
        };
        let plain = format!("http://{text}");
        let url = match text.contains("://") {
            true => text.to_owned(),
            false if Url::parse(&plain).is_ok_and(|url| is_loopback(&url)) => plain,
            false => format!("https://{text}"),
        };
        let url = Url::parse(&url).map_err(|_| wrong("it is no host"))?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(wrong("without TLS only a registry on this machine is spoken to")),
            _ => return Err(wrong("a registry speaks HTTPS")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("credentials are given apart, not in the address"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || url.host().is_none() {
            return Err(wrong("the repository is given apart"));
        }
        Ok(Self(url))
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Whether it is spoken to without TLS.
    pub(crate) fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// Whether it is AWS's (`ACCOUNT.dkr.ecr.REGION.amazonaws.com`).
    pub(crate) fn is_ecr(&self) -> bool {
        self.0.host_str().is_some_and(|host| host.contains(".dkr.ecr.") && host.contains(".amazonaws.com"))
    }

    /// The host and the port, as images are named (`127.0.0.1:5000`).
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The address below `/v2/`. What is joined holds no character with a meaning in addresses.
    pub(crate) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("/v2/{path}"));
        url
    }

    /// Whether credentials for the registry may go to this address.
    pub(crate) fn trusts(&self, url: &Url) -> bool {
        url.origin() == self.0.origin()
    }

    /// Whether anything may be sent to this address: not in the clear, if the registry is not.
    pub(crate) fn allows(&self, url: &Url) -> bool {
        url.scheme() == "https" || (self.0.scheme() == "http" && url.scheme() == "http" && is_loopback(url))
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host())
    }
}

impl FromStr for Endpoint {
    type Err = RegistryError;

    fn from_str(text: &str) -> Result<Self, RegistryError> {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spoken_to_and_how() {
        let at = |text: &str| Endpoint::new(text).map(|endpoint| endpoint.at("").to_string());
        let said = |text: &str| at(text).unwrap_or_else(|error| error.to_string());
        insta::assert_snapshot!(
            [
                "ghcr.io", "127.0.0.1:5000", "localhost:5000", "[::1]:5000", "https://r.example.com:8443", "http://127.0.0.1:1",
                "http://ghcr.io", "ftp://ghcr.io", "user:pw@ghcr.io", "ghcr.io/shop", "", "two words", "10.0.0.1:5000",
            ]
            .map(said)
            .join("\n"),
            @"
        https://ghcr.io/v2/
        http://127.0.0.1:5000/v2/
        http://localhost:5000/v2/
        http://[::1]:5000/v2/
        https://r.example.com:8443/v2/
        http://127.0.0.1:1/v2/
        `http://ghcr.io` is no registry: without TLS only a registry on this machine is spoken to; expected a host such as `ghcr.io` or `127.0.0.1:5000`
        `ftp://ghcr.io` is no registry: a registry speaks HTTPS; expected a host such as `ghcr.io` or `127.0.0.1:5000`
        `ghcr.io` is no registry: credentials are given apart, not in the address; expected a host such as `ghcr.io` or `127.0.0.1:5000`
        `ghcr.io/shop` is no registry: the repository is given apart; expected a host such as `ghcr.io` or `127.0.0.1:5000`
        `` is no registry: it is no host; expected a host such as `ghcr.io` or `127.0.0.1:5000`
        `two words` is no registry: it is no host; expected a host such as `ghcr.io` or `127.0.0.1:5000`
        https://10.0.0.1:5000/v2/
        "
        );
    }
}
