//! Bringing a page: what changed, sent and put in its place, in an order in which every visitor finds what he needs.

use std::collections::BTreeSet;
use std::path::Path;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use terrace_account::Content;
use terrace_account::objects::{About, Bucket, Key, Put};

use super::kind::Turn;
use super::{Brought, Built, Event, Place, has, invalidation, key};
use crate::release::record::{File, Number, Page, Since};
use crate::release::{Failure, Pace};

/// As many files are looked at or sent at once.
const AT_ONCE: usize = 8;

/// What is to be where visitors find it.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The release that it belongs to.
    pub number: Number,
    /// The page.
    pub page: &'a Page,
    /// Where its files are on this machine; none for a page that was released before and is put back.
    pub built: Option<&'a Built>,
    /// The page of the release in force, if there is one.
    pub before: Option<&'a Page>,
    /// What was begun since: if anything was, every file is looked at.
    pub since: Since,
}

/// What was found of a file where it is to be.
struct Looked<'a> {
    file: &'a File,
    /// It is there, as it is to be.
    same: bool,
    /// Something is there under its name.
    taken: bool,
}

impl Place {
    /// Brings a page.
    ///
    /// # Errors
    /// If AWS refuses or does not answer, a file cannot be read, or one that is to be put back is gone. The same can be begun
    /// again.
    pub async fn bring(
        &self,
        wanted: Wanted<'_>,
        pace: Pace,
        events: &(dyn Fn(Event) + Send + Sync),
    ) -> Result<Brought, Failure> {
        let known = wanted.before.filter(|_| wanted.since == Since::Nothing);
        let files = || wanted.page.files.iter();
        let changed: Vec<&File> = files().filter(|file| !has(known, file)).collect();
        let same = files().count() - changed.len();
        events(Event::Compared { changed: changed.len(), same });
        let (hashed, others): (Vec<&File>, Vec<&File>) =
            changed.into_iter().partition(|file| turn(file) == Turn::Hashed);
        let mut brought = Brought::default();

        let hashed = self.looked(hashed, true).await?;
        let overwritten: Vec<&File> =
            hashed.iter().filter(|one| !one.same && one.taken).map(|one| one.file).collect();
        let missing: Vec<&File> = hashed.iter().filter(|one| !one.same).map(|one| one.file).collect();
        self.send(&wanted, missing, events, &mut brought).await?;

        // What the record of the release in force says is another content is replaced without looking.
        let mut others = self.looked(others, known.is_none()).await?;
        self.send(&wanted, others.iter().map(|one| one.file).collect(), events, &mut brought).await?;
        others.retain(|one| !one.same);
        others.sort_by_key(|one| (turn(one.file), one.file.path == "index.html", &one.file.path));
        let half = |failure: Failure| {
            let what = "the former page, of which some files are new already".to_owned();
            failure.in_force(what)
        };
        for turn_of in [Turn::Other, Turn::Html] {
            let now = others.iter().map(|one| one.file).filter(|file| turn(file) == turn_of);
            let (last, now): (Vec<&File>, Vec<&File>) = now.partition(|file| file.path == "index.html");
            for some in [now, last] {
                self.replace(&some, events, &mut brought).await.map_err(half)?;
            }
        }
        self.remove(&wanted, events, &mut brought).await.map_err(half)?;
        self.forget(&wanted, &overwritten, pace, events, &mut brought).await?;
        Ok(brought)
    }

