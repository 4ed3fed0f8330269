//! Who a task is: one role to begin with, which ECS uses before there is a container, and one for what runs in it.

use terrace_topology::PartyName;

use super::super::{Draft, arns, endpoints};
use crate::catalog::limits;
use crate::lower::Ground;
use crate::resource::{LogGroup, Role, RolePolicy};
use crate::{Arn, Concern, Name, PolicyDocument, PrincipalKind, Ref, Statement, Text};

/// The roles of a service.
pub(super) struct Roles {
    pub(super) execution: Ref<Role>,
    pub(super) execution_policy: Ref<RolePolicy>,
    pub(super) task: Ref<Role>,
    pub(super) task_policy: Ref<RolePolicy>,
}

/// What a service touches.
pub(super) struct Touches<'t> {
    /// The ARN of the repository of its images.
    pub(super) repository: &'t Text,
    pub(super) log: &'t Ref<LogGroup>,
    pub(super) exec: Option<&'t Ref<LogGroup>>,
}

pub(super) fn lower(
    draft: &mut Draft<'_>,
    ground: &Ground<'_>,
    party: &PartyName,
    touches: &Touches<'_>,
) -> Roles {
    let execution =
        role(draft, party, "execution", "Begins tasks: pulls the image, opens the log, puts settings in");
    let statements = beginning(draft, ground, party, touches);
    let execution_policy = policy(draft, party, "execution", &execution, statements);
    let task = role(draft, party, "task", "What runs in the container may do this much of AWS");
    let statements = running(draft, ground, touches);
    let task_policy = policy(draft, party, "task", &task, statements);
    Roles { execution, execution_policy, task, task_policy }
}

fn role(draft: &mut Draft<'_>, party: &PartyName, part: &str, about: &str) -> Ref<Role> {
    let whole = format!("{party}-{part}");
    let (name, tags) = (draft.naming.of(&whole, limits::IAM_ROLE), draft.party_tags(&whole, party));
    // Whoever runs tasks in another account gets nothing from this role ("The confused deputy problem").
    let trust = Statement::allow("Tasks", ["sts:AssumeRole"])
        .to(PrincipalKind::Service, "ecs-tasks.amazonaws.com")
        .when("StringEquals", "aws:SourceAccount", [endpoints::account()])
        .when("ArnLike", "aws:SourceArn", [arns::regional(draft, "ecs", "*")]);
    draft.place(Concern::App, &[party.as_str(), part]).put(Role {
        name: Text::from(name),
        description: Text::from(about),
        assume_role_policy: PolicyDocument::Statements(vec![trust]),
        tags,
    })
}

fn policy(
    draft: &mut Draft<'_>,
    party: &PartyName,
    part: &str,
    role: &Ref<Role>,
    statements: Vec<Statement>,
) -> Ref<RolePolicy> {
    let name = draft.naming.of(&format!("{party}-{part}"), limits::IAM_POLICY);
    draft.place(Concern::App, &[party.as_str(), part]).put(RolePolicy {
        name: Text::from(name),
        role: role.attribute::<Name>(),
        policy: PolicyDocument::Statements(statements),
    })
}

fn beginning(
    draft: &Draft<'_>,
    ground: &Ground<'_>,
    party: &PartyName,
    touches: &Touches<'_>,
) -> Vec<Statement> {
    let mut all = vec![
        // This call names no repository: AWS knows no narrower resource for it.
        Statement::allow("Registry", ["ecr:GetAuthorizationToken"]).on([Text::from("*")]),
        Statement::allow(
            "OwnImages",
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        )
        .on([touches.repository.clone()]),
        Statement::allow("OwnLog", ["logs:CreateLogStream", "logs:PutLogEvents"])
            .on([Text::from(touches.log.attribute::<Arn>()).then(":*")]),
    ];
    if let Some(path) = ground.secrets.parameters.get(party) {
        let path = path.trim_matches('/');
        all.push(Statement::allow("OwnParameters", ["ssm:GetParameters"]).on([arns::regional(
            draft,
            "ssm",
            &format!("parameter/{path}/*"),
        )]));
    }
    let own = ground.secrets.reads(draft, ground.data, party);
    // What reads at boot lists its parameters; ECS knows their names.
    all.extend(own.into_iter().filter(|statement| statement.sid.as_deref() != Some("OwnParameters")));
    all
}

/// RDS rotates the database's password, so that a task that lives longer than it has to ask again. Nothing else, but
/// for shells: the agent's sessions, and their log.
fn running(draft: &Draft<'_>, ground: &Ground<'_>, touches: &Touches<'_>) -> Vec<Statement> {
    let region = &draft.topology.region;
    let suffix = arns::partition(draft).dns_suffix();
    let secret = || [ground.data.secret.clone()];
    let mut all = vec![
        Statement::allow("DatabaseSecret", ["secretsmanager:GetSecretValue"]).on(secret()),
        Statement::allow("DecryptDatabaseSecret", ["kms:Decrypt"])
            .on([Text::from(ground.secrets.key_arn())])
            .when("StringEquals", "kms:ViaService", [Text::from(format!("secretsmanager.{region}.{suffix}"))])
            .when("StringEquals", "kms:EncryptionContext:SecretARN", secret()),
    ];
    if let Some(log) = touches.exec {
        all.push(
            Statement::allow(
                "Shells",
                [
                    "ssmmessages:CreateControlChannel",
                    "ssmmessages:CreateDataChannel",
                    "ssmmessages:OpenControlChannel",
                    "ssmmessages:OpenDataChannel",
                ],
            )
            .on([Text::from("*")]),
        );
        all.push(Statement::allow("ShellLogGroups", ["logs:DescribeLogGroups"]).on([Text::from("*")]));
        all.push(
            Statement::allow(
                "ShellLog",
                ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            )
            .on([Text::from(log.attribute::<Arn>()).then(":*")]),
        );
    }
    all
}
