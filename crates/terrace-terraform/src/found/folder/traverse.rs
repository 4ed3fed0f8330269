//! Names, attributes, indices and splats.

use std::rc::Rc;

use hcl_edit::Decorated;
use hcl_edit::expr::{Expression, Traversal, TraversalOperator};
use terrace_aws::{Mode, Reference};

use super::convert;
use super::keys::{Declared, Instance, Slot};
use super::scope::Scope;
use super::val::{Number, Pointer, Refs, Rest, Val, refs_in};
use super::world::{Known, Stop, World};

type Operators<'a> = &'a [Decorated<TraversalOperator>];

fn attribute<'a>(operators: Operators<'a>) -> Option<(&'a str, Operators<'a>)> {
    let (first, rest) = operators.split_first()?;
    match first.value() {
        TraversalOperator::GetAttr(name) => Some((name.as_str(), rest)),
        TraversalOperator::Index(Expression::String(name)) => Some((name.value().as_str(), rest)),
        _ => None,
    }
}

impl World<'_> {
    pub(super) fn traversal(&self, traversal: &Traversal, scope: Scope<'_>) -> Known {
        let (value, rest) = match &traversal.expr {
            Expression::Variable(name) => match scope.find(name.as_str()) {
                Some(value) => (value.clone(), traversal.operators.as_slice()),
                None => self.root(name.as_str(), &traversal.operators, scope)?,
            },
            other => (self.told(other, scope)?, traversal.operators.as_slice()),
        };
        self.follow(value, rest, scope)
    }

    fn root<'a>(
        &self,
        root: &str,
        operators: Operators<'a>,
        scope: Scope<'_>,
    ) -> Known<(Val, Operators<'a>)> {
        let Some((name, rest)) = attribute(operators) else {
            return Err(Stop::Wrong(format!("`{root}` alone is no value")));
        };
        let Some(module) = scope.module else {
            return Err(Stop::Wrong(format!("`{root}.{name}` cannot be named here")));
        };
        let id = module.id;
        let value = match root {
            "var" if module.declared.variables.contains_key(name) => {
                self.get(&Slot::Variable(id, name.into()))?
            }
            "local" if module.declared.locals.contains_key(name) => {
                self.get(&Slot::Local(id, name.into()))?
            }
            "var" | "local" => return Err(Stop::Wrong(format!("`{root}.{name}` is declared nowhere"))),
            "each" => match (&scope.own.each, name) {
                (Some((key, _)), "key") => key.clone(),
                (Some((_, value)), "value") => value.clone(),
                _ => return Err(Stop::Wrong(format!("there is no `each.{name}` here"))),
            },
            "count" => match &scope.own.count {
                Some(index) if name == "index" => index.clone(),
                _ => return Err(Stop::Wrong(format!("there is no `count.{name}` here"))),
            },
            "self" => {
                let this = scope.this.cloned().unwrap_or_else(|| Val::unknown("self"));
                return Ok((this, operators));
            }
            "path" => match name {
                "root" | "cwd" if self.root.is_empty() => Val::text("."),
                "root" | "cwd" => Val::text(self.root.as_str()),
                _ if module.declared.path.is_empty() => Val::text("."),
                _ => Val::text(module.declared.path.as_str()),
            },
            "terraform" if name == "workspace" => Val::text(self.workspace.as_str()),
            "terraform" => Val::unknown(format!("terraform.{name}")),
            "module" => return self.output(name, rest, scope),
            "data" | "resource" | "ephemeral" => match attribute(rest) {
                Some((second, rest)) => {
                    let mode = if root == "data" { Mode::Data } else { Mode::Managed };
                    return Ok((self.declared(id, mode, name, second)?, rest));
                }
                None => return Err(Stop::Wrong(format!("`{root}.{name}` is no value"))),
            },
            _ => self.declared(id, Mode::Managed, root, name)?,
        };
        Ok((value, rest))
    }

    fn declared(&self, id: super::keys::ModuleId, mode: Mode, type_name: &str, name: &str) -> Known {
        let declared = Rc::new(Declared { mode, type_name: type_name.into(), name: name.into() });
        let module = self.module(id)?;
        if !module.declared.resources.contains_key(&declared) {
            return Err(Stop::Wrong(format!("`{declared}` is declared nowhere")));
        }
        self.get(&Slot::Resource(id, declared))
    }

    /// The output of a module that cannot be read has a name of its own.
    fn output<'a>(&self, name: &str, rest: Operators<'a>, scope: Scope<'_>) -> Known<(Val, Operators<'a>)> {
        let Some(module) = scope.module else { return Err(Stop::wrong("there are no modules here")) };
        let called = self.get(&Slot::Call(module.id, name.into()))?;
        if let Val::Unknown(_) = called {
            let at = rest.iter().position(|op| matches!(op.value(), TraversalOperator::GetAttr(_)));
            let (before, after) = rest.split_at(at.unwrap_or(rest.len()));
            if let Some((output, after)) = attribute(after) {
                let mut value = Val::unknown(module.address_of(format_args!("module.{name}.{output}")));
                if matches!(
                    before.first().map(Decorated::value),
                    Some(TraversalOperator::FullSplat(_) | TraversalOperator::AttrSplat(_))
                ) {
                    value = Val::list(vec![rest_of(&value)]);
                }
                return Ok((value, after));
            }
        }
        Ok((called, rest))
    }

    fn follow(&self, mut value: Val, operators: Operators<'_>, scope: Scope<'_>) -> Known {
        let mut rest = operators;
        while let Some((operator, after)) = rest.split_first() {
            rest = after;
            value = match operator.value() {
                TraversalOperator::GetAttr(name) => self.attribute(&value, name.as_str())?,
                TraversalOperator::LegacyIndex(at) => {
                    let at = usize::try_from(*at.value()).unwrap_or(usize::MAX);
                    index(&value, &Val::int(at))
                        .or_else(|stop| self.or_attribute(&value, &Val::int(at), stop))?
                }
                TraversalOperator::Index(at) => {
                    let at = self.told(at, scope)?;
                    index(&value, &at).or_else(|stop| self.or_attribute(&value, &at, stop))?
                }
                TraversalOperator::AttrSplat(_) => {
                    let all = rest
                        .iter()
                        .position(|next| !matches!(next.value(), TraversalOperator::GetAttr(_)))
                        .unwrap_or(rest.len());
                    let (mine, after) = rest.split_at(all);
                    rest = after;
                    self.splat(&value, mine, scope)?
                }
                TraversalOperator::FullSplat(_) => {
                    let all = rest
                        .iter()
                        .position(|next| {
                            matches!(
                                next.value(),
                                TraversalOperator::FullSplat(_) | TraversalOperator::AttrSplat(_)
                            )
                        })
                        .unwrap_or(rest.len());
                    let (mine, after) = rest.split_at(all);
                    rest = after;
                    self.splat(&value, mine, scope)?
                }
            };
        }
        Ok(value)
    }

    /// `thing["name"]` is `thing.name`.
    fn or_attribute(&self, value: &Val, at: &Val, stop: Stop) -> Known {
        match (value.bare(), convert::literal(at)) {
            (Val::Thing(_), Ok(name)) => self.attribute(value, &name),
            _ => Err(stop),
        }
    }

    fn splat(&self, value: &Val, operators: Operators<'_>, scope: Scope<'_>) -> Known {
        let follow = |item: &Val| match self.follow(item.clone(), operators, scope) {
            Err(Stop::Unknown(refs)) => Ok(Val::Unknown(refs)),
            other => other,
        };
        let items = match value.bare() {
            Val::Null => return Ok(Val::list(Vec::new())),
            Val::List(node) | Val::Set(node) => &node.items,
            Val::Unknown(_) | Val::Pointer(_) => {
                let each = follow(value)?;
                let why = Rc::new(value.refs());
                return Ok(Val::list(vec![Val::Rest(Rc::new(Rest { each, why }))]));
            }
            one => return Ok(Val::list(vec![follow(one)?])),
        };
        let mut all = Vec::with_capacity(items.len());
        for item in items {
            self.spend(1)?;
            all.push(match item {
                Val::Rest(rest) => {
                    let each = follow(&rest.each)?;
                    Val::Rest(Rc::new(Rest { each, why: Rc::clone(&rest.why) }))
                }
                item => follow(item)?,
            });
        }
        Ok(Val::list(all))
    }

    /// An attribute of a value.
    pub(super) fn attribute(&self, value: &Val, name: &str) -> Known {
        match value.bare() {
            Val::Map(node) => match node.items.get(name) {
                Some(found) => Ok(found.clone()),
                None => Err(Stop::Wrong(format!("there is no `{name}` in it"))),
            },
            Val::Pointer(pointer) => Ok(longer(pointer, &format!(".{name}"))),
            Val::Unknown(refs) => Ok(Val::Unknown(of_whole(refs, name))),
            Val::Thing(Instance::Resource { module, declared, key, .. }) => {
                self.known_attribute(value.bare(), declared, name).unwrap_or_else(|| {
                    self.get(&Slot::Attribute(*module, Rc::clone(declared), key.clone(), name.into()))
                })
            }
            Val::Thing(Instance::Module { id, .. }) => {
                let module = self.module(*id)?;
                if module.declared.outputs.contains_key(name) {
                    self.get(&Slot::Output(*id, name.into()))
                } else {
                    Err(Stop::Wrong(format!("`{}` has no output `{name}`", module.address)))
                }
            }
            // Before 0.12 a resource with `count` was named without an index.
            Val::List(node) => match node.items.as_slice() {
                [Val::Rest(rest)] => self.attribute(&rest.each, name),
                _ => Err(convert::not(value, "an object")),
            },
            other => Err(convert::not(other, "an object")),
        }
    }
}

