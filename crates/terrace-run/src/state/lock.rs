//! One run per project at a time, and who that is.
//!
//! The lock is the kernel's (flock), so it ends with the process that holds it, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Who runs a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// Since when, seconds since 1970-01-01T00:00:00Z.
    pub since: u64,
    /// Where its page is, once it has one.
    pub url: Option<String>,
}

/// The project is this process's until the value is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
    holder: Holder,
}

/// Why a project cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("{}", held(holder.as_ref()))]
    Held {
        /// Who; none if it has not written that yet.
        holder: Option<Holder>,
    },
    /// The machine refused.
    #[error("cannot lock the state folder: {0}")]
    Io(#[from] io::Error),
}

fn held(holder: Option<&Holder>) -> String {
    let who = match holder {
        None => "another `terrace` is just starting it".to_owned(),
        Some(Holder { pid, url: None, .. }) => format!("process {pid} runs it"),
        Some(Holder { pid, url: Some(url), .. }) => format!("process {pid} runs it, at {url}"),
    };
    format!("this project is up already: {who}; see it with `terrace status`, end it with `terrace stop`")
}

impl Lock {
    pub(super) fn take(path: &Path) -> Result<Self, LockError> {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held { holder: read(&mut file) }),
            Err(TryLockError::Error(error)) => return Err(LockError::Io(error)),
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let mut lock = Self { file, holder: Holder { pid: std::process::id(), since, url: None } };
        lock.write()?;
        Ok(lock)
    }

    /// Tells others where the page is.
    pub fn announce(&mut self, url: String) -> io::Result<()> {
        self.holder.url = Some(url);
        self.write()
    }

    // In place: a rename would move the name away from the locked file.
    fn write(&mut self) -> io::Result<()> {
        let text = serde_json::to_string(&self.holder)?;
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(text.as_bytes())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // What is left would be taken for the next holder's while that one starts.
        let _ = self.file.set_len(0);
    }
}

impl Holder {
    /// Who holds the lock of a state folder now.
    pub fn of(state: &super::StateFolder) -> Option<Self> {
        let mut file = File::open(state.path().join("lock")).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => read(&mut file),
            _ => None,
        }
    }
}

fn read(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    Read::by_ref(file).take(4096).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::super::StateFolder;
    use super::*;

    #[test]
    fn the_second_learns_who_the_first_is() {
        let project = tempfile::tempdir().unwrap();
        let state = StateFolder::open(project.path(), "terrace").unwrap();
        let mut lock = state.lock().unwrap();
        lock.announce("http://localhost:8080/".to_owned()).unwrap();
        let Err(LockError::Held { holder: Some(holder) }) = state.lock() else { panic!("not held") };
        assert_eq!(holder.pid, std::process::id());
        assert_eq!(holder.url.as_deref(), Some("http://localhost:8080/"));
        assert_eq!(Holder::of(&state), Some(holder));
        let text = state.lock().unwrap_err().to_string();
        assert!(text.contains("at http://localhost:8080/; see it with `terrace status`"), "{text}");
        drop(lock);
        assert_eq!(Holder::of(&state), None);
        state.lock().unwrap();
    }
}
