//! What goes wrong on the way: each push comes through all the same, or says what is wrong.

use std::collections::BTreeSet;
use std::time::Duration;

use insta::assert_snapshot;
use proptest::prelude::*;
use terrace_image::Architecture;
use terrace_registry::{Credentials, Event, Push, RegistryError, Settings};

use crate::given::{Events, image, index, nobody, registry, repository, settings, tag};
use crate::play::{Fault, Play, Ways};

fn status(status: u16, code: &str, message: &str) -> Fault {
    let body = serde_json::json!({"errors": [{"code": code, "message": message, "detail": {}}]});
    Fault::Answer(status, None, body.to_string())
}

/// Every request of a push, and every fault that may pass at it.
#[tokio::test]
async fn every_fault_that_passes_at_every_step() {
    let steps = [
        "HEAD /v2/shop/manifests/sha256:",
        "HEAD /v2/shop/blobs/",
        "POST /v2/shop/blobs/uploads/",
        "PATCH /v2/shop/blobs/uploads/",
        "PUT /v2/shop/blobs/uploads/",
        "PUT /v2/shop/manifests/sha256:",
        "HEAD /v2/shop/manifests/v1",
        "PUT /v2/shop/manifests/v1",
    ];
    let faults = [
        status(500, "", ""),
        status(503, "UNAVAILABLE", "later"),
        status(429, "TOOMANYREQUESTS", "slow down"),
        Fault::Cut(0),
        Fault::Cut(4000),
        Fault::Deaf,
        status(404, "BLOB_UPLOAD_UNKNOWN", "no such upload"),
        status(416, "BLOB_UPLOAD_INVALID", "First byte of the layer part is 0 instead of 11304960"),
    ];
    let index = index(35_000);
    let mut names: BTreeSet<String> =
        index.images().iter().map(|image| format!("shop {}", image.manifest().digest())).collect();
    names.extend([format!("shop {}", index.document().digest()), "shop v1".to_owned()]);
    for as_ecr in [false, true] {
        for step in steps {
            for fault in &faults {
                // Those two are of uploads that the registry has lost.
                let lost = matches!(fault, Fault::Answer(404 | 416, ..));
                if lost && (step.starts_with("POST") || !step.contains("/uploads/")) {
                    continue;
                }
                let play = Play::start(Ways { as_ecr, ..Ways::default() }).await;
                let registry = registry(&play.address, Credentials::Anonymous, settings());
                play.fault(step, fault.clone());
                let events = Events::default();
                let push = Push::index(&index).tag(tag("v1"));
                let case = format!("{fault:?} at {step}, as ECR: {as_ecr}");
                let pushed = registry.push(&repository("shop"), &push, events.told()).await;
                let pushed = pushed.unwrap_or_else(|error| panic!("{case}: {error}"));
                assert_eq!((pushed.uploaded, pushed.named), (6, 3), "{case}");
                assert_eq!(play.manifests(), names, "{case}");
                let kept = play.blobs("shop");
                let mut blobs = index.images().iter().flat_map(|image| image.blobs());
                assert!(
                    blobs.all(|blob| kept.get(&blob.digest().to_string()) == Some(blob.bytes())),
                    "{case}"
                );
                assert!(events.all().iter().any(|event| matches!(event, Event::Again { .. })), "{case}");
            }
        }
    }
}