/// An attribute of one of several things, of which it is not told which.
fn of_whole(refs: &Refs, name: &str) -> Refs {
    let whole = |reference: &Reference| reference.item().is_some() && reference.attribute().is_empty();
    if !refs.iter().any(whole) {
        return Rc::clone(refs);
    }
    let named = refs.iter().map(|reference| match reference.item() {
        Some(id) if whole(reference) => Reference::to_item(id.clone(), name),
        _ => reference.clone(),
    });
    Rc::new(named.collect())
}

fn rest_of(value: &Val) -> Val {
    Val::Rest(Rc::new(Rest { each: value.clone(), why: refs_in([value]) }))
}

fn longer(pointer: &Pointer, step: &str) -> Val {
    let Some(id) = pointer.to.item() else { return Val::Unknown(Rc::new([pointer.to.clone()].into())) };
    let path = format!("{}{step}", pointer.to.attribute());
    if path.len() > 200 {
        return Val::Unknown(Rc::new([pointer.to.clone()].into()));
    }
    Val::pointer(Reference::to_item(id.clone(), path.trim_start_matches('.')))
}

/// An element of a list or map.
pub(super) fn index(value: &Val, at: &Val) -> Known {
    let untold = || Val::Unknown(refs_in([value, at]));
    match value.bare() {
        Val::List(node) | Val::Set(node) => {
            // The only kind of element that there is.
            if let [Val::Rest(rest)] = node.items.as_slice() {
                return Ok(rest.each.clone());
            }
            let at = match convert::number(at) {
                Ok(Number::Int(at)) => {
                    usize::try_from(at).map_err(|_| Stop::wrong("an index is not negative"))?
                }
                Ok(Number::Float(_)) => return Err(Stop::wrong("an index is a whole number")),
                Err(Stop::Unknown(_)) => return Ok(untold()),
                // Instances by name of which some are not told.
                Err(_) if node.items.iter().any(|item| matches!(item, Val::Rest(_))) => {
                    return Ok(node
                        .items
                        .iter()
                        .find(|item| is_instance(item, at))
                        .cloned()
                        .unwrap_or_else(untold));
                }
                Err(other) => return Err(other),
            };
            match node.items.iter().position(|item| matches!(item, Val::Rest(_))) {
                Some(rest) if rest <= at => Ok(untold()),
                _ => node.items.get(at).cloned().ok_or_else(|| {
                    Stop::Wrong(format!("there is no element {at}; there are {}", node.items.len()))
                }),
            }
        }
        Val::Map(node) => match convert::literal(at) {
            Ok(key) => match node.items.get(&key) {
                Some(found) => Ok(found.clone()),
                None => Err(Stop::Wrong(format!("there is no `{key}` in it"))),
            },
            Err(Stop::Unknown(_)) => Ok(untold()),
            Err(other) => Err(other),
        },
        Val::Pointer(pointer) => match convert::literal(at) {
            Ok(at) if at.bytes().all(|b| b.is_ascii_digit()) => Ok(longer(pointer, &format!("[{at}]"))),
            Ok(at) => Ok(longer(pointer, &format!(".{at}"))),
            Err(Stop::Unknown(_)) => Ok(untold()),
            Err(other) => Err(other),
        },
        Val::Unknown(_) => Ok(untold()),
        other => Err(convert::not(other, "a list or a map")),
    }
}

fn is_instance(item: &Val, at: &Val) -> bool {
    match (item, convert::literal(at)) {
        (Val::Thing(Instance::Resource { key: super::keys::Key::Name(name), .. }), Ok(at)) => **name == *at,
        _ => false,
    }
}
