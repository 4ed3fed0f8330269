//! An Auto Scaling group as it is: its template, its machines, and whether they answer.
//!
//! "DescribeAutoScalingGroups", Amazon EC2 Auto Scaling API Reference; "DescribeTargetHealth", Elastic Load Balancing API
//! Reference version 2015-12-01.

use std::collections::BTreeMap;

use terrace_account::service::{AUTOSCALING, ELB};
use terrace_account::{Account, Call, Refusal, Xml};

use crate::deployed::Group;

/// Of the interface.
pub(crate) const SCALING: &str = "2011-01-01";
const BALANCING: &str = "2015-12-01";

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// The launch template's identifier.
    pub(crate) template: String,
    /// The version that machines are started from.
    pub(crate) version: String,
    /// How many there should be.
    pub(crate) desired: usize,
    pub(crate) machines: Vec<Machine>,
    pub(crate) targets: Vec<String>,
    /// Where machines are started.
    pub(crate) subnets: Vec<String>,
}

/// A machine of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Machine {
    pub(crate) id: String,
    /// Of the launch template.
    pub(crate) version: String,
    /// `InService`
    pub(crate) life: String,
    pub(crate) healthy: bool,
}

/// How a load balancer finds a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Health {
    /// `healthy`, `initial`, `unhealthy`
    pub(crate) state: String,
    /// `Target.FailedHealthChecks`
    pub(crate) reason: String,
    pub(crate) about: String,
}

impl State {
    /// Reads a group; none if there is none of that name.
    pub(crate) async fn read(account: &Account, group: &Group) -> Result<Option<Self>, Refusal> {
        let call = Call::query(AUTOSCALING, SCALING, "DescribeAutoScalingGroups");
        let answer = account.xml(&call.with("AutoScalingGroupNames.member.1", group.as_str())).await?;
        Ok(answer.find("AutoScalingGroups").and_then(|list| list.get("member")).map(Self::of))
    }

    fn of(xml: &Xml) -> Self {
        let word = |xml: &Xml, name: &str| xml.word(name).unwrap_or_default().to_owned();
        let template = |xml: &Xml| {
            let found = xml.get("LaunchTemplate");
            found.map(|one| (word(one, "LaunchTemplateId"), word(one, "Version"))).unwrap_or_default()
        };
        let machine = |xml: &Xml| Machine {
            id: word(xml, "InstanceId"),
            version: template(xml).1,
            life: word(xml, "LifecycleState"),
            healthy: xml.word("HealthStatus").is_some_and(|health| health.eq_ignore_ascii_case("healthy")),
        };
        let (id, version) = template(xml);
        Self {
            template: id,
            version,
            desired: xml.word("DesiredCapacity").and_then(|text| text.parse().ok()).unwrap_or_default(),
            machines: xml.list("Instances").map(machine).collect(),
            targets: xml.words("TargetGroupARNs"),
            subnets: xml
                .word("VPCZoneIdentifier")
                .into_iter()
                .flat_map(|list| list.split(','))
                .map(|subnet| subnet.trim().to_owned())
                .filter(|subnet| !subnet.is_empty())
                .collect(),
        }
    }

    /// How its load balancers find its machines: the worst of what they say of each.
    pub(crate) async fn health(&self, account: &Account) -> Result<BTreeMap<String, Health>, Refusal> {
        let mut found: BTreeMap<String, Health> = BTreeMap::new();
        for target in &self.targets {
            let call = Call::query(ELB, BALANCING, "DescribeTargetHealth").with("TargetGroupArn", target);
            let answer = account.xml(&call).await?;
            let list = answer.find("TargetHealthDescriptions").map(Xml::children).unwrap_or_default();
            for one in list {
                let word = |path: &[&str]| one.at(path).map(Xml::own).unwrap_or_default().to_owned();
                let health = Health {
                    state: word(&["TargetHealth", "State"]),
                    reason: word(&["TargetHealth", "Reason"]),
                    about: word(&["TargetHealth", "Description"]),
                };
                let id = word(&["Target", "Id"]);
                if found.get(&id).is_none_or(|other| other.state == "healthy") {
                    found.insert(id, health);
                }
            }
        }
        Ok(found)
    }

    /// The machines of a version that serve: in service, healthy, and found so by every load balancer.
    pub(crate) fn serving(&self, version: &str, health: &BTreeMap<String, Health>) -> usize {
        let answers = |id: &str| health.get(id).is_some_and(|health| health.state == "healthy");
        let serves = |one: &&Machine| {
            one.version == version
                && one.life == "InService"
                && one.healthy
                && (self.targets.is_empty() || answers(&one.id))
        };
        self.machines.iter().filter(serves).count()
    }

    /// Whether it has all its machines, all of a version, and all serve. Machines that are on their way out do not count.
    pub(crate) fn is_all(&self, version: &str, health: &BTreeMap<String, Health>) -> bool {
        let stays = |one: &&Machine| !one.life.starts_with("Terminat") && !one.life.starts_with("Detach");
        let stay = self.machines.iter().filter(stays).count();
        self.version == version && stay >= self.desired && self.serving(version, health) == stay
    }
}
