//! Where lines go as they come: to the files by a thread of its own, to followers, and to the memory of what each
//! process said last.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use terrace_local::ProcessName;
use tokio::sync::{broadcast, oneshot};

use super::file::LogFile;
use super::record::now;
use super::{Line, Lines, LogLine, Stream};
use crate::Instance;

/// Lines that may wait for the disk before they are dropped.
const WAITING: usize = 8192;
/// Lines of a process that are remembered for when it crashes.
const REMEMBERED: usize = 30;
/// How long the last words of an ended process are waited for.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// Lines that a follower may lag behind.
const LAG: usize = 4096;

enum Entry {
    Line(Arc<LogLine>),
    Flush(oneshot::Sender<()>),
}

/// Something a follower sees.
#[derive(Clone, Debug)]
pub(crate) struct Followed {
    /// Its place in the order of all lines.
    pub(crate) number: u64,
    /// What was written.
    pub(crate) line: Arc<LogLine>,
}

/// The logs of a run. Clones are the same journal.
#[derive(Clone, Debug)]
pub(crate) struct Journal(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    to_disk: SyncSender<Entry>,
    followers: broadcast::Sender<Followed>,
    number: u64,
    last: BTreeMap<Instance, VecDeque<Arc<LogLine>>>,
    dropped: BTreeMap<Instance, u64>,
}

impl Journal {
    /// A journal that keeps its files in `folder`. The thread that writes them ends with the last clone;
    /// `complain` is called once when files can no longer be written.
    pub(crate) fn open(
        folder: PathBuf,
        complain: impl FnOnce(String) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (to_disk, entries) = sync_channel(WAITING);
        let place = folder.clone();
        std::thread::Builder::new()
            .name("terrace-logs".to_owned())
            .spawn(move || write(&place, &entries, complain))?;
        let inner = Inner {
            folder,
            to_disk,
            followers: broadcast::Sender::new(LAG),
            number: 0,
            last: BTreeMap::new(),
            dropped: BTreeMap::new(),
        };
        Ok(Self(Arc::new(Mutex::new(inner))))
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a line of a process.
    pub(crate) fn append(&self, instance: &Instance, line: Line) {
        let mut inner = self.inner();
        let line =
            Arc::new(LogLine { at: now(), instance: instance.clone(), stream: line.stream, text: line.text });
        inner.remember(&line);
        let dropped = inner.dropped.remove(instance).unwrap_or(0);
        if dropped > 0 {
            let text = format!("{dropped} lines dropped: they came faster than they could be written");
            if !inner.remark(instance, text) {
                inner.dropped.insert(instance.clone(), dropped.saturating_add(1));
                return;
            }
        }
        if !inner.send(line) {
            *inner.dropped.entry(instance.clone()).or_default() += 1;
        }
    }

    /// Says something about a process in its log.
    pub(crate) fn remark(&self, instance: &Instance, text: impl Into<String>) {
        self.inner().remark(instance, text.into());
    }

    /// What a process said last.
    pub(crate) fn last(&self, instance: &Instance) -> Vec<String> {
        let inner = self.inner();
        inner.last.get(instance).into_iter().flatten().map(|line| line.text.clone()).collect()
    }

    /// Forgets what a process said: another of the same name takes its place.
    pub(crate) fn forget(&self, instance: &Instance) {
        self.inner().last.remove(instance);
    }

    /// Where the files lie.
    pub(crate) fn folder(&self) -> PathBuf {
        self.inner().folder.clone()
    }

    /// Lines from now on. All before the number that comes with it are in the files when this returns.
    pub(crate) async fn follow(&self) -> (u64, broadcast::Receiver<Followed>) {
        let (done, written) = oneshot::channel();
        let (number, follower, to_disk) = {
            let inner = self.inner();
            (inner.number, inner.followers.subscribe(), inner.to_disk.clone())
        };
        // The channel may be full, and this thread must not wait for it.
        let asked = tokio::task::spawn_blocking(move || to_disk.send(Entry::Flush(done)));
        if matches!(asked.await, Ok(Ok(()))) {
            let _thread_ended = written.await;
        }
        (number, follower)
    }

    /// Waits until all that came so far is in the files.
    pub(crate) async fn flush(&self) {
        drop(self.follow().await);
    }

    /// Reads a process's output to its end, in the background.
    pub(crate) fn keep(&self, instance: &Instance, output: crate::leash::Output) -> Said {
        let out = self.read(instance, Lines::new(output.stdout, Stream::Out));
        let err = self.read(instance, Lines::new(output.stderr, Stream::Err));
        Said([out, err])
    }

    fn read<R>(&self, instance: &Instance, mut lines: Lines<R>) -> tokio::task::JoinHandle<()>
    where
        R: tokio::io::AsyncRead + Unpin + Send + 'static,
    {
        let (journal, instance) = (self.clone(), instance.clone());
        tokio::spawn(async move {
            while let Some(line) = lines.next().await {
                journal.append(&instance, line);
            }
        })
    }
}

/// All that a process says.
#[derive(Debug)]
pub(crate) struct Said([tokio::task::JoinHandle<()>; 2]);

impl Said {
    /// Waits until an ended process's last words have been read; not for long, since others may hold its output.
    pub(crate) async fn all(self) {
        let all = async {
            for reader in self.0 {
                let _ended = reader.await;
            }
        };
        let _late = tokio::time::timeout(LAST_WORDS, all).await;
    }
}

impl Inner {
    fn remember(&mut self, line: &Arc<LogLine>) {
        if !self.last.contains_key(&line.instance) {
            self.last.insert(line.instance.clone(), VecDeque::with_capacity(REMEMBERED));
        }
        let Some(last) = self.last.get_mut(&line.instance) else { return };
        if last.len() >= REMEMBERED {
            last.pop_front();
        }
        last.push_back(Arc::clone(line));
    }

