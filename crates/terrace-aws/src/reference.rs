//! References: what one resource takes from another, kept structured until an emitter prints them.
//!
//! GUARANTEE: a [`Ref`] names a kind by its type, so a subnet cannot stand where a group belongs.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use crate::inventory::{ItemId, UnknownName};
use crate::{Address, Label, Mode, ResourceType};

/// What a reference points at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A resource or a lookup.
    Resource(Address),
    /// A setting that whoever applies the graph may change.
    Variable(Label),
    /// A resource as found, in an inventory.
    Item(Box<ItemId>),
    /// A value that nobody has told, by its name.
    Unknown(UnknownName),
}

impl Target {
    /// The mode and the provider's type name of a resource, found or built.
    pub fn kind(&self) -> Option<(Mode, &str)> {
        match self {
            Self::Resource(address) => Some((address.kind().mode(), address.kind().type_name())),
            Self::Item(id) => Some((id.mode(), id.type_name())),
            Self::Variable(_) | Self::Unknown(_) => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource(address) => address.fmt(f),
            Self::Variable(label) => write!(f, "var.{label}"),
            Self::Item(id) => id.fmt(f),
            Self::Unknown(name) => name.fmt(f),
        }
    }
}

/// An attribute of a target, without its type: `aws_lb.public.arn`, `var.release`; or a member of the only element
/// of one that is a set, which has no first: `one(aws_acm_certificate.main.domain_validation_options).domain_name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    target: Target,
    attribute: String,
    member: Option<String>,
}

impl Reference {
    /// The attribute (a path such as `arn` or `master_user_secret[0].secret_arn`; empty for a variable).
    pub fn new(target: Target, attribute: impl Into<String>) -> Self {
        Self { target, attribute: attribute.into(), member: None }
    }

    /// A member of the only element of an attribute that is a set.
    pub fn only(target: Target, set: impl Into<String>, member: impl Into<String>) -> Self {
        Self { member: Some(member.into()), ..Self::new(target, set) }
    }

    /// A variable's value.
    pub fn variable(label: Label) -> Self {
        Self::new(Target::Variable(label), "")
    }

    /// What it points at.
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Which attribute; empty for a variable.
    pub fn attribute(&self) -> &str {
        &self.attribute
    }

    /// Which member of the attribute's only element, if it is a set.
    pub fn member(&self) -> Option<&str> {
        self.member.as_deref()
    }

    /// As a plan's JSON would tell it: the attribute as a whole.
    #[must_use]
    pub fn forgotten(&self) -> Self {
        Self { member: None, ..self.clone() }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(member) = &self.member {
            return write!(f, "one({}).{member}", self.forgotten());
        }
        self.target.fmt(f)?;
        if self.attribute.is_empty() { Ok(()) } else { write!(f, ".{}", self.attribute) }
    }
}

/// An attribute as a type.
pub trait Attribute {
    /// Its path.
    const PATH: &'static str;
}

macro_rules! attributes {
    ($($(#[$about:meta])* $name:ident = $path:literal,)*) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {}
        impl Attribute for $name {
            const PATH: &'static str = $path;
        }
    )*};
}

attributes! {
    /// `id`
    Id = "id",
    /// `arn`
    Arn = "arn",
    /// `name`
    Name = "name",
    /// `arn_suffix`: what CloudWatch calls a load balancer or target group.
    ArnSuffix = "arn_suffix",
    /// `dns_name`
    DnsName = "dns_name",
    /// `zone_id`
    ZoneId = "zone_id",
    /// `latest_version` of a launch template.
    LatestVersion = "latest_version",
    /// `certificate_arn`: a certificate once it is validated.
    CertificateArn = "certificate_arn",
    /// `default_route_table_id` of a network.
    DefaultRouteTableId = "default_route_table_id",
    /// `key_id` of a key.
    KeyId = "key_id",
    /// `bucket`
    BucketName = "bucket",
    /// `secret_id`
    SecretId = "secret_id",
    /// `identifier` of a database.
    Identifier = "identifier",
    /// `cluster_identifier`
    ClusterIdentifier = "cluster_identifier",
    /// `engine` of a database cluster.
    EngineName = "engine",
    /// `random_password`: characters that AWS made during a run.
    GeneratedPassword = "random_password",
    /// `resource_id` of a scalable target.
    ResourceId = "resource_id",
    /// `latest_version_number`-free ARN of a function's published version is its `arn`; the etag is not used.
    BucketRegionalDomainName = "bucket_regional_domain_name",
    /// `fqdn` of a record.
    Fqdn = "fqdn",
    /// `domain_name` that CloudFront gives a distribution.
    CdnDomainName = "domain_name",
    /// `repository_url`
    RepositoryUrl = "repository_url",
}

/// A reference to one attribute (`A`, its id unless said otherwise) of a resource of kind `T`.
///
/// Only an import makes the literal form: the document named something that is not in it.
pub struct Ref<T, A = Id> {
    to: To,
    kind: PhantomData<fn() -> (T, A)>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum To {
    Label(Label),
    Literal(String),
}

impl<T: ResourceType, A: Attribute> Ref<T, A> {
    /// The resource with this label.
    pub const fn new(label: Label) -> Self {
        Self { to: To::Label(label), kind: PhantomData }
    }

    /// Something outside the graph, by its value.
    pub const fn literal(value: String) -> Self {
        Self { to: To::Literal(value), kind: PhantomData }
    }

    /// The label it names, unless it is a literal.
    pub const fn label(&self) -> Option<&Label> {
        match &self.to {
            To::Label(label) => Some(label),
            To::Literal(_) => None,
        }
    }

    /// The value of a literal.
    pub fn outside(&self) -> Option<&str> {
        match &self.to {
            To::Label(_) => None,
            To::Literal(value) => Some(value),
        }
    }

    /// The address it names, unless it is a literal.
    pub fn address(&self) -> Option<Address> {
        self.label().map(|label| Address::new(T::KIND, label.clone()))
    }

    /// Another attribute of the same resource.
    #[must_use]
    pub fn attribute<B: Attribute>(&self) -> Ref<T, B> {
        Ref { to: self.to.clone(), kind: PhantomData }
    }

    /// Without its type, unless it is a literal.
    pub fn untyped(&self) -> Option<Reference> {
        self.address().map(|address| Reference::new(Target::Resource(address), A::PATH))
    }

    /// A member of the only element of an attribute that is a set, unless it is a literal.
    pub fn only(&self, set: &str, member: &str) -> Option<Reference> {
        self.address().map(|address| Reference::only(Target::Resource(address), set, member))
    }

    /// Any attribute by its path, unless it is a literal.
    pub fn path(&self, path: &str) -> Option<Reference> {
        self.address().map(|address| Reference::new(Target::Resource(address), path))
    }
}

impl<T, A> Clone for Ref<T, A> {
    fn clone(&self) -> Self {
        Self { to: self.to.clone(), kind: PhantomData }
    }
}

impl<T, A> fmt::Debug for Ref<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to.fmt(f)
    }
}

impl<T, A> PartialEq for Ref<T, A> {
    fn eq(&self, other: &Self) -> bool {
        self.to == other.to
    }
}

impl<T, A> Eq for Ref<T, A> {}

impl<T, A> PartialOrd for Ref<T, A> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T, A> Ord for Ref<T, A> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.to.cmp(&other.to)
    }
}

impl<T, A> Hash for Ref<T, A> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.to.hash(state);
    }
}
