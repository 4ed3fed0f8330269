//! The database: an instance of RDS, or a cluster of Aurora.
//!
//! GUARANTEES: connections without TLS are refused; storage, backups, insights and the password are encrypted with
//! the system's key; the password is made, kept and rotated by RDS and is known to nobody else; nothing but the data
//! tier's own group is around it.
//!
//! Sizes if none was chosen: RDS runs on 1 GiB of memory (`db.t4g.micro`), and on 4 GiB in production
//! (`db.t4g.medium`); Aurora on 4 GiB (`db.t4g.medium`), and on 16 GiB that are not lent in production
//! (`db.r7g.large`); where a region has no such class, on the next like it.

mod choices;
mod cluster;
mod instance;

use terrace_net::Port;
use terrace_topology::Shape;

pub(crate) use choices::Choices;

use super::draft::Place;
use super::guards::Guards;
use super::network::Network;
use super::secrets::Secrets;
use super::{Draft, arns, endpoints, logs};
use crate::catalog::database::DatabaseService;
use crate::catalog::limits;
use crate::resource::{
    ClusterInstance, DatabaseInstance, DatabaseParameter, DatabaseSubnetGroup, Role, RolePolicyAttachment,
};
use crate::{Address, Blocks, Concern, KeyId, Name, PolicyDocument, PrincipalKind, Ref, Statement, Text};

/// How much of a snapshot's name tells the system; RDS takes 255 characters, a key's id 36 of them.
const LAST_SNAPSHOT: usize = 200;

/// When backups are made and changes that interrupt are done, UTC.
const BACKUP_WINDOW: &str = "03:00-04:00";
const MAINTENANCE_WINDOW: &str = "sun:04:30-sun:05:30";

/// Seconds between two looks at the server's operating system.
const MONITORING_INTERVAL: u32 = 60;

/// Days that Performance Insights remembers without a price.
const INSIGHTS_DAYS: u32 = 7;

/// What others need of the database.
pub(crate) struct Data {
    /// What was chosen.
    pub(crate) choices: Choices,
    /// Where it listens.
    pub(crate) host: Text,
    pub(crate) port: Port,
    /// Where Aurora's readers listen, if there are any.
    pub(crate) reader: Option<Text>,
    /// The database in it.
    pub(crate) name: String,
    /// The ARN of the secret with `username` and `password`.
    pub(crate) secret: Text,
    /// Its servers, as CloudWatch calls them, by the last word of their labels.
    pub(crate) servers: Vec<(String, Server)>,
}

/// A database server.
#[derive(Clone)]
pub(crate) enum Server {
    /// Of RDS.
    Instance(Ref<DatabaseInstance>),
    /// Of Aurora.
    OfCluster(Ref<ClusterInstance>),
}

impl Server {
    /// Its identifier.
    pub(crate) fn identifier(&self) -> Text {
        match self {
            Self::Instance(instance) => Text::from(instance.attribute::<crate::Identifier>()),
            Self::OfCluster(instance) => Text::from(instance.attribute::<crate::Identifier>()),
        }
    }
}

/// What instance and cluster are both set up with.
struct Ground {
    subnets: Ref<DatabaseSubnetGroup>,
    monitoring: Ref<Role>,
    /// What has to be there first: the log groups, before RDS makes them itself, and what its role may do.
    before: Vec<Address>,
}

pub(crate) fn lower(draft: &mut Draft<'_>, network: &Network, guards: &Guards, secrets: &Secrets) -> Data {
    let service = match draft.topology.shape {
        Shape::Machines => DatabaseService::Rds,
        Shape::Containers => DatabaseService::Aurora,
    };
    let choices = choices::choose(draft, service);
    let ground = ground(draft, &choices, network, secrets);
    match service {
        DatabaseService::Rds => instance::lower(draft, choices, &ground, guards, secrets),
        DatabaseService::Aurora => cluster::lower(draft, choices, &ground, guards, secrets),
    }
}

