//! A case as it stands in its file.

use std::path::{Path, PathBuf};

/// A call and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// `ecs:ListTasks`.
    pub(crate) call: String,
    pub(crate) request: String,
    pub(crate) status: u16,
    pub(crate) answer: String,
}

/// A case.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    path: PathBuf,
    /// What is sought, as it was written.
    head: String,
    pub(crate) exchanges: Vec<Exchange>,
    outcome: String,
}

impl Case {
    pub(crate) fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/way/cases")
    }

    /// Every file of the folder, in order.
    pub(crate) fn all() -> Vec<Self> {
        let files = std::fs::read_dir(Self::folder()).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<PathBuf> = files.collect();
        files.sort();
        let read = |path: PathBuf| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            Self { path, ..Self::of(&name, &text) }
        };
        files.into_iter().map(read).collect()
    }

    pub(crate) fn of(name: &str, text: &str) -> Self {
        let mut sections = text.split("\n--- ");
        let head = sections.next().unwrap_or_default().trim_end().to_owned();
        let (mut exchanges, mut outcome): (Vec<Exchange>, _) = (Vec::new(), String::new());
        for section in sections {
            let (title, body) = section.split_once('\n').unwrap_or((section, ""));
            let body = body.trim_end().to_owned();
            match title.split_once(' ').unwrap_or((title, "")) {
                ("ask", call) => exchanges.push(Exchange {
                    call: call.to_owned(),
                    request: body,
                    status: 0,
                    answer: String::new(),
                }),
                ("answer", status) => {
                    let last = exchanges.last_mut().unwrap();
                    (last.status, last.answer) = (status.parse().unwrap(), body);
                }
                ("outcome", "") => outcome = body,
                _ => panic!("{name}: what is `{title}`?"),
            }
        }
        Self { name: name.to_owned(), path: PathBuf::new(), head, exchanges, outcome }
    }

    /// The value of a setting: `through: machines`.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub(crate) fn has(&self, word: &str) -> bool {
        self.head.lines().any(|line| line == word)
    }

    /// The file's text.
    pub(crate) fn text(&self) -> String {
        let asked: Vec<String> = self.exchanges.iter().map(|one| one.request.clone()).collect();
        self.printed(&asked, &self.outcome)
    }

    /// The file's text with what was asked and what came of it.
    pub(crate) fn with(&self, asked: &[String], outcome: &str) -> String {
        self.printed(asked, outcome)
    }

    pub(crate) fn write(&self, asked: &[String], outcome: &str) {
        std::fs::write(&self.path, self.printed(asked, outcome)).unwrap();
    }

    fn printed(&self, asked: &[String], outcome: &str) -> String {
        let mut text = format!("{}\n", self.head);
        for (at, one) in self.exchanges.iter().enumerate() {
            let request = asked.get(at).map_or("never asked", String::as_str);
            text.push_str(&format!("\n--- ask {}\n{request}\n", one.call));
            text.push_str(&format!("\n--- answer {}\n{}\n", one.status, one.answer));
        }
        for more in asked.iter().skip(self.exchanges.len()) {
            text.push_str(&format!("\n--- ask what nobody expected\n{more}\n"));
        }
        text.push_str(&format!("\n--- outcome\n{}\n", outcome.trim_end()));
        text
    }
}
