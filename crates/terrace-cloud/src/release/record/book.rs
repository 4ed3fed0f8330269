//! The book of releases: the next number, what was begun, what is in force, what is kept.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use terrace_account::objects::{Bucket, Condition, ETag, Key, Put, Written};
use terrace_account::{Content, Refusal};

use super::{Draft, Moment, Number, Outcome, Record};
use crate::deployed::{Environment, Names, System};
use crate::release::Failure;

/// As many records are read at once.
const AT_ONCE: usize = 8;
/// As many others may be quicker before it is given up.
const TRIES: usize = 4;

/// The releases of one environment of a system.
#[derive(Clone, Debug)]
pub struct Book {
    bucket: Bucket,
    system: System,
    environment: Environment,
}

/// A release under way.
#[derive(Clone, Debug)]
pub struct Open {
    /// As it was written; what is put into it is written when it ends.
    pub record: Record,
    /// The release in force, if there is one.
    pub in_force: Option<Record>,
    /// What was begun since that one came into force.
    pub since: Since,
    etag: ETag,
    current: Option<ETag>,
}

/// What was begun since the release in force came into force, beside what has just been begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// Nothing: what that release says is there is there.
    Nothing,
    /// This same release, before: what is there is of one or the other.
    Itself,
    /// Others, which did not come into force and may have left anything.
    Others,
}

/// What came of beginning.
#[derive(Clone, Debug)]
pub enum Begun {
    /// A release with a number of its own.
    New(Box<Open>),
    /// The same was begun before and did not end: that one goes on, under its number.
    Resumed(Box<Open>),
    /// The same was begun before and had ended before that could be made known; now it is known, and nothing is left to do.
    Ended(Box<Record>),
    /// Another was begun and has not ended: it is under way, or whoever did it was stopped.
    Busy(Box<Record>),
}

impl Book {
    /// In the foundation's bucket.
    pub fn new(bucket: Bucket, names: &Names) -> Self {
        Self { bucket, system: names.system.clone(), environment: names.environment.clone() }
    }

    fn prefix(&self) -> String {
        format!("releases/{}/{}/", self.system, self.environment)
    }

    fn key(&self, name: &str) -> Result<Key, Failure> {
        let key = Key::new(format!("{}{name}", self.prefix()));
        key.map_err(|error| {
            Failure::found("the book of releases has no key", error.to_string(), "shorten the names")
        })
    }

    fn record_key(&self, number: Number) -> Result<Key, Failure> {
        self.key(&format!("{number}.json"))
    }

    /// All numbers, the newest first.
    ///
    /// # Errors
    /// If S3 refuses, or nobody answers.
    pub async fn numbers(&self) -> Result<Vec<Number>, Failure> {
        let prefix = self.prefix();
        let listed = self.bucket.list(&prefix).await;
        let listed =
            listed.map_err(|refusal| Failure::refused("the releases could not be listed", &refusal))?;
        let name = |key: &str| key.strip_prefix(&prefix)?.strip_suffix(".json")?.parse().ok();
        let numbers: BTreeSet<Number> = listed.iter().filter_map(|one| name(one.key.as_str())).collect();
        Ok(numbers.into_iter().rev().collect())
    }

    /// A release; none if there is none of that number.
    ///
    /// # Errors
    /// If S3 refuses, nobody answers, or the record cannot be read.
    pub async fn read(&self, number: Number) -> Result<Option<Record>, Failure> {
        Ok(self.found(number).await?.map(|(record, _)| record))
    }

    async fn found(&self, number: Number) -> Result<Option<(Record, ETag)>, Failure> {
        let what = || format!("the record of release {number} could not be read");
        let object = self.bucket.get(&self.record_key(number)?).await;
        let Some(object) = object.map_err(|refusal| Failure::refused(what(), &refusal))? else {
            return Ok(None);
        };
        let record = Record::read(&object.content).and_then(|record| {
            let same = record.number == number;
            same.then_some(record).ok_or_else(|| "it has the number of another release".to_owned())
        });
        let bucket = self.bucket.name();
        let key = format!("s3://{bucket}/{}{number}.json", self.prefix());
        let record = record.map_err(|why| {
            Failure::found(
                what(),
                format!("{key}: {why}"),
                "bring back its former version (the bucket keeps them)",
            )
        })?;
        Ok(Some((record, object.about.etag)))
    }

