//! JSON text as [`Node`]s with places.
//!
//! Strictly RFC 8259. YAML's parsers read most JSON, but not every escape.

use terrace_diag::Diagnostic;

use crate::node::{At, DEPTH, Entry, Node, Read, SYNTAX, What, duplicate, too_deep};

/// Reads a document.
pub(crate) fn read(text: &str) -> Read<Node> {
    let mut reader = Reader { text, bytes: text.as_bytes(), position: 0, line: 1 };
    reader.space();
    let node = reader.node(0)?;
    reader.space();
    if reader.position < reader.bytes.len() {
        return Err(reader.wrong("nothing more is expected after the document"));
    }
    Ok(node)
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    position: usize,
    line: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    fn space(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\n' | b'\r')) = self.peek() {
            self.line += usize::from(byte == b'\n');
            self.position += 1;
        }
    }

    fn take(&mut self, expected: u8) -> bool {
        let is_next = self.peek() == Some(expected);
        self.position += usize::from(is_next);
        is_next
    }

    fn since(&self, start: usize, line: usize) -> At {
        At::new(line, start, self.position)
    }

    fn wrong(&self, expected: &str) -> Box<Diagnostic> {
        let next = self.text.get(self.position..).and_then(|rest| rest.chars().next());
        let message = match next {
            None => "the JSON ends too early".to_owned(),
            Some(character) => format!("`{}` cannot stand here in JSON", character.escape_default()),
        };
        let end = self.position + next.map_or(0, char::len_utf8);
        let at = At::new(self.line, self.position, end);
        Box::new(Diagnostic::error(SYNTAX, message).at(at.span(), expected.to_owned()))
    }

    fn node(&mut self, depth: usize) -> Read<Node> {
        let (start, line) = (self.position, self.line);
        if depth > DEPTH {
            return Err(too_deep(At::new(line, start, start)));
        }
        match self.peek() {
            Some(b'{') => self.map(depth, start, line),
            Some(b'[') => self.list(depth, start, line),
            Some(b'"') => {
                let text = self.string()?;
                Ok(Node::new(self.since(start, line), What::Scalar { text, plain: false }))
            }
            Some(b't' | b'f' | b'n' | b'-' | b'0'..=b'9') => self.word(start),
            _ => Err(self.wrong("a value is expected: text in double quotes, a number, `{` or `[`")),
        }
    }

    fn map(&mut self, depth: usize, start: usize, line: usize) -> Read<Node> {
        self.position += 1;
        let mut entries = Vec::new();
        self.space();
        if !self.take(b'}') {
            loop {
                self.space();
                if self.peek() != Some(b'"') {
                    return Err(self.wrong("a key in double quotes is expected"));
                }
                let (key_start, key_line) = (self.position, self.line);
                let key = self.string()?;
                let at = self.since(key_start, key_line);
                self.space();
                if !self.take(b':') {
                    return Err(self.wrong("`:` is expected after a key"));
                }
                self.space();
                let value = self.node(depth + 1)?;
                entries.push(Entry { key, at, value });
                self.space();
                if self.take(b'}') {
                    break;
                }
                if !self.take(b',') {
                    return Err(self.wrong("`,` or `}` is expected"));
                }
            }
        }
        duplicate(&entries).map_or(Ok(()), Err)?;
        Ok(Node::new(self.since(start, line), What::Map(entries)))
    }

    fn list(&mut self, depth: usize, start: usize, line: usize) -> Read<Node> {
        self.position += 1;
        let mut items = Vec::new();
        self.space();
        if !self.take(b']') {
            loop {
                self.space();
                items.push(self.node(depth + 1)?);
                self.space();
                if self.take(b']') {
                    break;
                }
                if !self.take(b',') {
                    return Err(self.wrong("`,` or `]` is expected"));
                }
            }
        }
        Ok(Node::new(self.since(start, line), What::List(items)))
    }

    /// `true`, `false`, `null` or a number.
    fn word(&mut self, start: usize) -> Read<Node> {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        while self.peek().is_some_and(is_part) {
            self.position += 1;
        }
        let text = self.text.get(start..self.position).unwrap_or_default();
        if !matches!(text, "true" | "false" | "null") && !number(text) {
            self.position = start;
            return Err(self.wrong("`true`, `false`, `null`, a number, or text in double quotes is expected"));
        }
        let what = What::Scalar { text: text.to_owned(), plain: true };
        Ok(Node::new(self.since(start, self.line), what))
    }

    fn string(&mut self) -> Read<String> {
        self.position += 1;
        let mut text = String::new();
        loop {
            let start = self.position;
            while self.peek().is_some_and(|byte| byte != b'"' && byte != b'\\' && byte >= 0x20) {
                self.position += 1;
            }
            text.push_str(self.text.get(start..self.position).unwrap_or_default());
            match self.peek() {
                Some(b'"') => {
                    self.position += 1;
                    return Ok(text);
                }
                Some(b'\\') => text.push(self.escape()?),
                _ => return Err(self.wrong("text must end with a double quote on the same line")),
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
        let wrong = "an escape is one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX";
        self.position += 1;
        let plain = match self.peek() {
            Some(b'u') => {
                self.position += 1;
                return self.unicode(wrong);
            }
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            _ => return Err(self.wrong(wrong)),
        };
        self.position += 1;
        Ok(plain)
    }

    fn unicode(&mut self, wrong: &str) -> Read<char> {
        let first = self.hexadecimal(wrong)?;
        if !(0xd800..0xdc00).contains(&first) {
            return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        if self.bytes.get(self.position..self.position + 2) != Some(b"\\u") {
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        self.position += 2;
        let second = self.hexadecimal(wrong)?;
        let pair = (0xdc00..0xe000)
            .contains(&second)
            .then(|| 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))
            .and_then(char::from_u32);
        Ok(pair.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hexadecimal(&mut self, wrong: &str) -> Read<u32> {
        let digits = self.text.get(self.position..self.position + 4).unwrap_or_default();
        if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(self.wrong(wrong));
        }
        self.position += 4;
        u32::from_str_radix(digits, 16).map_err(|_| self.wrong(wrong))
    }
}

/// Whether a word is a JSON number: no leading zero, digits on both sides of the point.
fn number(word: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let word = word.strip_prefix('-').unwrap_or(word);
    let (mantissa, exponent) = word.split_once(['e', 'E']).map_or((word, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['-', '+']).unwrap_or(e)))
}
