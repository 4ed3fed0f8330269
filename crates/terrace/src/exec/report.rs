//! How a command ended, told by itself: neither ECS nor Session Manager does.
//!
//! The command is run by a shell that writes a mark with the exit code after it: a control sequence that no terminal shows,
//! with a number that nobody else knows. It is taken out of what is written.

use std::fmt::Write as _;

/// Operating system command of ECMA-48; terminals let go of those that they do not know.
const BEGIN: &str = "\u{1b}]5522;";
const END: u8 = 0x07;
/// An exit code has no more digits.
const DIGITS: usize = 3;
/// Where every image of Terrace's has what gives an application its settings.
const BOOT: &str = "/usr/local/bin/terrace-boot";

/// What is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted<'a> {
    /// The command; a shell if there is none.
    pub(crate) command: &'a [String],
    /// A person types.
    pub(crate) interactive: bool,
    /// With the settings and secrets that the application has.
    pub(crate) settings: bool,
}

/// The command line, for an agent or a shell that cuts it into words, of what ends with a mark.
pub(crate) fn line(wanted: &Wanted<'_>, number: &str) -> String {
    let mut script = String::new();
    let mut say = |text: &str| script.push_str(text);
    if wanted.command.is_empty() {
        say("if command -v bash >/dev/null 2>&1; then set -- bash; else set -- sh; fi; ");
    }
    if wanted.settings {
        say(&format!("if [ -x {BOOT} ]; then set -- {BOOT} -- \"$@\"; fi; "));
    }
    // The shell waits for the command, whatever is typed.
    say("trap : INT QUIT; ");
    // There is always a terminal there; without one here, nothing is typed and nothing made of line ends.
    say(if wanted.interactive { "\"$@\"; " } else { "stty -opost -echo 2>/dev/null; \"$@\" </dev/null; " });
    say(&format!("printf '\\033]5522;{number};%d\\007' \"$?\""));
    let words = ["/bin/sh", "-c", &script, "sh"].into_iter().chain(wanted.command.iter().map(String::as_str));
    words.map(quoted).collect::<Vec<_>>().join(" ")
}

/// The command line of the command alone, where there is no shell.
pub(crate) fn bare(wanted: &Wanted<'_>) -> String {
    let boot = if wanted.settings { &[BOOT, "--"][..] } else { &[] };
    let words = boot.iter().copied().chain(wanted.command.iter().map(String::as_str));
    words.map(quoted).collect::<Vec<_>>().join(" ")
}

/// One word of a shell.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=:@%+,".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    let mut text = String::from("'");
    for part in word.split_inclusive('\'') {
        match part.strip_suffix('\'') {
            // Writing to a String cannot fail.
            Some(part) => drop(write!(text, "{part}'\\''")),
            None => text.push_str(part),
        }
    }
    text.push('\'');
    text
}

/// Takes the mark out of what is written.
#[derive(Debug)]
pub(crate) struct Marks {
    begin: Vec<u8>,
    held: Vec<u8>,
    code: Option<u8>,
}

impl Marks {
    /// The marks with this number.
    pub(crate) fn new(number: &str) -> Self {
        Self { begin: format!("{BEGIN}{number};").into_bytes(), held: Vec::new(), code: None }
    }

    /// What of a piece, and of what was held back before it, is to be shown.
    pub(crate) fn pass(&mut self, piece: &[u8]) -> Vec<u8> {
        let mut shown = Vec::with_capacity(piece.len());
        for &byte in piece {
            self.held.push(byte);
            loop {
                if self.is_mark_begun() {
                    if byte == END && self.held.len() > self.begin.len() {
                        let digits = self.held.get(self.begin.len()..self.held.len() - 1).unwrap_or_default();
                        self.code = std::str::from_utf8(digits).ok().and_then(|code| code.parse().ok());
                        self.held.clear();
                    }
                    break;
                }
                // It was none: what it began with is shown, and the rest is looked at again.
                shown.push(self.held.remove(0));
                if self.held.is_empty() {
                    break;
                }
            }
        }
        shown
    }

    /// What was held back to the end.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }

    /// The code of the last mark.
    pub(crate) const fn code(&self) -> Option<u8> {
        self.code
    }

    /// Whether what is held can be a mark, or the beginning of one.
    fn is_mark_begun(&self) -> bool {
        let shared = self.held.len().min(self.begin.len());
        if self.held.get(..shared) != self.begin.get(..shared) {
            return false;
        }
        let digits = self.held.get(self.begin.len()..).unwrap_or_default();
        match digits.split_last() {
            Some((&END, digits)) => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
            Some(_) => digits.len() <= DIGITS && digits.iter().all(u8::is_ascii_digit),
            None => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn a_command_is_run_as_it_was_given_and_its_code_is_told() {
        let odd = "it's \"$HOME\" `id` \\ # *\n;é";
        for (command, written, code) in [
            (words(&["printf", "%s", odd]), odd, 0),
            (words(&["sh", "-c", "echo to; exit 42"]), "to\n", 42),
            (words(&["/no/such/program"]), "", 127),
            (words(&["printf", "%s|", "", " ", "-n"]), "| |-n|", 0),
        ] {
            let wanted = Wanted { command: &command, interactive: false, settings: false };
            let output = Command::new("sh").arg("-c").arg(line(&wanted, "4711")).output().unwrap();
            let mut marks = Marks::new("4711");
            let shown = marks.pass(&output.stdout);
            assert_eq!((String::from_utf8(shown).unwrap().as_str(), marks.code()), (written, Some(code)));
            assert!(marks.rest().is_empty());
        }
    }

    #[test]
    fn a_mark_is_found_however_it_is_cut_and_nothing_else_is_taken() {
        let mark = "\u{1b}]5522;4711;130\u{7}";
        let all = [
            "before\u{1b}[31m\u{1b}]0;title\u{7}".to_owned(),
            "\u{1b}\u{1b}]5522;4711;".to_owned() + mark,
            "\u{1b}]5522;4712;0\u{7}".to_owned(),
            "\u{1b}]5522;4711;1234\u{7}\u{1b}]5522;4711;\u{7}".to_owned(),
            mark.to_owned(),
            "after\u{1b}]55".to_owned(),
        ]
        .concat();
        let without = all.replace(mark, "");
        for size in 1..all.len() {
            let mut marks = Marks::new("4711");
            let mut shown: Vec<u8> =
                all.as_bytes().chunks(size).flat_map(|piece| marks.pass(piece)).collect();
            shown.extend(marks.rest());
            assert_eq!(
                (String::from_utf8(shown).unwrap(), marks.code()),
                (without.clone(), Some(130)),
                "{size}"
            );
        }
    }

    #[test]
    fn lines_are_what_agents_cut_into_words() {
        let command = words(&["python", "-c", "print('x')"]);
        let wanted = Wanted { command: &command, interactive: true, settings: true };
        insta::assert_snapshot!(line(&wanted, "N"), @r#"/bin/sh -c 'if [ -x /usr/local/bin/terrace-boot ]; then set -- /usr/local/bin/terrace-boot -- "$@"; fi; trap : INT QUIT; "$@"; printf '\''\033]5522;N;%d\007'\'' "$?"' sh python -c 'print('\''x'\'')'"#);
        insta::assert_snapshot!(bare(&wanted), @r"/usr/local/bin/terrace-boot -- python -c 'print('\''x'\'')'");
    }
}
