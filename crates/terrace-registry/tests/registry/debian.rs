//! Against the registry that Debian has (docker-registry). Skipped, loudly, where it is not installed.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use terrace_image::{Architecture, Digest};
use terrace_registry::{Credentials, Event, Push, Pushed, RegistryError, Settings};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::given::{Events, image, index, registry, repository, settings, tag};

fn skipped(why: &str) {
    drop(std::io::stderr().write_all(format!("\nSKIPPED: a real registry: {why}\n").as_bytes()));
}

/// A registry with a folder of its own, ended when it is let go.
pub(crate) struct Debian {
    pub(crate) address: String,
    child: Child,
    _folder: TempDir,
}

impl Debian {
    /// Starts one, if it is installed; with a file of passwords, if given.
    pub(crate) fn start(passwords: Option<&str>) -> Option<Self> {
        Self::start_with(passwords, None)
    }

    /// The same with TLS: a certificate and its key in PEM.
    fn start_with(passwords: Option<&str>, tls: Option<(&str, &str)>) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut config = format!(
            "version: 0.1\nlog: {{level: info}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: '127.0.0.1:0'{}}}\n",
            at("data").display(),
            tls.map_or_else(String::new, |_| format!(
                ", tls: {{certificate: {}, key: {}}}",
                at("cert").display(),
                at("key").display()
            ))
        );
        if let Some((certificate, key)) = tls {
            fs::write(at("cert"), certificate).unwrap();
            fs::write(at("key"), key).unwrap();
        }
        if let Some(passwords) = passwords {
            fs::write(at("passwords"), passwords).unwrap();
            config += &format!("auth: {{htpasswd: {{realm: test, path: {}}}}}\n", at("passwords").display());
        }
        fs::write(at("config.yml"), config).unwrap();
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(at("config.yml")).stdout(Stdio::null()).stderr(Stdio::piped());
        let Ok(mut child) = command.spawn() else {
            skipped("Debian's docker-registry is not installed");
            return None;
        };
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.split_once("listening on ").map(|(_, rest)| rest.to_owned()))
            .and_then(|rest| rest.split(['"', ' ', ',']).next().map(str::to_owned))
            .unwrap();
        // It stops when nobody reads what it has to say.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { address, child, _folder: folder })
    }

    /// Where it keeps things.
    pub(crate) fn folder(&self) -> &Path {
        self._folder.path()
    }
}

impl Drop for Debian {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn it_takes_an_index_and_a_second_push_sends_nothing() {
    let Some(debian) = Debian::start(None) else { return };
    let registry = registry(&debian.address, Credentials::Anonymous, settings());
    registry.ping().await.unwrap();
    let (index, shop) = (index(45_000), repository("shop/items-api"));
    let events = Events::default();
    let push = Push::index(&index).tag(tag("release-1"));
    let first = registry.push(&shop, &push, events.told()).await.unwrap();
    let digest = index.document().digest();
    assert_eq!(first, Pushed { digest, sent: first.sent, uploaded: 6, mounted: 0, present: 0, named: 3 });
    let noise = index.images().first().unwrap().layers().get(1).unwrap().blob().clone();
    let steps: Vec<u64> = events
        .all()
        .iter()
        .filter_map(|event| match event {
            Event::Sent { digest, sent, .. } if *digest == noise.digest() => Some(*sent),
            _ => None,
        })
        .collect();
    assert_eq!(steps.last(), Some(&noise.size()));
    assert!(steps.len() >= 5 && steps.is_sorted(), "{steps:?}");
    assert!(!events.all().iter().any(|event| matches!(event, Event::Again { .. })));

