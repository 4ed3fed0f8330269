//! Why there is no way, and what to do about it.

use super::Refused;
use crate::permission::AGENT_NEEDS;

/// Why there is no way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WayError {
    /// AWS did not answer.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// There is none of that name.
    #[error("there is no {what} in {place}: `{system}` is not deployed there yet under this name")]
    NotDeployed {
        /// `cluster `items-prod``.
        what: String,
        /// Which system.
        system: String,
        /// Where.
        place: String,
    },
    /// The service runs nothing.
    #[error("no task of `{service}` is running in {place}{}", wanted(*desired))]
    NoTask {
        /// The service.
        service: String,
        /// How many there should be, if it is known.
        desired: Option<u64>,
        /// What ECS said of it last.
        event: Option<String>,
        /// Where.
        place: String,
    },
    /// Tasks run without an agent.
    #[error(
        "the tasks of `{service}` run without an agent for sessions: ExecuteCommand is not enabled for them"
    )]
    ExecOff {
        /// The service.
        service: String,
        /// The cluster.
        cluster: String,
        /// What of the manifest enables it.
        setting: String,
        /// It is enabled for the service by now; the tasks are older.
        since: bool,
    },
    /// The agent is not there yet, or not any more.
    #[error("the agent of task {task} of `{service}` is not connected: it is {status}{}", said(reason.as_deref()))]
    NoAgent {
        /// The service.
        service: String,
        /// The newest task.
        task: String,
        /// `PENDING` or `STOPPED`, in ECS's words.
        status: String,
        /// Why, in ECS's words.
        reason: Option<String>,
    },
    /// There is no such task.
    #[error("no task of `{service}` that runs has an id beginning with `{task}`")]
    NoSuchTask {
        /// What was given.
        task: String,
        /// The service.
        service: String,
        /// Which there are.
        there: Vec<String>,
    },
    /// The groups have no machine.
    #[error("no machine of `{groups}` is running in {place}{}", wanted(*desired))]
    NoMachine {
        /// The groups.
        groups: String,
        /// How many there should be, if it is known.
        desired: Option<u64>,
        /// Where.
        place: String,
    },
    /// The machines' agents do not answer.
    #[error("no machine of `{groups}` is online in Session Manager: {}", machines.join(", "))]
    Offline {
        /// The groups.
        groups: String,
        /// Each machine with how it is: `i-0abc… is ConnectionLost`.
        machines: Vec<String>,
    },
    /// The machines' agents cannot lead on to another host.
    #[error("the agents of `{groups}` are too old to lead on to another host: {}", machines.join(", "))]
    OldAgent {
        /// The groups.
        groups: String,
        /// Each machine with its agent's version.
        machines: Vec<String>,
    },
    /// The database cannot be connected to.
    #[error("the database `{database}` cannot be connected to now: it is {status}")]
    NotReady {
        /// Which.
        database: String,
        /// Whether it is a cluster of Aurora.
        cluster: bool,
        /// `stopped`, in RDS's words.
        status: String,
    },
    /// It has none.
    #[error("the database `{0}` has no readers")]
    NoReader(String),
    /// There is none at all.
    #[error("there is no database in {0}")]
    NoDatabase(String),
    /// There is not only one.
    #[error("there are several databases in {place}: {}", names.join(", "))]
    SeveralDatabases {
        /// Where.
        place: String,
        /// Which.
        names: Vec<String>,
    },
    /// RDS does not keep the password.
    #[error("RDS keeps no password for `{0}` in Secrets Manager")]
    NoSecret(String),
    /// The secret is none of a database.
    #[error("the secret {0} does not hold the JSON that RDS writes: `username` and `password`")]
    OddSecret(String),
    /// AWS answered something that is not understood.
    #[error("the answer to {action} is not understood: {what}")]
    Odd {
        /// `rds:DescribeDBInstances`.
        action: String,
        /// What is wrong with it.
        what: String,
    },
}

fn wanted(desired: Option<u64>) -> String {
    desired.map(|desired| format!(" ({desired} wanted)")).unwrap_or_default()
}

fn said(reason: Option<&str>) -> String {
    reason.map(|reason| format!(" ({reason})")).unwrap_or_default()
}

impl WayError {
    /// What to do about it, a sentence each.
    pub fn help(&self) -> Vec<String> {
        let one = |text: String| vec![text];
        match self {
            Self::Refused(refused) => refused.help(),
            Self::NotDeployed { .. } => vec![
                "is it another environment (--env), region (--region) or account (--profile)?".to_owned(),
                "`terrace export` writes the Terraform that builds it".to_owned(),
            ],
            Self::NoTask { service, desired, event, .. } => {
                let event = event.iter().filter(|_| *desired != Some(0));
                let mut help: Vec<String> = event.map(|event| format!("ECS says: {event}")).collect();
                help.push(match desired {
                    Some(0) => format!("`{service}` is scaled to 0: set its desired count to 1 or more, and wait for the task"),
                    _ => "look at the service's events and at its tasks that stopped: before its first release there is no image".to_owned(),
                });
                help
            }
            Self::ExecOff { service, cluster, since: true, .. } => one(format!(
                "it is enabled by now, and these tasks are older: replace them with `aws ecs update-service --cluster {cluster} --service {service} --force-new-deployment`"
            )),
            Self::ExecOff { setting, .. } => {
                one(format!("write `{setting}` in terrace.toml, deploy that, and let the tasks be replaced"))
            }
            Self::NoAgent { status, .. } if status == "PENDING" => {
                one("wait a little: it connects within a minute of the task's start".to_owned())
            }
            Self::NoAgent { .. } => one(format!("{AGENT_NEEDS}; then stop the task, so that a new one starts")),
            Self::NoSuchTask { there, .. } => one(format!("there are {}", there.join(", "))),
            Self::NoMachine { groups, desired, .. } => one(match desired {
                Some(0) => format!("`{groups}` is scaled to 0: set its desired capacity to 1 or more, and wait for the machine"),
                _ => "look at the activity of the Auto Scaling group".to_owned(),
            }),
            Self::Offline { .. } => one(format!("the machine needs the SSM agent; {AGENT_NEEDS}")),
            Self::OldAgent { .. } => {
                one("let the agent be updated (document AWS-UpdateSSMAgent), or start the machines from a newer image".to_owned())
            }
            Self::NotReady { database, cluster, status } => one(if status.starts_with("stop") {
                let kind = if *cluster { "cluster" } else { "instance" };
                format!("start it: `aws rds start-db-{kind} --db-{kind}-identifier {database}`")
            } else {
                "wait until it is `available`".to_owned()
            }),
            Self::NoReader(_) => {
                one("leave --reader out; only Aurora with `standby = true` has a reader, and the standby of RDS cannot be read".to_owned())
            }
            Self::NoDatabase(_) | Self::Odd { .. } => Vec::new(),
            Self::SeveralDatabases { .. } => one("say which, or give its address with --to HOST:PORT".to_owned()),
            Self::NoSecret(_) | Self::OddSecret(_) => {
                one("connect with a user and password that you know".to_owned())
            }
        }
    }
}