#[tokio::test]
async fn after_a_break_only_what_is_missing_is_sent() {
    let play = Play::start(Ways::default()).await;
    let registry = registry(&play.address, Credentials::Anonymous, settings());
    let image = image(Architecture::Amd64, 35_000);
    play.fault("PATCH", status(500, "", ""));
    play.fault("PATCH", Fault::Cut(4000));
    play.fault("PATCH", Fault::Deaf);
    registry.push(&repository("shop"), &Push::image(&image), |_| ()).await.unwrap();
    let parts: Vec<String> =
        play.seen().into_iter().filter(|line| line.contains('[') || line.starts_with("GET")).collect();
    assert_snapshot!(parts.join("\n"), @"
    PATCH /v2/shop/blobs/uploads/u0 [0-9999]
    GET /v2/shop/blobs/uploads/u0
    PATCH /v2/shop/blobs/uploads/u0 [0-9999]
    GET /v2/shop/blobs/uploads/u0
    PATCH /v2/shop/blobs/uploads/u0 [4000-13999]
    GET /v2/shop/blobs/uploads/u0
    PATCH /v2/shop/blobs/uploads/u0 [14000-23999]
    PATCH /v2/shop/blobs/uploads/u0 [24000-33999]
    PUT /v2/shop/blobs/uploads/u0 [34000-35173]
    ");
}

#[tokio::test]
async fn what_does_not_pass_is_said_at_once() {
    let image = image(Architecture::Amd64, 100);
    let mut told = String::new();
    for (step, fault) in [
        (
            "POST",
            status(
                404,
                "NAME_UNKNOWN",
                "The repository with name 'shop' does not exist in the registry with id '1'",
            ),
        ),
        (
            "POST",
            status(
                403,
                "DENIED",
                "User: arn:aws:iam::1:user/ci is not authorized to perform: ecr:InitiateLayerUpload",
            ),
        ),
        (
            "PUT /v2/shop/manifests/v1",
            status(
                400,
                "TAG_INVALID",
                "The image tag 'v1' already exists in the 'shop' repository and cannot be overwritten because the tag is immutable.",
            ),
        ),
        ("PUT /v2/shop/blobs", status(413, "", "")),
        ("POST", Fault::Answer(202, None, String::new())),
        ("POST", Fault::Answer(202, Some(("location", "http://[".to_owned())), String::new())),
        ("POST", Fault::Answer(202, Some(("location", "http://192.0.2.1/upload".to_owned())), String::new())),
        (
            "PUT /v2/shop/manifests/v1",
            Fault::Answer(201, Some(("docker-content-digest", "sha256:1".to_owned())), String::new()),
        ),
        ("HEAD", Fault::Answer(401, None, String::new())),
        ("HEAD", Fault::Answer(418, None, "<h1>tea\u{7}</h1>".to_owned())),
    ] {
        let play = Play::start(Ways::default()).await;
        let registry = registry(&play.address, Credentials::Anonymous, settings());
        play.fault(step, fault);
        let events = Events::default();
        let error = registry
            .push(&repository("shop"), &Push::image(&image).tag(tag("v1")), events.told())
            .await
            .unwrap_err();
        assert!(!events.all().iter().any(|event| matches!(event, Event::Again { .. })), "{error}");
        let text = error.to_string().replace(&play.address, "HOST");
        let (start, rest) =
            text.split_once("sha256:").map_or((text.as_str(), ""), |(start, rest)| (start, rest));
        told += &format!("{start}{}\n", rest.get(64..).unwrap_or(rest));
    }
    assert_snapshot!(told, @"
    POST http://HOST/v2/shop/blobs/uploads/: there is no such repository: The repository with name 'shop' does not exist in the registry with id '1'; make it first (ECR: `aws ecr create-repository`), or check the name
    POST http://HOST/v2/shop/blobs/uploads/: not allowed: User: arn:aws:iam::1:user/ci is not authorized to perform: ecr:InitiateLayerUpload; ask for the right to push to the repository (ECR: BatchCheckLayerAvailability, InitiateLayerUpload, UploadLayerPart, CompleteLayerUpload, PutImage, BatchGetImage)
    PUT http://HOST/v2/shop/manifests/v1: the tag is another image's and cannot be moved: The image tag 'v1' already exists in the 'shop' repository and cannot be overwritten because the tag is immutable; push under another tag
    PUT http://HOST/v2/shop/blobs/uploads/u0: refused with status 413: it does not say why; something on the way takes no part this large: set smaller chunks
    POST http://HOST/v2/shop/blobs/uploads/: an answer that registries do not give: it says no place to go on (Location); is it a registry (OCI distribution-spec 1.1)?
    POST http://HOST/v2/shop/blobs/uploads/: an answer that registries do not give: the place to go on (Location) is no address; is it a registry (OCI distribution-spec 1.1)?
    PUT http://192.0.2.1/upload: an answer that registries do not give: it sends on to an address without TLS; is it a registry (OCI distribution-spec 1.1)?
    PUT http://HOST/v2/shop/manifests/v1: an answer that registries do not give: `s it a registry (OCI distribution-spec 1.1)?
    HEAD http://HOST/v2/shop/manifests/: the credentials are not taken: it does not say why; log in anew (ECR: `aws ecr get-login-password` gives a password for 12 hours)
    HEAD http://HOST/v2/shop/manifests/: refused with status 418: it does not say why; if it stays so, ask who runs the registry
    ");
}

#[tokio::test]
async fn what_does_not_end_is_given_up() {
    let image = image(Architecture::Amd64, 100);
    let play = Play::start(Ways::default()).await;
    let hasty = Settings { idle: Duration::from_millis(20), attempts: 2, ..settings() };
    let registry = registry(&play.address, Credentials::Anonymous, hasty);
    for _ in 0..3 {
        play.fault("POST", Fault::Silent);
    }
    let events = Events::default();
    let error = registry.push(&repository("shop"), &Push::image(&image), events.told()).await.unwrap_err();
    assert!(matches!(error, RegistryError::Stalled { .. }), "{error}");
    let again = events.all().iter().filter(|event| matches!(event, Event::Again { .. })).count();
    // Where much goes on, others than the silent one may seem to stand still.
    assert!(again >= 2, "{again}");
}

#[tokio::test]
async fn what_fails_each_time_is_given_up() {
    let image = image(Architecture::Amd64, 100);
    let play = Play::start(Ways::default()).await;
    let registry = registry(&play.address, Credentials::Anonymous, Settings { attempts: 2, ..settings() });
    for _ in 0..3 {
        play.fault("HEAD", status(503, "UNAVAILABLE", "later"));
    }
    let error = registry.push(&repository("shop"), &Push::image(&image), |_| ()).await.unwrap_err();
    assert!(matches!(error, RegistryError::Refused { status: 503, .. }), "{error}");
}

#[tokio::test]
async fn who_wants_to_be_left_alone_is() {
    let play = Play::start(Ways::default()).await;
    let registry = registry(&play.address, Credentials::Anonymous, settings());
    play.fault("POST", Fault::Answer(429, Some(("retry-after", "1".to_owned())), String::new()));
    let events = Events::default();
    registry
        .push(&repository("shop"), &Push::image(&image(Architecture::Amd64, 100)), events.told())
        .await
        .unwrap();
    let waited: Vec<Duration> = events
        .all()
        .into_iter()
        .filter_map(|event| match event {
            Event::Again { after, .. } => Some(after),
            _ => None,
        })
        .collect();
    assert_eq!(waited, [Duration::from_secs(1)]);
}

#[tokio::test]
async fn nobody_there_is_said() {
    let (_held, address) = nobody();
    let registry = registry(&address, Credentials::Anonymous, Settings { attempts: 1, ..settings() });
    let error = registry.ping().await.unwrap_err();
    assert!(matches!(error, RegistryError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

fn fault() -> impl Strategy<Value = (&'static str, Fault)> {
    let steps = ["HEAD", "GET", "POST", "PATCH", "PUT /v2/shop/blobs", "PUT /v2/shop/manifests"];
    let faults = prop_oneof![
        prop_oneof![Just(500_u16), Just(502), Just(503), Just(408)].prop_map(|number| status(number, "", "")),
        (0_usize..12_000).prop_map(Fault::Cut),
        Just(Fault::Deaf),
    ];
    (prop::sample::select(steps.to_vec()), faults)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// As many faults as patience lasts, anywhere, in any order: the image is there, whole, under its name.
    #[test]
    fn any_faults_in_any_order(faults in prop::collection::vec(fault(), 0..6), as_ecr: bool, side_by_side in 1_usize..4) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let play = Play::start(Ways { as_ecr, ..Ways::default() }).await;
            let settings = Settings { side_by_side, ..settings() };
            let registry = registry(&play.address, Credentials::Anonymous, settings);
            for (step, fault) in faults {
                play.fault(step, fault);
            }
            let image = image(Architecture::Arm64, 30_000);
            registry.push(&repository("shop"), &Push::image(&image).tag(tag("v1")), |_| ()).await.unwrap();
            let kept = play.blobs("shop");
            assert!(image.blobs().all(|blob| kept.get(&blob.digest().to_string()) == Some(blob.bytes())));
            assert!(play.manifests().contains("shop v1"));
        });
    }
}
