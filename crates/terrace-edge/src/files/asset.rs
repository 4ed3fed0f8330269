//! A file as it is served: its validators and fields ready-made, its content in memory when it is small.

use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use bytes::Bytes;
use http::HeaderValue;

use super::kind::Kind;
use super::negotiate::Coding;
use super::open::{Found, Identity, Opened, Place};

/// Larger files are read as they are sent.
const SMALL: u64 = 2 * 1024 * 1024;
/// How much all files of a folder may take together, bytes.
const TOGETHER: u64 = 64 * 1024 * 1024;
/// Smaller files are not worth compressing: they fit a packet anyway.
const WORTH_COMPRESSING: u64 = 512;

/// How much of its memory a folder has spent.
#[derive(Debug, Default)]
pub(super) struct Budget {
    spent: AtomicU64,
}

/// Memory taken from a budget; given back when dropped.
#[derive(Debug)]
struct Share {
    budget: Arc<Budget>,
    bytes: u64,
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.spent.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Budget {
    fn take(self: &Arc<Self>, bytes: u64) -> Option<Share> {
        let before = self.spent.fetch_add(bytes, Ordering::Relaxed);
        let share = Share { budget: Arc::clone(self), bytes };
        (before.saturating_add(bytes) <= TOGETHER).then_some(share)
    }
}

/// Where the bytes are.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Memory(Bytes),
    Disk(Arc<File>),
}

/// One form of a file: plain, or with a content coding.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) content: Content,
    pub(super) length: u64,
    pub(super) content_length: HeaderValue,
    pub(super) etag: HeaderValue,
    pub(super) coding: Option<Coding>,
    /// The status line and fields of a plain 200 as HTTP/1.1 writes them, made when first asked for.
    pub(super) head: OnceLock<Bytes>,
}

/// The coded forms; each only where it is smaller than the plain one.
#[derive(Debug, Default)]
pub(super) struct CodedForms {
    pub(super) forms: Vec<Form>,
}

/// A file as it is served.
#[derive(Debug)]
pub(super) struct Asset {
    identity: Identity,
    pub(super) kind: Kind,
    pub(super) modified: SystemTime,
    pub(super) last_modified: HeaderValue,
    pub(super) plain: Form,
    /// Whether the response depends on `Accept-Encoding`.
    pub(super) varies: bool,
    coded: OnceLock<CodedForms>,
    share: Option<Share>,
}

impl Asset {
    /// Reads a file that has been opened.
    pub(super) fn read(
        opened: Opened,
        place: &Place,
        compress: bool,
        budget: &Arc<Budget>,
    ) -> io::Result<Self> {
        let Opened { file, name, identity } = opened;
        let kind = Kind::of(&name);
        let varies = compress && kind.compressible && identity.length >= WORTH_COMPRESSING;
        let share = if identity.length <= SMALL { budget.take(identity.length) } else { None };
        let (content, length, tag) = if share.is_some() {
            let bytes = read_whole(&file, identity.length)?;
            let tag = blake3::hash(&bytes).to_hex().as_str().get(..32).unwrap_or_default().to_owned();
            (Content::Memory(bytes.clone()), bytes.len() as u64, tag)
        } else {
            (Content::Disk(Arc::new(file)), identity.length, tag_of(&identity))
        };
        let plain = Form {
            content,
            length,
            content_length: HeaderValue::from(length),
            etag: quoted(&tag, ""),
            coding: None,
            head: OnceLock::new(),
        };
        let coded = OnceLock::new();
        if varies {
            let ahead = made_ahead(place, &name, &tag, length, identity.modified)?;
            if !ahead.forms.is_empty() {
                coded.get_or_init(|| ahead);
            }
        }
        Ok(Self {
            identity,
            kind,
            modified: identity.modified,
            last_modified: HeaderValue::try_from(httpdate::fmt_http_date(identity.modified))
                .map_err(io::Error::other)?,
            plain,
            varies,
            coded,
            share,
        })
    }

    /// Whether an opened file is this one, unchanged.
    pub(super) fn is_same(&self, opened: &Opened) -> bool {
        self.identity == opened.identity
    }

    /// The plain bytes, if coded forms are still to be made of them.
    pub(super) fn to_compress(&self) -> Option<Bytes> {
        match &self.plain.content {
            Content::Memory(bytes) if self.varies && self.coded.get().is_none() => Some(bytes.clone()),
            _ => None,
        }
    }

    /// Adds coded forms that have been made. They count against the budget like the plain one.
    pub(super) fn compressed(&self, made: Vec<(Coding, Vec<u8>)>) {
        let tag = self.plain.etag.to_str().unwrap_or_default().trim_matches('"');
        let forms = made
            .into_iter()
            .filter(|(_, bytes)| (bytes.len() as u64) < self.plain.length)
            .map(|(coding, bytes)| memory_form(coding, Bytes::from(bytes), tag))
            .collect();
        if self.share.is_some() {
            self.coded.get_or_init(|| CodedForms { forms });
        }
    }

    /// The coded form of a coding, if there is one by now.
    pub(super) fn coded(&self, coding: Coding) -> Option<&Form> {
        self.coded.get()?.forms.iter().find(|form| form.coding == Some(coding))
    }
}

fn memory_form(coding: Coding, bytes: Bytes, tag: &str) -> Form {
    let length = bytes.len() as u64;
    Form {
        content: Content::Memory(bytes),
        length,
        content_length: HeaderValue::from(length),
        etag: quoted(tag, coding.extension()),
        coding: Some(coding),
        head: OnceLock::new(),
    }
}

/// `.br`, `.zst` and `.gz` files beside a file, unless they are older than it.
fn made_ahead(
    place: &Place,
    name: &str,
    tag: &str,
    length: u64,
    modified: SystemTime,
) -> io::Result<CodedForms> {
    let mut ahead = CodedForms::default();
    for coding in Coding::ALL {
        let Found::File(opened) = place.file(&format!("{name}.{}", coding.extension()))? else { continue };
        if opened.identity.length >= length || opened.identity.modified < modified {
            continue;
        }
        if opened.identity.length <= SMALL {
            let bytes = read_whole(&opened.file, opened.identity.length)?;
            ahead.forms.push(memory_form(coding, bytes, tag));
        } else {
            ahead.forms.push(Form {
                content: Content::Disk(Arc::new(opened.file)),
                length: opened.identity.length,
                content_length: HeaderValue::from(opened.identity.length),
                etag: quoted(tag, coding.extension()),
                coding: Some(coding),
                head: OnceLock::new(),
            });
        }
    }
    Ok(ahead)
}

fn read_whole(mut file: &File, expected: u64) -> io::Result<Bytes> {
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    file.by_ref().take(SMALL.saturating_mul(2)).read_to_end(&mut bytes)?;
    Ok(Bytes::from(bytes))
}

/// The tag of a file too large to be hashed before it is sent.
fn tag_of(identity: &Identity) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [identity.device, identity.inode, identity.length] {
        hasher.update(&part.to_be_bytes());
    }
    hasher.update(&identity.changed.0.to_be_bytes());
    hasher.update(&identity.changed.1.to_be_bytes());
    let modified = identity.modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    hasher.update(&modified.as_nanos().to_be_bytes());
    hasher.finalize().to_hex().as_str().get(..32).unwrap_or_default().to_owned()
}

fn quoted(tag: &str, suffix: &str) -> HeaderValue {
    let text = if suffix.is_empty() { format!("\"{tag}\"") } else { format!("\"{tag}-{suffix}\"") };
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}
