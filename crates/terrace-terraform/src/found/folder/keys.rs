//! Names of what is evaluated: modules, resources, their instances, and the slots that hold values.

use std::fmt;
use std::rc::Rc;

use terrace_aws::inventory::{ItemId, UnknownName};
use terrace_aws::{Mode, Reference};

/// A module as it stands in the tree of calls; the root is the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ModuleId(pub(super) usize);

/// Which of several instances.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// There is one.
    None,
    /// By `count`.
    Number(usize),
    /// By `for_each`.
    Name(Rc<str>),
    /// It is not told which there are.
    Unknown,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Number(number) => write!(f, "[{number}]"),
            Self::Name(name) => write!(f, "[\"{}\"]", name.replace('\\', "\\\\").replace('"', "\\\"")),
            Self::Unknown => f.write_str("[?]"),
        }
    }
}

/// A resource or lookup of a module's folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Declared {
    pub(super) mode: Mode,
    pub(super) type_name: Rc<str>,
    pub(super) name: Rc<str>,
}

impl fmt::Display for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = if self.mode == Mode::Data { "data." } else { "" };
        write!(f, "{before}{}.{}", self.type_name, self.name)
    }
}

/// An instance of a resource, or a module as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Instance {
    Resource { module: ModuleId, declared: Rc<Declared>, key: Key, id: Rc<ItemId> },
    Module { id: ModuleId, address: Rc<str> },
}

impl Instance {
    /// To an attribute of it.
    pub(super) fn reference(&self, attribute: &str) -> Reference {
        match self {
            Self::Resource { id, .. } => Reference::to_item(ItemId::clone(id), attribute),
            Self::Module { address, .. } => Reference::unknown(UnknownName::new(address.as_ref())),
        }
    }
}

/// What is evaluated once and kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    Variable(ModuleId, Rc<str>),
    Local(ModuleId, Rc<str>),
    Output(ModuleId, Rc<str>),
    /// Every instance of a resource, as one value.
    Resource(ModuleId, Rc<Declared>),
    /// Every instance of a called module, as one value.
    Call(ModuleId, Rc<str>),
    /// An argument of an instance.
    Attribute(ModuleId, Rc<Declared>, Key, Rc<str>),
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(_, name) => write!(f, "var.{name}"),
            Self::Local(_, name) => write!(f, "local.{name}"),
            Self::Output(_, name) => write!(f, "output.{name}"),
            Self::Resource(_, declared) => declared.fmt(f),
            Self::Call(_, name) => write!(f, "module.{name}"),
            Self::Attribute(_, declared, key, name) => write!(f, "{declared}{key}.{name}"),
        }
    }
}
