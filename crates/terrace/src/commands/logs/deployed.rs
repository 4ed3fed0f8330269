//! What the parties of a deployed system logged, as one stream.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use regex::Regex;
use terrace_cloud::deployed::Names;
use terrace_cloud::watch::{self, Following, Line, Logs, Matching, Source, Time, Wanted, WatchError};

use super::Wish;
use crate::aws::{Session, told};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::logview::{LogView, tells_request};
use crate::machine::nearest;
use crate::printer::{Printer, Talk};
use crate::signals::Signals;
use crate::style::{QUIET, paint};
use crate::watch::words;

/// From how long ago, if nobody said.
const LATELY: Duration = Duration::from_secs(15 * 60);
/// The same of a request, of which only few lines are found.
const REQUEST: Duration = Duration::from_secs(24 * 3600);
/// How often is looked for more. CloudWatch allows few looks in a second to all of an account.
const EVERY: Duration = Duration::from_secs(2);
/// How long is waited when CloudWatch is asked too much, or the network is gone.
const PAUSE: Duration = Duration::from_secs(5);
/// How often, where there is an end to it.
const TRIES: u32 = 5;

pub(super) async fn run(session: &Session, wish: Wish, printer: Printer) -> Result<Exit, Failure> {
    let deployed = session.deployed().await?;
    let (sources, one) = chosen(&deployed.names, wish.party.as_deref())?;
    let lately = if wish.request.is_some() { REQUEST } else { LATELY };
    let since = wish.since.map_or(Time::of(SystemTime::now()).before(lately), Time::of_millis);
    // What is no more than a text CloudWatch looks for by itself.
    let text = wish.grep.as_ref().map(Regex::as_str).filter(|text| regex::escape(text) == **text);
    let matching = Matching::all().containing(text.unwrap_or_default());
    let wanted = Wanted { sources, since, until: None, matching };
    let mut page = Page {
        view: LogView::new(wanted.sources.iter().map(|source| source.party.as_str()))
            .times(wish.timestamps)
            .grep(wish.grep),
        filtered: wish.party.is_none() && wish.request.is_none() && printer.talk() < Talk::Verbose,
        one,
        json: wish.json,
        kept: VecDeque::new(),
        tail: wish.tail,
        shown: 0,
        printer,
    };
    let mut signals = Signals::listen()?;
    let account = &session.account;
    let reading = async {
        if let Some(id) = wish.request {
            let lines = watch::trail(account, &wanted, id).await.map_err(|error| told::watch(&error))?;
            lines.into_iter().try_for_each(|line| page.take(line))?;
            page.flush()?;
            if page.shown == 0 {
                printer.say("no line is about this request: `--since` looks further back");
            }
        } else if wish.follow {
            follow(Logs::new(account, wanted).follow(EVERY), &mut page, printer).await?;
        } else {
            let mut logs = Logs::new(account, wanted);
            let mut trouble = Trouble::new(Some(TRIES), printer);
            loop {
                match logs.next().await {
                    Ok(Some(line)) => page.take(line)?,
                    Ok(None) => break,
                    Err(error) => trouble.wait(&error).await?,
                }
            }
            page.flush()?;
            for source in logs.absent() {
                printer.say(format!("{} has logged nothing yet: there is no {}", source.party, source.group));
            }
            if page.shown == 0 {
                let ago = words::ago(since.clock(), SystemTime::now());
                printer.say(format!("nothing was said since {ago}: `--since 1day` looks further back"));
            }
        }
        Ok(Exit::Success)
    };
    tokio::select! {
        biased;
        _ = signals.next() => Ok(Exit::Success),
        outcome = reading => outcome,
    }
}

/// Without an end.
async fn follow(mut following: Following<'_>, page: &mut Page, printer: Printer) -> Result<(), Failure> {
    let mut trouble = Trouble::new(None, printer);
    loop {
        match following.backlog().await {
            Ok(Some(line)) => page.take(line)?,
            Ok(None) => break,
            Err(error) => trouble.wait(&error).await?,
        }
    }
    page.flush()?;
    page.tail = None;
    loop {
        match following.next().await {
            Ok(line) => {
                trouble.is_over();
                page.take(line)?;
            }
            Err(error) => trouble.wait(&error).await?,
        }
    }
}

/// Where the parties log that are wanted, and which of their tasks or instances if one alone is.
fn chosen(names: &Names, party: Option<&str>) -> Result<(Vec<Source>, Option<String>), Failure> {
    let all = watch::sources(names);
    let Some(party) = party else { return Ok((all, None)) };
    let (name, one) = party.split_once('/').map_or((party, None), |(name, one)| (name, Some(one.to_owned())));
    let known: Vec<String> = all.iter().map(|source| source.party.clone()).collect();
    let sources: Vec<Source> = all.into_iter().filter(|source| source.party == name).collect();
    if !sources.is_empty() {
        return Ok((sources, one));
    }
    let failure = Failure::input(format!("nothing of the name `{name}` logs on AWS"));
    Err(match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None if name == "web" => failure
            .cause("the page is served by CloudFront, which logs no lines")
            .help(format!("there are `{}`", known.join("`, `"))),
        None => failure.help(format!("there are `{}`", known.join("`, `"))),
    })
}

/// What passes by itself: told once, waited out.
struct Trouble {
    left: Option<u32>,
    told: bool,
    printer: Printer,
}

impl Trouble {
    fn new(left: Option<u32>, printer: Printer) -> Self {
        Self { left, told: false, printer }
    }

    async fn wait(&mut self, error: &WatchError) -> Result<(), Failure> {
        if !error.is_passing() || self.left == Some(0) {
            return Err(told::watch(error));
        }
        self.left = self.left.map(|left| left - 1);
        if !std::mem::replace(&mut self.told, true) {
            self.printer.say(paint(QUIET, format!("{}: {}; trying again", error.doing, error.refusal)));
        }
        tokio::time::sleep(PAUSE).await;
        Ok(())
    }

    fn is_over(&mut self) {
        self.told = false;
    }
}

struct Page {
    view: LogView,
    /// Whether requests that edges log are left out.
    filtered: bool,
    /// What the task or instance begins with that alone is wanted.
    one: Option<String>,
    json: bool,
    /// The last of those that were there already.
    kept: VecDeque<Line>,
    tail: Option<usize>,
    shown: usize,
    printer: Printer,
}

impl Page {
    /// Shows a line, or keeps it until it is known to be among the last ones.
    fn take(&mut self, line: Line) -> Result<(), Failure> {
        let own = self.one.as_ref().is_none_or(|one| task(&line).starts_with(one.as_str()));
        let hidden = self.filtered && tells_request(&line.message);
        if !own || hidden || !self.view.matches(&line.message) {
            return Ok(());
        }
        let Some(tail) = self.tail else { return self.show(&line) };
        self.kept.push_back(line);
        if self.kept.len() > tail {
            self.kept.pop_front();
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let kept = std::mem::take(&mut self.kept);
        kept.iter().try_for_each(|line| self.show(line))
    }

    fn show(&mut self, line: &Line) -> Result<(), Failure> {
        self.shown += 1;
        if self.json {
            return self.printer.data(serde_json::json!({
                "time": line.at,
                "name": line.party,
                "from": task(line),
                "text": line.message,
            }));
        }
        let name = format!("{}/{}", line.party, words::short(task(line)));
        let text = self.view.said((&name, &line.party), &line.at, &line.message);
        self.printer.data(text)
    }
}

/// The task or instance that wrote a line: the end of its stream's name.
fn task(line: &Line) -> &str {
    line.stream.rsplit('/').next().unwrap_or_default()
}
