//! Who hands roles on, and services that anyone can send.
//!
//! A service that a policy lets in acts for whoever asks it to. Where its call can be made on behalf of another account,
//! the policy has to say for whom (IAM User Guide, "The confused deputy problem"; "Cross-service confused deputy
//! prevention" in the services' own guides).

use terrace_aws::inventory::ItemId;
use terrace_aws::{Effect, PolicyDocument, PrincipalKind as By, Scope, Statement, Text};

use super::ask::{Actor, Grown};
use super::closure::Permissions;
use super::edges::Edge;
use super::model::{Estate, PrincipalId, WritingId};
use super::outside::{SOURCES, sources};
use super::reader::{Deed, Rest, Verdict};
use crate::access::Truth;

/// Services that act for any account that asks, on resources that are not the asker's: what they tell of for whom is
/// what keeps them from it. (Their guides' pages on the confused deputy; those that only run what the account itself
/// gave them, such as EC2 and Lambda with their execution roles, are not among them.)
const DEPUTIES: [&str; 34] = [
    "apigateway.amazonaws.com",
    "application-autoscaling.amazonaws.com",
    "backup.amazonaws.com",
    "bedrock.amazonaws.com",
    "budgets.amazonaws.com",
    "cloudformation.amazonaws.com",
    "cloudfront.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "cloudwatch.amazonaws.com",
    "codebuild.amazonaws.com",
    "config.amazonaws.com",
    "datasync.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "dms.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "ecs.amazonaws.com",
    "eks.amazonaws.com",
    "elasticmapreduce.amazonaws.com",
    "events.amazonaws.com",
    "export.rds.amazonaws.com",
    "firehose.amazonaws.com",
    "glue.amazonaws.com",
    "guardduty.amazonaws.com",
    "iot.amazonaws.com",
    "logging.s3.amazonaws.com",
    "monitoring.rds.amazonaws.com",
    "pipes.amazonaws.com",
    "s3.amazonaws.com",
    "sagemaker.amazonaws.com",
    "scheduler.amazonaws.com",
    "ses.amazonaws.com",
    "sns.amazonaws.com",
    "ssm.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
];

/// A service that a policy lets in, without a word on for whom it must act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deputy {
    /// The service.
    pub service: String,
    /// The statement.
    pub rest: Rest,
    /// Whether another condition narrows it, though not by whom it acts for.
    pub conditional: bool,
}

/// Services of a policy that can be sent by another account.
pub fn deputies(policy: &PolicyDocument) -> Vec<(usize, String, bool)> {
    let PolicyDocument::Statements(all) = policy else { return Vec::new() };
    let mut found = Vec::new();
    for (at, statement) in all.iter().enumerate().filter(|(_, one)| one.effect == Effect::Allow) {
        let Some(Scope::Only(listed)) = &statement.principals else { continue };
        for name in listed.get(&By::Service).into_iter().flatten().filter_map(Text::literal) {
            // `logs.eu-west-1.amazonaws.com` is the service of one region.
            if (DEPUTIES.contains(&name) || name.starts_with("logs.")) && !says_for_whom(statement) {
                found.push((at, name.to_owned(), !statement.conditions.is_empty()));
            }
        }
    }
    found
}

/// Whether a statement says for whom a service must act: by the source, or by what is encrypted, which has the account.
fn says_for_whom(statement: &Statement) -> bool {
    let by_context = statement
        .conditions
        .iter()
        .any(|condition| condition.key.to_ascii_lowercase().starts_with("kms:encryptioncontext:"));
    let by_other = statement.conditions.iter().any(|condition| {
        let key = condition.key.to_ascii_lowercase();
        key.ends_with(":sourceaccount") || key.ends_with(":sourcearn") || SOURCES.contains(&key.as_str())
    });
    by_context || by_other || !sources(statement).is_empty()
}

/// Somebody who hands a role to a service, together with what runs there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passing {
    /// Who.
    pub who: ItemId,
    /// Which role.
    pub role: ItemId,
    /// How.
    pub deed: Deed,
    /// Whether.
    pub verdict: Verdict,
    /// By which statements.
    pub rests: Vec<Rest>,
}

impl Estate {
    /// Every service that some policy of a resource, or a role's trust policy, lets in without saying for whom.
    pub fn deputies(&self) -> Vec<Deputy> {
        let mut all: Vec<WritingId> = self.principals.iter().filter_map(|one| one.trust).collect();
        all.extend(self.holdings.iter().flat_map(|one| one.policies.iter().copied()));
        all.extend(self.keys.iter().flat_map(|one| one.policies.iter().copied()));
        let mut found = Vec::new();
        for writing in all.into_iter().filter_map(|id| self.writing(id)) {
            for (statement, service, conditional) in deputies(&writing.document) {
                let sid = match &writing.document {
                    PolicyDocument::Statements(all) => all.get(statement).and_then(|one| one.sid.clone()),
                    PolicyDocument::Opaque(_) => None,
                };
                let (policy, item, path) = (writing.name.clone(), writing.item.clone(), writing.path.clone());
                let rest = Rest { policy, item, path, statement, sid };
                found.push(Deputy { service, rest, conditional });
            }
        }
        found
    }
}

impl Permissions<'_> {
    /// Every identity that can hand a role to something that it runs itself.
    pub fn passings(&self) -> Vec<Passing> {
        self.desk.reset();
        let estate = self.estate();
        let ids = || (0..estate.principals.len()).map(PrincipalId);
        let mut found = Vec::new();
        for (id, who) in ids().zip(&estate.principals) {
            let actor = Actor::Own(id, Grown::As);
            for (to, role) in ids().zip(&estate.principals) {
                for Edge { deed, answer, .. } in self.desk.passed(&actor, to) {
                    let verdict = match answer.truth {
                        Truth::No => continue,
                        Truth::Yes => Verdict::Allowed,
                        Truth::Unknown(on) => Verdict::Depends(on),
                    };
                    let (who, role, rests) = (who.id.clone(), role.id.clone(), answer.rests);
                    found.push(Passing { who, role, deed, verdict, rests });
                }
            }
        }
        found
    }
}
