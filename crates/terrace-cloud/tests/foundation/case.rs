//! A case as it stands in its file, and an AWS that answers its calls, whichever comes first.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use terrace_stand_in::{Answer, Request, Server};

/// A call and its answer.
#[derive(Clone, Debug)]
struct Exchange {
    call: String,
    request: String,
    /// What stands in the line of the answer: its status, then headers between bars.
    told: String,
    answer: String,
}

/// A case.
pub(crate) struct Case {
    pub(crate) name: String,
    path: PathBuf,
    text: String,
    head: String,
    exchanges: Vec<Exchange>,
}

impl Case {
    /// Every file of the folder, in order.
    pub(crate) fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foundation/cases");
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.into_iter().map(Self::read).collect()
    }

    fn read(path: PathBuf) -> Self {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut sections = text.split("\n--- ");
        let head = sections.next().unwrap_or_default().trim_end().to_owned();
        let mut exchanges: Vec<Exchange> = Vec::new();
        for section in sections {
            let (title, body) = section.split_once('\n').unwrap_or((section, ""));
            let body = body.trim_end().to_owned();
            match title.split_once(' ').unwrap_or((title, "")) {
                ("ask", call) => exchanges.push(Exchange {
                    call: call.to_owned(),
                    request: body,
                    told: String::new(),
                    answer: String::new(),
                }),
                ("answer", told) => {
                    let last = exchanges.last_mut().unwrap();
                    (last.told, last.answer) = (told.to_owned(), body);
                }
                ("outcome", "") => {}
                _ => panic!("{}: what is `{title}`?", path.display()),
            }
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        Self { name, path, head, exchanges, text: text.clone() }
    }

    /// All values of a setting: `name: role items`.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.head.lines().filter_map(move |line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub(crate) fn value<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.values(name).next()
    }

    /// Holds it to what was asked and what came of it; the difference if there is one.
    pub(crate) fn held_to(&self, scripted: &Scripted, outcome: &str) -> Option<String> {
        let (asked, more) = &*scripted.asked.lock().unwrap();
        let mut text = format!("{}\n", self.head);
        for (one, asked) in self.exchanges.iter().zip(asked) {
            let request = asked.as_deref().unwrap_or("never asked");
            text.push_str(&format!(
                "\n--- ask {}\n{request}\n\n--- answer {}\n{}\n",
                one.call, one.told, one.answer
            ));
        }
        for call in more {
            text.push_str(&format!("\n--- ask what nobody expected\n{call}\n"));
        }
        text.push_str(&format!("\n--- outcome\n{}\n", outcome.trim_end()));
        if std::env::var_os("TERRACE_UPDATE").is_some() {
            std::fs::write(&self.path, &text).unwrap();
            return None;
        }
        (text != self.text).then(|| format!("{}: was\n{text}", self.name))
    }
}

/// Requests at the place where they were expected; what nobody expected.
type Asked = (Vec<Option<String>>, Vec<String>);

/// Answers a case's calls until it is let go.
pub(crate) struct Scripted {
    pub(crate) address: String,
    asked: Arc<Mutex<Asked>>,
    _server: Server,
}

impl Scripted {
    pub(crate) fn start(case: &Case) -> Self {
        let script = case.exchanges.clone();
        let asked: Arc<Mutex<Asked>> = Arc::new(Mutex::new((vec![None; script.len()], Vec::new())));
        let shared = asked.clone();
        let server = Server::start(move |request| answer(&script, &mut shared.lock().unwrap(), request));
        Self { address: server.address(), asked, _server: server }
    }
}

/// The next answer to this call whose request, if the file has one and the call comes several times, is this one.
fn answer(script: &[Exchange], (asked, more): &mut Asked, request: &Request) -> Answer {
    let call = request.call();
    let open = |at: &usize| script[*at].call == call && asked[*at].is_none();
    let all: Vec<usize> = (0..script.len()).filter(open).collect();
    let same = all.iter().find(|at| script[**at].request == request.text());
    let Some(at) = same.or_else(|| all.first()).copied() else {
        more.push(format!("{call} {}", request.text()));
        return Answer::of(418, "nobody expected that");
    };
    asked[at] = Some(request.text().to_owned());
    let mut told = script[at].told.split('|');
    let status = told.next().unwrap_or_default().trim().parse().unwrap();
    let headers = told.filter_map(|header| header.trim().split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Answer { headers, ..Answer::of(status, script[at].answer.as_str()) }
}
