//! What is known of a run so far: built from its events alone, so that it is the same whoever watches.

use std::collections::{BTreeMap, VecDeque};

use terrace_run::{Event, EventKind, Instance, Part};

/// How many of a build's last lines are kept to show when it fails.
const KEPT_LINES: usize = 60;

/// How something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Others come first.
    Waiting,
    /// Its turn never came.
    NeverStarted,
    /// It is being built.
    Building,
    /// It was started and is not healthy yet.
    Starting,
    /// It was healthy after so many milliseconds.
    Healthy(u64),
    /// It ran to its end, which was a good one, in so many milliseconds.
    Done(u64),
    /// It failed and will be started again.
    Failing(String),
    /// It failed, and that is the end.
    Failed(String),
    /// It is being taken down.
    Stopping,
    /// It has ended as asked.
    Stopped,
}

/// One party of the system.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Its name.
    pub(crate) name: String,
    /// What it is.
    pub(crate) what: String,
    /// What it waits for.
    pub(crate) after: Vec<String>,
    /// How it stands.
    pub(crate) state: State,
    /// Since when, milliseconds of the run.
    pub(crate) since: u64,
    /// Its replicas, if it has several.
    pub(crate) replicas: BTreeMap<u16, Row>,
    /// The last lines of its build.
    pub(crate) build_lines: VecDeque<String>,
    /// What it said last.
    pub(crate) said: String,
    /// Whether its build is over: well, or for nothing had changed.
    pub(crate) build: Option<Built>,
    wanted: u16,
}

/// How a build ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Built {
    /// After so many milliseconds.
    In(u64),
    /// Nothing had changed.
    Unchanged,
}

impl Row {
    fn of(part: &Part) -> Self {
        Self {
            name: part.process.to_string(),
            what: part.what.clone(),
            after: part.after.iter().map(ToString::to_string).collect(),
            wanted: part.replicas,
            ..Self::named(part.process.to_string())
        }
    }

    fn named(name: String) -> Self {
        Self {
            name,
            what: String::new(),
            after: Vec::new(),
            state: State::Waiting,
            since: 0,
            replicas: BTreeMap::new(),
            build_lines: VecDeque::new(),
            said: String::new(),
            build: None,
            wanted: 1,
        }
    }

    fn turn(&mut self, state: State, at: u64) {
        self.state = state;
        self.since = at;
    }

    /// Puts together from the replicas how the whole stands.
    fn sum_up(&mut self, at: u64) {
        let states = || self.replicas.values().map(|replica| &replica.state);
        let healthy = states().filter(|state| matches!(state, State::Healthy(_))).count();
        let next = if let Some(state) = states().find(|state| matches!(state, State::Failed(_))) {
            state.clone()
        } else if let Some(state) = states().find(|state| matches!(state, State::Failing(_))) {
            state.clone()
        } else if !self.replicas.is_empty() && states().all(|state| *state == State::Stopped) {
            State::Stopped
        } else if healthy >= usize::from(self.wanted.max(1)) && healthy == self.replicas.len() {
            let slowest =
                states().filter_map(|s| if let State::Healthy(ms) = s { Some(*ms) } else { None }).max();
            State::Healthy(slowest.unwrap_or_default())
        } else if self.state == State::Stopping {
            State::Stopping
        } else {
            State::Starting
        };
        if std::mem::discriminant(&next) != std::mem::discriminant(&self.state) {
            self.since = at;
        }
        self.state = next;
    }
}

/// Everything that is known of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Board {
    /// Whose run it is.
    pub(crate) system: String,
    /// In which shape.
    pub(crate) shape: String,
    /// The parties, in the order they start.
    pub(crate) rows: Vec<Row>,
    /// Whether all was healthy once.
    pub(crate) is_ready: bool,
}

