//! Log groups with an end and a key, and the record of connections.
//!
//! What AWS would make by itself, without retention and with no key of ours, is made here before it can.

use std::collections::BTreeMap;

use terrace_topology::{PartyName, Shape};

use super::network::Network;
use super::secrets::Secrets;
use super::{Draft, arns, endpoints};
use crate::catalog::limits;
use crate::resource::{FlowLog, LogGroup, Role, RolePolicy, Tags, TrafficType};
use crate::{Arn, Concern, Name, PolicyDocument, PrincipalKind, Ref, Statement, Text};

/// Seconds between two entries about one connection: the shortest in production, else the cheapest.
const AGGREGATION: (u32, u32) = (60, 600);

/// The log groups that others write to.
pub(crate) struct Logs {
    /// Each party's own, by the party that writes.
    pub(crate) parties: BTreeMap<PartyName, Ref<LogGroup>>,
}

pub(crate) fn lower(draft: &mut Draft<'_>, network: &Network, secrets: &Secrets) -> Logs {
    let topology = draft.topology;
    let mut writers: Vec<PartyName> = Vec::new();
    if topology.shape == Shape::Machines {
        writers.push(PartyName::web());
    }
    writers.extend(topology.services.keys().cloned());
    let mut parties = BTreeMap::new();
    for party in writers {
        let name = draft.naming.path(party.as_str());
        let tags = draft.party_tags(party.as_str(), &party);
        let made = group(draft, Concern::Observability, &[party.as_str()], name, secrets, tags);
        parties.insert(party, made);
    }
    flows(draft, network, secrets);
    Logs { parties }
}

/// A log group that keeps its lines for as long as the manifest says, encrypted with the system's key.
pub(crate) fn group(
    draft: &mut Draft<'_>,
    concern: Concern,
    label: &[&str],
    name: String,
    secrets: &Secrets,
    tags: Tags,
) -> Ref<LogGroup> {
    let retention_in_days = u32::from(draft.topology.log_days.get());
    draft.place(concern, label).put(LogGroup {
        name: Text::from(name),
        retention_in_days,
        kms_key_id: Some(secrets.key_arn()),
        tags,
    })
}

/// Who connected to whom: all of it in production, where it has to be answered afterwards; else what was refused,
/// which is what is looked for when something does not work.
fn flows(draft: &mut Draft<'_>, network: &Network, secrets: &Secrets) {
    let production = draft.topology.production;
    let (name, tags) = (draft.naming.path("network/flows"), draft.name_tag("flows"));
    let group = group(draft, Concern::Observability, &["flows"], name, secrets, tags);
    let trust = Statement::allow("FlowLogs", ["sts:AssumeRole"])
        .to(PrincipalKind::Service, "vpc-flow-logs.amazonaws.com")
        .when("StringEquals", "aws:SourceAccount", [endpoints::account()])
        .when("ArnLike", "aws:SourceArn", [arns::regional(draft, "ec2", "vpc-flow-log/*")]);
    let (name, tags) = (draft.naming.of("flows", limits::IAM_ROLE), draft.name_tag("flows"));
    let role = draft.place(Concern::Observability, &["flows"]).put(Role {
        name: Text::from(name.clone()),
        description: Text::from("Writes the record of connections"),
        assume_role_policy: PolicyDocument::Statements(vec![trust]),
        tags,
    });
    let streams = Text::from(group.attribute::<Arn>()).then(":*");
    let policy = draft.place(Concern::Observability, &["flows"]).put(RolePolicy {
        name: Text::from(name),
        role: role.attribute::<Name>(),
        policy: PolicyDocument::Statements(vec![
            Statement::allow(
                "Write",
                [
                    "logs:CreateLogStream",
                    "logs:DescribeLogGroups",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                ],
            )
            .on([streams]),
        ]),
    });
    let tags = draft.name_tag("flows");
    let place = draft.place(Concern::Observability, &["main"]).after(policy.address());
    let place = if production {
        place.why("Every connection, a minute at a time: the answer to who reached what.")
    } else {
        place.why("Refused connections only, which is what one looks for; in production all are kept.")
    };
    place.put(FlowLog {
        vpc_id: network.vpc.clone(),
        traffic_type: if production { TrafficType::All } else { TrafficType::Reject },
        log_destination: Text::from(group.attribute::<Arn>()),
        iam_role_arn: role.attribute::<Arn>(),
        max_aggregation_interval: if production { AGGREGATION.0 } else { AGGREGATION.1 },
        tags,
    });
}