    let again = registry.push(&shop, &push, events.told()).await.unwrap();
    assert_eq!(again, Pushed { digest, sent: 0, uploaded: 0, mounted: 0, present: 0, named: 0 });
    let found = registry.manifest(&shop, &tag("release-1").into()).await.unwrap().unwrap();
    assert_eq!(&found, index.document());
    for image in index.images() {
        assert_eq!(
            registry.digest(&shop, &image.manifest().digest().into()).await.unwrap(),
            Some(image.manifest().digest())
        );
        let config = registry.blob(&shop, image.config().digest(), 1 << 20).await.unwrap();
        assert_eq!(&config, image.config().bytes());
    }
}

#[tokio::test]
async fn one_layer_that_changed_is_one_layer_sent() {
    let Some(debian) = Debian::start(None) else { return };
    let registry = registry(&debian.address, Credentials::Anonymous, settings());
    let shop = repository("shop");
    let [old, new] = [20_000, 21_000].map(|size| image(Architecture::Arm64, size));
    registry.push(&shop, &Push::image(&old).tag(tag("current")), |_| ()).await.unwrap();
    let pushed = registry.push(&shop, &Push::image(&new).tag(tag("current")), |_| ()).await.unwrap();
    // The layer and the configuration that names it.
    assert_eq!((pushed.uploaded, pushed.present, pushed.named), (2, 2, 1));
    let layer = new.layers().get(1).unwrap().blob();
    assert_eq!(pushed.sent, layer.size() + new.config().size());
    // And back, without a build.
    registry.tag(&shop, old.manifest().digest(), &tag("current")).await.unwrap();
    assert_eq!(registry.digest(&shop, &tag("current").into()).await.unwrap(), Some(old.manifest().digest()));
}

#[tokio::test]
async fn layers_are_taken_over_from_another_repository() {
    let Some(debian) = Debian::start(None) else { return };
    let registry = registry(&debian.address, Credentials::Anonymous, settings());
    let image = image(Architecture::Amd64, 1000);
    registry.push(&repository("test"), &Push::image(&image), |_| ()).await.unwrap();
    let push = Push::image(&image).tag(tag("v1")).mount_from(repository("test"));
    let pushed = registry.push(&repository("prod"), &push, |_| ()).await.unwrap();
    assert_eq!((pushed.mounted, pushed.uploaded, pushed.sent), (4, 0, 0));
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let Some(debian) = Debian::start(None) else { return };
    let registry = registry(&debian.address, Credentials::Anonymous, settings());
    let (shop, digest) = (repository("shop"), Digest::of(b"nothing"));
    assert_eq!(registry.digest(&shop, &tag("v1").into()).await.unwrap(), None);
    assert_eq!(registry.manifest(&shop, &digest.into()).await.unwrap(), None);
    assert!(matches!(registry.blob(&shop, digest, 10).await, Err(RegistryError::Missing { .. })));
    assert!(matches!(registry.tag(&shop, digest, &tag("v1")).await, Err(RegistryError::Missing { .. })));
}

#[tokio::test]
async fn a_password_is_taken_or_refused() {
    // bcrypt, which is all that the registry reads, from the C library of Debian.
    let script = "print crypt('let me in', '$2b$05$abcdefghijklmnopqrstuu')";
    let Ok(output) = Command::new("perl").args(["-e", script]).output() else {
        return skipped("there is no perl to hash a password with");
    };
    let hash = String::from_utf8(output.stdout).unwrap();
    let Some(debian) = Debian::start(Some(&format!("terrace:{hash}\n"))) else { return };
    let image = image(Architecture::Amd64, 1000);
    let push = Push::image(&image).tag(tag("v1"));
    let with = |credentials| registry(&debian.address, credentials, settings());
    let good = with(Credentials::basic("terrace", "let me in"));
    assert_eq!(good.push(&repository("shop"), &push, |_| ()).await.unwrap().uploaded, 4);
    for bad in [Credentials::Anonymous, Credentials::basic("terrace", "let me out")] {
        let error = with(bad).push(&repository("shop"), &push, |_| ()).await.unwrap_err();
        assert!(matches!(error, RegistryError::Unauthorised { .. }), "{error}");
        assert!(!error.to_string().contains("let me"), "{error}");
    }
}

#[tokio::test]
async fn what_it_stores_is_what_was_sent() {
    let Some(debian) = Debian::start(None) else { return };
    let registry = registry(&debian.address, Credentials::Anonymous, settings());
    let image = image(Architecture::Amd64, 45_000);
    registry.push(&repository("shop"), &Push::image(&image), |_| ()).await.unwrap();
    for blob in image.blobs() {
        let hex = blob.digest().hex();
        let (start, _) = hex.split_at(2);
        let file = debian.folder().join(format!("data/docker/registry/v2/blobs/sha256/{start}/{hex}/data"));
        assert_eq!(fs::read(file).unwrap(), *blob.bytes());
    }
}

#[tokio::test]
async fn over_tls_its_certificate_must_be_trusted() {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (certified.cert.pem(), certified.signing_key.serialize_pem());
    let Some(debian) = Debian::start_with(None, Some((&certificate, &key))) else { return };
    let (_, port) = debian.address.rsplit_once(':').unwrap();
    let address = format!("https://localhost:{port}");
    let with = |roots| registry(&address, Credentials::Anonymous, Settings { roots, ..settings() });
    let error = with(None).ping().await.unwrap_err();
    assert!(matches!(error, RegistryError::Untrusted { .. }), "{error}");
    let trusting = with(Some(certificate.clone().into_bytes()));
    let image = image(Architecture::Amd64, 1000);
    assert_eq!(trusting.push(&repository("shop"), &Push::image(&image), |_| ()).await.unwrap().uploaded, 4);
}

/// Passes on to a registry and ends each of its first connections after so many bytes to it.
async fn breaking(address: String, mut after: Vec<u64>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let limit = if after.is_empty() { u64::MAX } else { after.remove(0) };
            let mut server = TcpStream::connect(&address).await.unwrap();
            tokio::spawn(async move {
                let (mut from_client, mut to_client) = client.split();
                let (mut from_server, mut to_server) = server.split();
                let mut limited = (&mut from_client).take(limit);
                tokio::select! {
                    _ = tokio::io::copy(&mut limited, &mut to_server) => {}
                    _ = tokio::io::copy(&mut from_server, &mut to_client) => {}
                }
            });
        }
    });
    own
}

