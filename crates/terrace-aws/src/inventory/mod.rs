//! The graph as somebody else wrote it: every resource with what is told of it, and what is not told by name.
//!
//! A [`ResourceGraph`](crate::ResourceGraph) is what Terrace builds: each field has its type, and nothing is open. A
//! design that was found (a folder of Terraform, a plan, a template, an account) has kinds that Terrace never builds
//! and values that nobody has told. An [`Inventory`] holds such a design as the same untyped records that every
//! resource of ours has, in the AWS provider's vocabulary, whatever the design was written in. Every reader makes one;
//! the proof and the rules read nothing else, so that our own design gets no other treatment than anyone's.
//!
//! GUARANTEE: what is not told is a value of its own ([`Told::Unknown`]), never a default.

mod item;
mod link;
mod own;
mod place;
mod told;
mod tree;
mod view;
pub mod vocabulary;

use std::collections::BTreeMap;

pub use item::{Item, ItemId, Presence, UnknownName};
pub use place::{Place, Places};
pub use told::Told;
pub use tree::Tree;
pub use view::View;

use crate::{Mode, Reference};

/// A design as found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    items: BTreeMap<ItemId, Item>,
    unread: Vec<Unread>,
}

/// Something that was there and was not read: listed for whoever asked, and a reason for "depends" where it matters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// What: an address, a file, a block.
    pub what: String,
    /// Why not, as the end of a sentence: "is of a type that is not modelled".
    pub why: String,
    /// Where it stands.
    pub place: Option<Place>,
    /// What may be in it.
    pub extent: Extent,
}

/// How much of a design something unread may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// One thing: an argument, a resource of a type that is not modelled, what one call would have told.
    Detail,
    /// A part of the design, whatever is in it: a module, a nested stack, a file.
    Part,
}

impl Unread {
    /// One thing.
    pub fn detail(what: impl Into<String>, why: impl Into<String>, place: Option<Place>) -> Self {
        Self { what: what.into(), why: why.into(), place, extent: Extent::Detail }
    }

    /// A part of the design, whatever is in it.
    pub fn part(what: impl Into<String>, why: impl Into<String>, place: Option<Place>) -> Self {
        Self { extent: Extent::Part, ..Self::detail(what, why, place) }
    }

    /// Whether somebody may be led to somebody by what is in it.
    pub fn is_part(&self) -> bool {
        self.extent == Extent::Part
    }
}

impl Inventory {
    /// Of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an item; gives back the one that had its name.
    pub fn insert(&mut self, item: Item) -> Option<Item> {
        self.items.insert(item.id().clone(), item)
    }

    /// Lists something that was not read.
    pub fn pass_over(&mut self, unread: Unread) {
        self.unread.push(unread);
    }

    /// Names the files of all places anew: as the one who asks would write their paths.
    pub fn name_files(&mut self, name: &dyn Fn(&str) -> String) {
        self.items.values_mut().for_each(|item| item.places.rename(name));
        for unread in &mut self.unread {
            if let Some(place) = &mut unread.place {
                place.file = name(&place.file);
            }
        }
    }

    /// What was not read.
    pub fn unread(&self) -> &[Unread] {
        &self.unread
    }

    /// Every item in the order of names.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }

    /// Items of a type: `aws_security_group`. Lookups (`data`) are not among them.
    pub fn all<'a>(&'a self, type_name: &'a str) -> impl Iterator<Item = &'a Item> {
        let first = ItemId::first_of(type_name);
        let of_type = move |id: &ItemId| id.mode() == Mode::Managed && id.type_name() == type_name;
        self.items.range(first..).take_while(move |(id, _)| of_type(id)).map(|(_, item)| item)
    }

    /// The item of a name.
    pub fn get(&self, id: &ItemId) -> Option<&Item> {
        self.items.get(id)
    }

    /// The item that a person calls by this address.
    pub fn named(&self, name: &str) -> Option<&Item> {
        self.items.values().find(|item| item.id().name() == name)
    }

    /// The item that a reference points at.
    pub fn target(&self, reference: &Reference) -> Option<&Item> {
        self.items.get(reference.item()?)
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}
