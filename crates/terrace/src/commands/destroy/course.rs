//! The order in which a system goes: data first into safety, then what keeps Terraform from removing, then everything.
//!
//! GUARANTEE: each step looks before it does, so that the same again goes on; what says that there is a system goes last.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use terrace_account::objects::{Bucket, BucketName, Key};
use terrace_cloud::deployed::{Database, Repository};
use terrace_cloud::destroy::{self, Ground, Inventory, Leftover, Snapshot};
use terrace_cloud::foundation::Foundation;
use terrace_cloud::release::Pace;
use terrace_topology::Shape;

use crate::aws::{self, Session, told};
use crate::deploy::{Asked, Emitted, Infrastructure, Turn, in_force, infrastructure, variables};
use crate::failure::Failure;
use crate::progress::{End, Steps};
use crate::watch::words::counted;

/// In the order in which they come.
pub(super) const STEPS: [&str; 7] =
    ["migration", "snapshot", "buckets", infrastructure::STEP, "registry", "releases", "afterwards"];
/// A large database takes hours.
const SNAPSHOT: Pace = Pace { every: Duration::from_secs(10), most: 2160 };
/// As often is looked whether what AWS still lists is gone.
const LOOKS: u32 = 10;

/// What is carried from step to step.
pub(super) struct Course<'a> {
    pub(super) session: &'a Session,
    pub(super) foundation: &'a Foundation,
    pub(super) inventory: &'a Inventory,
    /// Where migrations run.
    pub(super) ground: Option<Ground<'a>>,
    /// Whose last snapshot is made.
    pub(super) database: Option<&'a Database>,
    pub(super) keeps_releases: bool,
    pub(super) asked: &'a Asked,
    pub(super) steps: &'a Steps,
}

/// What came of it.
pub(super) struct Went {
    pub(super) snapshot: Option<String>,
    pub(super) inventory: Inventory,
}

/// Whether Terraform has a state of the system.
pub(super) async fn has_state(session: &Session, foundation: &Foundation) -> Result<bool, Failure> {
    is_there(foundation, &session.system.state_key()).await
}

/// Whether something is kept of what was deployed.
pub(super) async fn has_records(session: &Session, foundation: &Foundation) -> Result<bool, Failure> {
    is_there(foundation, &session.system.applied_key()).await
}

async fn is_there(foundation: &Foundation, key: &str) -> Result<bool, Failure> {
    let key = Key::new(key).map_err(|error| Failure::of(&error))?;
    let about = foundation.bucket().head(&key).await;
    Ok(about
        .map_err(|refusal| Failure::new(format!("reading {}", key.as_str())).because(&refusal))?
        .is_some())
}

