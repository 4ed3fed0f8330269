//! Questions put to [`decide`]: whether somebody may do something, by all policies that have a say.
//!
//! GUARANTEE: there is a bound on how many statements are looked at; what is asked beyond it is unknown, not slow.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::inventory::UnknownName;
use terrace_aws::{
    Condition, Effect, PolicyDocument, PrincipalKind as By, Reference, Scope, Statement, Text,
};

use super::model::{Estate, Principal, PrincipalId, PrincipalKind, WritingId};
use super::reader::Rest;
use crate::access::{
    Caller, Cite, Context, Glob, Known, Policies, Policy, Request, Resource, Truth, Unknown, Verdict, decide,
};

/// How many actions, resources and principals of statements are compared for one question of a user.
const BUDGET: u64 = 20_000_000;

/// What has grown of an identity's permissions by what was done before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grown {
    /// It is as it was written.
    As,
    /// With the policies of a group.
    In(usize),
    /// With any policy that somebody likes; its boundary stays.
    Any,
    /// With any policy, and without its boundary.
    Free,
}

/// Somebody who asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Actor {
    /// An identity of the estate.
    Own(PrincipalId, Grown),
    /// Somebody of another account, named by ARN or number; what its own account lets it do is not for us to say.
    Account(Text),
    /// Somebody whom an identity provider vouches for.
    Federated(Text),
    /// Anyone with an account.
    Anyone,
}

/// An answer with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) truth: Truth,
    pub(super) rests: Vec<Rest>,
}

impl Answer {
    pub(super) const fn no() -> Self {
        Self { truth: Truth::No, rests: Vec::new() }
    }

    pub(super) const fn yes() -> Self {
        Self { truth: Truth::Yes, rests: Vec::new() }
    }

    pub(super) fn is_no(&self) -> bool {
        self.truth == Truth::No
    }

    /// Both.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.truth = self.truth.and(other.truth);
        if self.is_no() {
            return Self::no();
        }
        for rest in other.rests {
            if !self.rests.contains(&rest) {
                self.rests.push(rest);
            }
        }
        self
    }

    /// The surer of both; of two alike, the first.
    pub(super) fn or(self, other: Self) -> Self {
        match (&self.truth, &other.truth) {
            (Truth::Yes, _) | (Truth::Unknown(_), Truth::No | Truth::Unknown(_)) => self,
            (Truth::No, _) | (_, Truth::Yes) => other,
        }
    }

    /// Only if these come true.
    pub(super) fn given(mut self, on: &BTreeSet<Unknown>) -> Self {
        if !on.is_empty() {
            self.truth = self.truth.and(Truth::Unknown(on.clone()));
        }
        self
    }
}

/// An account that is none of those that are named anywhere.
const STRANGER: &str = "another account";

/// Keys that only requests with these actions have (Service Authorization Reference).
const OF_ACTIONS: [(&str, &str); 7] = [
    ("iam:PassedToService", "iam:PassRole"),
    ("iam:AWSServiceName", "iam:CreateServiceLinkedRole"),
    ("iam:PolicyARN", "iam:"),
    ("kms:ViaService", "kms:"),
    ("kms:CallerAccount", "kms:"),
    ("kms:GrantIsForAWSResource", "kms:"),
    ("sts:ExternalId", "sts:"),
];

/// Answers questions about an estate.
pub(super) struct Desk<'e> {
    pub(super) estate: &'e Estate,
    weights: Vec<u64>,
    everything: PolicyDocument,
    spent: Cell<u64>,
    /// Whether an identity's own policies speak of an action at all.
    speaks: RefCell<BTreeMap<(PrincipalId, &'static str), bool>>,
}

impl<'e> Desk<'e> {
    pub(super) fn new(estate: &'e Estate) -> Self {
        let weights = estate.writings.iter().map(|one| weight(&one.document)).collect();
        let all = Statement::allow("Everything", ["*"]).on([Text::from("*")]);
        Self {
            estate,
            weights,
            everything: PolicyDocument::Statements(vec![all]),
            spent: Cell::new(0),
            speaks: RefCell::default(),
        }
    }

    /// Begins to count anew.
    pub(super) fn reset(&self) {
        self.spent.set(0);
    }

