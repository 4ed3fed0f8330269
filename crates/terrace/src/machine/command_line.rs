//! What a command line runs, as far as that can be told without running it.
//!
//! The grammar is the shell's (POSIX.1-2024, XCU 2) in its plain parts: words, quotes, lists, pipelines,
//! redirections. At the first thing whose effect is not plain (a substitution in the place of a command, a loop,
//! a changed `PATH`) reading ends: what is not said here may still be run, what is said here is run.

use std::path::{Path, PathBuf};

/// One command of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Its words, quotes removed; the first names the program.
    pub(crate) words: Vec<String>,
    /// Where it runs, from where the line begins.
    pub(crate) folder: PathBuf,
}

impl Step {
    /// The program's name as written.
    pub(crate) fn program(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// The words after the program, without options.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &str> {
        self.words.iter().skip(1).map(String::as_str).filter(|word| !word.starts_with('-'))
    }

    /// Whether one of its words is this.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.iter().skip(1).any(|w| w == word)
    }
}

/// The commands that a command line runs, in order.
pub(crate) fn steps(line: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut folder = PathBuf::new();
    for words in commands(line) {
        match plain(words) {
            Plain::Nothing => {}
            Plain::Unclear => break,
            Plain::Folder(to) if Path::new(&to).is_absolute() => break,
            Plain::Folder(to) => folder.push(to),
            Plain::Words(words) => steps.push(Step { words, folder: folder.clone() }),
        }
    }
    steps
}

enum Plain {
    Words(Vec<String>),
    Folder(String),
    Nothing,
    Unclear,
}

/// Words that begin or end something compound, and built-ins whose effect is not plain.
const UNCLEAR: [&str; 20] = [
    "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "{", "}", "!",
    ".", "source", "eval", "set", "alias",
];
/// Built-ins that run no program and change nothing that is looked at here.
const BUILT_IN: [&str; 25] = [
    ":", "true", "false", "echo", "printf", "test", "[", "export", "unset", "umask", "wait", "ulimit",
    "exit", "trap", "type", "hash", "pwd", "read", "readonly", "shift", "times", "jobs", "kill", "getopts",
    "return",
];
/// Words before which the real program stands.
const BEFORE: [&str; 6] = ["exec", "command", "env", "nohup", "time", "nice"];

fn plain(words: Vec<Word>) -> Plain {
    let mut words = words.into_iter().peekable();
    loop {
        match words.peek() {
            None => return Plain::Nothing,
            Some(word) if word.is_assignment() => {
                if word.text.starts_with("PATH=") {
                    return Plain::Unclear;
                }
                words.next();
            }
            Some(word) if BEFORE.contains(&word.text.as_str()) => {
                words.next();
                if words.peek().is_some_and(|word| word.text.starts_with('-')) {
                    return Plain::Unclear;
                }
            }
            Some(_) => break,
        }
    }
    let words: Vec<Word> = words.collect();
    let (Some(first), second) = (words.first(), words.get(1)) else { return Plain::Nothing };
    let name = first.text.as_str();
    if UNCLEAR.contains(&name) || first.expands {
        return Plain::Unclear;
    }
    if name == "export" && words.iter().any(|word| word.text.starts_with("PATH=")) {
        return Plain::Unclear;
    }
    match (name, second) {
        ("cd", Some(to)) if !to.expands && to.text != "-" => Plain::Folder(to.text.clone()),
        ("cd", _) => Plain::Unclear,
        _ if BUILT_IN.contains(&name) => Plain::Nothing,
        _ => Plain::Words(words.into_iter().map(|word| word.text).collect()),
    }
}

#[derive(Default)]
struct Word {
    text: String,
    begun: bool,
    expands: bool,
}

impl Word {
    fn is_assignment(&self) -> bool {
        self.text.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty()
                && !name.starts_with(|c: char| c.is_ascii_digit())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        })
    }

    fn push(&mut self, c: char) {
        self.text.push(c);
        self.begun = true;
    }
}

/// The simple commands of a line as words, up to where the line is no longer plain.
fn commands(line: &str) -> Vec<Vec<Word>> {
    let mut all = Vec::new();
    let mut words: Vec<Word> = Vec::new();
    let mut word = Word::default();
    let mut redirected = false;
    let mut chars = line.chars().peekable();
    let end_word = |word: &mut Word, words: &mut Vec<Word>, redirected: &mut bool| {
        let word = std::mem::take(word);
        if word.begun && !std::mem::take(redirected) {
            words.push(word);
        }
    };
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                word.begun = true;
                word.text.extend(chars.by_ref().take_while(|c| *c != '\''));
            }
            '"' => {
                word.begun = true;
                while let Some(c) = chars.next().filter(|c| *c != '"') {
                    match c {
                        '\\' => word.text.extend(chars.next()),
                        '$' | '`' => {
                            word.expands = true;
                            word.push(c);
                        }
                        c => word.push(c),
                    }
                }
            }
            '\\' => {
                if let Some(c) = chars.next().filter(|c| *c != '\n') {
                    word.push(c);
                }
            }
            '$' if chars.peek() != Some(&'(') => {
                word.expands = true;
                word.push('$');
            }
            '`' | '$' | '(' | ')' => {
                // A substitution or a subshell: what came before it on the line is plain.
                return all;
            }
            '#' if !word.begun => while chars.next_if(|c| *c != '\n').is_some() {},
            '<' | '>' => {
                if word.begun && word.text.bytes().all(|b| b.is_ascii_digit()) {
                    word = Word::default();
                }
                end_word(&mut word, &mut words, &mut redirected);
                redirected = true;
                while chars.next_if(|c| matches!(c, '<' | '>' | '&' | '|')).is_some() {}
            }
            ' ' | '\t' | '\r' => end_word(&mut word, &mut words, &mut redirected),
            ';' | '\n' | '&' | '|' => {
                end_word(&mut word, &mut words, &mut redirected);
                redirected = false;
                all.push(std::mem::take(&mut words));
            }
            c => word.push(c),
        }
    }
    end_word(&mut word, &mut words, &mut redirected);
    all.push(words);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> Vec<String> {
        steps(line)
            .into_iter()
            .map(|step| match step.folder.to_str().unwrap() {
                "" => step.words.join(" "),
                folder => format!("{folder}: {}", step.words.join(" ")),
            })
            .collect()
    }

    #[test]
    fn what_a_line_runs_is_told_as_far_as_it_is_plain() {
        let cases: &[(&str, &[&str])] = &[
            ("npm ci && npm run build", &["npm ci", "npm run build"]),
            ("cd web; NODE_ENV=production npm run 'build all'", &["web: npm run build all"]),
            ("exec uvicorn main:app --port $PORT", &["uvicorn main:app --port $PORT"]),
            ("env A=1 B=2 ./run >log 2>&1 &", &["./run"]),
            ("make -j2 | tee \"build log\" # all of it", &["make -j2", "tee build log"]),
            (". .venv/bin/activate && uvicorn main:app", &[]),
            ("export PATH=$PWD/bin:$PATH; tool", &[]),
            ("$TOOL build; npm ci", &[]),
            ("mkdir -p out && (cd out && cmake ..)", &["mkdir -p out"]),
            ("for f in *; do gzip $f; done", &[]),
            ("a \\\n b", &["a b"]),
            ("", &[]),
            ("'unended", &["unended"]),
        ];
        for (line, expected) in cases {
            assert_eq!(&told(line), expected, "{line}");
        }
    }
}
