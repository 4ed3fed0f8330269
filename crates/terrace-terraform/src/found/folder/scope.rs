//! Where an expression stands: its module, its instance, and the names of loops around it.

use std::collections::BTreeMap;

use super::val::Val;
use super::world::{Module, Own};

/// What an expression can name beside what its module declares.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) module: Option<&'a Module>,
    pub(super) own: &'a Own,
    /// What `self` is.
    pub(super) this: Option<&'a Val>,
    names: Option<&'a Named<'a>>,
    /// The arguments of a template file, which sees nothing else.
    arguments: Option<&'a BTreeMap<String, Val>>,
}

/// A name of a loop, and those outside of it.
pub(super) struct Named<'a> {
    name: &'a str,
    value: &'a Val,
    outer: Option<&'a Named<'a>>,
}

impl<'a> Scope<'a> {
    pub(super) const fn of(module: &'a Module, own: &'a Own) -> Self {
        Self { module: Some(module), own, this: None, names: None, arguments: None }
    }

    /// In a resource's own block.
    pub(super) const fn with_self(self, this: &'a Val) -> Self {
        Self { this: Some(this), ..self }
    }

    /// Where nothing can be named: files of values.
    pub(super) const fn nowhere(own: &'a Own) -> Self {
        Self { module: None, own, this: None, names: None, arguments: None }
    }

    /// Inside of a template file.
    pub(super) const fn only<'b>(self, arguments: &'b BTreeMap<String, Val>) -> Scope<'b>
    where
        'a: 'b,
    {
        Scope { module: None, own: self.own, this: None, names: None, arguments: Some(arguments) }
    }

    /// Inside of a loop.
    pub(super) const fn within(self, names: Option<&'a Named<'a>>) -> Self {
        Self { names, ..self }
    }

    pub(super) const fn name<'b>(&self, name: &'b str, value: &'b Val) -> Named<'b>
    where
        'a: 'b,
    {
        Named { name, value, outer: self.names }
    }

    pub(super) fn find(&self, name: &str) -> Option<&'a Val> {
        let mut at = self.names;
        while let Some(named) = at {
            if named.name == name {
                return Some(named.value);
            }
            at = named.outer;
        }
        self.arguments.and_then(|arguments| arguments.get(name))
    }
}

impl<'a> Named<'a> {
    pub(super) const fn after(name: &'a str, value: &'a Val, outer: Option<&'a Self>) -> Self {
        Self { name, value, outer }
    }
}
