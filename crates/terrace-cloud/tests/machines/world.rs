//! What AWS has of one system: groups, templates, refreshes, what was done; time goes on each time a refresh is looked at.
//!
//! After "How instance refresh works" and "Undo changes with a rollback", Amazon EC2 Auto Scaling User Guide: with 100 and 200
//! percent a new machine is in service before an old one goes, the group's template changes when all are replaced, and not at
//! all if it goes back.

use std::collections::BTreeMap;

use crate::lone::Apart;

/// What becomes of machines of the new release.
#[derive(Clone, Debug, Default)]
pub(crate) enum Fate {
    #[default]
    Good,
    /// Started, and found so by the load balancer.
    Unhealthy { reason: String, about: String, log: Vec<String>, console: String },
    /// Not even started.
    Unlaunchable(String),
    /// The second one comes up.
    SlowlyGood,
}

#[derive(Clone, Debug)]
pub(crate) struct Machine {
    pub(crate) id: String,
    pub(crate) version: u64,
    pub(crate) state: &'static str,
    pub(crate) age: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Refresh {
    pub(crate) id: String,
    pub(crate) to: u64,
    pub(crate) status: &'static str,
    pub(crate) percent: usize,
    pub(crate) reason: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Activity {
    pub(crate) id: String,
    pub(crate) about: String,
    pub(crate) cause: String,
    pub(crate) status: &'static str,
    pub(crate) message: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub(crate) number: u64,
    pub(crate) image: String,
    pub(crate) tags: Vec<(String, Vec<(String, String)>)>,
    pub(crate) token: String,
}

/// One party's.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) party: String,
    pub(crate) version: u64,
    pub(crate) desired: usize,
    pub(crate) machines: Vec<Machine>,
    pub(crate) versions: Vec<Version>,
    pub(crate) refreshes: Vec<Refresh>,
    pub(crate) activities: Vec<Activity>,
    pub(crate) fate: Fate,
    /// Releases that come to nothing; all if there are none.
    pub(crate) bad: Option<String>,
    /// Whether AWS refuses to go back.
    pub(crate) irreversible: bool,
    started: u32,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) apart: Apart,
    pub(crate) groups: BTreeMap<String, Group>,
    pub(crate) objects: BTreeMap<String, Vec<u8>>,
    /// How often each object was written.
    pub(crate) written: BTreeMap<String, u32>,
}

/// The artifact of the release before: the SHA-256 of `old`, which is all that its sums say.
pub(crate) const OLD: &str = "cba06b5736faf67e54b07b561eae94395e774c517a7d910a54369e1263ccfbd4";

impl Group {
    pub(crate) fn new(party: &str, desired: usize) -> Self {
        let tags = |kind: &str| {
            let name = ("Name".to_owned(), format!("items-{party}"));
            (kind.to_owned(), vec![name, ("terrace:release".to_owned(), OLD.to_owned())])
        };
        let machine =
            |nth| Machine { id: format!("i-{party}-old{nth}"), version: 3, state: "healthy", age: 9 };
        Self {
            party: party.to_owned(),
            version: 3,
            desired,
            machines: (1..=desired).map(machine).collect(),
            versions: vec![Version {
                number: 3,
                image: "ami-1".to_owned(),
                tags: vec![tags("instance"), tags("volume")],
                token: String::new(),
            }],
            refreshes: Vec::new(),
            activities: Vec::new(),
            fate: Fate::Good,
            bad: None,
            irreversible: false,
            started: 0,
        }
    }

    pub(crate) fn release(&self, version: u64) -> Option<&str> {
        let version = self.versions.iter().find(|one| one.number == version)?;
        let (_, tags) = version.tags.iter().find(|(kind, _)| kind == "instance")?;
        tags.iter().find(|(key, _)| key == "terrace:release").map(|(_, value)| value.as_str())
    }

    pub(crate) fn under_way(&self) -> Option<usize> {
        let going = ["Pending", "InProgress", "Cancelling", "RollbackInProgress"];
        self.refreshes.iter().position(|one| going.contains(&one.status))
    }

    fn fate(&self, version: u64) -> Fate {
        let hit = self.bad.as_deref().is_none_or(|bad| self.release(version) == Some(bad));
        if hit && version != 3 { self.fate.clone() } else { Fate::Good }
    }

    /// A moment goes by.
    pub(crate) fn tick(&mut self) {
        let Some(at) = self.under_way() else { return };
        let (to, status) = (self.refreshes[at].to, self.refreshes[at].status);
        for machine in &mut self.machines {
            machine.age += 1;
        }
        match status {
            "Pending" => self.refreshes[at].status = "InProgress",
            "Cancelling" => self.refreshes[at].status = "Cancelled",
            "RollbackInProgress" => self.return_one(at, to),
            _ => self.replace_one(at, to),
        }
    }

    fn return_one(&mut self, at: usize, to: u64) {
        if let Some(new) = self.machines.iter().position(|one| one.version == to) {
            self.machines.remove(new);
            if self.machines.len() < self.desired {
                self.launch(self.version, "healthy");
            }
            return;
        }
        self.refreshes[at].status = "RollbackSuccessful";
    }

    fn launch(&mut self, version: u64, state: &'static str) {
        self.started += 1;
        let id = format!("i-{}-new{}", self.party, self.started);
        self.machines.push(Machine { id, version, state, age: 0 });
    }

    fn replace_one(&mut self, at: usize, to: u64) {
        let fate = self.fate(to);
        let coming = self.machines.iter().position(|one| one.version == to && one.state != "healthy");
        if let Some(coming) = coming {
            let machine = &mut self.machines[coming];
            match fate {
                Fate::Good => machine.state = "healthy",
                Fate::SlowlyGood if machine.age < 4 => machine.state = "unhealthy",
                Fate::SlowlyGood => machine.state = "healthy",
                Fate::Unhealthy { .. } | Fate::Unlaunchable(_) => machine.state = "unhealthy",
            }
            if machine.state == "unhealthy" && machine.age > 14 {
                let gone = self.machines.remove(coming);
                self.activities.push(Activity {
                    id: format!("activity-{}", gone.id),
                    about: format!("Terminating EC2 instance: {}", gone.id),
                    cause: "At 2026-11-21T22:20:00Z an instance was taken out of service in response to an ELB system health check failure.".to_owned(),
                    status: "InProgress",
                    message: String::new(),
                });
            }
            return;
        }
        let done = self.machines.iter().filter(|one| one.version == to).count();
        let old = self.machines.iter().position(|one| one.version != to);
        self.refreshes[at].percent = (done * 100).checked_div(self.desired).unwrap_or(100);
        match old {
            // A new one is in service before an old one goes.
            Some(old) if self.machines.len() > self.desired => drop(self.machines.remove(old)),
            Some(_) => match fate {
                Fate::Unlaunchable(message) => {
                    let nth = self.activities.len();
                    self.activities.push(Activity {
                        id: format!("activity-{nth}"),
                        about: format!("Launching a new EC2 instance.  Status Reason: {message}"),
                        cause: "At 2026-11-21T22:20:00Z an instance was launched in response to an instance refresh.".to_owned(),
                        status: "Failed",
                        message,
                    });
                }
                _ => self.launch(to, "initial"),
            },
            None => {
                self.refreshes[at].status = "Successful";
                self.version = to;
            }
        }
    }
}