    /// Looks at files where visitors find them, if that is asked for.
    async fn looked<'a>(&self, files: Vec<&'a File>, look: bool) -> Result<Vec<Looked<'a>>, Failure> {
        let all = stream::iter(files.into_iter().map(|file| async move {
            let about = if look { self.about(&self.page, &key(file.path.as_str())?).await? } else { None };
            let same = about.as_ref().is_some_and(|about| {
                about.sha256 == Some(file.digest.sha256())
                    && about.content_type.as_deref() == Some(file.media_type.as_str())
                    && about.cache_control.as_deref() == Some(file.cache.as_str())
            });
            Ok(Looked { file, same, taken: about.is_some() })
        }));
        all.buffered(AT_ONCE).try_collect().await
    }

    async fn about(&self, bucket: &Bucket, key: &Key) -> Result<Option<About>, Failure> {
        let mut about = bucket.head(key).await;
        // An answer to HEAD has no body that could say why: whether the credentials expired, for example.
        if about
            .as_ref()
            .is_err_and(|refusal| refusal.code().is_empty() && matches!(refusal.status(), 400 | 403))
        {
            about = bucket.get(key).await.map(|object| object.map(|object| object.about));
        }
        about.map_err(|refusal| {
            let at = format!("s3://{}/{key}", bucket.name());
            Failure::refused(format!("{at} could not be looked at"), &refusal)
        })
    }

    /// Sends files to where their turn has them: under their own names, or under their digests.
    async fn send(
        &self,
        wanted: &Wanted<'_>,
        files: Vec<&File>,
        events: &(dyn Fn(Event) + Send + Sync),
        brought: &mut Brought,
    ) -> Result<(), Failure> {
        // The same content under two names is sent once.
        let mut once = BTreeSet::new();
        let files = files.into_iter().filter(|file| turn(file) == Turn::Hashed || once.insert(file.digest));
        let all = stream::iter(files.map(|file| self.sent(wanted, file, events)));
        let sent: Vec<Option<&File>> = all.buffered(AT_ONCE).try_collect().await?;
        for file in sent.into_iter().flatten() {
            brought.sent.push(file.path.clone());
            brought.bytes += file.length;
        }
        Ok(())
    }

    async fn sent<'a>(
        &self,
        wanted: &Wanted<'_>,
        file: &'a File,
        events: &(dyn Fn(Event) + Send + Sync),
    ) -> Result<Option<&'a File>, Failure> {
        let (bucket, at, how) = if turn(file) == Turn::Hashed {
            (&self.page, key(file.path.as_str())?, put(file))
        } else {
            let at = self.kept(file.digest)?;
            if self.about(&self.kept, &at).await?.is_some_and(|about| about.length == file.length) {
                return Ok(None);
            }
            (&self.kept, at, Put::of("application/octet-stream"))
        };
        let path = &file.path;
        let Some(source) = wanted.built.and_then(|built| built.sources.get(path)) else {
            let why = format!("`{path}` is in no bucket any more: no release that is kept has it");
            let next = "deploy its commit again; `terrace releases` tells which that was";
            return Err(Failure::found("the page cannot be put back", why, next));
        };
        let content = opened(file, source).await?;
        let told = |sent: u64| events(Event::Sending { path: path.clone(), sent, of: file.length });
        let written = bucket.put(&at, &content, &how, &told).await;
        written.map_err(|refusal| Failure::refused(format!("`{path}` could not be sent"), &refusal))?;
        events(Event::Sent { path: path.clone(), length: file.length });
        Ok(Some(file))
    }

    async fn replace(
        &self,
        files: &[&File],
        events: &(dyn Fn(Event) + Send + Sync),
        brought: &mut Brought,
    ) -> Result<(), Failure> {
        let all = stream::iter(files.iter().map(|file| async move {
            let (from, to) = (self.kept(file.digest)?, key(file.path.as_str())?);
            let copied = self.page.copy((&self.kept, &from), &to, &put(file)).await;
            let what = || format!("`{}` could not be put in its place", file.path);
            copied.map_err(|refusal| Failure::refused(what(), &refusal))?;
            events(Event::Replaced { path: file.path.clone() });
            Ok::<_, Failure>(file.path.clone())
        }));
        let replaced: Vec<String> = all.buffered(AT_ONCE).try_collect().await?;
        brought.replaced.extend(replaced);
        Ok(())
    }

    /// Takes away what replaced its former self and is no part of the page any more; what has a hash stays for those who have
    /// the former page.
    async fn remove(
        &self,
        wanted: &Wanted<'_>,
        events: &(dyn Fn(Event) + Send + Sync),
        brought: &mut Brought,
    ) -> Result<(), Failure> {
        for file in gone(wanted) {
            let deleted = self.page.delete(&key(file.path.as_str())?, None).await;
            let what = || format!("`{}` could not be taken away", file.path);
            deleted.map_err(|refusal| Failure::refused(what(), &refusal))?;
            events(Event::Removed { path: file.path.clone() });
            brought.removed.push(file.path.clone());
        }
        Ok(())
    }

    /// What has to be forgotten is known from the records, not from what this run did: one before may have been stopped.
    async fn forget(
        &self,
        wanted: &Wanted<'_>,
        overwritten: &[&File],
        pace: Pace,
        events: &(dyn Fn(Event) + Send + Sync),
        brought: &mut Brought,
    ) -> Result<(), Failure> {
        let known = wanted.before.filter(|_| wanted.since != Since::Others);
        let mutable = wanted.page.files.iter().filter(|file| turn(file) != Turn::Hashed);
        let changed = mutable.filter(|file| !has(known, file)).chain(overwritten.iter().copied());
        let paths = invalidation::paths(changed.chain(gone(wanted)).map(|file| file.path.as_str()));
        if paths.is_empty() {
            return Ok(());
        }
        let reference = format!("{}-{}", self.token, wanted.number);
        let made =
            invalidation::invalidated(&self.account, &self.distribution, (&paths, &reference), pace, events);
        let what = "the new page, for those whom the distribution does not hand the former one";
        made.await.map_err(|failure| failure.in_force(what))?;
        brought.invalidated = paths;
        Ok(())
    }
}

fn turn(file: &File) -> Turn {
    Turn::of(&file.media_type, &file.cache)
}

/// Files of the page before that replaced their former selves, under paths that the page has no more.
fn gone<'a>(wanted: &Wanted<'a>) -> impl Iterator<Item = &'a File> {
    let page = wanted.page;
    let before = wanted.before.into_iter().flat_map(|before| before.files.iter());
    before.filter(move |file| turn(file) != Turn::Hashed && page.file(&file.path).is_none())
}

/// How visitors are given a file.
fn put(file: &File) -> Put {
    Put { cache_control: Some(file.cache.clone()), ..Put::of(&file.media_type) }
}

/// A file as it was when it was looked at.
async fn opened(file: &File, source: &Path) -> Result<Content, Failure> {
    let unread = |why: String| {
        let next = "nothing may write to the built folder while it is released: type the same again";
        Failure::found(format!("`{}` could not be sent", file.path), why, next)
    };
    let at = source.display();
    let content = Content::file(source).await.map_err(|error| unread(format!("{at}: {error}")))?;
    if content.sha256() != file.digest.sha256() {
        return Err(unread(format!("{at}: it has changed since it was looked at")));
    }
    Ok(content)
}
