//! What is asked, in which order, of registries with ways of their own.

use insta::assert_snapshot;
use terrace_image::{Architecture, Digest, MediaType};
use terrace_registry::{Credentials, Push, RegistryError, Settings};

use crate::given::{image, index, registry, repository, settings, tag};
use crate::play::{Asks, Fault, Play, Ways};

#[tokio::test]
async fn the_requests_of_a_push_and_of_one_that_finds_all_there() {
    let play = Play::start(Ways::default()).await;
    let registry = registry(&play.address, Credentials::Anonymous, settings());
    let image = image(Architecture::Amd64, 25_000);
    let push = Push::image(&image).tag(tag("v1"));
    registry.push(&repository("shop"), &push, |_| ()).await.unwrap();
    assert_snapshot!(play.seen().join("\n"), @"
    HEAD /v2/shop/manifests/sha256:4776
    HEAD /v2/shop/blobs/sha256:12b7
    POST /v2/shop/blobs/uploads/
    PUT /v2/shop/blobs/uploads/u0
    HEAD /v2/shop/blobs/sha256:0346
    POST /v2/shop/blobs/uploads/
    PATCH /v2/shop/blobs/uploads/u0 [0-9999]
    PATCH /v2/shop/blobs/uploads/u0 [10000-19999]
    PUT /v2/shop/blobs/uploads/u0 [20000-25164]
    HEAD /v2/shop/blobs/sha256:0fbb
    POST /v2/shop/blobs/uploads/
    PUT /v2/shop/blobs/uploads/u0
    HEAD /v2/shop/blobs/sha256:b675
    POST /v2/shop/blobs/uploads/
    PUT /v2/shop/blobs/uploads/u0
    HEAD /v2/shop/manifests/v1
    PUT /v2/shop/manifests/v1
    ");
    let before = play.seen().len();
    registry.push(&repository("shop"), &push, |_| ()).await.unwrap();
    assert_snapshot!(play.seen().split_off(before).join("\n"), @"
    HEAD /v2/shop/manifests/sha256:4776
    HEAD /v2/shop/manifests/v1
    ");
    let kept = play.blobs("shop");
    assert!(image.blobs().all(|blob| kept.get(&blob.digest().to_string()) == Some(blob.bytes())));
}

#[tokio::test]
async fn without_a_tag_its_digest_names_it() {
    let play = Play::start(Ways::default()).await;
    let registry = registry(&play.address, Credentials::Anonymous, settings());
    let image = image(Architecture::Amd64, 100);
    let pushed = registry.push(&repository("shop"), &Push::image(&image), |_| ()).await.unwrap();
    assert_eq!((pushed.digest, pushed.named), (image.manifest().digest(), 1));
    assert_eq!(play.manifests().into_iter().collect::<Vec<_>>(), [format!("shop {}", pushed.digest)]);
}

#[tokio::test]
async fn layers_that_two_architectures_share_go_once() {
    let play = Play::start(Ways::default()).await;
    let registry =
        registry(&play.address, Credentials::Anonymous, Settings { side_by_side: 4, ..settings() });
    let index = index(1000);
    let pushed = registry.push(&repository("shop"), &Push::index(&index), |_| ()).await.unwrap();
    assert_eq!((pushed.uploaded, pushed.named), (6, 3));
    let starts = play.seen().iter().filter(|line| line.starts_with("POST")).count();
    assert_eq!(starts, 6);
}

#[tokio::test]
async fn ecr_with_its_201_and_its_range_that_stays() {
    let play = Play::start(Ways { as_ecr: true, ..Ways::default() }).await;
    let registry = registry(&play.address, Credentials::Anonymous, settings());
    let image = image(Architecture::Amd64, 45_000);
    let pushed = registry.push(&repository("shop"), &Push::image(&image), |_| ()).await.unwrap();
    assert_eq!(pushed.sent, play.bytes());
}

#[tokio::test]
async fn parts_are_as_large_as_the_registry_wants_them() {
    let play = Play::start(Ways { least: 20_000, ..Ways::default() }).await;
    let registry = registry(&play.address, Credentials::Anonymous, settings());
    registry
        .push(&repository("shop"), &Push::image(&image(Architecture::Amd64, 45_000)), |_| ())
        .await
        .unwrap();
    let parts: Vec<String> = play.seen().into_iter().filter(|line| line.contains('[')).collect();
    assert_eq!(parts.first().map(String::as_str), Some("PATCH /v2/shop/blobs/uploads/u0 [0-19999]"));
    assert_eq!(parts.len(), 3);
}

#[tokio::test]
async fn a_registry_that_does_not_mount_gets_the_bytes() {
    for mounts in [true, false] {
        let play = Play::start(Ways { mounts, ..Ways::default() }).await;
        let registry = registry(&play.address, Credentials::Anonymous, settings());
        let image = image(Architecture::Amd64, 1000);
        registry.push(&repository("test"), &Push::image(&image), |_| ()).await.unwrap();
        let push = Push::image(&image).mount_from(repository("test"));
        let pushed = registry.push(&repository("prod"), &push, |_| ()).await.unwrap();
        assert_eq!((pushed.mounted, pushed.uploaded), if mounts { (4, 0) } else { (0, 4) });
    }
}

#[tokio::test]
async fn a_token_is_fetched_once_and_again_when_it_is_no_longer_taken() {
    let asks = Asks::Token { realm: String::new(), uses: 6 };
    let basic = "Basic dXNlcjpwdw==".to_owned();
    let play = Play::start(Ways { asks, gives_tokens_to: Some(basic.clone()), ..Ways::default() }).await;
    let with = |password| registry(&play.address, Credentials::basic("user", password), settings());
    let image = image(Architecture::Amd64, 25_000);
    let push = Push::image(&image).tag(tag("v1"));
    with("pw").push(&repository("shop"), &push, |_| ()).await.unwrap();
    // Tokens for the registry, the password for who gives them.
    let token = format!("GET /token {basic}");
    assert!(
        play.shown()
            .iter()
            .all(|shown| *shown == token || shown.contains(" /v2/") && shown.contains("Bearer good-"))
    );
    let fetched = play.shown().iter().filter(|shown| **shown == token).count();
    let asked = play.seen().len() - fetched;
    assert!(fetched >= 3 && fetched <= 1 + asked / 6, "{fetched} tokens for {asked} requests");
    let error = with("wrong").push(&repository("shop"), &push, |_| ()).await.unwrap_err();
    assert!(matches!(error, RegistryError::Unauthorised { .. }));
    assert_snapshot!(error.to_string().replace(&play.address, "HOST"), @"GET http://HOST/token: the credentials are not taken: incorrect username or password; log in anew (ECR: `aws ecr get-login-password` gives a password for 12 hours)");
}

#[tokio::test]
async fn a_layer_is_read_where_the_registry_keeps_it() {
    let (play, store) = (Play::start(Ways::default()).await, Play::start(Ways::default()).await);
    let registry = registry(&play.address, Credentials::Anonymous, settings());
    let digest = Digest::of(b"{}");
    let at = format!("http://{}/v2/", store.address);
    play.fault("GET /v2/shop/blobs", Fault::Answer(307, Some(("location", at)), String::new()));
    assert_eq!(registry.blob(&repository("shop"), digest, 2).await.unwrap(), "{}");
    // What is not what it is called is not given, and neither is what is too large.
    let wrong = |body: &str| Fault::Answer(200, None, body.to_owned());
    play.fault("GET /v2/shop/blobs", wrong("[]"));
    play.fault("GET /v2/shop/blobs", wrong("{ }"));
    let error = registry.blob(&repository("shop"), digest, 2).await.unwrap_err();
    assert!(matches!(error, RegistryError::OtherBytes { .. }), "{error}");
    let error = registry.blob(&repository("shop"), digest, 2).await.unwrap_err();
    assert!(matches!(error, RegistryError::Answer { .. }), "{error}");
}

#[tokio::test]
async fn a_manifest_is_what_its_digest_says() {
    let play = Play::start(Ways::default()).await;
    let registry = registry(&play.address, Credentials::Anonymous, settings());
    let (shop, digest) = (repository("shop"), Digest::of(b"{}"));
    play.keep("shop v1", b"{}");
    play.keep(&format!("shop {digest}"), b"[]");
    let found = registry.manifest(&shop, &tag("v1").into()).await.unwrap().unwrap();
    assert_eq!((found.media_type(), found.digest()), (&MediaType::Manifest, digest));
    for error in [
        registry.manifest(&shop, &digest.into()).await.unwrap_err(),
        registry.digest(&shop, &digest.into()).await.unwrap_err(),
    ] {
        assert!(matches!(error, RegistryError::OtherBytes { .. }), "{error}");
    }
}

#[tokio::test]
async fn whatever_the_size_of_a_part_each_byte_goes_once() {
    let image = image(Architecture::Amd64, 9_000);
    let layer = image.layers().get(1).unwrap().blob();
    let size = layer.size();
    for chunk in [size, size + 1, size - 1, size / 2, size / 2 + 1, size / 3, size.div_ceil(3), 1000] {
        let play = Play::start(Ways::default()).await;
        let registry = registry(&play.address, Credentials::Anonymous, Settings { chunk, ..settings() });
        let pushed = registry.push(&repository("shop"), &Push::image(&image), |_| ()).await.unwrap();
        assert_eq!(play.bytes(), pushed.sent, "{chunk}");
        let parts = play.seen().into_iter().filter(|line| line.contains("/uploads/u0 [")).count() as u64;
        assert_eq!(parts, if chunk >= size { 0 } else { size.div_ceil(chunk) }, "{chunk}");
        assert_eq!(play.blobs("shop").get(&layer.digest().to_string()), Some(layer.bytes()), "{chunk}");
    }
}
