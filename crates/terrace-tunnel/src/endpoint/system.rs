//! What the endpoint stands for: a system as it runs on this machine now, with the names it would have on AWS.
//!
//! GUARANTEE: an id is made of what names the run and the replica (BLAKE3), so that it stays the same from call to call and
//! changes when a replica is started anew, as a task's does.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use terrace_net::{Endpoint, Host, Port};

use super::name::{AccountId, Name, Region};

/// The system at one moment.
#[derive(Clone, Debug)]
pub struct System {
    /// What the application runs on.
    pub shape: Shape,
    /// The application's replicas that are up.
    pub replicas: Vec<Replica>,
    /// Its database, if it has one.
    pub database: Option<Database>,
    /// What else may be dialled from a replica, by the name it is dialled by there.
    pub others: BTreeMap<Endpoint, SocketAddr>,
}

/// What a system runs its application on.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A service of ECS.
    Fargate {
        /// The cluster.
        cluster: Name,
        /// The service.
        service: Name,
        /// The container in its tasks.
        container: Name,
        /// Whether ExecuteCommand is enabled, without which no task has an agent.
        exec: bool,
    },
    /// Instances of one Auto Scaling group.
    Ec2 {
        /// The group.
        group: Name,
        /// The instances' tags; `aws:autoscaling:groupName` need not be among them.
        tags: BTreeMap<String, String>,
    },
}

/// One replica of the application: a task or an instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Replica {
    /// What names this start of it; a new start has another name.
    pub start: String,
    /// When it started, in seconds of Unix time.
    pub since: u64,
}

/// A database that is reached over the tunnel.
#[derive(Clone, Debug)]
pub struct Database {
    /// The identifier of the instance or the cluster.
    pub identifier: Name,
    /// RDS or Aurora.
    pub service: DatabaseService,
    /// The engine in RDS's words: `postgres`, `aurora-mysql`.
    pub engine: String,
    /// The engine's version.
    pub version: String,
    /// The port that it would have on AWS.
    pub port: Port,
    /// The name of its administrator.
    pub user: String,
    /// The database in it.
    pub name: String,
    /// Where it really is.
    pub address: SocketAddr,
}

/// What keeps a database on AWS.
#[derive(Clone, Debug)]
pub enum DatabaseService {
    /// One instance of RDS.
    Rds,
    /// A cluster of Aurora with these instances, the writer first.
    Aurora {
        /// The instances' identifiers.
        instances: Vec<Name>,
    },
}

/// Where a system is: what all its ids and ARNs are made of.
#[derive(Clone, Debug)]
pub struct Place {
    /// The region.
    pub region: Region,
    /// The account.
    pub account: AccountId,
    /// What names the run: a folder, an environment.
    pub run: String,
}

impl Place {
    /// An ARN of this place.
    pub(super) fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.account)
    }

    /// A zone of this region.
    pub(super) fn zone(&self) -> String {
        format!("{}a", self.region)
    }

    /// `length` hexadecimal digits for something in this place.
    pub(super) fn hex(&self, kind: &str, of: &str, length: usize) -> String {
        let text = self.digest(kind, of).to_hex();
        text.chars().take(length).collect()
    }

    fn digest(&self, kind: &str, of: &str) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for part in [self.account.as_str(), self.region.as_str(), &self.run, kind, of] {
            hasher.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize()
    }

    /// A number below `bound`.
    pub(super) fn number(&self, kind: &str, of: &str, bound: u64) -> u64 {
        let digest = self.digest(kind, of);
        let first = digest.as_bytes().first_chunk::<8>().copied().unwrap_or_default();
        u64::from_le_bytes(first).checked_rem(bound).unwrap_or_default()
    }

    /// The part of RDS's host names that stands for account and region: `c` and eleven letters or digits.
    fn cell(&self) -> String {
        let digest = self.digest("rds", "");
        let letters = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let rest = digest.as_bytes().iter().take(11).filter_map(|byte| {
            let at = usize::from(*byte).checked_rem(letters.len())?;
            letters.get(at).copied().map(char::from)
        });
        std::iter::once('c').chain(rest).collect()
    }
}

impl Replica {
    /// The task's id: 32 hexadecimal digits.
    pub fn task(&self, place: &Place) -> String {
        place.hex("task", &self.start, 32)
    }