impl Board {
    /// Takes in what happened.
    pub(crate) fn apply(&mut self, event: &Event) {
        let at = event.at;
        match &event.kind {
            EventKind::Began { system, shape, parts, .. } => {
                self.system.clone_from(system);
                self.shape.clone_from(shape);
                self.rows = parts.iter().map(Row::of).collect();
            }
            EventKind::BuildStarted { party, .. } => {
                let row = self.party(party);
                row.build_lines.clear();
                row.build = None;
                // A rebuild goes on beside what runs.
                if !matches!(row.state, State::Healthy(_)) {
                    row.turn(State::Building, at);
                }
            }
            EventKind::BuildLine { party, line } => {
                let row = self.party(party);
                if row.build_lines.len() == KEPT_LINES {
                    row.build_lines.pop_front();
                }
                row.build_lines.push_back(line.clone());
            }
            EventKind::BuildSkipped { party } => self.built(party, Built::Unchanged, at),
            EventKind::BuildFinished { party, millis } => self.built(party, Built::In(*millis), at),
            EventKind::BuildFailed { party, .. } => {
                let row = self.party(party);
                if !matches!(row.state, State::Healthy(_)) {
                    row.turn(State::Failed("the build failed".to_owned()), at);
                }
            }
            EventKind::Starting { instance } => self.turn(instance, State::Starting, at),
            EventKind::Healthy { instance, millis } => self.turn(instance, State::Healthy(*millis), at),
            EventKind::Finished { instance, millis } => self.turn(instance, State::Done(*millis), at),
            EventKind::Failed { instance, reason, .. } => {
                self.turn(instance, State::Failed(reason.clone()), at);
            }
            EventKind::Unhealthy { instance, reason } | EventKind::Crashed { instance, reason, .. } => {
                self.turn(instance, State::Failing(reason.clone()), at);
            }
            EventKind::Restarting { instance, .. } => {
                // Until it starts again it still stands as it failed.
                self.instance(instance).since = at;
            }
            EventKind::Replaced { old, .. } => self.gone(old, at),
            EventKind::Stopped { instance } => {
                if self.is_stopping() {
                    self.turn(instance, State::Stopped, at);
                } else {
                    self.gone(instance, at);
                }
            }
            EventKind::Scaled { process, to, .. } => {
                let row = self.row(process.as_str());
                row.wanted = *to;
                row.sum_up(at);
            }
            EventKind::Stopping => {
                for row in &mut self.rows {
                    match row.state {
                        State::Stopped | State::NeverStarted | State::Done(_) | State::Failed(_) => {}
                        State::Waiting | State::Building => row.turn(State::NeverStarted, at),
                        _ => row.turn(State::Stopping, at),
                    }
                    row.replicas.values_mut().for_each(|replica| replica.turn(State::Stopping, at));
                }
            }
            EventKind::Ready(_) => self.is_ready = true,
            EventKind::Note { .. } | EventKind::Changed { .. } | EventKind::Ended => {}
        }
    }

    /// Takes in a line that a process wrote.
    pub(crate) fn hear(&mut self, instance: &Instance, line: &str) {
        self.instance(instance).said = line.to_owned();
    }

    /// The run failed: nothing runs any more. If that was because of one process, it is told apart.
    pub(crate) fn fail(&mut self, because: Option<&Instance>, reason: &str) {
        for row in &mut self.rows {
            let is_it = because.is_some_and(|instance| instance.process.as_str() == row.name);
            row.replicas.clear();
            row.state = match &row.state {
                State::Failed(reason) => State::Failed(reason.clone()),
                State::Done(millis) => State::Done(*millis),
                _ if is_it => State::Failed(reason.to_owned()),
                State::Waiting | State::Building | State::NeverStarted => State::NeverStarted,
                _ => State::Stopped,
            };
        }
    }

    /// The row of a party.
    pub(crate) fn find(&self, party: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == party)
    }

    fn is_stopping(&self) -> bool {
        self.rows.iter().any(|row| row.state == State::Stopping)
    }

    fn built(&mut self, party: &str, how: Built, at: u64) {
        let row = self.party(party);
        row.build = Some(how);
        if row.state == State::Building {
            row.turn(State::Waiting, at);
        }
    }

    /// The process that a party's build is shown at: of its own name, or what serves its files.
    fn party(&mut self, party: &str) -> &mut Row {
        let name = if party == "web" && self.find("web").is_none() { "bucket" } else { party };
        self.row(name)
    }

    fn row(&mut self, name: &str) -> &mut Row {
        let index = self.rows.iter().position(|row| row.name == name).unwrap_or_else(|| {
            self.rows.push(Row::named(name.to_owned()));
            self.rows.len() - 1
        });
        // INVARIANT: the index was found or made above.
        #[expect(clippy::indexing_slicing, reason = "the index is of this very list")]
        &mut self.rows[index]
    }

    fn instance(&mut self, instance: &Instance) -> &mut Row {
        let row = self.row(instance.process.as_str());
        match instance.replica {
            None => row,
            Some(number) => {
                row.replicas.entry(number.get()).or_insert_with(|| Row::named(instance.to_string()))
            }
        }
    }

    fn turn(&mut self, instance: &Instance, state: State, at: u64) {
        self.instance(instance).turn(state, at);
        if instance.replica.is_some() {
            self.row(instance.process.as_str()).sum_up(at);
        }
    }

    fn gone(&mut self, instance: &Instance, at: u64) {
        let Some(number) = instance.replica else { return };
        let row = self.row(instance.process.as_str());
        row.replicas.remove(&number.get());
        row.sum_up(at);
    }
}
