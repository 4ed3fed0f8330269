//! Users, groups, roles, and the policies they have.

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::inventory::{Item, ItemId, Told, View};
use terrace_aws::{Mode, PolicyDocument, Text, Value};
use terrace_proof::access::Unknown;
use terrace_proof::estate::{
    Group, Managed, Principal, PrincipalId, PrincipalKind, Writing, WritingId, aws_policy,
};

use super::Lifting;
use super::papers;

/// Somebody who can have policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    Principal(PrincipalId),
    Group(usize),
}

/// A user's tags, or anything's.
pub(super) fn tags(view: View<'_>) -> BTreeMap<String, Text> {
    let mut all = BTreeMap::new();
    // With the provider's default tags, where a plan or a state tells them.
    for argument in ["tags", "tags_all"] {
        all.extend(view.map(argument).known().unwrap_or_default());
    }
    all
}

impl<'i> Lifting<'_, 'i> {
    pub(super) fn identities(&mut self) {
        for item in self.all("aws_iam_policy") {
            let Some(value) = item.view().get("policy") else { continue };
            let writings = papers::write(&mut self.estate, self.names, item, "policy", value);
            let arn = self.names.arn(item);
            for writing in writings {
                self.estate.managed.push(Managed { id: item.id().clone(), arn: arn.clone(), writing });
            }
        }
        for item in self.all("aws_iam_role") {
            self.principal(item, PrincipalKind::Role);
        }
        for item in self.all("aws_iam_user") {
            self.principal(item, PrincipalKind::User);
        }
        for item in self.all("aws_iam_group") {
            let arn = self.names.arn(item);
            self.estate.groups.push(Group { id: item.id().clone(), arn, identity: Vec::new() });
        }
        for item in self.all("aws_iam_instance_profile") {
            if let Some(Holder::Principal(id)) = self.holder(item, "role", "aws_iam_role") {
                let at = self.at(id);
                if let Some(role) = self.estate.principals.get_mut(at) {
                    role.profile = true;
                }
            }
        }
        self.inline();
        self.attached();
        self.memberships();
    }

    fn at(&self, id: PrincipalId) -> usize {
        let of = self.estate.principal(id).map(|one| one.id.clone());
        self.estate.principals.iter().position(|one| Some(&one.id) == of.as_ref()).unwrap_or(usize::MAX)
    }

    fn principal(&mut self, item: &'i Item, kind: PrincipalKind) {
        let mut identity = Vec::new();
        let mut trust = None;
        if kind == PrincipalKind::Role {
            if let Some(value) = item.view().get("assume_role_policy") {
                let path = "assume_role_policy";
                let writings = papers::write(&mut self.estate, self.names, item, path, value);
                trust = self.only(item, path, writings);
            }
            match item.view().blocks("inline_policy") {
                Told::Is(blocks) => {
                    for (at, block) in blocks.into_iter().enumerate() {
                        let Some(value) = block.get("policy") else { continue };
                        let path = format!("inline_policy[{at}].policy");
                        identity.extend(papers::write(&mut self.estate, self.names, item, &path, value));
                    }
                }
                Told::Nothing => {}
                Told::Unknown(_) => identity.push(self.untold(item, "inline_policy")),
            }
        }
        let principal = Principal {
            id: item.id().clone(),
            kind,
            arn: self.names.arn(item),
            tags: tags(item.view()),
            identity,
            boundary: None,
            trust,
            groups: Vec::new(),
            profile: false,
            unsure: papers::presence(item),
        };
        let id = self.estate.add(principal);
        if kind == PrincipalKind::Role {
            self.attach_all(item, "managed_policy_arns", &[Holder::Principal(id)]);
        }
        if item.view().get("permissions_boundary").is_some() {
            let writings = match item.view().text("permissions_boundary") {
                Told::Is(text) if text == Text::new() => return,
                Told::Is(text) => self.policy_of(item, "permissions_boundary", &text),
                Told::Nothing => return,
                Told::Unknown(_) => vec![self.untold(item, "permissions_boundary")],
            };
            let boundary = self.only(item, "permissions_boundary", writings);
            if let Some(principal) = self.estate.principals.last_mut() {
                principal.boundary = boundary;
            }
        }
    }

    /// The one policy of several writings; where a statement could not be read, a policy that is not told.
    fn only(&mut self, item: &Item, path: &str, writings: Vec<WritingId>) -> Option<WritingId> {
        match writings.as_slice() {
            [] => None,
            [one] => Some(*one),
            _ => Some(self.untold(item, path)),
        }
    }

    /// A policy of which nothing is told.
    pub(super) fn untold(&mut self, item: &Item, path: &str) -> WritingId {
        self.estate.write(Writing {
            name: format!("{}: {path}", item.id()),
            item: Some(item.id().clone()),
            path: path.to_owned(),
            document: PolicyDocument::Opaque(BTreeSet::new()),
        })
    }

    fn inline(&mut self) {
        for (type_name, argument, kind) in [
            ("aws_iam_role_policy", "role", "aws_iam_role"),
            ("aws_iam_user_policy", "user", "aws_iam_user"),
            ("aws_iam_group_policy", "group", "aws_iam_group"),
        ] {
            for item in self.all(type_name) {
                let Some(value) = item.view().get("policy") else { continue };
                match self.holder(item, argument, kind) {
                    Some(holder) => {
                        let writings = papers::write(&mut self.estate, self.names, item, "policy", value);
                        self.give(holder, &writings);
                    }
                    None => self.pass_over(item, argument, "is for somebody who is not in the design"),
                }
            }
        }
    }

    fn attached(&mut self) {
        for (type_name, argument, kind) in [
            ("aws_iam_role_policy_attachment", "role", "aws_iam_role"),
            ("aws_iam_user_policy_attachment", "user", "aws_iam_user"),
            ("aws_iam_group_policy_attachment", "group", "aws_iam_group"),
        ] {
            for item in self.all(type_name) {
                match self.holder(item, argument, kind) {
                    Some(holder) => self.attach_all(item, "policy_arn", &[holder]),
                    None => self.pass_over(item, argument, "is for somebody who is not in the design"),
                }
            }
        }
        for (type_name, argument, kind) in [
            ("aws_iam_role_policy_attachments_exclusive", "role_name", "aws_iam_role"),
            ("aws_iam_user_policy_attachments_exclusive", "user_name", "aws_iam_user"),
            ("aws_iam_group_policy_attachments_exclusive", "group_name", "aws_iam_group"),
        ] {
            for item in self.all(type_name) {
                match self.holder(item, argument, kind) {
                    Some(holder) => self.attach_all(item, "policy_arns", &[holder]),
                    None => self.pass_over(item, argument, "is for somebody who is not in the design"),
                }
            }
        }
        for item in self.all("aws_iam_policy_attachment") {
            let mut holders = Vec::new();
            for (argument, kind) in
                [("roles", "aws_iam_role"), ("users", "aws_iam_user"), ("groups", "aws_iam_group")]
            {
                holders.extend(self.holders(item, argument, kind));
            }
            self.attach_all(item, "policy_arn", &holders);
        }
    }

    /// Gives the policies that an argument lists by ARN.
    fn attach_all(&mut self, item: &Item, path: &str, holders: &[Holder]) {
        let writings = match item.view().texts(path) {
            Told::Is(texts) => texts.iter().flat_map(|text| self.policy_of(item, path, text)).collect(),
            Told::Nothing => return,
            Told::Unknown(_) => vec![self.untold(item, path)],
        };
        for holder in holders {
            self.give(*holder, &writings);
        }
    }

    /// The policies that an ARN means: the design's, AWS's, or one that is not told.
    fn policy_of(&mut self, item: &Item, path: &str, arn: &Text) -> Vec<WritingId> {
        let concrete = self.names.text(arn);
        let by_item = arn.references().find_map(|reference| reference.item()).cloned();
        let own: Vec<WritingId> = self
            .estate
            .managed
            .iter()
            .filter(|managed| managed.arn == concrete || Some(&managed.id) == by_item.as_ref())
            .map(|managed| managed.writing)
            .collect();
        // Whether the attachment is there is one more thing to ask.
        if !own.is_empty() && papers::presence(item).is_empty() {
            return own;
        }
        let arn = concrete.literal().map(str::to_owned).or_else(|| self.looked_up(by_item.as_ref()?));
        let known = arn.as_deref().and_then(aws_policy);
        let document = match known {
            Some(policy) => policy.document,
            None => match own.first().and_then(|id| self.estate.writing(*id)) {
                Some(writing) => writing.document.clone(),
                None => PolicyDocument::Opaque(concrete.references().cloned().collect()),
            },
        };
        let document = papers::if_there(item, document);
        let what = match &arn {
            Some(arn) => arn.rsplit('/').next().unwrap_or(arn).to_owned(),
            None => path.to_owned(),
        };
        let (name, item_id) = (format!("{}: {what}", item.id()), Some(item.id().clone()));
        vec![self.estate.write(Writing { name, item: item_id, path: path.to_owned(), document })]
    }

    /// The ARN of AWS's policy that a lookup is for.
    fn looked_up(&self, id: &ItemId) -> Option<String> {
        let item = self.names.inventory.get(id).filter(|item| item.id().mode() == Mode::Data)?;
        let told = |argument: &str| item.view().literal(argument).known();
        told("arn").or_else(|| {
            let name = told("name")?;
            ["", "service-role/", "job-function/"]
                .iter()
                .map(|path| format!("arn:aws:iam::aws:policy/{path}{name}"))
                .find(|arn| aws_policy(arn).is_some())
        })
    }

    fn give(&mut self, holder: Holder, writings: &[WritingId]) {
        match holder {
            Holder::Principal(id) => {
                let at = self.at(id);
                if let Some(principal) = self.estate.principals.get_mut(at) {
                    principal.identity.extend(writings);
                }
            }
            Holder::Group(at) => {
                if let Some(group) = self.estate.groups.get_mut(at) {
                    group.identity.extend(writings);
                }
            }
        }
    }

    fn memberships(&mut self) {
        let mut pairs: Vec<(PrincipalId, usize)> = Vec::new();
        for item in self.all("aws_iam_group_membership") {
            if let Some(Holder::Group(group)) = self.holder(item, "group", "aws_iam_group") {
                for holder in self.holders(item, "users", "aws_iam_user") {
                    if let Holder::Principal(user) = holder {
                        pairs.push((user, group));
                    }
                }
            }
        }
        for item in self.all("aws_iam_user_group_membership") {
            if let Some(Holder::Principal(user)) = self.holder(item, "user", "aws_iam_user") {
                for holder in self.holders(item, "groups", "aws_iam_group") {
                    if let Holder::Group(group) = holder {
                        pairs.push((user, group));
                    }
                }
            }
        }
        for (user, group) in pairs {
            let policies = self.estate.groups.get(group).map(|one| one.identity.clone()).unwrap_or_default();
            let at = self.at(user);
            if let Some(user) = self.estate.principals.get_mut(at)
                && !user.groups.contains(&group)
            {
                user.groups.push(group);
                user.identity.extend(policies);
            }
        }
    }

    /// Whom an argument names.
    fn holder(&self, item: &Item, argument: &str, kind: &str) -> Option<Holder> {
        let text = item.view().text(argument).known()?;
        self.held_by(&text, kind)
    }

    fn holders(&mut self, item: &Item, argument: &str, kind: &str) -> Vec<Holder> {
        let texts = match item.view().texts(argument) {
            Told::Is(texts) => texts,
            Told::Nothing => return Vec::new(),
            Told::Unknown(_) => {
                self.pass_over(item, argument, "is for people who are not told");
                return Vec::new();
            }
        };
        let found: Vec<Holder> = texts.iter().filter_map(|text| self.held_by(text, kind)).collect();
        if found.len() < texts.len() {
            self.pass_over(item, argument, "is for somebody who is not in the design");
        }
        found
    }

    /// Whom a text means: an item by reference, or somebody by name or ARN.
    fn held_by(&self, text: &Text, kind: &str) -> Option<Holder> {
        if let Some(id) = text.reference().and_then(|reference| reference.item())
            && let Some(holder) = self.holder_of(id)
        {
            return Some(holder);
        }
        let name = self.names.text(text);
        if name == Text::new() {
            return None;
        }
        let means = |id: &ItemId, arn: &Text| {
            let item = self.names.inventory.get(id);
            id.type_name() == kind
                && (*arn == name || item.is_some_and(|item| self.names.name(item, "name") == name))
        };
        let principal = self.estate.principals.iter().find(|one| means(&one.id, &one.arn));
        if let Some(principal) = principal {
            return self.holder_of(&principal.id);
        }
        self.estate.groups.iter().position(|one| means(&one.id, &one.arn)).map(Holder::Group)
    }

    fn holder_of(&self, id: &ItemId) -> Option<Holder> {
        let principal = self.estate.principal_of(id).map(Holder::Principal);
        principal.or_else(|| self.estate.groups.iter().position(|one| one.id == *id).map(Holder::Group))
    }

    /// The role that a text means: by itself, or as what an instance profile has.
    pub(super) fn role_of(&self, text: &Text) -> Option<PrincipalId> {
        if let Some(Holder::Principal(id)) = self.held_by(text, "aws_iam_role") {
            return Some(id);
        }
        let wanted = self.names.text(text);
        let referred = text.reference().and_then(|reference| reference.item());
        let profile = self.all("aws_iam_instance_profile").into_iter().find(|item| {
            Some(item.id()) == referred
                || self.names.arn(item) == wanted
                || self.names.name(item, "name") == wanted
        })?;
        match self.holder(profile, "role", "aws_iam_role") {
            Some(Holder::Principal(id)) => Some(id),
            _ => None,
        }
    }

    /// What a value that is not told may come to, for a list of unknowns.
    pub(super) fn unknowns(value: &Value) -> BTreeSet<Unknown> {
        let mut of = Vec::new();
        value.references(&mut of);
        papers::untold(of.into_iter().collect())
    }
}
