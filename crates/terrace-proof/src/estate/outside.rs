//! Who reads from outside: services, other accounts, whom identity providers vouch for, and anyone at all.

use std::collections::BTreeSet;

use terrace_aws::{Effect, PolicyDocument, PrincipalKind as By, Scope, Statement, Text};

use super::ask::{Actor, Answer};
use super::closure::Permissions;
use super::direct::shut;
use super::model::{Holding, HoldingKind, KeyUse, WritingId};
use super::reader::{Deed, Reader, Step, Verdict, Who, instance};
use crate::access::{Context, Resource, Truth};

/// Keys by which a policy says for whom a service must act.
pub(super) const SOURCES: [&str; 4] =
    ["aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"];

impl Permissions<'_> {
    /// Whoever is named in the policies of what is kept or in a role's trust policy, and is not of the estate.
    pub(super) fn strangers(&self, holding: &Holding) -> BTreeSet<Actor> {
        let trusts = self.estate().principals.iter().filter_map(|principal| principal.trust);
        let all: Vec<WritingId> = holding.policies.iter().copied().chain(trusts).collect();
        let mut found = BTreeSet::new();
        for (kind, name) in all.into_iter().flat_map(|id| self.named(id)) {
            match kind {
                By::Aws if name.literal() == Some("*") => {
                    found.insert(Actor::Anyone);
                }
                By::Aws if !self.is_own(&name) => {
                    found.insert(Actor::Account(name));
                }
                By::Federated => {
                    found.insert(Actor::Federated(name));
                }
                By::Aws | By::Service | By::CanonicalUser => {}
            }
        }
        found
    }

    /// Everyone whom a policy allows something, by kind and name. `NotPrincipal` means anyone.
    fn named(&self, id: WritingId) -> Vec<(By, Text)> {
        let Some(PolicyDocument::Statements(all)) = self.estate().writing(id).map(|one| &one.document) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for statement in all.iter().filter(|statement| statement.effect == Effect::Allow) {
            match &statement.principals {
                None => {}
                Some(Scope::Only(listed)) => {
                    for (kind, names) in listed {
                        found.extend(names.iter().map(|name| (*kind, name.clone())));
                    }
                }
                Some(Scope::AllBut(_)) => found.push((By::Aws, "*".into())),
            }
        }
        found
    }

    /// Whether a name is the account's, or that of one of its identities that are known.
    fn is_own(&self, name: &Text) -> bool {
        let account = &self.estate().account;
        let root =
            Text::from(format!("arn:{}:iam::", self.estate().partition)).then(account.clone()).then(":root");
        *name == *account || *name == root || self.estate().principals.iter().any(|one| one.arn == *name)
    }

    /// Services that a policy of what is kept lets read it.
    pub(super) fn by_service(&self, holding: &Holding) -> Vec<Reader> {
        let mut found = Vec::new();
        let statements = holding.policies.iter().filter_map(|id| self.estate().writing(*id));
        for writing in statements {
            let PolicyDocument::Statements(all) = &writing.document else { continue };
            for statement in all.iter().filter(|statement| statement.effect == Effect::Allow) {
                let Some(Scope::Only(listed)) = &statement.principals else { continue };
                for name in listed.get(&By::Service).into_iter().flatten() {
                    found.extend(self.service(holding, statement, name));
                }
            }
        }
        found.dedup();
        found
    }

    fn service(&self, holding: &Holding, statement: &Statement, name: &Text) -> Option<Reader> {
        let on_behalf = sources(statement);
        let asked = |context: Context| {
            statement.conditions.iter().fold(context, |context, condition| {
                let source = SOURCES.contains(&condition.key.to_ascii_lowercase().as_str());
                match condition.values.first().filter(|_| source) {
                    Some(value) => context.value(&condition.key, instance(value)),
                    None => context,
                }
            })
        };
        let (deed, answer) = self
            .desk
            .readings(None, holding)
            .into_iter()
            .map(|(action, resource, context)| {
                let answer =
                    self.desk.service_may(name, action, &resource, asked(context), &holding.policies);
                (Deed::Reads(action), answer)
            })
            .filter(|(_, answer)| !answer.is_no())
            .reduce(surer)?;
        let answer = match &holding.key {
            KeyUse::Own(at) => {
                let key = self.estate().keys.get(*at)?;
                let on = Resource::exactly(&key.arn, self.estate().account.clone());
                let context = asked(self.desk.through(holding));
                answer.and(self.desk.service_may(name, "kms:Decrypt", &on, context, &key.policies))
            }
            KeyUse::Aws => return None,
            KeyUse::None | KeyUse::Foreign(_) | KeyUse::Unknown(_) => answer,
        };
        let who = Who::Service { name: name.clone(), on_behalf };
        reader(who, deed, holding, &answer)
    }

    /// Whether anyone can read it without signing a request.
    pub(super) fn anonymous(&self, holding: &Holding) -> Option<Reader> {
        // A request without a signature is only heard by S3, and no key opens for it.
        let HoldingKind::Bucket { .. } = holding.kind else { return None };
        if holding.key != KeyUse::None {
            return None;
        }
        let (deed, answer) = self
            .desk
            .readings(None, holding)
            .into_iter()
            .map(|(action, resource, context)| {
                let answer = self.desk.nobody_may(action, &resource, context, &holding.policies);
                (Deed::Reads(action), answer.and(shut(holding)))
            })
            .filter(|(_, answer)| !answer.is_no())
            .reduce(surer)?;
        reader(Who::Anonymous, deed, holding, &answer)
    }
}

fn surer(one: (Deed, Answer), other: (Deed, Answer)) -> (Deed, Answer) {
    if one.1.truth != Truth::Yes && other.1.truth == Truth::Yes { other } else { one }
}

fn reader(who: Who, deed: Deed, holding: &Holding, answer: &Answer) -> Option<Reader> {
    let on = match &answer.truth {
        Truth::No => return None,
        Truth::Yes => BTreeSet::new(),
        Truth::Unknown(on) => on.clone(),
    };
    let verdict = if on.is_empty() { Verdict::Allowed } else { Verdict::Depends(on.clone()) };
    let step = Step { who: who.clone(), deed, to: holding.id.clone(), rests: answer.rests.clone(), on };
    Some(Reader { who, verdict, how: vec![step] })
}

/// For whom a statement says that a service must act.
pub(super) fn sources(statement: &Statement) -> Vec<Text> {
    let of_source = |key: &str| SOURCES.contains(&key.to_ascii_lowercase().as_str());
    statement
        .conditions
        .iter()
        .filter(|condition| {
            of_source(&condition.key) && !condition.operator.to_ascii_lowercase().contains("not")
        })
        .flat_map(|condition| condition.values.iter().cloned())
        .collect()
}
