//! Types of variables, and what a value becomes by one: `optional(number, 5)` fills what is left out.

use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::expr::{Expression, ObjectKey};

use super::convert;
use super::scope::Scope;
use super::val::{Rest, Val};
use super::world::{Known, Own, Stop, World};

/// A type as far as it changes values.
pub(super) enum Type<'e> {
    Any,
    Text,
    Number,
    Bool,
    List(Box<Type<'e>>),
    Set(Box<Type<'e>>),
    Map(Box<Type<'e>>),
    Tuple(Vec<Type<'e>>),
    Object(BTreeMap<String, Field<'e>>),
}

/// A member of an object.
pub(super) struct Field<'e> {
    of: Type<'e>,
    optional: bool,
    default: Option<&'e Expression>,
}

impl<'e> Type<'e> {
    /// As it is written. What is no type is any.
    pub(super) fn of(written: &'e Expression) -> Self {
        match written {
            Expression::Variable(name) => Self::named(name.as_str()),
            Expression::String(name) => match name.value().as_str() {
                "list" => Self::List(Box::new(Self::Any)),
                "map" => Self::Map(Box::new(Self::Any)),
                simple => Self::named(simple),
            },
            Expression::Parenthesis(inner) => Self::of(inner.inner()),
            Expression::FuncCall(call) => {
                let Some(inner) = call.args.get(0) else { return Self::Any };
                let of = || Box::new(Self::of(inner));
                match call.name.name.as_str() {
                    "list" => Self::List(of()),
                    "set" => Self::Set(of()),
                    "map" => Self::Map(of()),
                    "tuple" => match inner {
                        Expression::Array(items) => Self::Tuple(items.iter().map(Self::of).collect()),
                        _ => Self::Any,
                    },
                    "object" => match inner {
                        Expression::Object(object) => Self::Object(
                            object
                                .iter()
                                .filter_map(|(key, value)| Some((name(key)?, Field::of(value.expr()))))
                                .collect(),
                        ),
                        _ => Self::Any,
                    },
                    _ => Self::Any,
                }
            }
            _ => Self::Any,
        }
    }

    fn named(name: &str) -> Self {
        match name {
            "string" => Self::Text,
            "number" => Self::Number,
            "bool" => Self::Bool,
            "list" => Self::List(Box::new(Self::Any)),
            "map" => Self::Map(Box::new(Self::Any)),
            "set" => Self::Set(Box::new(Self::Any)),
            _ => Self::Any,
        }
    }
}

fn name(key: &ObjectKey) -> Option<String> {
    match key {
        ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
        ObjectKey::Expression(Expression::Variable(name)) => Some(name.as_str().to_owned()),
        ObjectKey::Expression(Expression::String(name)) => Some(name.value().clone()),
        ObjectKey::Expression(_) => None,
    }
}

impl<'e> Field<'e> {
    fn of(written: &'e Expression) -> Self {
        match written {
            Expression::FuncCall(call) if call.name.name.as_str() == "optional" => Self {
                of: call.args.get(0).map_or(Type::Any, Type::of),
                optional: true,
                default: call.args.get(1),
            },
            other => Self { of: Type::of(other), optional: false, default: None },
        }
    }
}

/// A value as one of a type; what is not told stays as it is.
pub(super) fn converted(world: &World<'_>, value: Val, wanted: &Type<'_>) -> Known {
    world.spend(1)?;
    let items = |items: &[Val], of: &Type<'_>| -> Known<Vec<Val>> {
        items.iter().map(|item| converted(world, item.clone(), of)).collect()
    };
    match (wanted, value.bare()) {
        (Type::Any, _) | (_, Val::Null | Val::Unknown(_) | Val::Thing(_)) => Ok(value),
        (_, Val::Rest(rest)) => {
            let each = converted(world, rest.each.clone(), wanted)?;
            Ok(Val::Rest(Rc::new(Rest { each, why: Rc::clone(&rest.why) })))
        }
        (_, Val::Pointer(_)) => Ok(value),
        (Type::Text, Val::Text(_) | Val::Json(_) | Val::Base64(_)) => Ok(value),
        (Type::Text, other) => convert::text(other).map(Val::text),
        (Type::Number, other) => Ok(convert::number(other).map_or_else(|_| value.clone(), Val::Number)),
        (Type::Bool, other) => Ok(convert::truth(other).map_or_else(|_| value.clone(), Val::Bool)),
        (Type::List(of), Val::List(node) | Val::Set(node)) => Ok(Val::list(items(&node.items, of)?)),
        (Type::Set(of), Val::List(node) | Val::Set(node)) => Ok(Val::set(items(&node.items, of)?)),
        (Type::Map(of), Val::Map(node)) => {
            let fields = node.items.iter();
            let fields = fields.map(|(key, item)| Ok((key.clone(), converted(world, item.clone(), of)?)));
            Ok(Val::map(fields.collect::<Known<_>>()?))
        }
        (Type::Tuple(all), Val::List(node)) => {
            let items = node.items.iter().zip(all);
            let items = items.map(|(item, of)| converted(world, item.clone(), of));
            Ok(Val::list(items.collect::<Known<_>>()?))
        }
        (Type::Object(fields), Val::Map(node)) => object(world, &node.items, fields),
        (_, other) => Err(convert::not(other, "a value of another type")),
    }
}

fn object(world: &World<'_>, items: &BTreeMap<String, Val>, fields: &BTreeMap<String, Field<'_>>) -> Known {
    let mut all = BTreeMap::new();
    for (name, field) in fields {
        let given = items.get(name).cloned().unwrap_or(Val::Null);
        let value = match (given.bare(), field.default) {
            (Val::Null, Some(default)) => world.told(default, Scope::nowhere(&Own::single()))?,
            (Val::Null, None) if !field.optional && !items.contains_key(name) => {
                return Err(Stop::Wrong(format!("it has no `{name}`")));
            }
            _ => given,
        };
        all.insert(name.clone(), converted(world, value, &field.of)?);
    }
    Ok(Val::map(all))
}
