//! A system that is deployed at the scripted AWS, and a page that is built.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use tempfile::TempDir;
use terrace_account::objects::Bucket;
use terrace_account::{Account, Keys, Patience};
use terrace_cloud::deployed::{Containers, Names, Origin, Shape};
use terrace_cloud::release::page::{Brought, Built, Event, Place, Wanted};
use terrace_cloud::release::record::{
    Begun, Book, Contents, Draft, Moment, Number, Open, Page, Record, Since,
};
use terrace_cloud::release::{Failure, Pace};

use crate::server::{Distribution, Server, World};

pub(crate) const FOUNDATION: &str = "terrace-123456789012-eu-west-1";
pub(crate) const PAGE: &str = "items-page";
pub(crate) const DISTRIBUTION: &str = "E2QWRUHAPOMQZL";
/// Releases are kept.
pub(crate) const KEEP: usize = 2;

pub(crate) const PACE: Pace = Pace { every: Duration::ZERO, most: 20 };

pub(crate) struct Ground {
    pub(crate) server: Server,
    account: Account,
    pub(crate) built: TempDir,
}

pub(crate) fn names() -> (Names, Containers) {
    let containers = Containers {
        cluster: "items".parse().unwrap(),
        service: "items-app".parse().unwrap(),
        container: "app".parse().unwrap(),
        least: 1,
        family: "items-app".parse().unwrap(),
        repository: "items-app".parse().unwrap(),
        log_group: "/items/app".parse().unwrap(),
        page: Origin { bucket: PAGE.parse().unwrap(), distribution: DISTRIBUTION.parse().unwrap() },
    };
    let names = Names {
        system: "items".parse().unwrap(),
        environment: "default".parse().unwrap(),
        production: false,
        account: "123456789012".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        shape: Shape::Containers(Box::new(containers.clone())),
        database: None,
        url: Some("https://items.example.com".parse().unwrap()),
    };
    (names, containers)
}

pub(crate) fn draft(page: Option<Page>, second: u64) -> Draft {
    Draft {
        at: Moment::of(UNIX_EPOCH + Duration::from_secs(1_700_000_000 + second)),
        by: "arn:aws:iam::123456789012:user/anna".to_owned(),
        commit: None,
        message: None,
        restores: None,
        allowed: Vec::new(),
        contents: Contents { page, ..Contents::default() },
    }
}

impl Ground {
    pub(crate) fn new() -> Self {
        let mut world = World::default();
        for bucket in [FOUNDATION, PAGE] {
            world.buckets.insert(bucket.to_owned(), BTreeMap::new());
        }
        let distribution = Distribution { slow: 1, ..Distribution::default() };
        world.distributions.insert(DISTRIBUTION.to_owned(), distribution);
        let server = Server::start(world);
        let patience =
            Patience { silence: Duration::from_secs(20), pause: Duration::from_millis(1), broken: true };
        let keys = Keys::new("AKIDEXAMPLE", "very-secret", None);
        let account = Account::given("eu-west-1", &server.address, keys).with(patience);
        Self { server, account, built: TempDir::new().unwrap() }
    }

    /// Waits shortly only for an answer that never comes.
    pub(crate) fn impatient(mut self) -> Self {
        let patience =
            Patience { silence: Duration::from_millis(200), pause: Duration::from_millis(1), broken: true };
        self.account = self.account.with(patience);
        self
    }

    /// The page is built anew, of these files.
    pub(crate) fn build(&self, files: &[(&str, &str)]) {
        std::fs::remove_dir_all(self.built.path()).unwrap();
        for (path, text) in files {
            let path = self.built.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }

    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    fn foundation(&self) -> Bucket {
        Bucket::new(&self.account, FOUNDATION.parse().unwrap()).owned_by("123456789012")
    }

    pub(crate) fn book(&self) -> Book {
        Book::new(self.foundation(), &names().0)
    }

    pub(crate) fn place(&self) -> Place {
        let (names, containers) = names();
        Place::of(&self.account, &names, &containers.page, self.foundation())
    }

    /// Releases what is built, as `terrace deploy` does.
    pub(crate) async fn release(
        &self,
        second: u64,
        events: &(dyn Fn(Event) + Send + Sync),
    ) -> Result<Released, Failure> {
        let built = Built::of(self.built.path()).await?;
        let draft = draft(Some(built.page.clone()), second);
        self.go(&draft, Some(&built), events).await
    }

    /// Puts a former release back, as `terrace rollback` does.
    pub(crate) async fn restore(&self, number: Number, second: u64) -> Result<Released, Failure> {
        let former = self.book().read(number).await?.unwrap();
        let draft = Draft { restores: Some(number), ..draft(former.contents.page, second) };
        self.go(&draft, None, &|_| {}).await
    }

    async fn go(
        &self,
        draft: &Draft,
        built: Option<&Built>,
        events: &(dyn Fn(Event) + Send + Sync),
    ) -> Result<Released, Failure> {
        let book = self.book();
        let open = match book.begin(draft, None).await? {
            Begun::New(open) | Begun::Resumed(open) => *open,
            Begun::Ended(record) => return Ok(Released { record: *record, brought: Brought::default() }),
            Begun::Busy(record) => panic!("busy with {record:?}"),
        };
        let Open { record, in_force, since, .. } = &open;
        let (number, since) = (record.number, *since);
        let before = in_force.as_ref().and_then(|one| one.contents.page.as_ref());
        let page = draft.contents.page.as_ref().unwrap();
        let wanted = Wanted { number, page, built, before, since };
        let brought = self.place().bring(wanted, PACE, events).await?;
        // Something has left only if there is something more than is kept, or something that never came into force.
        let sweeps = number.get() as usize > KEEP || since == Since::Others;
        let record = book.done(open, draft.at).await?;
        if sweeps {
            self.place().sweep(&book.kept(KEEP).await?, events).await?;
        }
        Ok(Released { record, brought })
    }

    /// What visitors are given: path, type, cache rule, text.
    pub(crate) fn visible(&self) -> Vec<String> {
        self.server.world(|world| {
            let objects = world.buckets[PAGE].iter();
            objects
                .map(|(key, object)| {
                    let header = |name: &str| object.headers.get(name).map_or("-", String::as_str);
                    let text = String::from_utf8_lossy(&object.body);
                    format!("{key} | {} | {} | {text}", header("content-type"), header("cache-control"))
                })
                .collect()
        })
    }

    /// What was asked since it was asked last.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.server.world(|world| std::mem::take(&mut world.calls))
    }

    /// The paths of each invalidation.
    pub(crate) fn invalidations(&self) -> Vec<Vec<String>> {
        self.server.world(|world| {
            let all = world.distributions[DISTRIBUTION].invalidations.iter();
            all.map(|(_, paths, _)| paths.clone()).collect()
        })
    }
}

#[derive(Debug)]
pub(crate) struct Released {
    pub(crate) record: Record,
    pub(crate) brought: Brought,
}

/// Below the test's own folder.
pub(crate) fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
