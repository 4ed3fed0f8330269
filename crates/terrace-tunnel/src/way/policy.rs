//! The least that a person has to be allowed for a tunnel.
//!
//! "Sample IAM policies for Session Manager" and "Start a session with a document by specifying the session documents in IAM
//! policies", AWS Systems Manager User Guide; Service Authorization Reference of each service.

use serde::Serialize;
use terrace_account::service;

use super::{Named, Place, ShellSought, Sought, Through, To, database, machines, tasks};
use crate::permission::Statement;

/// Says that nobody starts a session by a document that is not allowed by its name: without it a target that may be reached
/// gives a shell as well.
const DOCUMENT_CHECK: (&str, &str) = ("BoolIfExists", "ssm:SessionDocumentAccessCheck");

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    version: &'static str,
    statement: Vec<Statement>,
}

/// A policy document that allows what a tunnel to what is sought needs, and nothing else.
pub fn policy(sought: &Sought, place: &Place) -> String {
    let mut all = through(&sought.through, place);
    all.push(own_sessions(place.own_sessions()));
    if let To::Database(database) = &sought.to {
        all.push(database::may_describe(place, &database.named));
        all.extend(password(&database.named, place));
    }
    written(all)
}

/// A policy document that allows what a shell in what is sought needs, and nothing else.
pub fn shell_policy(sought: &ShellSought, place: &Place) -> String {
    let mut all = match sought {
        ShellSought::Task { cluster, service, .. } => {
            vec![
                in_cluster(place, cluster).when(
                    "StringEquals",
                    "ecs:container-name",
                    [service.container.clone()],
                ),
                tasks::may_list(place, cluster),
                tasks::may_describe(place, cluster),
                tasks::may_explain(place, cluster),
            ]
        }
        ShellSought::Machine { group } => {
            let tag = format!("ssm:resourceTag/{}", machines::GROUP_TAG);
            let start =
                Statement::allow("StartShells", &["ssm:StartSession"], [place.arn("ec2", "instance/*")]);
            vec![
                start.when("StringEquals", &tag, [group.clone()]),
                Statement::allow("ByTheseDocuments", &["ssm:StartSession"], place.shell_documents()),
                machines::may_look(),
            ]
        }
        ShellSought::Target(target) => match target.container() {
            Some((cluster, ..)) => vec![in_cluster(place, cluster), tasks::may_describe(place, cluster)],
            None => {
                let [preferences, one_command] = place.shell_documents();
                let resources = [target.arn(place.region()), preferences, one_command];
                vec![Statement::allow("StartShells", &["ssm:StartSession"], resources)]
            }
        },
    };
    let of_ecs = match sought {
        ShellSought::Task { .. } => true,
        ShellSought::Machine { .. } => false,
        ShellSought::Target(target) => target.container().is_some(),
    };
    // ECS names sessions after itself, whoever asks.
    let sessions = vec![place.arn("ssm", "session/ecs-execute-command-*")];
    all.push(own_sessions(if of_ecs { sessions } else { place.own_sessions() }));
    written(all)
}

/// Running commands in a cluster's containers.
fn in_cluster(place: &Place, cluster: &str) -> Statement {
    let resources = [format!("task/{cluster}/*"), format!("cluster/{cluster}")];
    Statement::allow("RunCommands", &["ecs:ExecuteCommand"], resources.map(|one| place.arn("ecs", &one)))
}

fn own_sessions(sessions: Vec<String>) -> Statement {
    let actions = ["ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"];
    Statement::allow("OwnSessions", &actions, sessions)
}

fn written(statement: Vec<Statement>) -> String {
    let document = Document { version: "2012-10-17", statement };
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{text}\n")
}

/// Finding a target, and starting a session on it.
fn through(through: &Through, place: &Place) -> Vec<Statement> {
    let (operator, key) = DOCUMENT_CHECK;
    let start = |sid: &str, resources: &[String]| {
        let start = Statement::allow(sid, &["ssm:StartSession"], resources.to_vec());
        start.when(operator, key, ["true".to_owned()])
    };
    let document = place.document();
    match through {
        Through::Tasks { cluster, .. } => vec![
            start("StartSessions", &[place.arn("ecs", &format!("task/{cluster}/*")), document]),
            tasks::may_list(place, cluster),
            tasks::may_describe(place, cluster),
            tasks::may_explain(place, cluster),
        ],
        Through::Machines { groups } => {
            let tag = format!("ssm:resourceTag/{}", machines::GROUP_TAG);
            let machines = start("StartSessions", &[place.arn("ec2", "instance/*")]);
            let machines = machines.when("StringEquals", &tag, groups.clone());
            vec![machines, start("ByThisDocument", &[document]), machines::may_look()]
        }
        Through::Target(target) => {
            let target = match (target.container(), target.as_str()) {
                (Some((cluster, ..)), _) => place.arn("ecs", &format!("task/{cluster}/*")),
                (None, id) if id.starts_with("mi-") => place.arn("ssm", &format!("managed-instance/{id}")),
                (None, id) => place.arn("ec2", &format!("instance/{id}")),
            };
            vec![start("StartSessions", &[target, document])]
        }
    }
}

/// Reading the one secret that RDS keeps for a database: its name is made up, its tags say whose it is.
fn password(named: &Named, place: &Place) -> Vec<Statement> {
    let (kind, tag, owner) = match named {
        Named::Instance(id) => ("db", "aws:rds:primaryDBInstanceArn", Some(format!("db:{id}"))),
        Named::Cluster(id) => ("cluster", "aws:rds:primaryDBClusterArn", Some(format!("cluster:{id}"))),
        Named::Only => ("*", "", None),
    };
    let secrets = place.arn("secretsmanager", &format!("secret:rds!{kind}-*"));
    let read = Statement::allow("ReadThePassword", &["secretsmanager:GetSecretValue"], [secrets.clone()]);
    let read = match owner {
        Some(owner) => {
            let tag = format!("secretsmanager:ResourceTag/{tag}");
            read.when("StringLike", &tag, [place.arn("rds", &owner)])
        }
        None => read,
    };
    let service = service::SECRETS.address(place.region());
    let service = service.strip_prefix("https://").unwrap_or(&service).to_owned();
    let decrypt = Statement::allow("DecryptThePassword", &["kms:Decrypt"], [place.arn("kms", "key/*")])
        .when("StringEquals", "kms:ViaService", [service])
        .when("StringLike", "kms:EncryptionContext:SecretARN", [secrets]);
    vec![read, decrypt]
}
