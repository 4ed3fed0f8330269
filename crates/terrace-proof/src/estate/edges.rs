//! Who can act as whom: one step, by assuming a role, passing it, running commands on what carries it, or by changing
//! who may.

use terrace_aws::inventory::UnknownName;
use terrace_aws::{Effect, PolicyDocument, PrincipalKind as By, Reference, Scope, Text};

use super::ask::{Actor, Answer, Desk, Grown, allows_action};
use super::direct::tagged;
use super::model::{Carrier, CarrierKind, Principal, PrincipalId, PrincipalKind};
use super::reader::{Deed, instance, shown};
use super::table::{On, PASSES, Service, Way, runs};
use crate::access::{Context, Known, Resource, Truth, Unknown};

/// How somebody becomes somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) to: PrincipalId,
    pub(super) grown: Grown,
    pub(super) deed: Deed,
    pub(super) answer: Answer,
}

/// How many resources of its choice somebody is tried with.
const CHOICES: usize = 16;

/// Something unknown by a name.
pub(super) fn open_question(name: impl Into<String>) -> Unknown {
    Unknown::Reference(Reference::unknown(UnknownName::new(name)))
}

impl Desk<'_> {
    /// The surest way in which the actor can act as this identity.
    pub(super) fn becomes(&self, actor: &Actor, id: PrincipalId) -> Option<Edge> {
        let to = self.estate.principal(id)?;
        if matches!(actor, Actor::Own(own, _) if *own == id) {
            return None;
        }
        let mut best: Option<Edge> = None;
        let mut add = |deed: Deed, answer: Answer| {
            let answer = answer.given(&to.unsure);
            let surer = best
                .as_ref()
                .is_none_or(|best| answer.truth == Truth::Yes && best.answer.truth != Truth::Yes);
            if !answer.is_no() && surer {
                best = Some(Edge { to: id, grown: Grown::As, deed, answer });
            }
        };
        if let Some((action, answer)) = self.assumes(actor, to) {
            add(Deed::Assumes(action), answer);
        }
        if matches!(actor, Actor::Own(..)) {
            for (deed, answer) in self.runs_as(actor, id) {
                add(deed, answer);
            }
            for (deed, answer) in self.passes(actor, to) {
                add(deed, answer);
            }
            let taking: &[&'static str] = match to.kind {
                PrincipalKind::Role => &["iam:UpdateAssumeRolePolicy"],
                PrincipalKind::User => {
                    &["iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"]
                }
            };
            for action in taking {
                add(Deed::TakesOver(action), self.on_principal(actor, action, to));
            }
        }
        best
    }

    fn on_principal(&self, actor: &Actor, action: &'static str, to: &Principal) -> Answer {
        if !self.speaks_of(actor, action) {
            return Answer::no();
        }
        let on = Resource::exactly(&to.arn, self.estate.account.clone());
        let mut context = tagged(Context::open(), &to.tags, Some("iam:ResourceTag"));
        if to.boundary.is_none() {
            context = context.with("iam:PermissionsBoundary", Known::Absent);
        }
        self.may(actor, action, &on, context, &[])
    }

    fn assumes(&self, actor: &Actor, to: &Principal) -> Option<(&'static str, Answer)> {
        let trust = to.trust?;
        if !trusts_identities(&self.estate.writing(trust)?.document) {
            return None;
        }
        let on = Resource::exactly(&to.arn, self.estate.account.clone());
        let context = || tagged(Context::open(), &to.tags, Some("iam:ResourceTag"));
        let actions: &[&'static str] = match actor {
            Actor::Federated(_) => &["sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"],
            _ => &["sts:AssumeRole"],
        };
        actions
            .iter()
            .map(|action| (*action, self.may(actor, action, &on, context(), &[trust])))
            .find(|(_, answer)| !answer.is_no())
    }

    fn passes(&self, actor: &Actor, to: &Principal) -> Vec<(Deed, Answer)> {
        let mut found = Vec::new();
        let Some(trust) = to.trust else { return found };
        if to.kind != PrincipalKind::Role || !self.speaks_of(actor, "iam:PassRole") {
            return found;
        }
        let on = Resource::exactly(&to.arn, self.estate.account.clone());
        for service in PASSES {
            let Some(document) = self.estate.writing(trust).map(|writing| &writing.document) else {
                continue;
            };
            if !trusts_service(document, service.name) {
                continue;
            }
            let trusted = self.trusted(service, trust, &on);
            if trusted.is_no() {
                continue;
            }
            let context = tagged(Context::open(), &to.tags, Some("iam:ResourceTag"))
                .value("iam:PassedToService", service.name);
            let passed = self.may(actor, "iam:PassRole", &on, context, &[]);
            if passed.is_no() {
                continue;
            }
            let passed = passed.and(Answer { rests: Vec::new(), ..trusted });
            for way in service.ways {
                let mut answer = self.walks(actor, way, None);
                if service.name == "ec2.amazonaws.com" && !to.profile && !answer.is_no() {
                    let own: Way = &[
                        ("iam:AddRoleToInstanceProfile", On::Chosen("iam:instance-profile/any")),
                        ("iam:CreateInstanceProfile", On::Chosen("iam:instance-profile/any")),
                    ];
                    answer = answer.and(self.walks(actor, own, None));
                }
                if !answer.is_no() {
                    let by = names(way);
                    found.push((Deed::Passes { service: service.name, by }, passed.clone().and(answer)));
                }
            }
        }
        found
    }

    /// Ways in which the actor hands this role on.
    pub(super) fn passed(&self, actor: &Actor, id: PrincipalId) -> Vec<Edge> {
        let Some(to) = self.estate.principal(id) else { return Vec::new() };
        let edge = |(deed, answer)| Edge { to: id, grown: Grown::As, deed, answer };
        self.passes(actor, to).into_iter().map(edge).collect()
    }

    fn trusted(&self, service: &Service, trust: super::WritingId, on: &Resource) -> Answer {
        let account = || self.estate.account.clone();
        let source = Text::from(format!("arn:{}:{}:", self.estate.partition, service.arn))
            .then(self.estate.region.clone())
            .then(":")
            .then(account())
            .then(":")
            .then(Reference::unknown(UnknownName::new("what acts with the role")));
        let context = Context::open().value("aws:SourceAccount", account()).value("aws:SourceArn", source);
        self.service_may(&service.name.into(), "sts:AssumeRole", on, context, &[trust])
    }

    fn runs_as(&self, actor: &Actor, id: PrincipalId) -> Vec<(Deed, Answer)> {
        let mut found = Vec::new();
        for carrier in self.estate.carriers.iter().filter(|carrier| carrier.role == id) {
            for way in runs(carrier.kind) {
                let answer = self.walks(actor, way, Some(carrier)).given(&carrier.unsure);
                if answer.is_no() {
                    continue;
                }
                let answer = answer.given(&self.reached(carrier, way));
                found.push((Deed::Runs { on: carrier.id.clone(), by: names(way) }, answer));
            }
        }
        found
    }

    /// What has to be so for commands to get to a carrier.
    fn reached(&self, carrier: &Carrier, way: Way) -> std::collections::BTreeSet<Unknown> {
        let by = |action: &str| way.iter().any(|(one, _)| *one == action);
        let question = if by("ec2-instance-connect:SendSSHPublicKey") {
            Some(format!("whether SSH on {} can be reached", carrier.id))
        } else if by("ssm:SendCommand") || by("ssm:StartSession") || by("ecs:ExecuteCommand") {
            let agent = Actor::Own(carrier.role, Grown::As);
            let all = Resource::exactly(&"*".into(), self.estate.account.clone());
            let talks = ["ssmmessages:OpenControlChannel", "ec2messages:GetMessages"]
                .iter()
                .any(|action| !self.may(&agent, action, &all, Context::open(), &[]).is_no());
            (!talks).then(|| format!("whether Systems Manager has other leave to manage {}", carrier.id))
        } else {
            None
        };
        question.map(open_question).into_iter().collect()
    }

    /// Whether the actor may do all of a way.
    fn walks(&self, actor: &Actor, way: Way, carrier: Option<&Carrier>) -> Answer {
        if !way.iter().all(|(action, _)| self.speaks_of(actor, action)) {
            return Answer::no();
        }
        let account = || self.estate.account.clone();
        let mut all = Answer::yes();
        let mut chosen: Vec<&str> = Vec::new();
        for (action, on) in way {
            let answer = match (on, carrier) {
                (On::All, _) => {
                    self.may(actor, action, &Resource::exactly(&"*".into(), account()), Context::open(), &[])
                }
                (On::Carrier, Some(carrier)) => {
                    let own = matches!(carrier.kind, CarrierKind::Machine).then_some("ssm:resourceTag");
                    let context = tagged(Context::open(), &carrier.tags, own);
                    self.may(actor, action, &Resource::matching(&carrier.arn, account()), context, &[])
                }
                (On::Carrier, None) => Answer::no(),
                (On::Shell, _) => {
                    let arn = Text::from(format!("arn:{}:ssm:", self.estate.partition))
                        .then(self.estate.region.clone())
                        .then("::document/AWS-RunShellScript");
                    self.may(actor, action, &Resource::exactly(&arn, account()), Context::open(), &[])
                }
                (On::Chosen(pattern), _) => {
                    let same = way.iter().any(|(one, other)| one != action && other == on);
                    if same && chosen.contains(pattern) {
                        continue;
                    }
                    chosen.push(pattern);
                    self.choosing(actor, way, pattern)
                }
            };
            all = all.and(answer);
            if all.is_no() {
                return all;
            }
        }
        all
    }

    /// Whether there is a resource, of the actor's choice, on which it may do all that the way does to such.
    fn choosing(&self, actor: &Actor, way: Way, pattern: &'static str) -> Answer {
        let actions = || way.iter().filter(|(_, on)| *on == On::Chosen(pattern)).map(|(action, _)| *action);
        let Some((service, rest)) = pattern.split_once(':') else { return Answer::no() };
        let common = Text::from(format!("arn:{}:{service}:", self.estate.partition));
        let common = if service == "iam" { common } else { common.then(self.estate.region.clone()) };
        let common = common.then(":").then(self.estate.account.clone()).then(format!(":{rest}"));
        let mut choices = vec![common];
        if let Actor::Own(id, Grown::As | Grown::In(_)) = actor {
            let kind = rest.split(['/', ':']).next().unwrap_or_default();
            for action in actions() {
                choices.extend(self.patterns(*id, action, service, kind));
            }
        }
        choices.truncate(CHOICES);
        choices.iter().fold(Answer::no(), |best, arn| {
            if best.truth == Truth::Yes {
                return best;
            }
            let on = Resource::exactly(arn, self.estate.account.clone());
            best.or(actions()
                .map(|action| self.may(actor, action, &on, Context::open(), &[]))
                .fold(Answer::yes(), Answer::and))
        })
    }

    /// A resource for each pattern on which an identity's policies allow the action.
    fn patterns(&self, id: PrincipalId, action: &str, service: &str, kind: &str) -> Vec<Text> {
        let Some(principal) = self.estate.principal(id) else { return Vec::new() };
        let lower = action.to_ascii_lowercase();
        let mut found = Vec::new();
        for document in principal.identity.iter().filter_map(|id| self.estate.writing(*id)) {
            let PolicyDocument::Statements(all) = &document.document else { continue };
            for statement in all.iter().filter(|statement| statement.effect == Effect::Allow) {
                let one = PolicyDocument::Statements(vec![statement.clone()]);
                let Some(Scope::Only(resources)) = &statement.resources else { continue };
                if !allows_action(&one, &lower) {
                    continue;
                }
                found.extend(resources.iter().map(instance).filter(|text| {
                    let shown = shown(text);
                    let mut fields = shown.splitn(6, ':').skip(2);
                    let (of, rest) = (fields.next(), fields.nth(2).unwrap_or_default());
                    of == Some(service) && rest.split(['/', ':']).next() == Some(kind)
                }));
            }
        }
        found
    }

    /// How the actor gives an identity more than it has.
    pub(super) fn widens(&self, actor: &Actor, id: PrincipalId) -> Vec<Edge> {
        let Some(to) = self.estate.principal(id) else { return Vec::new() };
        let account = || self.estate.account.clone();
        let mut found: Vec<Edge> = Vec::new();
        let (put, attach, unbind) = match to.kind {
            PrincipalKind::Role => {
                ("iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary")
            }
            PrincipalKind::User => {
                ("iam:PutUserPolicy", "iam:AttachUserPolicy", "iam:DeleteUserPermissionsBoundary")
            }
        };
        let mut ways: Vec<(&'static str, Answer)> = vec![(put, self.on_principal(actor, put, to))];
        ways.push((attach, self.attaches(actor, attach, &to.arn)));
        for group in to.groups.iter().filter_map(|at| self.estate.groups.get(*at)) {
            let on = Resource::exactly(&group.arn, account());
            ways.push((
                "iam:PutGroupPolicy",
                self.may(actor, "iam:PutGroupPolicy", &on, Context::open(), &[]),
            ));
            ways.push(("iam:AttachGroupPolicy", self.attaches(actor, "iam:AttachGroupPolicy", &group.arn)));
        }
        for managed in self.estate.managed.iter().filter(|one| to.identity.contains(&one.writing)) {
            let on = Resource::exactly(&managed.arn, account());
            let action = "iam:CreatePolicyVersion";
            ways.push((action, self.may(actor, action, &on, Context::open(), &[])));
        }
        let best = ways.into_iter().filter(|(_, answer)| !answer.is_no()).reduce(|best, other| {
            if best.1.truth != Truth::Yes && other.1.truth == Truth::Yes { other } else { best }
        });
        if let Some((action, answer)) = best {
            let edge = |grown, answer| Edge { to: id, grown, deed: Deed::Widens(action), answer };
            if to.boundary.is_some() {
                let freed = answer.clone().and(self.on_principal(actor, unbind, to));
                if !freed.is_no() {
                    found.push(edge(Grown::Free, freed));
                }
            }
            found.push(edge(Grown::Any, answer));
        }
        if to.kind == PrincipalKind::User {
            for (at, group) in self.estate.groups.iter().enumerate().filter(|(at, _)| !to.groups.contains(at))
            {
                let on = Resource::exactly(&group.arn, account());
                let action = "iam:AddUserToGroup";
                let answer = self.may(actor, action, &on, Context::open(), &[]);
                if !answer.is_no() {
                    found.push(Edge { to: id, grown: Grown::In(at), deed: Deed::Widens(action), answer });
                }
            }
        }
        found
    }

    /// Whether the actor may attach a policy that allows everything; if some other policies only, that depends.
    fn attaches(&self, actor: &Actor, action: &'static str, arn: &Text) -> Answer {
        if !self.speaks_of(actor, action) {
            return Answer::no();
        }
        let on = Resource::exactly(arn, self.estate.account.clone());
        let all = format!("arn:{}:iam::aws:policy/AdministratorAccess", self.estate.partition);
        let surely = self.may(actor, action, &on, Context::open().value("iam:PolicyARN", all), &[]);
        if surely.is_no() { self.may(actor, action, &on, Context::open(), &[]) } else { surely }
    }
}

fn names(way: Way) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = way.iter().map(|(action, _)| *action).collect();
    all.dedup();
    all
}

/// Whether a trust policy may mean anyone but services.
fn trusts_identities(document: &PolicyDocument) -> bool {
    let PolicyDocument::Statements(all) = document else { return true };
    all.iter().filter(|statement| statement.effect == Effect::Allow).any(|statement| {
        match &statement.principals {
            Some(Scope::Only(listed)) => listed.keys().any(|kind| *kind != By::Service),
            Some(Scope::AllBut(_)) => true,
            None => false,
        }
    })
}

/// Whether a trust policy may mean the service; cheaper than asking.
fn trusts_service(document: &PolicyDocument, service: &str) -> bool {
    let PolicyDocument::Statements(all) = document else { return true };
    all.iter().filter(|statement| statement.effect == Effect::Allow).any(|statement| {
        match &statement.principals {
            Some(Scope::Only(listed)) => listed
                .get(&By::Service)
                .is_some_and(|all| all.iter().any(|name| name.literal().is_none_or(|name| name == service))),
            Some(Scope::AllBut(_)) => true,
            None => false,
        }
    })
}
