//! Machines that are there for a migration, as EC2 has them; time goes on each time they are looked at.

use std::collections::BTreeSet;

use base64::Engine as _;
use terrace_stand_in::{Answer, Request};

use crate::answers::Fields;

/// What becomes of a migration.
#[derive(Clone, Debug, Default)]
pub(crate) enum End {
    /// The machine says that it ended so, and powers off.
    Says(String),
    /// It says so on its console alone.
    SaysOnConsole(String),
    /// It starts nothing, and stays.
    StartsNothing(String),
    /// It goes without a word, and AWS says why.
    Dies(String),
    /// It runs, and says nothing.
    #[default]
    Never,
}

#[derive(Clone, Debug)]
pub(crate) struct Lone {
    pub(crate) id: String,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) subnet: String,
    pub(crate) version: String,
    pub(crate) token: String,
    /// How often it was looked at.
    pub(crate) age: usize,
    /// At which age it was told to go.
    pub(crate) told: Option<usize>,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Apart {
    pub(crate) machines: Vec<Lone>,
    /// What each prints, a line with each look.
    pub(crate) prints: Vec<String>,
    pub(crate) end: End,
    pub(crate) console: String,
    /// Subnets in whose zone AWS has no machine.
    pub(crate) full: BTreeSet<String>,
    /// How many looks go by before one that was started is seen.
    pub(crate) hidden: usize,
}

pub(crate) const CALLS: [&str; 3] = ["RunInstances", "DescribeInstances", "TerminateInstances"];

impl Lone {
    pub(crate) fn tag(&self, key: &str) -> &str {
        self.tags.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value)
    }

    fn has(&self, name: &str, value: &str) -> bool {
        match name.strip_prefix("tag:") {
            Some(key) => self.tag(key) == value,
            None if name == "tag-key" => self.tags.iter().any(|(key, _)| key == value),
            None => panic!("nobody plays the filter {name}"),
        }
    }
}

impl Apart {
    /// The lines in its log by now.
    fn log(&self, machine: &Lone) -> Vec<String> {
        let running = machine.age.saturating_sub(self.hidden + 1);
        let mut all: Vec<String> = self.prints.iter().take(running).cloned().collect();
        if running > self.prints.len() {
            match &self.end {
                End::Says(how) => all.push(format!("terrace: migration ended with {how}")),
                End::StartsNothing(why) => all.push(format!("terrace: this machine starts nothing: {why}")),
                _ => {}
            }
        }
        all
    }