    /// The container's runtime id on Fargate: the task's id, and ten digits.
    pub fn runtime(&self, place: &Place) -> String {
        let number = place.number("runtime", &self.start, 9_000_000_000).saturating_add(1_000_000_000);
        format!("{}-{number}", self.task(place))
    }

    /// The instance's id: `i-0` and 16 hexadecimal digits.
    pub fn instance(&self, place: &Place) -> String {
        format!("i-0{}", place.hex("instance", &self.start, 16))
    }

    /// Its address in the private subnets.
    pub(super) fn private_address(&self, place: &Place) -> String {
        let number = place.number("address", &self.start, 16 * 200);
        let (subnet, host) =
            (number.checked_div(200).unwrap_or_default(), number.checked_rem(200).unwrap_or_default());
        format!("10.0.{}.{}", subnet.saturating_add(16), host.saturating_add(10))
    }
}

impl System {
    /// What StartSession takes as a target now, one for each replica that has a connected agent.
    pub fn targets(&self, place: &Place) -> Vec<String> {
        match &self.shape {
            Shape::Fargate { exec: false, .. } => Vec::new(),
            Shape::Fargate { cluster, .. } => self
                .replicas
                .iter()
                .map(|replica| format!("ecs:{cluster}_{}_{}", replica.task(place), replica.runtime(place)))
                .collect(),
            Shape::Ec2 { .. } => self.replicas.iter().map(|replica| replica.instance(place)).collect(),
        }
    }

    /// All that may be dialled, by the name it has on AWS.
    pub fn dialable(&self, place: &Place) -> BTreeMap<Endpoint, SocketAddr> {
        let mut all = self.others.clone();
        if let Some(database) = &self.database {
            for host in database.hosts(place) {
                all.insert(Endpoint::new(host, database.port), database.address);
            }
        }
        all
    }
}

impl Database {
    /// The host name that applications and people use: the instance's, or the cluster's writer.
    pub fn host(&self, place: &Place) -> String {
        match self.service {
            DatabaseService::Rds => host(self.identifier.as_str(), "", place),
            DatabaseService::Aurora { .. } => host(self.identifier.as_str(), "cluster-", place),
        }
    }

    /// The host name of the cluster's readers.
    pub fn reader_host(&self, place: &Place) -> Option<String> {
        match self.service {
            DatabaseService::Rds => None,
            DatabaseService::Aurora { .. } => Some(host(self.identifier.as_str(), "cluster-ro-", place)),
        }
    }

    /// The host name of one instance.
    pub(super) fn instance_host(instance: &Name, place: &Place) -> String {
        host(instance.as_str(), "", place)
    }

    fn hosts(&self, place: &Place) -> impl Iterator<Item = Host> {
        let instances = match &self.service {
            DatabaseService::Rds => &[][..],
            DatabaseService::Aurora { instances } => instances.as_slice(),
        };
        let instances = instances.iter().map(|instance| Self::instance_host(instance, place));
        let names: Vec<String> = instances.chain([self.host(place)]).chain(self.reader_host(place)).collect();
        names.into_iter().filter_map(|name| name.parse().ok())
    }
}

/// As RDS names hosts.
fn host(identifier: &str, kind: &str, place: &Place) -> String {
    format!("{}.{kind}{}.{}.rds.amazonaws.com", identifier.to_ascii_lowercase(), place.cell(), place.region)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(run: &str) -> Place {
        Place { region: "us-east-1".parse().unwrap(), account: AccountId::rehearsal(), run: run.to_owned() }
    }

    #[test]
    fn ids_look_real_stay_the_same_and_change_with_the_start() {
        let first = Replica { start: "app-1".to_owned(), since: 0 };
        let again = Replica { start: "app-1#2".to_owned(), since: 9 };
        let here = place("/home/a/items");
        assert_eq!(first.task(&here), first.clone().task(&here));
        assert_eq!(first.task(&here).len(), 32);
        assert_ne!(first.task(&here), again.task(&here));
        assert_ne!(first.task(&here), first.task(&place("/home/a/other")));
        let runtime = first.runtime(&here);
        let digits = runtime.strip_prefix(&format!("{}-", first.task(&here))).unwrap();
        assert!(digits.len() == 10 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{runtime}");
        let instance = first.instance(&here);
        assert!(instance.starts_with("i-0") && instance.len() == 19, "{instance}");
    }
}