    /// These releases, in this order; those that are not there are left out.
    ///
    /// # Errors
    /// If S3 refuses, nobody answers, or a record cannot be read.
    pub async fn read_all(&self, numbers: &[Number]) -> Result<Vec<Record>, Failure> {
        let all = stream::iter(numbers.iter().map(|number| self.read(*number)));
        let all: Vec<Option<Record>> = all.buffered(AT_ONCE).try_collect().await?;
        Ok(all.into_iter().flatten().collect())
    }

    /// The number of the release in force, if there is one.
    ///
    /// # Errors
    /// If S3 refuses, nobody answers, or it cannot be read.
    pub async fn current(&self) -> Result<Option<Number>, Failure> {
        Ok(self.pointer().await?.map(|(number, _)| number))
    }

    async fn pointer(&self) -> Result<Option<(Number, ETag)>, Failure> {
        let what = "what is in force could not be read";
        let object = self.bucket.get(&self.key("current")?).await;
        let Some(object) = object.map_err(|refusal| Failure::refused(what, &refusal))? else {
            return Ok(None);
        };
        let number = std::str::from_utf8(&object.content).unwrap_or_default().trim().parse::<Number>();
        let number = number.map_err(|error| {
            let key = format!("s3://{}/{}current", self.bucket.name(), self.prefix());
            Failure::found(
                what,
                format!("{key}: {error}"),
                "bring back its former version (the bucket keeps them)",
            )
        })?;
        Ok(Some((number, object.about.etag)))
    }

    /// The newest releases that came into force, as many as are kept, the newest first, and those that have not ended. What
    /// any of them has must stay.
    ///
    /// # Errors
    /// If S3 refuses, nobody answers, or a record cannot be read.
    pub async fn kept(&self, keep: usize) -> Result<Vec<Record>, Failure> {
        let numbers = self.numbers().await?;
        let (mut kept, mut done) = (Vec::new(), 0);
        for some in numbers.chunks(AT_ONCE) {
            for record in self.read_all(some).await? {
                // The release in force is kept in any case.
                let stays = record.is_begun() || (record.is_done() && done < keep.max(1));
                done += usize::from(record.is_done());
                kept.extend(stays.then_some(record));
            }
            if done >= keep.max(1) {
                break;
            }
        }
        Ok(kept)
    }

    /// Begins a release: gives it the next number, or finds that it was begun already. `given_up` is the number of a release
    /// that has not ended and that nobody is at any more, as whoever asks knows.
    ///
    /// # Errors
    /// If S3 refuses, nobody answers, or a record cannot be read.
    pub async fn begin(&self, draft: &Draft, given_up: Option<Number>) -> Result<Begun, Failure> {
        for _ in 0..TRIES {
            let numbers = self.numbers().await?;
            let newest = match numbers.first() {
                Some(number) => self.found(*number).await?,
                None => None,
            };
            let pointer = self.pointer().await?;
            if let Some((record, etag)) = newest.as_ref().filter(|(record, _)| record.is_begun()) {
                if record.is_of(draft) {
                    let in_force = self.in_force(pointer.as_ref(), None).await?;
                    let (record, etag) = (record.clone(), etag.clone());
                    let current = pointer.map(|(_, etag)| etag);
                    let alone = numbers.get(1) == in_force.as_ref().map(|one| &one.number);
                    let since = if alone { Since::Itself } else { Since::Others };
                    let open = Open { record, in_force, since, etag, current };
                    return Ok(Begun::Resumed(Box::new(open)));
                }
                if given_up != Some(record.number) {
                    return Ok(Begun::Busy(Box::new(record.clone())));
                }
                let why = vec![format!("it was given up by {}", draft.by)];
                let ended = Record { outcome: Outcome::Failed { at: draft.at, why }, ..record.clone() };
                if self.replace(&ended, etag).await?.is_none() {
                    continue;
                }
            }
            let newest = newest.map(|(record, _)| record);
            if let Some(one) = newest.as_ref().filter(|one| one.is_done() && is_behind(pointer.as_ref(), one))
            {
                self.point(one.number, pointer.map(|(_, etag)| etag)).await?;
                if one.is_of(draft) {
                    return Ok(Begun::Ended(Box::new(one.clone())));
                }
                // The book as it is now.
                continue;
            }
            let in_force = self.in_force(pointer.as_ref(), newest.as_ref()).await?;
            let alone = newest.as_ref().map(|one| one.number) == in_force.as_ref().map(|one| one.number);
            let since = if alone { Since::Nothing } else { Since::Others };
            let number = newest.as_ref().map_or(Number::FIRST, |one| one.number.next());
            let record = Record::begun(number, draft);
            if let Written::Done(stored) = self.write(&record, Condition::Absent).await? {
                let (etag, current) = (stored.etag, pointer.map(|(_, etag)| etag));
                let open = Open { record, in_force, since, etag, current };
                return Ok(Begun::New(Box::new(open)));
            }
        }
        Err(Failure::found(
            "the release has no number",
            "others release at the same time",
            "type the same again",
        ))
    }

