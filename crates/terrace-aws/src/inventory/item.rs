//! One resource as found.

use std::collections::BTreeSet;
use std::fmt;

use crate::{Mode, Record, Reference, Target};

use super::{Place, Places, View};

/// What a resource is called where it was found, and of which type it is.
///
/// Ordered by mode and type first, so that items of one type stand together. The name is unique: a Terraform address
/// (`module.db.aws_db_instance.this[0]`), a logical id (`Web/Group` for one of a nested template), an AWS id (`sg-0abc`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId {
    mode: Mode,
    type_name: String,
    name: String,
}

impl ItemId {
    /// A resource.
    pub fn new(type_name: impl Into<String>, name: impl Into<String>) -> Self {
        Self { mode: Mode::Managed, type_name: type_name.into(), name: name.into() }
    }

    /// Of another mode: a lookup, whose name begins with `data.`.
    #[must_use]
    pub const fn with_mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    pub(super) fn first_of(type_name: &str) -> Self {
        Self::new(type_name, "")
    }

    /// Built, looked up, or made for a run.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// The provider's name of its type: `aws_subnet`.
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The name of something that nobody has told: `var.office_cidr`, `parameter KeyName`, `the function cidrhost`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownName(String);

impl UnknownName {
    /// As it is shown to people after "depends on".
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a resource is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    #[default]
    Sure,
    /// It depends on these: a `count` or a condition that is not told.
    Depends(BTreeSet<UnknownName>),
}

/// A resource as found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    id: ItemId,
    /// Its arguments and known attributes, in the provider's vocabulary.
    pub record: Record,
    /// Where it and its arguments stand.
    pub places: Places,
    /// Whether it is there at all.
    pub presence: Presence,
    /// In which region, if that is told.
    pub region: Option<String>,
}

impl Item {
    /// A resource that is surely there.
    pub fn new(id: ItemId, record: Record) -> Self {
        Self { id, record, places: Places::default(), presence: Presence::Sure, region: None }
    }

    /// Standing at these places.
    #[must_use]
    pub fn at(mut self, places: Places) -> Self {
        self.places = places;
        self
    }

    /// Its name and type.
    pub const fn id(&self) -> &ItemId {
        &self.id
    }

    /// The provider's name of its type.
    pub fn type_name(&self) -> &str {
        self.id.type_name()
    }

    /// Its arguments, to be asked.
    pub const fn view(&self) -> View<'_> {
        View::of(&self.record)
    }

    /// Where an argument stands, or what it stands in: `ingress[0].cidr_blocks`.
    pub fn place(&self, path: &str) -> Option<&Place> {
        self.places.nearest(path)
    }
}

impl Reference {
    /// To an attribute of an item: `id`, `arn`, `name`, ….
    pub fn to_item(id: ItemId, attribute: impl Into<String>) -> Self {
        Self::new(Target::Item(Box::new(id)), attribute)
    }

    /// The value that has this name and nothing else.
    pub fn unknown(name: UnknownName) -> Self {
        Self::new(Target::Unknown(name), "")
    }

    /// Which item it points at.
    pub fn item(&self) -> Option<&ItemId> {
        match self.target() {
            Target::Item(id) => Some(id),
            _ => None,
        }
    }
}
