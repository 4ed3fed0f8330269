//! Where credentials go, and where not.

use terrace_image::Architecture;
use terrace_registry::{Credentials, Endpoint, Push, Registry, RegistryError, Settings};

use crate::given::{Events, image, nobody, registry, repository, settings, tag};
use crate::play::{Asks, Fault, Play, Ways};

const PASSWORD: &str = "hunter2-9f3a";

#[tokio::test]
async fn who_stores_uploads_elsewhere_is_shown_nothing() {
    let store = Play::start(Ways::default()).await;
    // The uploads begin at the store, so that it knows them.
    let basic = "Basic dXNlcjpodW50ZXIyLTlmM2E=".to_owned();
    let ways = Ways { asks: Asks::Password(basic.clone()), ..Ways::default() };
    let play = Play::start(ways).await;
    let registry = registry(&play.address, Credentials::basic("user", PASSWORD), settings());
    let elsewhere = format!("http://{}/v2/shop/blobs/uploads/u9?state=a%2Bb", store.address);
    play.fault("POST", Fault::Answer(202, Some(("location", elsewhere)), String::new()));
    registry
        .push(&repository("shop"), &Push::image(&image(Architecture::Amd64, 25_000)), |_| ())
        .await
        .unwrap();
    assert!(!store.seen().is_empty() && store.shown().is_empty(), "{:?}", store.shown());
    assert!(play.shown().iter().all(|shown| shown.ends_with(&basic)));
}

#[tokio::test]
async fn nothing_is_shown_before_it_is_asked_for() {
    let play = Play::start(Ways::default()).await;
    let registry = registry(&play.address, Credentials::basic("user", PASSWORD), settings());
    registry.push(&repository("shop"), &Push::image(&image(Architecture::Amd64, 100)), |_| ()).await.unwrap();
    assert!(play.shown().is_empty());
}

#[tokio::test]
async fn a_password_goes_to_no_token_service_without_tls() {
    let realm = "http://192.0.2.1/token".to_owned();
    let play = Play::start(Ways { asks: Asks::Token { realm, uses: 1 }, ..Ways::default() }).await;
    let registry = registry(&play.address, Credentials::basic("user", PASSWORD), settings());
    let error = registry.ping().await.unwrap_err().to_string();
    assert!(error.contains("without TLS"), "{error}");
}

#[tokio::test]
async fn no_error_no_event_and_no_debug_text_has_the_password_in_it() {
    let (_held, nobody_there) = nobody();
    let credentials = [Credentials::basic("user", PASSWORD), Credentials::Bearer(PASSWORD.to_owned().into())];
    for credentials in credentials {
        let mut told = format!("{credentials:?}");
        for asks in [
            Asks::Password("Basic other".to_owned()),
            Asks::Token { realm: format!("http://{nobody_there}/token"), uses: 0 },
        ] {
            let play = Play::start(Ways { asks, ..Ways::default() }).await;
            let registry =
                registry(&play.address, credentials.clone(), Settings { attempts: 1, ..settings() });
            let events = Events::default();
            let image = image(Architecture::Amd64, 100);
            let push = Push::image(&image).tag(tag("v1"));
            let error = registry.push(&repository("shop"), &push, events.told()).await.unwrap_err();
            told += &format!("{error} {error:?} {:?}", events.all());
        }
        assert!(!told.contains(PASSWORD) && !told.contains("aHVudGVy"), "{told}");
    }
}

#[test]
fn certificates_to_trust_are_read_first() {
    for roots in [
        "",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n%\n",
    ] {
        let settings = Settings { roots: Some(roots.into()), ..Settings::default() };
        let result = Registry::new(Endpoint::new("127.0.0.1:9").unwrap(), Credentials::Anonymous, settings);
        assert!(matches!(result.map(|_| ()), Err(RegistryError::Roots { .. })), "{roots}");
    }
}
