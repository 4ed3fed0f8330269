//! The lines of a process, however long, fast or broken they are.

use std::fmt;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Which of its streams a process wrote to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
    /// Neither: Terrace says something about the process.
    Terrace,
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Out => "out",
            Self::Err => "err",
            Self::Terrace => "terrace",
        })
    }
}

/// One line, without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it was written to.
    pub stream: Stream,
    /// What was written; bytes that are no UTF-8 are shown as U+FFFD.
    pub text: String,
}

/// Reads lines. What goes beyond [`Lines::LONGEST`] is dropped, and the line says so.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    stream: Stream,
    buffer: Vec<u8>,
    /// How much of the buffer has been read from the process, and how much of that has been looked at.
    filled: usize,
    seen: usize,
    line: Vec<u8>,
    dropped: u64,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    /// The longest line that is kept whole, bytes.
    pub const LONGEST: usize = 16 * 1024;

    /// The lines of a reader.
    pub fn new(reader: R, stream: Stream) -> Self {
        Self { reader, stream, buffer: vec![0; 16 * 1024], filled: 0, seen: 0, line: Vec::new(), dropped: 0 }
    }

    /// The next line; none at the end. Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Line> {
        loop {
            let fresh = self.buffer.get(self.seen..self.filled).unwrap_or_default();
            if let Some(end) = fresh.iter().position(|byte| *byte == b'\n') {
                let part = fresh.get(..end).unwrap_or_default().to_vec();
                self.seen += end + 1;
                self.keep(&part);
                return Some(self.finish());
            }
            let part = fresh.to_vec();
            self.seen = self.filled;
            self.keep(&part);
            match self.reader.read(&mut self.buffer).await {
                Ok(count) if count > 0 => (self.filled, self.seen) = (count, 0),
                Ok(_) | Err(_) => {
                    (self.filled, self.seen) = (0, 0);
                    return (!self.line.is_empty()).then(|| self.finish());
                }
            }
        }
    }

    /// Whether a whole line lies ready.
    pub fn is_ready(&self) -> bool {
        self.buffer.get(self.seen..self.filled).unwrap_or_default().contains(&b'\n')
    }

    fn keep(&mut self, part: &[u8]) {
        let room = Self::LONGEST.saturating_sub(self.line.len()).min(part.len());
        self.line.extend_from_slice(part.get(..room).unwrap_or_default());
        self.dropped += part.len().saturating_sub(room) as u64;
    }

    fn finish(&mut self) -> Line {
        if self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        let mut text = String::from_utf8_lossy(&self.line).into_owned();
        if self.dropped > 0 {
            text.push_str(&format!(" … ({} more bytes dropped)", self.dropped));
        }
        self.line.clear();
        self.dropped = 0;
        Line { stream: self.stream, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn all(text: &[u8]) -> Vec<String> {
        let mut lines = Lines::new(text, Stream::Out);
        let mut found = Vec::new();
        while let Some(line) = lines.next().await {
            found.push(line.text);
        }
        found
    }

    #[tokio::test]
    async fn lines_come_without_their_ends_and_the_last_needs_none() {
        assert_eq!(all(b"a\r\n\nb\xff\nlast").await, ["a", "", "b\u{fffd}", "last"]);
        assert!(all(b"").await.is_empty());
    }

    #[tokio::test]
    async fn a_line_without_end_costs_no_more_than_the_longest() {
        let mut text = vec![b'x'; 100_000];
        text.extend_from_slice(b"\nnext\n");
        let lines = all(&text).await;
        assert!(lines[0].ends_with("x … (83616 more bytes dropped)"), "{}", lines[0].len());
        assert_eq!(lines[1], "next");
    }
}
