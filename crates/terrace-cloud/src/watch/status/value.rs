//! What is told, as values that are written as JSON.

use serde::Serialize;

use crate::watch::Time;

/// What runs of a deployed system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Its name.
    pub system: String,
    /// Which of its environments.
    pub environment: String,
    /// Where it is.
    pub region: String,
    /// Where it is reached, once it is.
    pub url: Option<String>,
    /// The release in force, if there is one.
    pub release: Option<u32>,
    /// Each tier with what runs of it.
    pub parties: Vec<PartyStatus>,
    /// The database, if it has one and RDS knows it.
    pub database: Option<Database>,
    /// What goes off.
    pub alarms: Vec<Alarm>,
    /// What happened last, the newest first.
    pub events: Vec<Event>,
    /// What could not be asked.
    pub blind: Vec<Blind>,
}

impl Status {
    /// Whether all of it runs as it should, as far as it was told.
    pub fn is_well(&self) -> bool {
        self.parties.iter().all(|party| party.state == State::Steady)
            && self.database.as_ref().is_none_or(|database| database.state == "available")
            && self.alarms.is_empty()
    }
}

/// A tier with what runs of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartyStatus {
    /// The tier.
    pub party: String,
    /// The service or group that keeps it running.
    pub kept_by: String,
    /// How it fares.
    pub state: State,
    /// As many as should run.
    pub wanted: u32,
    /// What runs.
    pub running: Vec<Runner>,
    /// What is being replaced, and what was last.
    pub rollouts: Vec<Rollout>,
}

/// How a tier fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As many as wanted run, and none is unwell.
    Steady,
    /// It is being replaced, or some are starting.
    Moving,
    /// Fewer serve than are wanted.
    Short,
    /// None serves.
    Down,
    /// None is wanted.
    Idle,
    /// There is no such service or group.
    Gone,
}

/// A task or an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Runner {
    /// The task's or instance's identifier.
    pub id: String,
    /// In which zone.
    pub zone: Option<String>,
    /// What it is made of: `items-app:12`, `lt-0a:7`.
    pub made_of: Option<String>,
    /// The image's digest, if it is told.
    pub image: Option<String>,
    /// Which release that is, if it is known.
    pub release: Option<u32>,
    /// AWS's word: `RUNNING`, `InService`.
    pub state: String,
    /// How it is found to be.
    pub health: Health,
    /// Why it is not well, in AWS's words.
    pub why: Option<String>,
    /// Since when.
    pub since: Option<Time>,
}

/// How something is found to be: by its load balancers if it has any, else by its own check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// It does not answer as it should.
    Unhealthy,
    /// It is looked at for the first times.
    Starting,
    /// It ends.
    Draining,
    /// Nobody looks, or it was not told.
    Unknown,
    /// It answers.
    Healthy,
}

/// A replacement of what runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rollout {
    /// AWS's word: `IN_PROGRESS`, `Successful`.
    pub state: String,
    /// What it brings, if it is told.
    pub to: Option<String>,
    /// Why it is in that state.
    pub why: Option<String>,
    /// As many as failed to start.
    pub failed: u32,
    /// How far it is, in percent.
    pub percent: Option<u32>,
    /// Since when.
    pub since: Option<Time>,
}

/// A database as RDS tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Database {
    /// Its identifier.
    pub id: String,
    /// RDS's word: `available`, `gone` if there is none.
    pub state: String,
    /// `postgres 17.6`.
    pub engine: Option<String>,
    /// Its zones, sorted.
    pub zones: Vec<String>,
}

/// An alarm that goes off.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// What it means.
    pub about: Option<String>,
    /// What was measured.
    pub why: Option<String>,
    /// Since when.
    pub since: Option<Time>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// When.
    pub at: Option<Time>,
    /// To which tier.
    pub party: String,
    /// In AWS's words.
    pub message: String,
}

/// What could not be asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Blind {
    /// What was being done.
    pub doing: String,
    /// Why not, in AWS's words.
    pub why: String,
    /// What to do about it.
    pub next: String,
}

impl State {
    /// Of what is wanted and what runs.
    pub(super) fn of(wanted: u32, running: &[Runner], moving: bool) -> Self {
        let serves = |one: &&Runner| matches!(one.health, Health::Healthy | Health::Unknown) && one.serves();
        let serving = u32::try_from(running.iter().filter(serves).count()).unwrap_or(u32::MAX);
        let unwell = running.iter().any(|one| one.health == Health::Unhealthy);
        match () {
            () if wanted == 0 && running.is_empty() => Self::Idle,
            () if serving == 0 => Self::Down,
            () if serving < wanted => Self::Short,
            () if moving || unwell || running.iter().any(|one| !one.serves()) => Self::Moving,
            () => Self::Steady,
        }
    }
}

impl Runner {
    fn serves(&self) -> bool {
        matches!(self.state.as_str(), "RUNNING" | "InService")
    }
}