    fn policy(&self, id: WritingId) -> Option<Policy<'_>> {
        let writing = self.estate.writing(id)?;
        Some(Policy { name: &writing.name, document: &writing.document })
    }

    fn policies(&self, ids: &[WritingId]) -> Vec<Policy<'_>> {
        ids.iter().filter_map(|id| self.policy(*id)).collect()
    }

    /// Whether any policy of the actor's own could allow the action; cheaper than asking.
    pub(super) fn speaks_of(&self, actor: &Actor, action: &'static str) -> bool {
        let Actor::Own(id, Grown::As) = actor else { return true };
        if let Some(known) = self.speaks.borrow().get(&(*id, action)) {
            return *known;
        }
        let wanted = action.to_ascii_lowercase();
        let speaks = self.estate.principal(*id).is_some_and(|principal| {
            principal
                .identity
                .iter()
                .filter_map(|id| self.estate.writing(*id))
                .any(|writing| allows_action(&writing.document, &wanted))
        });
        self.speaks.borrow_mut().insert((*id, action), speaks);
        speaks
    }

    /// Whether the actor may do this, with the policies of the resource itself.
    pub(super) fn may(
        &self,
        actor: &Actor,
        action: &'static str,
        resource: &Resource,
        context: Context,
        of_resource: &[WritingId],
    ) -> Answer {
        if of_resource.is_empty() && !self.speaks_of(actor, action) {
            return Answer::no();
        }
        let everything = Policy { name: "any policy", document: &self.everything };
        let mut policies = Policies { resource: self.policies(of_resource), ..Policies::default() };
        let mut context = context;
        let mut cost: u64 = of_resource.iter().map(|id| self.weight(*id)).sum();
        let caller = match actor {
            Actor::Own(id, grown) => {
                let Some(principal) = self.estate.principal(*id) else { return Answer::no() };
                policies.scps = self.estate.scps.iter().map(|level| self.policies(level)).collect();
                policies.identity = self.policies(&principal.identity);
                policies.boundary = principal.boundary.and_then(|id| self.policy(id));
                cost += principal.identity.iter().map(|id| self.weight(*id)).sum::<u64>();
                match grown {
                    Grown::As => {}
                    Grown::In(group) => {
                        let more = self.estate.groups.get(*group).map(|group| self.policies(&group.identity));
                        policies.identity.extend(more.unwrap_or_default());
                    }
                    Grown::Any => policies.identity.push(everything),
                    Grown::Free => {
                        policies.identity.push(everything);
                        policies.boundary = None;
                    }
                }
                for (key, value) in &principal.tags {
                    context = context.value(&format!("aws:PrincipalTag/{key}"), value.clone());
                }
                self.caller(principal)
            }
            Actor::Account(who) => {
                policies.identity.push(everything);
                stranger(who)
            }
            Actor::Federated(name) => Caller::Federated(name.clone()),
            Actor::Anyone => {
                policies.identity.push(everything);
                Caller::Root { account: STRANGER.into() }
            }
        };
        self.spent.set(self.spent.get().saturating_add(cost));
        if self.spent.get() > BUDGET {
            return Answer { truth: Truth::unknown(Unknown::Size), rests: Vec::new() };
        }
        let context = OF_ACTIONS.iter().fold(context, |context, (key, of)| {
            if action.starts_with(of) || context.get(key).is_some() {
                context
            } else {
                context.with(key, Known::Absent)
            }
        });
        // Whoever asks can ask over TLS, and by itself.
        let context = context.value("aws:SecureTransport", "true").value("aws:ViaAWSService", "false");
        let request = Request { caller, action: action.to_owned(), resource: resource.clone(), context };
        self.answer(decide(&request, &policies))
    }

    /// Whether a service of AWS may do this by the resource's policy.
    pub(super) fn service_may(
        &self,
        service: &Text,
        action: &str,
        resource: &Resource,
        context: Context,
        of_resource: &[WritingId],
    ) -> Answer {
        let policies = Policies { resource: self.policies(of_resource), ..Policies::default() };
        let request = Request {
            caller: Caller::Service(service.clone()),
            action: action.to_owned(),
            resource: resource.clone(),
            context,
        };
        self.answer(decide(&request, &policies))
    }

    /// Whether somebody without any account may do this.
    pub(super) fn nobody_may(
        &self,
        action: &str,
        resource: &Resource,
        context: Context,
        of_resource: &[WritingId],
    ) -> Answer {
        let policies = Policies { resource: self.policies(of_resource), ..Policies::default() };
        let context = context.value("aws:SecureTransport", "true").value("aws:ViaAWSService", "false");
        let request = Request {
            caller: Caller::Anonymous,
            action: action.to_owned(),
            resource: resource.clone(),
            context: absent(context, &["aws:PrincipalOrgID", "aws:PrincipalServiceName", "aws:userid"]),
        };
        self.answer(decide(&request, &policies))
    }

    fn weight(&self, id: WritingId) -> u64 {
        self.weights.get(id.0).copied().unwrap_or_default()
    }

    fn caller(&self, principal: &Principal) -> Caller {
        let (arn, account) = (principal.arn.clone(), self.estate.account.clone());
        match principal.kind {
            PrincipalKind::User => Caller::User { arn, account },
            PrincipalKind::Role => Caller::Role { arn, session: None, account },
        }
    }

    fn answer(&self, verdict: Verdict) -> Answer {
        match verdict {
            Verdict::Allowed(cites) => Answer { truth: Truth::Yes, rests: self.rests(&cites) },
            Verdict::Denied(_) => Answer::no(),
            Verdict::Depends { on, statements } => {
                let on = on.into_iter().map(known_by_name).collect();
                Answer { truth: Truth::Unknown(on), rests: self.rests(&statements) }
            }
        }
    }

    fn rests(&self, cites: &[Cite]) -> Vec<Rest> {
        let written = |name: &str| self.estate.writings.iter().find(|writing| writing.name == name);
        cites
            .iter()
            .map(|cite| {
                let writing = written(&cite.policy);
                Rest {
                    policy: cite.policy.clone(),
                    item: writing.and_then(|writing| writing.item.clone()),
                    path: writing.map(|writing| writing.path.clone()).unwrap_or_default(),
                    statement: cite.statement,
                    sid: cite.sid.clone(),
                }
            })
            .collect()
    }
}