#[tokio::test]
async fn connections_that_break_do_no_harm() {
    let image = image(Architecture::Amd64, 400_000);
    for after in [vec![700], vec![100_000, 150_000, 10], vec![2000; 4], vec![390_000, 1000]] {
        let Some(debian) = Debian::start(None) else { return };
        let address = breaking(debian.address.clone(), after.clone()).await;
        let registry = registry(&address, Credentials::Anonymous, Settings { chunk: 60_000, ..settings() });
        let events = Events::default();
        let pushed = registry
            .push(&repository("shop"), &Push::image(&image).tag(tag("v1")), events.told())
            .await
            .unwrap();
        assert_eq!(pushed.uploaded, 4, "{after:?}");
        let layer = image.layers().get(1).unwrap().blob();
        assert_eq!(registry.blob(&repository("shop"), layer.digest(), 1 << 20).await.unwrap(), layer.bytes());
        assert!(events.all().iter().any(|event| matches!(event, Event::Again { .. })), "{after:?}");
    }
}

#[tokio::test]
async fn skopeo_copies_every_architecture_of_it() {
    let Some(debian) = Debian::start(None) else { return };
    let registry = registry(&debian.address, Credentials::Anonymous, settings());
    let index = index(45_000);
    registry.push(&repository("shop"), &Push::index(&index).tag(tag("v1")), |_| ()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (from, to) =
        (format!("docker://{}/shop:v1", debian.address), format!("oci:{}:v1", folder.path().display()));
    let copy = Command::new("skopeo")
        .args(["copy", "--all", "--quiet", "--src-tls-verify=false", &from, &to])
        .output();
    let Ok(copy) = copy else { return skipped("skopeo is not installed") };
    assert!(copy.status.success(), "{}", String::from_utf8_lossy(&copy.stderr));
    let copied =
        |digest: Digest| fs::read(folder.path().join(format!("blobs/sha256/{}", digest.hex()))).unwrap();
    assert_eq!(copied(index.document().digest()), *index.document().bytes());
    for blob in index.images().iter().flat_map(|image| image.blobs().chain([image.manifest()])) {
        assert_eq!(copied(blob.digest()), *blob.bytes());
    }
}

#[tokio::test]
async fn two_who_push_the_same_do_not_hinder_each_other() {
    let Some(debian) = Debian::start(None) else { return };
    let [one, other] = [(); 2].map(|()| registry(&debian.address, Credentials::Anonymous, settings()));
    let image = image(Architecture::Amd64, 100_000);
    let (push, shop) = (Push::image(&image).tag(tag("v1")), repository("shop"));
    let (one, other) = tokio::join!(one.push(&shop, &push, |_| ()), other.push(&shop, &push, |_| ()));
    assert_eq!(
        (one.unwrap().digest, other.unwrap().digest),
        (image.manifest().digest(), image.manifest().digest())
    );
}