fn ground(draft: &mut Draft<'_>, choices: &Choices, network: &Network, secrets: &Secrets) -> Ground {
    let (name, tags) = (draft.naming.of("data", limits::DATABASE_GROUP), draft.name_tag("data"));
    let subnets = draft.place(Concern::Data, &["main"]).put(DatabaseSubnetGroup {
        name: Text::from(name),
        description: Text::from("The subnets of the data tier"),
        subnet_ids: network.subnets(terrace_topology::Tier::Data),
        tags,
    });
    let (monitoring, attached) = monitoring(draft);
    let kind = match choices.service {
        DatabaseService::Rds => "instance",
        DatabaseService::Aurora => "cluster",
    };
    let exports = choices.service.log_exports(choices.engine);
    let groups = exports.iter().map(|export| {
        let name = format!("/aws/rds/{kind}/{}/{export}", choices.identifier);
        let tags = draft.name_tag(&format!("data-{export}"));
        logs::group(draft, Concern::Data, &["data", export], name, secrets, tags).address()
    });
    let before = groups.chain([attached.address()]).flatten().collect();
    Ground { subnets, monitoring, before }
}

/// The role that reports on the server's operating system (Enhanced Monitoring).
fn monitoring(draft: &mut Draft<'_>) -> (Ref<Role>, Ref<RolePolicyAttachment>) {
    let trust = Statement::allow("EnhancedMonitoring", ["sts:AssumeRole"])
        .to(PrincipalKind::Service, "monitoring.rds.amazonaws.com")
        .when("StringEquals", "aws:SourceAccount", [endpoints::account()]);
    let (name, tags) =
        (draft.naming.of("data-monitoring", limits::IAM_ROLE), draft.name_tag("data-monitoring"));
    let role = draft.place(Concern::Data, &["data_monitoring"]).put(Role {
        name: Text::from(name),
        description: Text::from("Reports how the database's servers are"),
        assume_role_policy: PolicyDocument::Statements(vec![trust]),
        tags,
    });
    let policy_arn = arns::managed_policy(draft, "service-role/AmazonRDSEnhancedMonitoringRole");
    let attached = draft
        .place(Concern::Data, &["data_monitoring"])
        .put(RolePolicyAttachment { role: role.attribute::<Name>(), policy_arn });
    (role, attached)
}

/// Where the instance or the cluster goes, with what is to be known of it.
fn server_place<'d, 'a>(draft: &'d mut Draft<'a>, choices: &Choices) -> Place<'d, 'a> {
    let place = draft.place(Concern::Data, &["main"]).why(
        "RDS makes the password, keeps it in Secrets Manager and rotates it; it is in no state and no plan.",
    );
    match choices.version.supported_until {
        Some(until) => place.why(format!(
            "Standard support of this version ends on {until}; after that AWS charges extra for it."
        )),
        None => place,
    }
}

/// The settings of the server: TLS, and what is written to the log.
fn parameters(choices: &Choices) -> Blocks<DatabaseParameter> {
    let tls = choices.service.tls_parameter(choices.engine);
    let logged = choices::logged(choices.engine);
    let all = std::iter::once((tls.name, tls.value)).chain(logged.iter().copied());
    Blocks(
        all.map(|(name, value)| DatabaseParameter { name: Text::from(name), value: Text::from(value) })
            .collect(),
    )
}

/// The place, after all of these.
fn after<'d, 'a>(place: Place<'d, 'a>, addresses: &[Address]) -> Place<'d, 'a> {
    addresses.iter().fold(place, |place, address| place.after(Some(address.clone())))
}

/// The ARN of the secret that RDS keeps the password in.
fn managed_secret<T: crate::ResourceType>(owner: &Ref<T>) -> Text {
    owner.path("master_user_secret[0].secret_arn").map(Text::from).unwrap_or_default()
}

/// An attribute that has no type of its own.
fn attribute<T: crate::ResourceType>(owner: &Ref<T>, name: &str) -> Text {
    owner.path(name).map(Text::from).unwrap_or_default()
}

/// The name of the snapshot that is taken when the database goes. The key's id in it makes a second system of the same
/// name take another: snapshots stay, and RDS refuses a name twice.
fn last_snapshot(draft: &Draft<'_>, secrets: &Secrets) -> Text {
    let key = secrets.key.attribute::<KeyId>();
    Text::from(draft.naming.of("data-final", LAST_SNAPSHOT)).then("-").then(Text::from(key))
}
