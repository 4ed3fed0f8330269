//! The key that encrypts what is kept, and who may use it.

use terrace_topology::Region;

use crate::catalog::limits;
use crate::lower::{Draft, arns, budget};
use crate::resource::{KmsAlias, KmsKey};
use crate::{Concern, KeyId, PolicyDocument, PrincipalKind, Ref, Statement, Text};

/// For how many days a deleted key can be had back: the most there is, and the least.
const WINDOW: (u32, u32) = (30, 7);

/// What the topics of the alarms are called; those of other regions have more after it.
pub(crate) const ALARMS: &str = "alarms";

/// The key and its name.
pub(super) fn lower(draft: &mut Draft<'_>) -> Ref<KmsKey> {
    let production = draft.topology.production;
    let policy = key_policy(draft);
    let (tags, name) =
        (draft.name_tag(""), draft.naming.of("", limits::KEY_ALIAS.saturating_sub("alias/".len())));
    let key = draft
        .place(Concern::Secrets, &["main"])
        .why(
            "One key for all that is kept: database, secrets, logs, alarms. Who may use it is said here and,",
        )
        .why("for the account's own roles, in their policies.")
        .put(KmsKey {
            description: Text::from(format!("What {name} keeps")),
            enable_key_rotation: true,
            deletion_window_in_days: if production { WINDOW.0 } else { WINDOW.1 },
            policy,
            tags,
        });
    draft
        .place(Concern::Secrets, &["main"])
        .put(KmsAlias { name: Text::from(format!("alias/{name}")), target_key_id: key.attribute::<KeyId>() });
    key
}

/// A key for what tells of alarms in another region: keys do not leave theirs.
pub(crate) fn for_alarms(draft: &mut Draft<'_>, label: &str, region: &Region) -> Ref<KmsKey> {
    let production = draft.topology.production;
    let policy = PolicyDocument::Statements(vec![
        account_by_its_policies(draft),
        alarms(draft, region, ["cloudwatch.amazonaws.com"]),
    ]);
    let tags = draft.name_tag(label);
    let description = format!("Alarms of {} in {region}", draft.naming.stem());
    draft.place(Concern::Secrets, &[label]).in_region(region.clone()).put(KmsKey {
        description: Text::from(description),
        enable_key_rotation: true,
        deletion_window_in_days: if production { WINDOW.0 } else { WINDOW.1 },
        policy,
        tags,
    })
}

fn account_by_its_policies(draft: &Draft<'_>) -> Statement {
    Statement::allow("AccountByItsPolicies", ["kms:*"])
        .to(PrincipalKind::Aws, arns::global(draft, "iam", "root"))
        .on([Text::from("*")])
}

/// What sends messages to the encrypted topic of the alarms, for that topic alone. Whose account asks cannot be a
/// condition, since EventBridge does not tell it here (Amazon SNS, "Key management"); the topic's own policy asks.
fn alarms<const N: usize>(draft: &Draft<'_>, region: &Region, services: [&str; N]) -> Statement {
    let topic = arns::of(draft, region, "sns", &format!("{}*", draft.naming.of(ALARMS, limits::TOPIC)));
    let statement = Statement::allow("Alarms", ["kms:Decrypt", "kms:GenerateDataKey*"]);
    services
        .into_iter()
        .fold(statement, |statement, service| statement.to(PrincipalKind::Service, service))
        .on([Text::from("*")])
        .when("ArnLike", "kms:EncryptionContext:aws:sns:topicArn", [topic])
}

/// The account by its roles' policies; CloudWatch Logs for this account's log groups; what sends messages to the
/// topic of the alarms ("Encrypt log data in CloudWatch Logs using AWS KMS"; Amazon SNS, "Key management").
fn key_policy(draft: &Draft<'_>) -> PolicyDocument {
    let (region, suffix) = (&draft.topology.region, arns::partition(draft).dns_suffix());
    let logs = Statement::allow(
        "LogGroups",
        ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
    )
    .to(PrincipalKind::Service, format!("logs.{region}.{suffix}"))
    .on([Text::from("*")])
    .when(
        "ArnLike",
        "kms:EncryptionContext:aws:logs:arn",
        [arns::regional(draft, "logs", "log-group:*")],
    );
    let alarms = if budget::tells_the_topic(draft) {
        alarms(draft, region, ["cloudwatch.amazonaws.com", "events.amazonaws.com", "budgets.amazonaws.com"])
    } else {
        alarms(draft, region, ["cloudwatch.amazonaws.com", "events.amazonaws.com"])
    };
    PolicyDocument::Statements(vec![account_by_its_policies(draft), logs, alarms])
}
