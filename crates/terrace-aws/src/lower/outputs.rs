//! What whoever applied the graph is told: the contract with the commands that come after.
//!
//! SCHEME: `PARTY_WHAT` for what a party has (`app_log_group`, `app_parameters`, `web_log_group`), `WHAT` for what
//! there is one of (`url`, `vpc_id`, `database_host`). Names are Terraform's (`_`, lower case), values are text, and
//! none is a secret: a secret is told by its ARN.
//!
//! | output | is | told by |
//! |---|---|---|
//! | `url` | where the page is | `balancers`, `cdn` |
//! | `vpc_id` | the network | `network` |
//! | `PARTY_log_group` | the name of a party's log group | this module |
//! | `PARTY_parameters` | the path of a service's parameters | this module |
//! | `database_host`, `database_port`, `database_name` | where the database is | this module |
//! | `database_reader_host` | where Aurora's readers are | this module |
//! | `database_secret_arn` | the secret with its user and password | this module |
//! | `alarms_topic_arn` | the topic that alarms go to | this module |
//! | `key_arn` | the key that encrypts what is kept | this module |
//! | `cluster`, `PARTY_service`, `PARTY_repository_url` | for releases of containers | `containers` |
//! | `artifacts_bucket`, `PARTY_scaling_group`, `PARTY_launch_template`, `PARTY_image`, `PARTY_image_pipeline` | for releases on machines | `machines` |
//! | `page_bucket`, `distribution_id` | for releases of the page | `cdn` |
//!
//! On a foundation that is apart, for whoever deploys:
//!
//! | output | is |
//! |---|---|
//! | `PARTY_subnets`, `PARTY_security_groups` | lists: where tasks or machines of a party are, those of a migration too |
//! | `PARTY_task_family` | what a service's task definitions are revisions of |
//! | `load_balancer_arn`, `load_balancer_host` | the one that requests from outside come to |
//! | `database_id`, `database_kind` | its identifier in RDS; `instance` or `cluster` |

use terrace_topology::{Shape, Tier};

use super::data::Data;
use super::foundation::Foundation;
use super::logs::Logs;
use super::secrets::Secrets;
use super::{Draft, Ground};
use crate::catalog::database::DatabaseService;
use crate::catalog::limits;
use crate::resource::{SecurityGroup, Topic};
use crate::{Arn, DnsName, Name, Ref};

pub(crate) fn lower(draft: &mut Draft<'_>, secrets: &Secrets, logs: &Logs, data: &Data, topic: &Ref<Topic>) {
    for (party, group) in &logs.parties {
        draft.output(
            &format!("{party}_log_group"),
            &format!("Where {party} writes its log."),
            group.attribute::<Name>(),
        );
    }
    for (party, path) in &secrets.parameters {
        draft.output(
            &format!("{party}_parameters"),
            &format!("The path of the parameters that {party} starts with."),
            path.as_str(),
        );
    }
    draft.output(
        "database_host",
        "Where the database listens; reached from the services alone.",
        data.host.clone(),
    );
    draft.output("database_port", "The database's port.", data.port.to_string());
    draft.output("database_name", "The database's name.", data.name.as_str());
    draft.output(
        "database_secret_arn",
        "The secret with the database's user and password, which RDS keeps and rotates.",
        data.secret.clone(),
    );
    if let Some(reader) = &data.reader {
        draft.output("database_reader_host", "Where reads can go that may lag a little.", reader.clone());
    }
    draft.output("alarms_topic_arn", "Where alarms are sent: subscribe to it.", topic.attribute::<Arn>());
    draft.output("key_arn", "The key that encrypts what is kept.", secrets.key.attribute::<Arn>());
}

/// What a deployment needs beside that.
pub(crate) fn deployment(draft: &mut Draft<'_>, ground: &Ground<'_>) {
    if draft.foundation != Foundation::Apart {
        return;
    }
    let topology = draft.topology;
    if topology.shape == Shape::Machines {
        standing(draft, ground, "web", Tier::Web, ground.guards.web.clone());
    }
    for party in topology.services.keys() {
        let part = party.as_str();
        standing(draft, ground, part, Tier::App, ground.guards.services.get(party).cloned());
        if topology.shape == Shape::Containers {
            let family = draft.naming.of(part, limits::ECS_NAME);
            let about = format!("What the task definitions of {part} are revisions of.");
            draft.output(&format!("{part}_task_family"), &about, family);
        }
    }
    let entrance = &ground.balancers.entrance;
    let about = "The load balancer that requests from outside come to.";
    draft.output("load_balancer_arn", about, entrance.attribute::<Arn>());
    draft.output("load_balancer_host", "Its name.", entrance.attribute::<DnsName>());
    let kind = match ground.data.choices.service {
        DatabaseService::Rds => "instance",
        DatabaseService::Aurora => "cluster",
    };
    draft.output("database_id", "The database's identifier in RDS.", ground.data.choices.identifier.as_str());
    draft.output("database_kind", "What it is there: an instance or a cluster.", kind);
}

fn standing(
    draft: &mut Draft<'_>,
    ground: &Ground<'_>,
    part: &str,
    tier: Tier,
    group: Option<Ref<SecurityGroup>>,
) {
    let about = format!("The subnets of {part}, and of its migrations.");
    draft.list_output(&format!("{part}_subnets"), &about, ground.network.subnets(tier));
    let about = format!("The security groups of {part}, and of its migrations.");
    draft.list_output(&format!("{part}_security_groups"), &about, group);
}
