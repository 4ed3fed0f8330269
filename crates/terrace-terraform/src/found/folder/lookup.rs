//! What stands behind a name: variables, locals, outputs, resources, modules.

use std::collections::BTreeMap;
use std::rc::Rc;

use terrace_aws::inventory::{ItemId, Place, Unread};
use terrace_aws::{Mode, Reference};

use super::expand::Expanded;
use super::keys::{Declared, Instance, Key, Slot};
use super::scope::Scope;
use super::source::Placed;
use super::types;
use super::val::{Pointer, Rest, Val};
use super::world::{Known, Module, Own, Stop, World};

/// Arguments by which people know a resource: a reference to one is kept, with its value.
const NAMES: [&str; 6] =
    ["name", "bucket", "identifier", "cluster_identifier", "function_name", "replication_group_id"];

impl World<'_> {
    /// Evaluates what a slot stands for.
    pub(super) fn compute(&self, slot: &Slot) -> Known {
        match slot {
            Slot::Variable(id, name) => {
                let module = self.module(*id)?;
                self.variable(&module, name)
            }
            Slot::Local(id, name) => {
                let module = self.module(*id)?;
                let Some(local) = module.declared.locals.get(name.as_ref()) else {
                    return Err(Stop::wrong("is declared nowhere"));
                };
                self.eval(&local.value, Scope::of(&module, &Own::single()))
            }
            Slot::Output(id, name) => {
                let module = self.module(*id)?;
                let output = module.declared.outputs.get(name.as_ref());
                match output.and_then(|placed| placed.block.body.attribute("value")) {
                    Some(value) => self.eval(&value.value, Scope::of(&module, &Own::single())),
                    None => Err(Stop::wrong("is declared nowhere")),
                }
            }
            Slot::Resource(id, declared) => {
                let module = self.module(*id)?;
                self.resource(&module, declared)
            }
            Slot::Call(id, name) => {
                let module = self.module(*id)?;
                self.call(&module, name)
            }
            Slot::Attribute(id, declared, key, name) => {
                let module = self.module(*id)?;
                self.argument(&module, declared, key, name)
            }
        }
    }

    /// What a slot is called, seen from the root.
    pub(super) fn name_of(&self, slot: &Slot) -> String {
        let (Slot::Variable(id, _)
        | Slot::Local(id, _)
        | Slot::Output(id, _)
        | Slot::Resource(id, _)
        | Slot::Call(id, _)
        | Slot::Attribute(id, ..)) = slot;
        self.module(*id).map_or_else(|_| slot.to_string(), |module| module.address_of(slot))
    }

    /// Where it is declared.
    pub(super) fn place_of(&self, slot: &Slot) -> Option<Place> {
        let (Slot::Variable(id, _)
        | Slot::Local(id, _)
        | Slot::Output(id, _)
        | Slot::Resource(id, _)
        | Slot::Call(id, _)
        | Slot::Attribute(id, ..)) = slot;
        let module = self.module(*id).ok()?;
        let declared = &module.declared;
        match slot {
            Slot::Variable(_, name) => declared.variables.get(name.as_ref()).map(Placed::place),
            Slot::Local(_, name) => declared.locals.get(name.as_ref()).map(|local| local.place.clone()),
            Slot::Output(_, name) => declared.outputs.get(name.as_ref()).map(Placed::place),
            Slot::Call(_, name) => declared.calls.get(name.as_ref()).map(|placed| placed.place()),
            Slot::Resource(_, of) => declared.resources.get(of).map(|placed| placed.place()),
            Slot::Attribute(_, of, _, name) => declared.resources.get(of).map(|placed| {
                let line = placed.block.body.attribute(name).map_or(placed.block.line, |found| found.line);
                placed.at(line)
            }),
        }
    }

    fn variable(&self, module: &Rc<Module>, name: &str) -> Known {
        let Some(declared) = module.declared.variables.get(name) else {
            return Err(Stop::wrong("is declared nowhere"));
        };
        let body = &declared.block.body;
        let nowhere = Own::single();
        let given = match &module.caller {
            Some(caller) => match caller.call.block.body.attribute(name) {
                Some(argument) => Some(self.eval(&argument.value, Scope::of(&caller.module, &caller.own))?),
                None => None,
            },
            None => match self.given.get(name) {
                Some(given) => Some(self.eval(given, Scope::nowhere(&nowhere))?),
                None => None,
            },
        };
        let nullable = body.attribute("nullable").is_none_or(|found| found.value.as_bool() != Some(false));
        let given = given.filter(|value| nullable || !matches!(value.bare(), Val::Null));
        let value = match (given, body.attribute("default")) {
            (Some(given), _) => given,
            (None, Some(default)) => self.eval(&default.value, Scope::nowhere(&nowhere))?,
            (None, None) => return Ok(Val::unknown(module.address_of(format_args!("var.{name}")))),
        };
        match body.attribute("type") {
            Some(wanted) => types::converted(self, value, &types::Type::of(&wanted.value)),
            None => Ok(value),
        }
    }

    fn resource(&self, module: &Rc<Module>, declared: &Rc<Declared>) -> Known {
        let Some(placed) = module.declared.resources.get(declared) else {
            return Err(Stop::wrong("is declared nowhere"));
        };
        let expanded = self.expanded(module, placed, &module.address_of(declared))?;
        let instances = Rc::new(expanded.instances());
        self.instances.borrow_mut().insert((module.id, Rc::clone(declared)), Rc::clone(&instances));
        Ok(together(&expanded, |key| Val::Thing(thing(module, declared, key))))
    }

    fn call(&self, module: &Rc<Module>, name: &str) -> Known {
        let Some(placed) = module.declared.calls.get(name) else {
            return Err(Stop::wrong("is declared nowhere"));
        };
        let address = module.address_of(format_args!("module.{name}"));
        let Some(declared) = self.called(module, name, placed, &address) else {
            return Ok(Val::unknown(address));
        };
        let expanded = self.expanded(module, placed, &address)?;
        let mut entered = BTreeMap::new();
        for (key, own) in expanded.instances() {
            let address: Rc<str> = Rc::from(format!("{address}{key}"));
            let caller = super::world::Caller {
                module: Rc::clone(module),
                call: Rc::clone(placed),
                own: Own::clone(&own),
            };
            match self.enter(Rc::clone(&address), Rc::clone(&declared), Some(caller)) {
                Some(inner) => {
                    drop(entered.insert(key, Val::Thing(Instance::Module { id: inner.id, address })));
                }
                None => {
                    let why = "is one of too many modules";
                    self.not_read(Unread::part(address.as_ref(), why, Some(placed.place())));
                    entered.insert(key, Val::unknown(address.as_ref()));
                }
            }
        }
        Ok(together(&expanded, |key| entered.get(key).cloned().unwrap_or(Val::Null)))
    }

    fn argument(&self, module: &Rc<Module>, declared: &Rc<Declared>, key: &Key, name: &str) -> Known {
        let Some(placed) = module.declared.resources.get(declared) else {
            return Err(Stop::wrong("is declared nowhere"));
        };
        let own = self.own(module, declared, key)?;
        let instance = thing(module, declared, key);
        let scope = Scope::of(module, &own);
        let body = &placed.block.body;
        let of_document =
            declared.mode == Mode::Data && declared.type_name.as_ref() == "aws_iam_policy_document";
        if of_document && matches!(name, "json" | "minified_json") {
            return self.policy_document(body, scope);
        }
        if let Some(argument) = body.attribute(name) {
            return Ok(match self.eval(&argument.value, scope)? {
                Val::Null => Val::pointer(instance.reference(name)),
                value if NAMES.contains(&name) => {
                    let to: Reference = instance.reference(name);
                    Val::Pointer(Rc::new(Pointer { to, value: Some(value) }))
                }
                value => value,
            });
        }
        if name == "port"
            && let Some(engine) = body.attribute("engine")
            && let Some(port) = super::convert::literal(&self.eval(&engine.value, scope)?)
                .ok()
                .and_then(|engine| engine_port(&declared.type_name, &engine))
        {
            return Ok(Val::Number(super::val::Number::Int(port)));
        }
        let nested = self.nested(body, name, scope)?;
        Ok(nested.unwrap_or_else(|| Val::pointer(instance.reference(name))))
    }

    /// `each` and `count` of an instance.
    pub(super) fn own(&self, module: &Rc<Module>, declared: &Rc<Declared>, key: &Key) -> Known<Rc<Own>> {
        self.get(&Slot::Resource(module.id, Rc::clone(declared)))?;
        let all = self.instances.borrow();
        let found = all.get(&(module.id, Rc::clone(declared))).and_then(|instances| instances.get(key));
        found.cloned().ok_or_else(|| Stop::wrong("is no instance"))
    }
}

