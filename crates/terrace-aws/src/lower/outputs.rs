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

use super::Draft;
use super::data::Data;
use super::logs::Logs;
use super::secrets::Secrets;
use crate::resource::Topic;
use crate::{Arn, Name, Ref};

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
