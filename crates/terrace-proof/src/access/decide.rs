//! The order in which policies decide, after AWS's page "Policy evaluation logic".
//!
//! GUARANTEE: [`Verdict::Allowed`] and [`Verdict::Denied`] hold whatever the unknown things turn out to be, and name the
//! statements that they rest on. `Depends` may be said of what a cleverer comparison of unknown things would decide.

use std::collections::BTreeSet;

use terrace_aws::{Effect, PolicyDocument, Statement};

use super::finding::Finding;
use super::principal::{self, Caller, Grade};
use super::request::Request;
use super::truth::{Truth, Unknown};

/// A policy and what it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy<'a> {
    /// For explanations.
    pub name: &'a str,
    /// Its text.
    pub document: &'a PolicyDocument,
}

/// Every policy that has a say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies<'a> {
    /// Service control policies of the caller's organisation, by level (root, units, account); none if it has none.
    pub scps: Vec<Vec<Policy<'a>>>,
    /// Resource control policies of the resource's organisation, by level; none for services that they do not cover.
    pub rcps: Vec<Vec<Policy<'a>>>,
    /// Of the user with its groups, or of the role.
    pub identity: Vec<Policy<'a>>,
    /// Of the resource: bucket, key, trust policy, ….
    pub resource: Vec<Policy<'a>>,
    /// Of the VPC endpoint that the request goes through; none if it goes through none.
    pub endpoint: Option<Policy<'a>>,
    /// The permissions boundary.
    pub boundary: Option<Policy<'a>>,
    /// Of the session; none if it was made without.
    pub session: Option<Vec<Policy<'a>>>,
}

/// What kind of policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Service control policies; which level, from 0.
    Scp(usize),
    /// Resource control policies; which level, from 0.
    Rcp(usize),
    /// The VPC endpoint's.
    Endpoint,
    /// The resource's.
    Resource,
    /// The identity's.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// The session's.
    Session,
}

/// A statement that a decision rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cite {
    /// In which kind of policy.
    pub layer: Layer,
    /// The policy's name.
    pub policy: String,
    /// Which statement, from 0.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
}

/// Why a request is denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// By these statements.
    Explicit(Vec<Cite>),
    /// Because nothing in these kinds of policies allows it where something would have to.
    Implicit(Vec<Layer>),
}

/// What comes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is allowed; these statements together suffice (none for a root user).
    Allowed(Vec<Cite>),
    /// It is denied.
    Denied(Denial),
    /// It depends.
    Depends {
        /// On these.
        on: BTreeSet<Unknown>,
        /// By way of these statements.
        statements: Vec<Cite>,
    },
}

/// Decides a request.
pub fn decide(request: &Request, policies: &Policies<'_>) -> Verdict {
    let request = &request.completed();
    let deny = denied(request, policies);
    if deny.truth == Truth::Yes {
        return Verdict::Denied(Denial::Explicit(deny.cites));
    }
    let allow = allowed(request, policies);
    match (allow.truth, deny.truth) {
        (Truth::No, _) => {
            let mut missing = allow.missing;
            missing.sort();
            Verdict::Denied(Denial::Implicit(missing))
        }
        (Truth::Yes, Truth::No) => Verdict::Allowed(allow.cites),
        (one, two) => {
            let mut on = BTreeSet::new();
            // What allows is told even where it is only a denial that depends.
            let mut statements = deny.cites;
            statements.extend(allow.cites);
            for truth in [one, two] {
                if let Truth::Unknown(why) = truth {
                    on.extend(why);
                }
            }
            statements.sort();
            statements.dedup();
            Verdict::Depends { on, statements }
        }
    }
}

/// Service control policies, boundaries and identity policies bind who has an account.
const fn has_identity(caller: &Caller) -> bool {
    caller.account().is_some()
}

