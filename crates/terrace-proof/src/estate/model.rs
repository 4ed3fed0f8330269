//! What there is: identities with their policies, what is kept secret, and what runs commands as somebody.
//!
//! Policies stand once, in [`Estate::writings`]; everything else names them by number. An ARN is text in which what AWS
//! chooses is a reference; the same resource is written in the same way everywhere, so that patterns meet it.

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::inventory::ItemId;
use terrace_aws::{PolicyDocument, Text};

use crate::access::Unknown;

/// A policy, and where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writing {
    /// Its name, no other's: what statements are cited by.
    pub name: String,
    /// The item in which it stands; none for AWS's own policies.
    pub item: Option<ItemId>,
    /// The argument in which it stands.
    pub path: String,
    /// Its text.
    pub document: PolicyDocument,
}

/// A policy by its number in [`Estate::writings`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WritingId(pub(crate) usize);

/// An identity by its number in [`Estate::principals`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrincipalId(pub(crate) usize);

/// A user or a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// A user.
    User,
    /// A role.
    Role,
}

/// An identity of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Its item.
    pub id: ItemId,
    /// User or role.
    pub kind: PrincipalKind,
    /// Its ARN.
    pub arn: Text,
    /// Its tags, as far as they are told.
    pub tags: BTreeMap<String, Text>,
    /// What it may do: inline and attached policies, of a user its groups' too.
    pub identity: Vec<WritingId>,
    /// What it may do at most.
    pub boundary: Option<WritingId>,
    /// Who may act as the role.
    pub trust: Option<WritingId>,
    /// Of a user: its groups, by number in [`Estate::groups`].
    pub groups: Vec<usize>,
    /// Of a role: whether an instance profile has it.
    pub profile: bool,
    /// On what it depends whether it is there at all.
    pub unsure: BTreeSet<Unknown>,
}

/// A group of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its item.
    pub id: ItemId,
    /// Its ARN.
    pub arn: Text,
    /// What its users may do.
    pub identity: Vec<WritingId>,
}

/// A policy of the account that stands by itself and can get another version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Managed {
    /// Its item.
    pub id: ItemId,
    /// Its ARN.
    pub arn: Text,
    /// Its text.
    pub writing: WritingId,
}

/// A key of KMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its item.
    pub id: ItemId,
    /// Its ARN.
    pub arn: Text,
    /// Its policy, and its grants as policies.
    pub policies: Vec<WritingId>,
    /// Its tags, as far as they are told.
    pub tags: BTreeMap<String, Text>,
}

/// With what something is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// Nothing that asks for a permission of its own.
    None,
    /// AWS's key of the service: every identity of the account may use it through the service.
    Aws,
    /// A key of the design, by its number in [`Estate::keys`].
    Own(usize),
    /// A key of which nothing but the ARN is told.
    Foreign(Text),
    /// It is not told which.
    Unknown(BTreeSet<Unknown>),
}

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldingKind {
    /// A secret of Secrets Manager; of RDS, if that keeps it.
    Secret {
        /// The service that made it and rotates it: `rds.amazonaws.com`.
        keeper: Option<String>,
    },
    /// A parameter of Systems Manager, by its name with a slash at the front.
    Parameter {
        /// Its name.
        name: Text,
    },
    /// A bucket and its objects.
    Bucket {
        /// Whether it is shut to the public whatever its policy says (`restrict_public_buckets` or
        /// `block_public_policy`): none if that is not told.
        shut: Option<bool>,
    },
}

/// Something that is kept, and not for everyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Its item.
    pub id: ItemId,
    /// What it is.
    pub kind: HoldingKind,
    /// Its ARN.
    pub arn: Text,
    /// Its region.
    pub region: Text,
    /// Its own policy.
    pub policies: Vec<WritingId>,
    /// With what it is encrypted.
    pub key: KeyUse,
    /// Its tags, as far as they are told.
    pub tags: BTreeMap<String, Text>,
}

/// What runs commands as somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CarrierKind {
    /// A machine, or those that a group starts.
    Machine,
    /// A launch template whose newest version is what a group starts next.
    Latest,
    /// A task of ECS in which commands can be run.
    Task,
    /// A function of Lambda.
    Function,
    /// A project of CodeBuild.
    Build,
    /// A stack of CloudFormation.
    Stack,
}

/// Something that carries a role, so that who runs commands on it acts as the role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carrier {
    /// Its item.
    pub id: ItemId,
    /// What it is.
    pub kind: CarrierKind,
    /// Its ARN, or the pattern of the ARNs of those that it stands for.
    pub arn: Text,
    /// The role it carries.
    pub role: PrincipalId,
    /// Its tags, as far as they are told.
    pub tags: BTreeMap<String, Text>,
    /// On what it depends whether it is there, or commands can be run on it.
    pub unsure: BTreeSet<Unknown>,
}

/// Who there is in an account, what is kept, and what runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estate {
    /// The account of all of it.
    pub account: Text,
    /// The region of what does not say another.
    pub region: Text,
    /// `aws`, `aws-cn`, `aws-us-gov`
    pub partition: String,
    /// Every policy.
    pub writings: Vec<Writing>,
    /// Users and roles.
    pub principals: Vec<Principal>,
    /// Groups of users.
    pub groups: Vec<Group>,
    /// Policies that stand by themselves.
    pub managed: Vec<Managed>,
    /// Keys.
    pub keys: Vec<Key>,
    /// Secrets, parameters, buckets.
    pub holdings: Vec<Holding>,
    /// What carries roles.
    pub carriers: Vec<Carrier>,
    /// Service control policies by level; none if none are told.
    pub scps: Vec<Vec<WritingId>>,
}

impl Estate {
    /// An account without anything in it.
    pub fn new(account: Text, region: Text) -> Self {
        Self {
            account,
            region,
            partition: "aws".to_owned(),
            writings: Vec::new(),
            principals: Vec::new(),
            groups: Vec::new(),
            managed: Vec::new(),
            keys: Vec::new(),
            holdings: Vec::new(),
            carriers: Vec::new(),
            scps: Vec::new(),
        }
    }

    /// Adds a policy. One that is longer than any policy can be on AWS is taken as one that is not told, so that
    /// nobody's text decides how long a decision takes.
    pub fn write(&mut self, mut writing: Writing) -> WritingId {
        if super::size::is_absurd(&writing.document) {
            writing.document = PolicyDocument::Opaque(BTreeSet::new());
        }
        self.writings.push(writing);
        WritingId(self.writings.len() - 1)
    }

    /// Adds an identity.
    pub fn add(&mut self, principal: Principal) -> PrincipalId {
        self.principals.push(principal);
        PrincipalId(self.principals.len() - 1)
    }

    /// The policy of a number.
    pub fn writing(&self, id: WritingId) -> Option<&Writing> {
        self.writings.get(id.0)
    }

    /// The identity of a number.
    pub fn principal(&self, id: PrincipalId) -> Option<&Principal> {
        self.principals.get(id.0)
    }

    /// The number of an item's identity.
    pub fn principal_of(&self, id: &ItemId) -> Option<PrincipalId> {
        self.principals.iter().position(|one| one.id == *id).map(PrincipalId)
    }

    /// What an item keeps.
    pub fn holding(&self, id: &ItemId) -> Option<&Holding> {
        self.holdings.iter().find(|one| one.id == *id)
    }
}