    /// How many looks after its last line it is gone.
    fn state(&self, machine: &Lone) -> &'static str {
        let by_itself = match self.end {
            End::StartsNothing(_) | End::Never => None,
            _ => Some(self.hidden + self.prints.len() + 3),
        };
        let gone = by_itself.into_iter().chain(machine.told).min();
        match gone {
            Some(gone) if machine.age > gone + 1 => "terminated",
            Some(gone) if machine.age >= gone => "shutting-down",
            _ if machine.age <= self.hidden + 1 => "pending",
            _ => "running",
        }
    }

    pub(crate) fn states(&self) -> impl Iterator<Item = (&Lone, &'static str)> {
        self.machines.iter().map(|one| (one, self.state(one)))
    }

    fn told(&self, one: &Lone, state: &str) -> String {
        let tags: String = one
            .tags
            .iter()
            .map(|(key, value)| format!("<item><key>{key}</key><value>{value}</value></item>"))
            .collect();
        let reason = match &self.end {
            End::Dies(why) if ["shutting-down", "terminated"].contains(&state) => {
                format!(
                    "<stateReason><code>Client.InternalError</code><message>{why}</message></stateReason>"
                )
            }
            _ => String::new(),
        };
        let states = ["pending", "running", "shutting-down", "terminated"];
        let code = states.iter().position(|name| *name == state).unwrap() * 16;
        format!(
            "<item><instanceId>{}</instanceId><instanceState><code>{code}</code><name>{state}</name></instanceState><subnetId>{}</subnetId>{reason}<tagSet>{tags}</tagSet></item>",
            one.id, one.subnet
        )
    }

    /// By the form of a query.
    pub(crate) fn answer(&mut self, request: &Request, action: &str, fields: &Fields) -> Answer {
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        let answer = match action {
            "RunInstances" => match self.run(request, fields) {
                Ok(started) => {
                    format!("<reservationId>r-1</reservationId><instancesSet>{started}</instancesSet>")
                }
                Err(refused) => return refused,
            },
            "DescribeInstances" => {
                self.machines.iter_mut().for_each(|one| one.age += 1);
                let filters: Vec<(String, String)> = (1..)
                    .map_while(|nth| {
                        let name = fields.get(&format!("Filter.{nth}.Name"))?;
                        Some((name.clone(), field(&format!("Filter.{nth}.Value.1"))))
                    })
                    .collect();
                let seen = self.states().filter(|(one, _)| {
                    one.age > self.hidden && filters.iter().all(|(name, value)| one.has(name, value))
                });
                let list: String = seen
                    .map(|(one, state)| {
                        format!(
                            "<item><reservationId>r-1</reservationId><instancesSet>{}</instancesSet></item>",
                            self.told(one, state)
                        )
                    })
                    .collect();
                format!("<reservationSet>{list}</reservationSet>")
            }
            _ => {
                let id = field("InstanceId.1");
                let Some(one) = self.machines.iter_mut().find(|one| one.id == id) else {
                    let text = format!("The instance ID '{id}' does not exist");
                    return request.refused(400, "InvalidInstanceID.NotFound", &text);
                };
                one.told = one.told.or(Some(one.age + 1));
                format!(
                    "<instancesSet><item><instanceId>{id}</instanceId><currentState><code>32</code><name>shutting-down</name></currentState></item></instancesSet>"
                )
            }
        };
        Answer::of(200, format!("<{action}Response>{answer}</{action}Response>"))
    }

    fn run(&mut self, request: &Request, fields: &Fields) -> Result<String, Answer> {
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        for (name, value) in [
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("InstanceInitiatedShutdownBehavior", "terminate"),
            ("LaunchTemplate.LaunchTemplateId", "lt-app"),
            ("TagSpecification.1.ResourceType", "instance"),
            ("TagSpecification.2.ResourceType", "volume"),
        ] {
            assert_eq!(field(name), value);
        }
        let (token, subnet) = (field("ClientToken"), field("SubnetId"));
        let version = field("LaunchTemplate.Version");
        if let Some(same) = self.machines.iter().find(|one| one.token == token) {
            assert_eq!((&same.subnet, &same.version), (&subnet, &version), "the same token asks the same");
            return Ok(self.told(same, self.state(same)));
        }
        if self.full.contains(&subnet) {
            let text = "We currently do not have sufficient t4g.small capacity in the Availability Zone you requested.";
            return Err(request.refused(500, "InsufficientInstanceCapacity", text));
        }
        let tags = (1..)
            .map_while(|nth| {
                let name = format!("TagSpecification.1.Tag.{nth}");
                Some((fields.get(&format!("{name}.Key"))?.clone(), field(&format!("{name}.Value"))))
            })
            .collect();
        let id = format!("i-migration{}", self.machines.len() + 1);
        self.machines.push(Lone { id, tags, subnet, version, token, age: 0, told: None });
        let started = self.machines.last().unwrap();
        Ok(self.told(started, "pending"))
    }

    /// `GetConsoleOutput`, if it is one of these.
    pub(crate) fn console(&self, id: &str) -> Option<String> {
        let machine = self.machines.iter().find(|one| one.id == id)?;
        let ended = match &self.end {
            End::SaysOnConsole(how) if self.state(machine) != "running" => {
                format!("[   42.123456] terrace: migration ended with {how}\r\n")
            }
            _ => String::new(),
        };
        let text = format!("{}{ended}", self.console);
        let text = base64::engine::general_purpose::STANDARD.encode(text);
        Some(format!(
            "<GetConsoleOutputResponse><instanceId>{id}</instanceId><output>{text}</output></GetConsoleOutputResponse>"
        ))
    }

    /// `GetLogEvents`, if it is of one of these: what came since a token.
    pub(crate) fn events(&self, stream: &str, from: Option<&str>) -> Option<Vec<String>> {
        let machine = self.machines.iter().find(|one| one.id == stream)?;
        let from = from.and_then(|token| token.rsplit('/').next()?.parse().ok()).unwrap_or(0);
        Some(self.log(machine).into_iter().skip(from).collect())
    }
}