    async fn in_force(
        &self,
        pointer: Option<&(Number, ETag)>,
        newest: Option<&Record>,
    ) -> Result<Option<Record>, Failure> {
        let Some((number, _)) = pointer else { return Ok(None) };
        match newest.filter(|one| one.number == *number) {
            Some(newest) => Ok(Some(newest.clone())),
            None => self.read(*number).await,
        }
    }

    /// Keeps what has been put into the record so far; the release goes on.
    ///
    /// # Errors
    /// If S3 refuses, nobody answers, or somebody else gave the release up.
    pub async fn note(&self, open: &mut Open) -> Result<(), Failure> {
        match self.replace(&open.record, &open.etag).await? {
            Some(etag) => {
                open.etag = etag;
                Ok(())
            }
            None => Err(given_up(open.record.number)),
        }
    }

    /// Ends a release that is in force.
    ///
    /// # Errors
    /// If S3 refuses, nobody answers, or somebody else gave the release up.
    pub async fn done(&self, mut open: Open, at: Moment) -> Result<Record, Failure> {
        open.record.outcome = Outcome::Done { at };
        self.note(&mut open).await?;
        self.point(open.record.number, open.current).await?;
        Ok(open.record)
    }

    /// Ends a release that is not in force.
    ///
    /// # Errors
    /// If S3 refuses, nobody answers, or somebody else gave the release up.
    pub async fn failed(&self, mut open: Open, at: Moment, why: Vec<String>) -> Result<Record, Failure> {
        open.record.outcome = Outcome::Failed { at, why };
        self.note(&mut open).await?;
        Ok(open.record)
    }

    async fn point(&self, number: Number, seen: Option<ETag>) -> Result<(), Failure> {
        let what = format!("release {number} could not be noted as the one in force");
        let (key, content) = (self.key("current")?, Content::bytes(format!("{number}\n")));
        let how = Put::of("text/plain; charset=utf-8").on(seen.map_or(Condition::Absent, Condition::Is));
        match self.bucket.put(&key, &content, &how, &|_| {}).await {
            Ok(Written::Done(_)) => Ok(()),
            Ok(Written::Unmet) => match self.current().await? {
                // Whoever came later has said so already, and found this release done.
                Some(current) if current >= number => Ok(()),
                _ => Err(Failure::found(what, "somebody else writes there", "type the same again")),
            },
            Err(refusal) => Err(Failure::refused(what, &refusal)),
        }
    }

    async fn replace(&self, record: &Record, etag: &ETag) -> Result<Option<ETag>, Failure> {
        match self.write(record, Condition::Is(etag.clone())).await? {
            Written::Done(stored) => Ok(Some(stored.etag)),
            Written::Unmet => Ok(None),
        }
    }

    async fn write(&self, record: &Record, condition: Condition) -> Result<Written, Failure> {
        let content = Content::bytes(record.text());
        let how = Put::of("application/json").on(condition);
        let told = |refusal: Refusal| {
            Failure::refused(
                format!("the record of release {} could not be written", record.number),
                &refusal,
            )
        };
        self.bucket.put(&self.record_key(record.number)?, &content, &how, &|_| {}).await.map_err(told)
    }
}

/// A release that has ended is not known as the one in force yet.
fn is_behind(pointer: Option<&(Number, ETag)>, ended: &Record) -> bool {
    pointer.is_none_or(|(number, _)| *number < ended.number)
}

fn given_up(number: Number) -> Failure {
    let why = format!("somebody else gave release {number} up, or ended it");
    Failure::found(
        format!("release {number} cannot be ended"),
        why,
        "`terrace releases` tells what is in force",
    )
}