    fn remark(&mut self, instance: &Instance, text: String) -> bool {
        let stream = Stream::Terrace;
        self.send(Arc::new(LogLine { at: now(), instance: instance.clone(), stream, text }))
    }

    /// Whether there was room for it.
    fn send(&mut self, line: Arc<LogLine>) -> bool {
        match self.to_disk.try_send(Entry::Line(Arc::clone(&line))) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(_)) => return false,
        }
        self.number = self.number.saturating_add(1);
        if self.followers.receiver_count() > 0 {
            let _nobody = self.followers.send(Followed { number: self.number, line });
        }
        true
    }
}

fn write(folder: &Path, entries: &Receiver<Entry>, complain: impl FnOnce(String)) {
    let mut complain = Some(complain);
    let mut files: BTreeMap<ProcessName, LogFile> = BTreeMap::new();
    let mut report = |outcome: std::io::Result<()>| {
        if let Err(error) = outcome
            && let Some(complain) = complain.take()
        {
            complain(format!("logs are not kept in `{}`: {error}", folder.display()));
        }
    };
    loop {
        let entry = match entries.try_recv() {
            Ok(entry) => entry,
            Err(TryRecvError::Disconnected) => break,
            Err(TryRecvError::Empty) => {
                files.values_mut().for_each(|file| report(file.flush()));
                match entries.recv() {
                    Ok(entry) => entry,
                    Err(_) => break,
                }
            }
        };
        match entry {
            Entry::Flush(done) => {
                files.values_mut().for_each(|file| report(file.flush()));
                let _gone = done.send(());
            }
            Entry::Line(line) => report(append(folder, &mut files, &line)),
        }
    }
    files.values_mut().for_each(|file| report(file.flush()));
}

fn append(folder: &Path, files: &mut BTreeMap<ProcessName, LogFile>, line: &LogLine) -> std::io::Result<()> {
    let process = &line.instance.process;
    if let Some(file) = files.get_mut(process) {
        return file.append(line);
    }
    let mut file = LogFile::open(folder.join(format!("{process}.log")))?;
    let outcome = file.append(line);
    files.insert(process.clone(), file);
    outcome
}
