//! Questions about one identity, and what its own policies answer.

use std::collections::BTreeSet;

use terrace_aws::{Part, PolicyDocument, PrincipalKind as By, Scope, Statement, Text};
use terrace_proof::access::{Caller, Cite, Context, Policies, Policy, Request, Resource, Verdict, decide};
use terrace_proof::estate::{Estate, Principal, PrincipalKind, WritingId};

/// What stands in place of a wildcard: no name has it, so that only wildcards match it.
const ANY: &str = "zqx0";

/// An action on a resource, each a pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Question {
    pub(super) action: String,
    pub(super) resource: Text,
}

/// What the policies of an identity say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    No,
    Yes(BTreeSet<String>),
    /// Under these conditions, by these statements.
    If(BTreeSet<String>, BTreeSet<String>),
}

/// Who asks: an identity, with the estate that it is of.
pub(super) struct Asker<'e> {
    estate: &'e Estate,
    principal: &'e Principal,
    delegating: PolicyDocument,
}

impl<'e> Asker<'e> {
    pub(super) fn new(estate: &'e Estate, who: &str) -> Option<Self> {
        let principal = estate.principals.iter().find(|one| one.id.name() == who)?;
        let root =
            Text::from(format!("arn:{}:iam::", estate.partition)).then(estate.account.clone()).then(":root");
        let all = Statement::allow("", ["*"]).on([Text::from("*")]).to(By::Aws, root);
        Some(Self { estate, principal, delegating: PolicyDocument::Statements(vec![all]) })
    }

    /// Every document that bounds what it may do.
    pub(super) fn documents(&self) -> impl Iterator<Item = &'e PolicyDocument> {
        let ids = self.principal.identity.iter().chain(&self.principal.boundary);
        ids.filter_map(|id| Some(&self.estate.writing(*id)?.document))
    }

    /// What decides about it, whatever it is called: documents of which nothing is told count by their name.
    pub(super) fn same(&self, other: &Self) -> bool {
        let of = |asker: &Self| {
            let told = |id: &WritingId| {
                let writing = asker.estate.writing(*id)?;
                let name =
                    matches!(writing.document, PolicyDocument::Opaque(_)).then(|| writing.name.clone());
                Some((writing.document.clone(), name))
            };
            let identity: Vec<_> = asker.principal.identity.iter().filter_map(told).collect();
            (identity, asker.principal.boundary.as_ref().and_then(told), asker.principal.arn.clone())
        };
        of(self) == of(other)
    }

    /// What its policies say of it.
    pub(super) fn ask(&self, question: &Question) -> Answer {
        let (arn, account) = (self.principal.arn.clone(), self.estate.account.clone());
        let caller = match self.principal.kind {
            PrincipalKind::User => Caller::User { arn, account },
            PrincipalKind::Role => Caller::Role { arn, session: None, account },
        };
        let action = instance(&question.action);
        let resource = match question.resource.literal() {
            Some("*") => Resource::exactly(&question.resource, self.estate.account.clone()),
            _ => Resource::exactly(&instance_of(&question.resource), self.estate.account.clone()),
        };
        let mut policies =
            Policies { identity: self.policies(&self.principal.identity), ..Policies::default() };
        policies.boundary = self.principal.boundary.as_ref().and_then(|id| self.policy(*id));
        // A key's policy is asked elsewhere; here it is taken to leave the decision to the account, as most do.
        let service = action.split(':').next().unwrap_or_default();
        if matches!(service, "kms" | "sts") {
            policies.resource.push(Policy { name: "", document: &self.delegating });
        }
        // Whoever asks can ask over TLS, and by itself.
        let context =
            Context::open().value("aws:SecureTransport", "true").value("aws:ViaAWSService", "false");
        match decide(&Request { caller, action, resource, context }, &policies) {
            Verdict::Denied(_) => Answer::No,
            Verdict::Allowed(cites) => Answer::Yes(self.cited(&cites)),
            Verdict::Depends { on, statements } => {
                let mut conditions: BTreeSet<String> =
                    statements.iter().flat_map(|cite| self.conditions(cite)).collect();
                if conditions.is_empty() {
                    conditions = on.iter().map(ToString::to_string).collect();
                }
                Answer::If(conditions, self.cited(&statements))
            }
        }
    }

    fn policy(&self, id: WritingId) -> Option<Policy<'e>> {
        let writing = self.estate.writing(id)?;
        Some(Policy { name: &writing.name, document: &writing.document })
    }

    fn policies(&self, ids: &[WritingId]) -> Vec<Policy<'e>> {
        ids.iter().filter_map(|id| self.policy(*id)).collect()
    }

    fn cited(&self, cites: &[Cite]) -> BTreeSet<String> {
        let named = cites.iter().filter(|cite| !cite.policy.is_empty());
        named
            .map(|cite| match &cite.sid {
                Some(sid) => format!("{} ({sid})", cite.policy),
                None => cite.policy.clone(),
            })
            .collect()
    }

    fn conditions(&self, cite: &Cite) -> Vec<String> {
        let writing = self.estate.writings.iter().find(|writing| writing.name == cite.policy);
        let Some(PolicyDocument::Statements(all)) = writing.map(|writing| &writing.document) else {
            return Vec::new();
        };
        let statement = all.get(cite.statement);
        statement.map(super::papers::conditions).unwrap_or_default()
    }
}

/// Whether one question is a part of another: whoever may do the other may do this.
pub(super) fn within(inner: &Question, outer: &Question) -> bool {
    let statement = Statement {
        actions: Scope::Only(vec![outer.action.clone()]),
        ..Statement::allow("", []).on([outer.resource.clone()])
    };
    let document = PolicyDocument::Statements(vec![statement]);
    let (user, account) = (Text::from("arn:aws:iam::1:user/x"), Text::from("1"));
    let request = Request {
        caller: Caller::User { arn: user, account: account.clone() },
        action: instance(&inner.action).replacen("kms:", "any:", 1).replacen("sts:", "any:", 1),
        resource: match inner.resource.literal() {
            Some("*") => Resource::exactly(&inner.resource, account),
            _ => Resource::exactly(&instance_of(&inner.resource), account),
        },
        context: Context::open(),
    };
    // These two services want a resource's policy too; here it is only about patterns.
    let mut outer_action = document;
    if let PolicyDocument::Statements(all) = &mut outer_action {
        for statement in all {
            let action = outer.action.replacen("kms:", "any:", 1).replacen("sts:", "any:", 1);
            statement.actions = Scope::Only(vec![action]);
        }
    }
    let policy = Policy { name: "", document: &outer_action };
    let policies = Policies { identity: vec![policy], ..Policies::default() };
    matches!(decide(&request, &policies), Verdict::Allowed(_))
}

/// A text that a pattern matches, and of other patterns only those that match all that it matches.
fn instance(pattern: &str) -> String {
    pattern.replace('*', ANY).replace('?', "q")
}

fn instance_of(pattern: &Text) -> Text {
    pattern.parts().iter().fold(Text::new(), |text, part| match part {
        Part::Literal(literal) => text.then(instance(literal)),
        Part::Reference(reference) => text.then(reference.clone()),
        Part::Opaque(references) => text.then(Text::opaque(references.clone())),
    })
}
