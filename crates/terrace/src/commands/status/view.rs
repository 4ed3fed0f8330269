//! How what runs on AWS is shown: a table, then everything that is not as it should be.

use std::time::SystemTime;

use anstyle::Style;
use terrace_cloud::watch::{Health, PartyStatus, Runner, State, Time};

use super::deployed::Told;
use crate::style::{BUSY, ERROR, GOOD, HELP, LINK, QUIET, STRONG, WARNING, paint};
use crate::table::Table;
use crate::watch::words::{self, folded, short, since};

/// As many of the last events are shown.
const EVENTS: usize = 5;

/// The text. `all` shows everything that happened; `room` is the terminal's width.
pub(super) fn render(
    told: &Told,
    (region, account): (&str, &str),
    all: bool,
    now: SystemTime,
    room: Option<usize>,
) -> String {
    let status = &told.status;
    let environment = match status.environment.as_str() {
        "default" => String::new(),
        name => format!(" {name}"),
    };
    let mut text = format!(
        "{} {}\n",
        paint(STRONG, format!("{}{environment}", status.system)),
        paint(QUIET, format!("({region}, account {account})"))
    );
    if let Some(url) = &status.url {
        text.push_str(&format!("{}\n", paint(LINK, url)));
    }
    match &told.in_force {
        Some(record) => text.push_str(&format!("{}\n", words::release(record, now))),
        None => text.push_str("no release is in force\n"),
    }
    if let Some(begun) = &told.begun {
        text.push_str(&format!("{}: it has not ended\n", words::release(begun, now)));
    }
    text.push('\n');
    text.push_str(&table(told, now, room));
    let mut notes = Notes { text: String::new(), room };
    for party in &status.parties {
        notes.of_party(party);
    }
    for alarm in &status.alarms {
        let about = alarm.about.iter().chain(&alarm.why).cloned().collect::<Vec<_>>().join("; ");
        let when = at(alarm.since, now).map(|for_| format!(" for {for_}")).unwrap_or_default();
        notes.line(WARNING, "alarm", &format!("{}{when}: {about}", alarm.name));
    }
    for blind in &status.blind {
        notes.line(WARNING, "not seen", &format!("{}: {}", blind.doing, blind.why));
        notes.line(HELP, "help", &blind.next);
    }
    if !notes.text.is_empty() {
        text.push_str(&format!("\n{}", notes.text));
    }
    let most = if all { usize::MAX } else { EVENTS };
    if !status.events.is_empty() {
        text.push_str(&format!("\n{}\n", paint(QUIET, "LAST EVENTS")));
    }
    for event in status.events.iter().take(most) {
        let when = at(event.at, now).map(|ago| format!("{ago} ago")).unwrap_or_default();
        let head = format!("{when:<11}  {}  ", event.party);
        let indent = head.chars().count();
        text.push_str(&format!("{}{}\n", paint(QUIET, &head), folded(&event.message, indent, room)));
    }
    text
}

/// What runs; without times and zones where there is no room for them.
fn table(told: &Told, now: SystemTime, room: Option<usize>) -> String {
    let status = &told.status;
    let mut rows: Vec<[String; 5]> = Vec::new();
    for party in &status.parties {
        let (style, word) = state(party.state);
        let serves = |one: &&Runner| matches!(one.health, Health::Healthy | Health::Unknown);
        let serving = party.running.iter().filter(serves).count();
        rows.push([
            paint(STRONG, &party.party),
            format!("{} {}", paint(style, word), paint(QUIET, format!("{serving} of {}", party.wanted))),
            String::new(),
            String::new(),
            String::new(),
        ]);
        for one in &party.running {
            let (style, word) = health(one);
            let release = one.release.map(|number| number.to_string());
            rows.push([
                format!("  {}", short(&one.id)),
                paint(style, word),
                release.or_else(|| one.made_of.clone()).unwrap_or_else(|| "-".to_owned()),
                at(one.since, now).unwrap_or_else(|| "-".to_owned()),
                one.zone.clone().unwrap_or_else(|| "-".to_owned()),
            ]);
        }
    }
    if let Some(database) = &status.database {
        let style = if database.state == "available" { GOOD } else { WARNING };
        rows.push([
            paint(STRONG, "data"),
            paint(style, &database.state),
            database.engine.clone().unwrap_or_default(),
            "-".to_owned(),
            database.zones.join(", "),
        ]);
    }
    let mut wide = Table::new(["NAME", "STATE", "RELEASE", "FOR", "ZONE"]);
    rows.iter().cloned().for_each(|row| wide.row(row));
    let text = wide.render();
    let longest =
        text.lines().map(|line| anstream::adapter::strip_str(line).to_string().chars().count()).max();
    if room.is_none_or(|room| longest.unwrap_or_default() <= room) {
        return text;
    }
    let mut narrow = Table::new(["NAME", "STATE", "RELEASE"]);
    for [name, state, release, ..] in rows {
        narrow.row([name, state, release]);
    }
    narrow.render()
}

struct Notes {
    text: String,
    room: Option<usize>,
}

impl Notes {
    fn line(&mut self, style: Style, title: &str, body: &str) {
        let indent = title.chars().count() + 2;
        self.text.push_str(&format!("{}: {}\n", paint(style, title), folded(body, indent, self.room)));
    }

    fn of_party(&mut self, party: &PartyStatus) {
        for one in &party.running {
            if let Some(why) = &one.why {
                self.line(WARNING, &format!("{} {}", party.party, short(&one.id)), why);
            }
        }
        if party.state == State::Gone {
            self.line(ERROR, &party.party, &format!("there is no {}", party.kept_by));
        }
        let over = ["COMPLETED", "PRIMARY", "Successful", "Cancelled", "RollbackSuccessful"];
        for rollout in party.rollouts.iter().filter(|one| !over.contains(&one.state.as_str())) {
            let to = rollout.to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
            let percent = rollout.percent.map(|percent| format!(", {percent} %")).unwrap_or_default();
            let failed = match rollout.failed {
                0 => String::new(),
                failed => format!(", {failed} failed to start"),
            };
            let why = rollout.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            let body =
                format!("{}{to}{percent}{failed}{why}", rollout.state.to_ascii_lowercase().replace('_', " "));
            self.line(BUSY, &format!("{} rollout", party.party), &body);
        }
    }
}

fn state(of: State) -> (Style, &'static str) {
    match of {
        State::Steady => (GOOD, "steady"),
        State::Moving => (BUSY, "changing"),
        State::Short => (WARNING, "too few"),
        State::Down => (ERROR, "down"),
        State::Idle => (QUIET, "none wanted"),
        State::Gone => (ERROR, "gone"),
    }
}

fn health(of: &Runner) -> (Style, String) {
    let word = match of.health {
        Health::Healthy => return (GOOD, "healthy".to_owned()),
        Health::Starting => return (BUSY, "starting".to_owned()),
        Health::Draining => return (BUSY, "draining".to_owned()),
        Health::Unhealthy => return (WARNING, "unhealthy".to_owned()),
        Health::Unknown => of.state.to_ascii_lowercase(),
    };
    (QUIET, word)
}

fn at(time: Option<Time>, now: SystemTime) -> Option<String> {
    time.map(|time| since(time.clock(), now))
}
