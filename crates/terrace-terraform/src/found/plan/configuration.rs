//! The part of a plan that says how things were written: modules, calls, expressions.

use std::collections::BTreeMap;

use serde_json::Value as Printed;

use super::reference::Path;
use crate::found::json::{Object, get, items, word};

/// Deeper modules than anyone writes; Terraform itself refuses modules that include themselves.
const DEEPEST: usize = 40;

/// A module as it was written.
pub(super) struct Module<'a> {
    /// By mode, type and name.
    resources: BTreeMap<(&'a str, &'a str, &'a str), &'a Object>,
    outputs: Option<&'a Object>,
    calls: BTreeMap<&'a str, Call<'a>>,
}

/// The call of a module, and the module.
pub(super) struct Call<'a> {
    /// What is given to its variables.
    pub(super) expressions: Option<&'a Object>,
    pub(super) for_each: Option<&'a Object>,
    pub(super) module: Module<'a>,
}

impl<'a> Module<'a> {
    /// Reads a module and what it calls.
    pub(super) fn read(module: &'a Object, depth: usize) -> Self {
        let resources = items(module, "resources")
            .map(|one| ((word(one, "mode"), word(one, "type"), word(one, "name")), one))
            .collect();
        let mut calls = BTreeMap::new();
        for (name, call) in get(module, "module_calls").into_iter().flatten() {
            let Some(call) = call.as_object() else { continue };
            let (Some(inner), true) = (get(call, "module"), depth < DEEPEST) else { continue };
            let read = Call {
                expressions: get(call, "expressions"),
                for_each: get(call, "for_each_expression"),
                module: Module::read(inner, depth + 1),
            };
            calls.insert(name.as_str(), read);
        }
        Self { resources, outputs: get(module, "outputs"), calls }
    }

    /// Of nothing, for a plan that does not tell how it was written.
    pub(super) const fn none() -> Self {
        Self { resources: BTreeMap::new(), outputs: None, calls: BTreeMap::new() }
    }

    /// The module at a path.
    pub(super) fn at(&self, path: &Path) -> Option<&Self> {
        path.iter().try_fold(self, |module, (name, _)| Some(&module.calls.get(name.as_str())?.module))
    }

    /// How the module at a path is called.
    pub(super) fn call(&self, path: &Path) -> Option<&Call<'a>> {
        let (last, before) = path.split_last()?;
        let parent = before
            .iter()
            .try_fold(self, |module, (name, _)| Some(&module.calls.get(name.as_str())?.module))?;
        parent.calls.get(last.0.as_str())
    }

    pub(super) fn resource(&self, mode: &str, type_name: &str, name: &str) -> Option<&'a Object> {
        self.resources.get(&(mode, type_name, name)).copied()
    }

    /// What an output is made of.
    pub(super) fn output(&self, name: &str) -> Option<&'a Object> {
        get(self.outputs?.get(name)?.as_object()?, "expression")
    }

    /// Every output.
    pub(super) fn outputs(&self) -> impl Iterator<Item = (&'a String, &'a Printed)> {
        self.outputs.into_iter().flatten()
    }

    /// The names of the modules that it calls.
    pub(super) fn called(&self) -> impl Iterator<Item = &'a str> {
        self.calls.keys().copied()
    }
}

/// An expression has these keys and no others; anything else is a nested block that may stand once.
pub(super) fn is_expression(fields: &Object) -> bool {
    fields.keys().all(|key| key == "constant_value" || key == "references")
}

/// What an expression refers to, without the prefixes that follow each reference.
pub(super) fn references(expression: &Object) -> Vec<&str> {
    let listed = expression.get("references").and_then(Printed::as_array);
    super::reference::longest(listed.into_iter().flatten().filter_map(Printed::as_str))
}