/// The port of a database of which none is given, as AWS takes it: `CreateDBInstance`, `CreateDBCluster`.
fn engine_port(type_name: &str, engine: &str) -> Option<i64> {
    match (type_name, engine) {
        ("aws_db_instance", "mysql" | "mariadb")
        | ("aws_rds_cluster", "aurora" | "aurora-mysql" | "mysql") => Some(3306),
        ("aws_db_instance", "postgres") | ("aws_rds_cluster", "postgres") => Some(5432),
        ("aws_db_instance", engine) if engine.starts_with("sqlserver") => Some(1433),
        ("aws_db_instance", engine) if engine.starts_with("oracle") => Some(1521),
        _ => None,
    }
}

/// All instances as one value.
fn together(expanded: &Expanded, value: impl Fn(&Key) -> Val) -> Val {
    match expanded {
        Expanded::One(_) => value(&Key::None),
        Expanded::Counted(all) => Val::list((0..all.len()).map(|at| value(&Key::Number(at))).collect()),
        Expanded::Named(all, None) => {
            Val::map(all.keys().map(|name| (name.to_string(), value(&Key::Name(Rc::clone(name))))).collect())
        }
        Expanded::Named(all, Some(rest)) => {
            let known = all.keys().map(|name| value(&Key::Name(Rc::clone(name))));
            let why = Rc::new(rest.why.clone());
            let rest = Val::Rest(Rc::new(Rest { each: value(&Key::Unknown), why }));
            Val::list(known.chain([rest]).collect())
        }
    }
}

/// A resource's instance.
pub(super) fn thing(module: &Module, declared: &Rc<Declared>, key: &Key) -> Instance {
    let name = module.address_of(format_args!("{declared}{key}"));
    let id = ItemId::new(declared.type_name.as_ref(), name).with_mode(declared.mode);
    Instance::Resource { module: module.id, declared: Rc::clone(declared), key: key.clone(), id: Rc::new(id) }
}
