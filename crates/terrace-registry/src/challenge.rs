//! What a registry wants to be shown (RFC 9110, 11.6.1; distribution's token authentication).

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;
use url::Url;

/// How a registry asks for credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// A name and a password with each request.
    Basic,
    /// A token that another service gives.
    Bearer {
        /// Where.
        realm: Url,
        /// For whom, as that service knows it.
        service: Option<String>,
    },
}

impl Challenge {
    /// The first that we can answer, a token before a password; none if there is none.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let texts = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let challenges: Vec<_> =
            texts.filter_map(|text| http_auth::parse_challenges(text).ok()).flatten().collect();
        let bearer =
            challenges.iter().filter(|one| one.scheme.eq_ignore_ascii_case("bearer")).find_map(|one| {
                let parameter = |name: &str| {
                    let found = one.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
                    found.map(|(_, value)| value.to_unescaped())
                };
                let realm = parameter("realm").and_then(|realm| Url::parse(&realm).ok())?;
                Some(Self::Bearer { realm, service: parameter("service") })
            });
        let basic = challenges.iter().any(|one| one.scheme.eq_ignore_ascii_case("basic"));
        bearer.or_else(|| basic.then_some(Self::Basic))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn read(texts: &[&str]) -> Option<Challenge> {
        let headers = texts.iter().filter_map(|text| HeaderValue::from_str(text).ok());
        Challenge::read(&headers.map(|value| (WWW_AUTHENTICATE, value)).collect())
    }

    #[test]
    fn of_registries_as_they_are() {
        let hub = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a:pull,push""#;
        let Some(Challenge::Bearer { realm, service }) = read(&[hub]) else { panic!("no bearer") };
        assert_eq!(
            (realm.as_str(), service.as_deref()),
            ("https://auth.docker.io/token", Some("registry.docker.io"))
        );
        let ecr =
            r#"Basic realm="https://1.dkr.ecr.eu-central-1.amazonaws.com/",service="ecr.amazonaws.com""#;
        assert_eq!(read(&[ecr]), Some(Challenge::Basic));
        assert!(matches!(read(&[ecr, hub]), Some(Challenge::Bearer { .. })));
        assert!(matches!(read(&["bearer realm=\"no address\"", "BASIC realm=x"]), Some(Challenge::Basic)));
        assert_eq!(read(&["Negotiate"]), None);
        assert_eq!(read(&[]), None);
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(text in "(Bearer |realm=|\"|,|\\\\|[ -~]){0,20}") {
            let _ = read(&[&text]);
        }
    }
}
