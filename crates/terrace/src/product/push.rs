//! An image brought to the account's registry.

use std::sync::Mutex;
use std::sync::mpsc;

use terrace_account::Account;
use terrace_cloud::foundation::{self, Place};
use terrace_cloud::release::record::Digest;
use terrace_image::Image;
use terrace_registry::{Credentials, Endpoint, Push, Registry, Repository, Settings, Tag};

use super::{Event, Told};
use crate::aws::told;
use crate::failure::Failure;

/// How much of a digest is in a tag.
const SHOWN: usize = 12;

/// Brings an image to a repository of the account's registry, or as much of it as is not there; gives its digest.
///
/// Its tag is made of the digest, since tags stay what they are: what is there already is not sent.
///
/// # Errors
/// If the registry refuses, or nobody answers.
pub(crate) async fn push(
    account: &Account,
    place: &Place,
    repository: &str,
    image: &Image,
    events: Told<'_>,
) -> Result<Digest, Failure> {
    let login = foundation::login(account, place).await.map_err(|error| told::foundation(&error))?;
    let endpoint = endpoint(account, &login.endpoint)?;
    let credentials = Credentials::basic(login.user.clone(), login.password.as_str());
    to(endpoint, credentials, repository, image, events).await
}

/// Where the registry is. Where calls go elsewhere than to AWS, so do images.
fn endpoint(account: &Account, told: &str) -> Result<Endpoint, Failure> {
    let said = std::env::var("TERRACE_REGISTRY").ok().filter(|said| !said.is_empty());
    let endpoint = Endpoint::new(said.as_deref().unwrap_or(told)).map_err(|error| Failure::of(&error))?;
    let aws = endpoint.host().contains(".amazonaws.");
    match account.endpoint() {
        Some(elsewhere) if aws => {
            Err(Failure::input(format!("{elsewhere} names a registry on AWS: {}", endpoint.host()))
                .cause("calls go to that endpoint, and images would not")
                .help("TERRACE_REGISTRY names the registry that goes with it, such as 127.0.0.1:5000"))
        }
        _ => Ok(endpoint),
    }
}

/// The same to a registry that is known.
pub(super) async fn to(
    endpoint: Endpoint,
    credentials: Credentials,
    repository: &str,
    image: &Image,
    events: Told<'_>,
) -> Result<Digest, Failure> {
    let failed = |error: &(dyn std::error::Error + 'static)| {
        Failure::new(format!("the image could not be brought to {repository}"))
            .because(error)
            .help("type the same again; only what is missing is sent")
    };
    let name = Repository::new(repository).map_err(|error| failed(&error))?;
    let digest = image.manifest().digest();
    let short = digest.hex();
    let tag = format!("sha-{}", short.get(..SHOWN).unwrap_or(&short));
    let tag = Tag::new(&tag).map_err(|error| failed(&error))?;
    let registry =
        Registry::new(endpoint, credentials, Settings::default()).map_err(|error| failed(&error))?;
    let size = image.blobs().map(terrace_image::Blob::size).sum();
    let push = Push::image(image).tag(tag);
    // What tells of the push may live as long as the push wants; what hears of it is here.
    let (tell, heard) = mpsc::channel();
    let tell = Mutex::new(tell);
    let pushing = registry.push(&name, &push, move |event| {
        if let Ok(tell) = tell.lock() {
            let _ = tell.send(event);
        }
    });
    let mut telling = Telling::default();
    let mut pushing = std::pin::pin!(pushing);
    let pushed = std::future::poll_fn(|context| {
        let polled = pushing.as_mut().poll(context);
        heard.try_iter().for_each(|event| telling.hear(event, repository, size, events));
        polled
    });
    let pushed = pushed.await.map_err(|error| failed(&error))?;
    let digest = pushed.digest.to_string();
    events(Event::Pushed { repository: repository.to_owned(), digest: digest.clone(), sent: pushed.sent });
    digest.parse().map_err(|error: terrace_cloud::release::record::ValueError| failed(&error))
}

/// How much of every part went so far.
#[derive(Default)]
struct Telling(std::collections::BTreeMap<terrace_image::Digest, u64>);

impl Telling {
    fn hear(&mut self, event: terrace_registry::Event, repository: &str, size: u64, events: Told<'_>) {
        use terrace_registry::Event as Heard;
        match event {
            Heard::Sent { digest, sent, .. } => {
                self.0.insert(digest, sent);
            }
            Heard::Again { why, after } => return events(Event::Again { why, after }),
            Heard::Present { digest, size }
            | Heard::Mounted { digest, size }
            | Heard::Uploaded { digest, size } => {
                self.0.insert(digest, size);
            }

            Heard::Named { .. } => return,
        }
        events(Event::Pushing { repository: repository.to_owned(), sent: self.0.values().sum(), size });
    }
}
