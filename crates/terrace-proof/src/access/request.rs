//! What is asked for, and whether a statement speaks of it.

use terrace_aws::{Scope, Statement, Text};

use super::condition;
use super::context::{Context, Known};
use super::glob::{Glob, Token};
use super::pattern::{self, Reading};
use super::principal::Caller;
use super::truth::Truth;

/// What is accessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    arn: Vec<Token>,
    account: Text,
}

impl Resource {
    /// This one; `*` for an action that knows no resources.
    pub fn exactly(arn: &Text, account: impl Into<Text>) -> Self {
        Self { arn: pattern::tokens(arn, Reading::Literal), account: account.into() }
    }

    /// Any that fits the pattern: decisions are "allowed" if all are, "denied" if none is.
    pub fn matching(arn: &Text, account: impl Into<Text>) -> Self {
        Self { arn: pattern::arn(pattern::tokens(arn, Reading::Wild), true), account: account.into() }
    }

    /// The number of the account that owns it.
    pub const fn account(&self) -> &Text {
        &self.account
    }
}

/// One request, or a family of them that differ in what is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub caller: Caller,
    /// `service:Action`; case does not matter.
    pub action: String,
    /// For what.
    pub resource: Resource,
    /// Under which circumstances.
    pub context: Context,
}

impl Request {
    /// With the keys that follow from the caller and the resource, where nothing else is said of them
    /// (AWS: "AWS global condition context keys").
    pub(crate) fn completed(&self) -> Self {
        let mut context =
            self.context.clone().or("aws:ResourceAccount", Known::One(self.resource.account.clone()));
        if let Some(account) = self.caller.account() {
            context = context
                .or("aws:PrincipalAccount", Known::One(account.clone()))
                .or("aws:PrincipalIsAWSService", Known::One("false".into()));
        }
        match &self.caller {
            Caller::User { arn, .. } => {
                context = context
                    .or("aws:PrincipalArn", Known::One(arn.clone()))
                    .or("aws:PrincipalType", Known::One("User".into()));
                if let Some((_, name)) = arn.literal().and_then(|arn| arn.rsplit_once('/')) {
                    context = context.or("aws:username", Known::One(name.into()));
                }
            }
            Caller::Role { arn, .. } => {
                context = context
                    .or("aws:PrincipalArn", Known::One(arn.clone()))
                    .or("aws:PrincipalType", Known::One("AssumedRole".into()))
                    .or("aws:username", Known::Absent);
            }
            Caller::Service(name) => {
                context = context
                    .or("aws:PrincipalIsAWSService", Known::One("true".into()))
                    .or("aws:PrincipalServiceName", Known::One(name.clone()));
            }
            Caller::Anonymous => {
                context = context
                    .or("aws:PrincipalType", Known::One("Anonymous".into()))
                    .or("aws:PrincipalAccount", Known::Absent)
                    .or("aws:PrincipalArn", Known::Absent)
                    .or("aws:username", Known::Absent);
            }
            Caller::Root { .. } | Caller::Federated(_) => {}
        }
        Self { context, ..self.clone() }
    }

    /// Whether a statement speaks of this action on this resource under these circumstances; to whom is not asked.
    pub(crate) fn meets(&self, statement: &Statement) -> Truth {
        let action = Glob::literal(&self.action).lowercase();
        let actions = |all: &Vec<String>| {
            Truth::any(all.iter().map(|one| pattern::matches(&action.0, &Glob::new(one).lowercase().0)))
        };
        let action = match &statement.actions {
            Scope::Only(all) => actions(all),
            Scope::AllBut(all) => actions(all).negated(),
        };
        if action == Truth::No {
            return Truth::No;
        }
        let resource = match &statement.resources {
            None => Truth::Yes,
            Some(Scope::Only(all)) => self.on(all),
            Some(Scope::AllBut(all)) => self.on(all).negated(),
        };
        if resource == Truth::No {
            return Truth::No;
        }
        let conditions = statement.conditions.iter().map(|one| condition::holds(one, &self.context));
        action.and(resource).and(Truth::all(conditions))
    }

    fn on(&self, all: &[Text]) -> Truth {
        Truth::any(all.iter().map(|text| match pattern::in_policy(text, Reading::Wild, &self.context) {
            Some(tokens) => pattern::matches(&self.resource.arn, &pattern::arn(tokens, true)),
            None => Truth::No,
        }))
    }

    /// Whether the resource's own policy must allow, and an identity's is not enough: key policies of KMS and trust
    /// policies of roles.
    pub(crate) fn needs_resource_policy(&self) -> bool {
        const TRUST: [&str; 5] = [
            "sts:assumerole",
            "sts:assumerolewithsaml",
            "sts:assumerolewithwebidentity",
            "sts:setsourceidentity",
            "sts:tagsession",
        ];
        let action = self.action.to_ascii_lowercase();
        let any = self.resource.arn == [Token::Char('*')];
        !any && (action.starts_with("kms:") || TRUST.contains(&action.as_str()))
    }
}
