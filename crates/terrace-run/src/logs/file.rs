//! The log files of one state folder: `<process>.log`, and `<process>.log.1` before it.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use terrace_local::ProcessName;

use super::LogLine;

/// The size at which a file becomes the one before, bytes.
const FULL: u64 = 8 * 1024 * 1024;

/// Which lines are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LogQuery {
    /// Only of this process (`app`) or replica (`app-2`).
    pub of: Option<String>,
    /// Only so many of the last ones.
    pub tail: Option<usize>,
    /// Only from then on, milliseconds since 1970-01-01T00:00:00Z.
    pub since: Option<u64>,
}

impl LogQuery {
    /// Whether a line is of the process and time that are asked for.
    pub(crate) fn wants(&self, line: &LogLine) -> bool {
        let of = self
            .of
            .as_deref()
            .is_none_or(|of| of == line.instance.process.as_str() || of == line.instance.to_string());
        of && self.since.is_none_or(|since| line.at >= since)
    }
}

/// Kept lines of all processes, oldest first. What cannot be read is left out.
pub fn read(logs: &Path, query: &LogQuery) -> io::Result<Vec<LogLine>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(logs)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let Some(stem) = name.strip_suffix(".log").or_else(|| name.strip_suffix(".log.1")) else { continue };
        let Ok(process) = ProcessName::new(stem) else { continue };
        // A build's own log is kept as it was printed.
        if stem.starts_with("build-") {
            continue;
        }
        let lines = BufReader::new(File::open(&path)?).split(b'\n').map_while(Result::ok);
        let lines = lines.filter_map(|line| LogLine::parse(&String::from_utf8_lossy(&line), &process));
        found.extend(lines.filter(|line| query.wants(line)));
    }
    found.sort_by_key(|line| line.at);
    let surplus = query.tail.map_or(0, |tail| found.len().saturating_sub(tail));
    found.drain(..surplus);
    Ok(found)
}

/// A log that is written to.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    file: BufWriter<File>,
    size: u64,
}

impl LogFile {
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
        let size = file.metadata()?.len();
        Ok(Self { path, file: BufWriter::with_capacity(64 * 1024, file), size })
    }

    pub(super) fn append(&mut self, line: &LogLine) -> io::Result<()> {
        let text = format!("{line}\n");
        if self.size.saturating_add(text.len() as u64) > FULL {
            self.file.flush()?;
            let mut before = self.path.clone().into_os_string();
            before.push(".1");
            std::fs::rename(&self.path, before)?;
            *self = Self::open(self.path.clone())?;
        }
        self.size = self.size.saturating_add(text.len() as u64);
        self.file.write_all(text.as_bytes())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::Instance;
    use crate::logs::Stream;

    fn line(at: u64, process: &str, text: String) -> LogLine {
        let process = ProcessName::new(process).unwrap();
        LogLine { at, instance: Instance { process, replica: None }, stream: Stream::Out, text }
    }

    #[test]
    fn files_are_private_bounded_and_read_in_order_of_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.log");
        let mut web = LogFile::open(path.clone()).unwrap();
        for at in 0..300 {
            web.append(&line(at * 2, "web", "x".repeat(60_000))).unwrap();
        }
        web.flush().unwrap();
        let mut app = LogFile::open(folder.path().join("app.log")).unwrap();
        app.append(&line(597, "app", "between".to_owned())).unwrap();
        app.flush().unwrap();

        let sizes = ["web.log", "web.log.1"].map(|n| std::fs::metadata(folder.path().join(n)).unwrap().len());
        assert!(sizes.iter().all(|size| *size <= FULL), "{sizes:?}");
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);

        let last = read(folder.path(), &LogQuery { tail: Some(3), ..LogQuery::default() }).unwrap();
        assert_eq!(last.iter().map(|l| l.at).collect::<Vec<_>>(), [596, 597, 598]);
        let query = LogQuery { of: Some("app".to_owned()), since: Some(500), tail: None };
        assert_eq!(read(folder.path(), &query).unwrap().len(), 1);
    }
}