fn denied(request: &Request, policies: &Policies<'_>) -> Finding {
    let mut found = Finding::no(None);
    let mut look = |layer, those: &[Policy<'_>]| {
        found.add(statements(request, layer, those, Effect::Deny, |s| {
            request.caller.meant_at_all(s.principals.as_ref())
        }));
    };
    for (level, those) in policies.rcps.iter().enumerate() {
        look(Layer::Rcp(level), those);
    }
    look(Layer::Endpoint, policies.endpoint.as_slice());
    look(Layer::Resource, &policies.resource);
    if has_identity(&request.caller) {
        for (level, those) in policies.scps.iter().enumerate() {
            look(Layer::Scp(level), those);
        }
        look(Layer::Identity, &policies.identity);
        look(Layer::Boundary, policies.boundary.as_slice());
        look(Layer::Session, policies.session.as_deref().unwrap_or_default());
    }
    found
}

fn allowed(request: &Request, policies: &Policies<'_>) -> Finding {
    let level = |layer, those: &[Policy<'_>]| {
        statements(request, layer, those, Effect::Allow, |s| {
            request.caller.meant_at_all(s.principals.as_ref())
        })
    };
    let grant = |grade| {
        statements(request, Layer::Resource, &policies.resource, Effect::Allow, |s| match &s.principals {
            None => Truth::No,
            some => request.caller.meant(some.as_ref(), grade),
        })
    };
    let mut guards: Vec<Finding> =
        policies.rcps.iter().enumerate().map(|(at, those)| level(Layer::Rcp(at), those)).collect();
    if policies.endpoint.is_some() {
        guards.push(level(Layer::Endpoint, policies.endpoint.as_slice()));
    }
    let direct = grant(Grade::Direct);
    let Some(account) = request.caller.account() else {
        return Finding::all(guards.into_iter().chain([direct]));
    };
    guards.extend(policies.scps.iter().enumerate().map(|(at, those)| level(Layer::Scp(at), those)));
    let root = matches!(request.caller, Caller::Root { .. });
    let identity = if root { Finding::yes() } else { level(Layer::Identity, &policies.identity) };
    let boundary = policies.boundary.as_slice();
    let mut limits = Finding::yes();
    if !root && !boundary.is_empty() {
        limits = limits.and(level(Layer::Boundary, boundary));
    }
    if let Some(session) = &policies.session {
        limits = limits.and(level(Layer::Session, session));
    }
    let (role, delegated) = (grant(Grade::Role), grant(Grade::Account));
    let local = || {
        let by_identity = if request.needs_resource_policy() {
            identity.clone().and(delegated.clone())
        } else {
            identity.clone()
        };
        direct.clone().or(limits.clone().and(by_identity.or(role.clone())))
    };
    let across = || {
        let granted = direct.clone().or(role.clone()).or(delegated.clone());
        granted.and(identity.clone()).and(limits.clone())
    };
    let access = match principal::same(account, request.resource.account()) {
        Truth::Yes => local(),
        Truth::No => across(),
        // Both readings are tried; where they agree, it does not matter which holds.
        unknown => Finding::either(local(), across(), unknown),
    };
    Finding::all(guards.into_iter().chain([access]))
}

/// What the statements of one kind of policy with this effect come to.
fn statements(
    request: &Request,
    layer: Layer,
    policies: &[Policy<'_>],
    effect: Effect,
    meant: impl Fn(&Statement) -> Truth,
) -> Finding {
    let mut found = Finding::no(Some(layer));
    for policy in policies {
        let PolicyDocument::Statements(all) = policy.document else {
            found.add(Finding::unknown(Unknown::Policy(policy.name.to_owned())));
            continue;
        };
        for (at, statement) in all.iter().enumerate().filter(|(_, s)| s.effect == effect) {
            let truth = match meant(statement) {
                Truth::No => Truth::No,
                meant => meant.and(request.meets(statement)),
            };
            let cite =
                || Cite { layer, policy: policy.name.to_owned(), statement: at, sid: statement.sid.clone() };
            found.add(Finding::of(truth, layer, cite));
        }
    }
    found
}