fn absent(context: Context, keys: &[&str]) -> Context {
    keys.iter().fold(context, |context, key| context.with(key, Known::Absent))
}

fn stranger(who: &Text) -> Caller {
    let Some(literal) = who.literal() else { return Caller::Root { account: who.clone() } };
    let account = literal.split(':').nth(4).unwrap_or(literal).to_owned();
    match literal.split_once(":role/") {
        Some(_) => Caller::Role { arn: who.clone(), session: None, account: account.into() },
        None if literal.contains(":user/") => Caller::User { arn: who.clone(), account: account.into() },
        None => Caller::Root { account: account.into() },
    }
}

/// The key by whose condition a statement says on what it depends whether it is there.
const GIVEN: &str = "terrace:given/";

/// Says of a statement that it is there only if something unknown comes out so.
pub fn only_if(statement: &mut Statement, name: &UnknownName) {
    let (operator, key) = ("Bool".to_owned(), format!("{GIVEN}{name}"));
    statement.conditions.push(Condition { operator, key, values: vec!["true".into()] });
}

fn known_by_name(unknown: Unknown) -> Unknown {
    match &unknown {
        Unknown::Key(key) => match key.strip_prefix(GIVEN) {
            Some(name) => Unknown::Reference(Reference::unknown(UnknownName::new(name))),
            None => unknown,
        },
        _ => unknown,
    }
}

/// How many comparisons reading a document takes.
fn weight(document: &PolicyDocument) -> u64 {
    let PolicyDocument::Statements(all) = document else { return 1 };
    all.iter()
        .map(|statement| {
            let (Scope::Only(actions) | Scope::AllBut(actions)) = &statement.actions;
            let resources = match &statement.resources {
                None => 0,
                Some(Scope::Only(all) | Scope::AllBut(all)) => all.len(),
            };
            let principals = match &statement.principals {
                None => 0,
                Some(Scope::Only(all) | Scope::AllBut(all)) => all.get(&By::Aws).map_or(0, Vec::len),
            };
            (actions.len() + resources + principals + statement.conditions.len() + 1) as u64
        })
        .sum()
}

/// Whether a document has a statement that may allow the action.
pub(super) fn allows_action(document: &PolicyDocument, lower: &str) -> bool {
    let PolicyDocument::Statements(all) = document else { return true };
    let listed = |actions: &[String]| actions.iter().any(|one| Glob::new(one).lowercase().matches(lower));
    all.iter().filter(|statement| statement.effect == Effect::Allow).any(|statement| {
        match &statement.actions {
            Scope::Only(actions) => listed(actions),
            Scope::AllBut(actions) => !listed(actions),
        }
    })
}
