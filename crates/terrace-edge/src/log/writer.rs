//! Gathers lines and writes them from a thread of its own, so that no request ever waits for a pipe.
//!
//! Lines are out within [`DELAY`]. If the reader stalls, at most [`LIMIT`] bytes are kept; what comes then is
//! dropped, and the next line that fits says how many were.

use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How long a line may wait for company.
const DELAY: Duration = Duration::from_millis(100);
/// How much may wait, bytes.
const LIMIT: usize = 4 * 1024 * 1024;

#[derive(Debug, Default)]
struct Pending {
    text: String,
    dropped: u64,
    writing: bool,
    flush: bool,
}

/// The lines on their way out.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pending: Mutex<Pending>,
    arrived: Condvar,
    written: Condvar,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(out: impl Write + Send + 'static) -> std::io::Result<Arc<Self>> {
        let writer = Arc::new(Self::default());
        let for_thread = Arc::clone(&writer);
        thread::Builder::new().name("access-log".into()).spawn(move || for_thread.run(out))?;
        Ok(writer)
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what `write` writes, which ends in a line feed.
    pub(super) fn append(&self, write: impl FnOnce(&mut String)) {
        let mut pending = self.pending();
        if pending.text.len() > LIMIT {
            pending.dropped = pending.dropped.saturating_add(1);
            return;
        }
        let was_empty = pending.text.is_empty();
        if pending.dropped > 0 {
            let note = format!("{{\"dropped_lines\":{}}}\n", pending.dropped);
            pending.text.push_str(&note);
            pending.dropped = 0;
        }
        write(&mut pending.text);
        drop(pending);
        if was_empty {
            self.arrived.notify_one();
        }
    }

    /// Waits until everything is out, for a second at most: a reader that is gone must not keep us.
    pub(super) fn flush(&self) {
        let mut pending = self.pending();
        pending.flush = true;
        self.arrived.notify_one();
        let _ = self
            .written
            .wait_timeout_while(pending, Duration::from_secs(1), |p| p.writing || !p.text.is_empty());
    }

    fn run(&self, mut out: impl Write) {
        let mut text = String::new();
        loop {
            let pending = self.pending();
            let pending = self
                .arrived
                .wait_while(pending, |p| p.text.is_empty())
                .unwrap_or_else(PoisonError::into_inner);
            let (mut pending, _) = self
                .arrived
                .wait_timeout_while(pending, DELAY, |p| !p.flush && p.text.len() < 64 * 1024)
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::swap(&mut text, &mut pending.text);
            pending.writing = true;
            drop(pending);
            // Nobody is left to be told when the log itself cannot be written.
            let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
            text.clear();
            text.shrink_to(256 * 1024);
            self.pending().writing = false;
            self.written.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_flush_leaves_nothing_behind() {
        let memory = Memory::default();
        let writer = Writer::start(memory.clone()).unwrap();
        for n in 0..100 {
            writer.append(|text| text.push_str(&format!("{n}\n")));
        }
        writer.flush();
        let text = String::from_utf8(memory.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 100);
        assert_eq!(text.lines().last(), Some("99"));
    }
}
