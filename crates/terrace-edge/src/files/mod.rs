//! Serves a folder: nothing outside of it, small files from memory, large ones as they are read.
//!
//! A file is looked at again at most once a second, so a rebuilt page is seen without being told. Names that
//! begin with a dot are not served, except below `/.well-known` (RFC 8615).

mod asset;
mod compress;
mod kind;
mod negotiate;
mod open;
mod precondition;
mod range;
mod respond;
mod stream;

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use http::header::{ACCEPT, LOCATION};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use terrace_edge_config::{Compression, Files};
use tokio::task::spawn_blocking;

use crate::body::EdgeBody;
use crate::failure::Failure;
use asset::{Asset, Budget};
use open::{Found, Place};

use open::servable;
pub(crate) use respond::Ready;
pub(crate) use stream::FileBody;

/// How long a file is served without being looked at again, milliseconds.
const FRESH: u64 = 1000;

/// A folder that is served.
#[derive(Debug)]
pub(crate) struct Folder {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    place: Place,
    single_page: bool,
    compression: Compression,
    born: Instant,
    budget: Arc<Budget>,
    /// Held while a file is read: who asks for the same one meanwhile waits for it and does not read it too.
    reading: Mutex<()>,
    /// By request path. Never iterated, so its order is nobody's.
    entries: RwLock<HashMap<Box<str>, Arc<Entry>>>,
}

#[derive(Debug)]
struct Entry {
    asset: Arc<Asset>,
    /// Milliseconds after the folder's birth at which the file was last looked at.
    looked: AtomicU64,
}

enum Lookup {
    Asset(Arc<Asset>),
    /// A folder with a page in it, asked for without its slash.
    AddSlash,
    Missing,
}

impl Folder {
    /// A folder; nothing is read yet.
    pub(crate) fn new(files: &Files) -> Self {
        let inner = Inner {
            place: Place::new(files.folder.clone()),
            single_page: files.single_page,
            compression: files.compression,
            born: Instant::now(),
            budget: Arc::new(Budget::default()),
            reading: Mutex::new(()),
            entries: RwLock::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Forgets what is in memory.
    pub(crate) fn forget(&self) {
        self.inner.entries.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Answers from memory, if the file is there and was looked at recently.
    pub(crate) fn at_hand<B>(
        &self,
        request: &mut Request<B>,
        path: &str,
        now: Instant,
    ) -> Option<Result<Response<EdgeBody>, Failure>> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Some(Err(Failure::MethodNotAllowed { allow: "GET, HEAD" }));
        }
        self.inner.fresh(path, now).map(|asset| respond::respond(&asset, request))
    }

    /// What a `GET` without conditions or range gets, if it is in memory and was looked at recently.
    pub(crate) fn ready(&self, path: &str, accept_encoding: Option<&[u8]>, now: Instant) -> Option<Ready> {
        respond::ready(self.inner.recent(path, now)?.as_ref(), accept_encoding)
    }

    /// Answers from the disk.
    pub(crate) async fn look<B>(
        &self,
        request: &mut Request<B>,
        path: &str,
    ) -> Result<Response<EdgeBody>, Failure> {
        let asset = match self.find(path).await? {
            Lookup::Asset(asset) => asset,
            Lookup::AddSlash => return add_slash(path, request.uri().query()),
            Lookup::Missing if self.inner.single_page && wants_page(path, request.headers()) => {
                match self.inner.fresh("/", Instant::now()) {
                    Some(asset) => asset,
                    None => match self.find("/").await? {
                        Lookup::Asset(asset) => asset,
                        Lookup::AddSlash | Lookup::Missing => return Err(Failure::NotFound),
                    },
                }
            }
            Lookup::Missing => return Err(Failure::NotFound),
        };
        respond::respond(&asset, request)
    }

    async fn find(&self, path: &str) -> Result<Lookup, Failure> {
        if servable(path).is_none() {
            return Ok(Lookup::Missing);
        }
        let (inner, path) = (Arc::clone(&self.inner), Box::from(path));
        spawn_blocking(move || inner.find(path))
            .await
            .map_err(|_| Failure::Internal("reading a file was cut short"))?
            .map_err(|_| Failure::Internal("a file could not be read"))
    }
}

impl Inner {
    fn at(&self, time: Instant) -> u64 {
        u64::try_from(time.saturating_duration_since(self.born).as_millis()).unwrap_or(u64::MAX)
    }

    /// What is in memory and was looked at recently.
    fn recent(&self, path: &str, now: Instant) -> Option<Arc<Asset>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(path)?;
        let age = self.at(now).saturating_sub(entry.looked.load(Ordering::Relaxed));
        (age < FRESH).then(|| Arc::clone(&entry.asset))
    }

    /// What is in memory and was looked at recently. Who finds it stale looks again; others need not wait.
    fn fresh(&self, path: &str, now: Instant) -> Option<Arc<Asset>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(path)?;
        let (now, looked) = (self.at(now), entry.looked.load(Ordering::Relaxed));
        if now.saturating_sub(looked) >= FRESH
            && entry.looked.compare_exchange(looked, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            return None;
        }
        Some(Arc::clone(&entry.asset))
    }

    /// Looks at the file, and reads it if it is not the one in memory.
    fn find(&self, path: Box<str>) -> io::Result<Lookup> {
        let _turn = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = match self.place.open(&path)? {
            Found::File(opened) => opened,
            Found::FolderWithPage => return Ok(Lookup::AddSlash),
            Found::Nothing => {
                self.entries.write().unwrap_or_else(PoisonError::into_inner).remove(&path);
                return Ok(Lookup::Missing);
            }
        };
        let known = self.entries.read().unwrap_or_else(PoisonError::into_inner).get(&path).map(Arc::clone);
        if let Some(entry) = known
            && entry.asset.is_same(&opened)
        {
            return Ok(Lookup::Asset(Arc::clone(&entry.asset)));
        }
        let compress = self.compression == Compression::On;
        let asset = Arc::new(Asset::read(opened, &self.place, compress, &self.budget)?);
        if compress {
            compress::in_background(&asset);
        }
        let entry = Entry { asset: Arc::clone(&asset), looked: AtomicU64::new(self.at(Instant::now())) };
        self.entries.write().unwrap_or_else(PoisonError::into_inner).insert(path, Arc::new(entry));
        Ok(Lookup::Asset(asset))
    }
}

/// The file that a normalised path names, for [`crate::fuzzing`].
pub(crate) fn open_for_fuzzing(folder: &std::path::Path, path: &str) -> Option<std::fs::File> {
    match Place::new(folder.to_owned()).open(path) {
        Ok(Found::File(opened)) => Some(opened.file),
        _ => None,
    }
}

/// Whether an unknown path is one of the page's own: asked for as a page, and not the name of a file.
fn wants_page(path: &str, headers: &HeaderMap) -> bool {
    servable(path).is_some()
        && !kind::has_known_extension(path)
        && headers.get(ACCEPT).is_none_or(|accept| negotiate::accepts_html(accept.as_bytes()))
}

fn add_slash(path: &str, query: Option<&str>) -> Result<Response<EdgeBody>, Failure> {
    let path = percent_encoding::utf8_percent_encode(path, kind::IN_PATH);
    let location = match query {
        Some(query) => format!("{path}/?{query}"),
        None => format!("{path}/"),
    };
    let mut response = Response::new(EdgeBody::Empty);
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    let location = HeaderValue::try_from(location).map_err(|_| Failure::NotFound)?;
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}
