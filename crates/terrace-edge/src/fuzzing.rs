//! The path of a request through the edge as one function without I/O but the opening of a file: for the fuzz
//! target and the property test, which both hold it to the same law.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use terrace_edge_config::{
    AccessLog, Action, Compression, EdgeConfig, EdgeName, Files, Limits, Millis, PathPattern, Peer, Route,
};

use crate::files::open_for_fuzzing;
use crate::server::{HeadLimits, RequestPath, Routes, read_head};
use crate::upstream::Pools;

/// What a request's bytes lead to.
#[derive(Debug)]
pub enum Outcome {
    /// A response of a status, without a file.
    Refused(u16),
    /// More bytes are awaited.
    Unfinished,
    /// Nothing is there.
    Nothing,
    /// A file, opened.
    Opened(File),
}

/// A folder, ready to be asked.
#[derive(Debug)]
pub struct Subject {
    routes: Routes,
    folder: std::path::PathBuf,
}

impl Subject {
    /// Serves a folder at `/`. `None` if the names here are no names, which they are.
    pub fn new(folder: &Path) -> Option<Self> {
        let files = Files { folder: folder.to_owned(), single_page: false, compression: Compression::Off };
        let config = EdgeConfig {
            name: EdgeName::new("fuzz").ok()?,
            listeners: Vec::new(),
            routes: vec![Route { path: PathPattern::everything(), action: Action::Files(files) }],
            pools: BTreeMap::new(),
            peer: Peer::Public,
            limits: Limits::default(),
            access_log: AccessLog::Off,
            drain: Millis::new(0),
        };
        let routes = Routes::new(&config, &Pools::default());
        Some(Self { routes, folder: folder.to_owned() })
    }

    /// Takes a request's bytes as far as a file.
    pub fn request(&self, bytes: &[u8]) -> Outcome {
        let limits = HeadLimits { bytes: 64 * 1024, fields: 100, target: 8 * 1024 };
        let head = match read_head(bytes, limits) {
            Ok(Some(head)) => head,
            Ok(None) => return Outcome::Unfinished,
            Err(failure) => return Outcome::Refused(failure.status().as_u16()),
        };
        let target = bytes
            .get(..head.length)
            .and_then(|head| head.split(|b| *b == b' ').nth(1))
            .and_then(|target| http::Uri::try_from(target).ok());
        match target {
            Some(target) => self.path(target.path()),
            None => Outcome::Refused(400),
        }
    }

    /// Takes a raw path as far as a file.
    pub fn path(&self, raw: &str) -> Outcome {
        let path = match RequestPath::new(raw) {
            Ok(path) => path,
            Err(failure) => return Outcome::Refused(failure.status().as_u16()),
        };
        if self.routes.find(path.as_str()).is_none() {
            return Outcome::Nothing;
        }
        open_for_fuzzing(&self.folder, path.as_str()).map_or(Outcome::Nothing, Outcome::Opened)
    }
}
