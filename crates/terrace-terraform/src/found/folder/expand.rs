//! `count` and `for_each`: which instances there are.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use terrace_aws::Reference;

use super::keys::Key;
use super::scope::Scope;
use super::source::Placed;
use super::val::{Number, Refs, Val, refs_of};
use super::world::{Known, Module, Own, Stop, World};

/// Instances of one resource.
const INSTANCES: usize = 1_000;

/// The instances of a block.
pub(super) enum Expanded {
    One(Rc<Own>),
    Counted(Vec<Rc<Own>>),
    /// Those by name, and one for those that are not told.
    Named(BTreeMap<Rc<str>, Rc<Own>>, Option<Rc<Own>>),
}

impl Expanded {
    pub(super) fn instances(&self) -> BTreeMap<Key, Rc<Own>> {
        match self {
            Self::One(own) => BTreeMap::from([(Key::None, Rc::clone(own))]),
            Self::Counted(all) => {
                all.iter().enumerate().map(|(at, own)| (Key::Number(at), Rc::clone(own))).collect()
            }
            Self::Named(all, rest) => all
                .iter()
                .map(|(name, own)| (Key::Name(Rc::clone(name)), Rc::clone(own)))
                .chain(rest.iter().map(|own| (Key::Unknown, Rc::clone(own))))
                .collect(),
        }
    }

    fn unknown(refs: &Refs, of_count: bool) -> Self {
        let value = Val::Unknown(Rc::clone(refs));
        let own = if of_count {
            Own { each: None, count: Some(value), why: refs.as_ref().clone() }
        } else {
            let each = Some((value.clone(), value));
            Own { each, count: None, why: refs.as_ref().clone() }
        };
        Self::Named(BTreeMap::new(), Some(Rc::new(own)))
    }
}

impl World<'_> {
    /// The instances of a block that stands in a module.
    pub(super) fn expanded(&self, module: &Module, placed: &Placed, address: &str) -> Known<Expanded> {
        let own = Own::single();
        let scope = Scope::of(module, &own);
        let body = &placed.block.body;
        let (argument, of_count) = match (body.attribute("count"), body.attribute("for_each")) {
            (Some(count), _) => (count, true),
            (None, Some(each)) => (each, false),
            (None, None) => return Ok(Expanded::One(Rc::new(own))),
        };
        let found = self
            .eval(&argument.value, scope)
            .and_then(|value| if of_count { self.counted(&value) } else { self.named(&value) });
        match found {
            Err(Stop::Unknown(refs)) => Ok(Expanded::unknown(&refs, of_count)),
            Err(Stop::Wrong(why)) => {
                let what = format!("{address}.{}", argument.name);
                self.pass_over(&what, why, Some(placed.at(argument.line)));
                Ok(Expanded::unknown(&refs_of(what), of_count))
            }
            done => done,
        }
    }

    fn counted(&self, value: &Val) -> Known<Expanded> {
        let number = match super::convert::number(value)? {
            Number::Int(number) => usize::try_from(number).ok(),
            Number::Float(_) => None,
        };
        match number {
            Some(number) if number <= INSTANCES => {
                self.spend(number as u64)?;
                Ok(Expanded::Counted((0..number).map(|at| Rc::new(counted(at))).collect()))
            }
            Some(number) => Err(Stop::Wrong(format!("asks for {number} instances; {INSTANCES} are read"))),
            None => Err(Stop::wrong("is no number of instances")),
        }
    }

    fn named(&self, value: &Val) -> Known<Expanded> {
        let mut all = BTreeMap::new();
        let mut rest: Option<(Val, BTreeSet<Reference>)> = None;
        let mut add_rest = |value: &Val| {
            let refs = value.refs();
            rest.get_or_insert_with(|| (value.clone(), BTreeSet::new())).1.extend(refs);
        };
        match value.bare() {
            Val::Map(node) => {
                for (name, value) in &node.items {
                    all.insert(Rc::from(name.as_str()), Rc::new(named(name, value.clone())));
                }
            }
            // A list is refused by Terraform; what was meant is clear.
            Val::Set(node) | Val::List(node) => {
                for item in &node.items {
                    match super::convert::literal(item) {
                        Ok(name) => {
                            let own = named(&name, Val::text(name.as_str()));
                            all.insert(Rc::from(name.as_str()), Rc::new(own));
                        }
                        Err(Stop::Unknown(_)) => add_rest(match item {
                            Val::Rest(rest) => &rest.each,
                            item => item,
                        }),
                        Err(other) => return Err(other),
                    }
                }
            }
            Val::Thing(_) | Val::Null => return Err(Stop::wrong("is neither a map nor a set")),
            other => return Err(super::convert::not(other, "a map or a set")),
        }
        if all.len() > INSTANCES {
            return Err(Stop::Wrong(format!("asks for {} instances; {INSTANCES} are read", all.len())));
        }
        self.spend(all.len() as u64)?;
        let rest =
            rest.map(|(value, why)| Rc::new(Own { each: Some((value.clone(), value)), count: None, why }));
        Ok(Expanded::Named(all, rest))
    }
}

fn counted(at: usize) -> Own {
    Own { each: None, count: Some(Val::int(at)), why: BTreeSet::new() }
}

fn named(name: &str, value: Val) -> Own {
    let each = Some((Val::text(name), value));
    Own { each, count: None, why: BTreeSet::new() }
}