impl Course<'_> {
    pub(super) async fn go(&self, turn: &Turn) -> Result<Went, Failure> {
        turn.step("migration").await?;
        self.asked.or(self.migrations()).await?;
        turn.step("snapshot").await?;
        let snapshot = self.asked.or(self.snapshot()).await?;
        turn.step("buckets").await?;
        self.asked.or(self.buckets()).await?;
        turn.step("infrastructure").await?;
        self.infrastructure().await?;
        turn.step("registry").await?;
        self.asked.or(self.registry()).await?;
        turn.step("releases").await?;
        self.asked.or(self.releases()).await?;
        let inventory = self.asked.or(self.afterwards()).await?;
        Ok(Went { snapshot, inventory })
    }

    /// What a run that was killed has left: until it is gone, neither its subnet nor its cluster goes.
    async fn migrations(&self) -> Result<(), Failure> {
        const STEP: &str = "migration";
        let Some(ground) = self.ground else { return Ok(()) };
        self.steps.begin(STEP, "looking whether one still runs");
        let ended = AtomicUsize::new(0);
        let events = |one: &Leftover| {
            ended.fetch_add(1, Ordering::Relaxed);
            self.steps.goes(STEP, &format!("ending the {} of release {}", one.called(), one.release));
        };
        let (account, system) = (&self.session.account, &self.session.system);
        let left = destroy::end_leftovers(account, system, ground, aws::pace(), events).await;
        let left = left.map_err(|error| told::watch(&error))?;
        if let Some(one) = left.first() {
            return Err(Failure::new(format!("the {} of a migration does not end", one.called()))
                .cause("while it is there, what it stands on cannot go"));
        }
        match ended.into_inner() {
            0 => self.steps.end(STEP, End::Nothing, "none runs"),
            count => self.steps.end(STEP, End::Done, &format!("{} ended", counted(count, "migration"))),
        }
        Ok(())
    }

    async fn snapshot(&self) -> Result<Option<String>, Failure> {
        const STEP: &str = "snapshot";
        let Some(database) = self.database else {
            self.steps.end(STEP, End::Nothing, "none is made");
            return Ok(None);
        };
        self.steps.begin(STEP, &format!("looking at {}", database.id));
        let events = |event: Snapshot| match event {
            Snapshot::Begun { name } => self.steps.goes(STEP, &format!("{name} is made")),
            Snapshot::Copied { name } => {
                self.steps.goes(STEP, &format!("{name} is copied, so that it outlives the system's key"));
            }
            Snapshot::Percent(percent) => self.steps.hint(STEP, &format!("{percent} %")),
        };
        let usual = aws::pace();
        // A test says how often; a person waits for minutes at least.
        let every = if usual == Pace::default() { SNAPSHOT.every } else { usual.every };
        let pace = Pace { every, ..SNAPSHOT };
        let of = ((&self.session.system).into(), database);
        let made = destroy::snapshot(&self.session.account, of, SystemTime::now(), pace, events).await;
        let made = made.map_err(|error| match error {
            destroy::LastError::Refused(error) => told::watch(&error),
            other => Failure::of(&other).help("`--no-snapshot` makes none: the data is gone then"),
        })?;
        match &made {
            Some(name) => self.steps.end(STEP, End::Done, &format!("{name} is whole")),
            None => self.steps.end(STEP, End::Nothing, "there is no database any more"),
        }
        Ok(made)
    }

    async fn buckets(&self) -> Result<(), Failure> {
        const STEP: &str = "buckets";
        let buckets = self.own_buckets();
        if buckets.is_empty() {
            self.steps.end(STEP, End::Nothing, "there are none");
            return Ok(());
        }
        self.steps.begin(STEP, "emptying them");
        let deleted = self.empty(&buckets).await?;
        let are = if buckets.len() == 1 { "is" } else { "are" };
        let text = format!(
            "{} {are} empty, {} deleted",
            counted(buckets.len(), "bucket"),
            counted(deleted, "version")
        );
        self.steps.end(STEP, End::Done, &text);
        Ok(())
    }

    /// The system's own; the foundation's is all systems'.
    fn own_buckets(&self) -> Vec<BucketName> {
        let shared = self.foundation.bucket().name().as_str();
        let buckets = self.inventory.things.iter().filter(|one| one.kind.what == "bucket" && !one.ended);
        let names = buckets.filter_map(|one| one.arn.rsplit(':').next()).filter(|name| *name != shared);
        names.filter_map(|name| name.parse().ok()).collect()
    }

    /// Empties them; as many versions as were deleted.
    async fn empty(&self, buckets: &[BucketName]) -> Result<usize, Failure> {
        let mut deleted = 0;
        for name in buckets {
            let bucket = Bucket::new(&self.session.account, name.clone());
            let bucket = bucket.owned_by(self.session.place.account.as_str());
            let events = |so_far: &destroy::Emptied| {
                let text =
                    format!("{}: {} of {} versions deleted", name.as_str(), so_far.deleted, so_far.found);
                self.steps.hint("buckets", &text);
            };
            let emptied = destroy::empty(&bucket, name.as_str(), events).await;
            let emptied = emptied.map_err(|error| told::watch(&error))?;
            if let Some(left) = emptied.left {
                return Err(Failure::new(format!("the bucket {} is not empty", name.as_str())).cause(left));
            }
            deleted += emptied.deleted;
        }
        Ok(deleted)
    }

    async fn infrastructure(&self) -> Result<(), Failure> {
        const STEP: &str = infrastructure::STEP;
        let (session, steps) = (self.session, self.steps);
        if !has_state(session, self.foundation).await? {
            steps.end(STEP, End::Nothing, "Terraform has no state of it");
            return Ok(());
        }
        steps.begin(STEP, "preparing Terraform");
        let first = self.terraform().await;
        let Err(failure) = first else { return Ok(()) };
        self.asked.check()?;
        // What still logs may have written into a bucket that was empty.
        if self.empty(&self.own_buckets()).await? == 0 {
            return Err(failure);
        }
        steps.goes(STEP, "something was written meanwhile: once more");
        self.terraform().await
    }

    async fn terraform(&self) -> Result<(), Failure> {
        let (session, steps) = (self.session, self.steps);
        let emitted = Emitted::of(&session.designed)?;
        let record = match session.found().await? {
            Some(found) => in_force(&found.book).await?,
            None => None,
        };
        let values = variables(&session.designed, record.as_ref().map(|record| &record.contents));
        let terraform =
            Infrastructure::open(session, Some(self.foundation), self.asked.stop(), steps).await?;
        let (plan, _) = terraform.plan(&emitted, &values, true, steps).await?;
        let count = plan.summary().remove;
        if !plan.changes() {
            steps.end(infrastructure::STEP, End::Nothing, "nothing of it is left");
            return Ok(());
        }
        terraform.apply(&emitted, &values, plan, steps).await?;
        steps.end(infrastructure::STEP, End::Done, &format!("{count} resources removed"));
        Ok(())
    }

    async fn registry(&self) -> Result<(), Failure> {
        const STEP: &str = "registry";
        let topology = &self.session.designed.topology;
        if self.keeps_releases {
            self.steps.end(STEP, End::Nothing, "images are kept");
            return Ok(());
        }
        // Nor may whoever deploys machines ask about repositories.
        if topology.shape == Shape::Machines {
            self.steps.end(STEP, End::Nothing, "machines have no images");
            return Ok(());
        }
        self.steps.begin(STEP, "looking for images");
        let mut removed = Vec::new();
        for party in topology.services.keys() {
            let name: Result<Repository, _> = terrace_aws::repository(topology, party).parse();
            let name = name.map_err(|error| Failure::of(&error))?;
            let gone = destroy::remove_repository(&self.session.account, &name).await;
            if gone.map_err(|error| told::watch(&error))? {
                removed.push(name.to_string());
            }
        }
        if removed.is_empty() {
            self.steps.end(STEP, End::Nothing, "there are no images");
        } else {
            self.steps.end(STEP, End::Done, &format!("{} removed", removed.join(", ")));
        }
        Ok(())
    }

    /// Records and artifacts; last what says that there is a system.
    async fn releases(&self) -> Result<(), Failure> {
        const STEP: &str = "releases";
        let (system, bucket) = (&self.session.system, self.foundation.bucket());
        self.steps.begin(STEP, "looking for artifacts");
        let mut deleted = 0;
        let whose = format!("{}/{}/", system.name(), system.environment());
        for kind in ["artifacts", "releases"].iter().filter(|_| !self.keeps_releases) {
            let prefix = format!("{kind}/{whose}");
            let emptied = destroy::empty_below(bucket, &prefix, bucket.name().as_str(), |_| {}).await;
            deleted += emptied.map_err(|error| told::watch(&error))?.deleted;
        }
        for key in [system.state_key(), system.applied_key()] {
            let key = Key::new(key).map_err(|error| Failure::of(&error))?;
            let gone = bucket.delete(&key, None).await;
            gone.map_err(|refusal| Failure::new(format!("deleting {}", key.as_str())).because(&refusal))?;
        }
        let text = if self.keeps_releases {
            "are kept".to_owned()
        } else {
            format!("{} of artifacts and records deleted", counted(deleted, "version"))
        };
        self.steps.end(STEP, End::Done, &text);
        Ok(())
    }

    /// Looks what is left, until it is nothing or AWS goes on saying so.
    async fn afterwards(&self) -> Result<Inventory, Failure> {
        const STEP: &str = "afterwards";
        self.steps.begin(STEP, "looking what is left");
        let account = &self.session.account;
        let mut looks = 0;
        loop {
            looks += 1;
            let inventory = destroy::inventory(account, &self.session.system).await;
            let mut inventory = inventory.map_err(|error| told::watch(&error))?;
            inventory.look_again(account).await.map_err(|error| told::watch(&error))?;
            let left = inventory.left().count();
            if left == 0 {
                self.steps.end(STEP, End::Done, "nothing is left that costs money");
                return Ok(inventory);
            }
            if looks >= LOOKS {
                self.steps.end(
                    STEP,
                    End::Warned,
                    &format!("{} left that cost money", counted(left, "thing")),
                );
                return Ok(inventory);
            }
            self.steps.goes(STEP, &format!("AWS still lists {}", counted(left, "thing")));
            aws::pace().wait().await;
        }
    }
}
