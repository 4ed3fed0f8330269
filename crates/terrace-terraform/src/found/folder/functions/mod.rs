//! Terraform's functions, by theme.
//!
//! A function of something that is not told gives an unknown made of all its arguments, unless it can tell more.

mod collections;
mod files;
mod network;
mod numbers;
mod sets;
mod shapes;
mod strings;

use std::rc::Rc;

use hcl_edit::expr::{Expression, FuncCall};

use super::convert;
use super::scope::Scope;
use super::val::{Val, refs_in, refs_of};
use super::world::{Known, Stop, World};

/// Arguments of a call.
#[derive(Clone, Copy)]
pub(super) struct Args<'a> {
    name: &'a str,
    all: &'a [Val],
}

impl<'a> Args<'a> {
    fn get(self, at: usize) -> Known<&'a Val> {
        self.all.get(at).ok_or_else(|| Stop::Wrong(format!("`{}` needs more arguments", self.name)))
    }

    fn text(self, at: usize) -> Known<String> {
        convert::literal(self.get(at)?)
    }

    fn whole(self, at: usize) -> Known<i64> {
        convert::whole(self.get(at)?)
    }
}

impl World<'_> {
    pub(super) fn function(&self, call: &FuncCall, scope: Scope<'_>) -> Known {
        if call.name.is_namespaced() {
            let arguments = self.arguments(call, scope)?;
            let before = call.name.namespace.iter().map(|part| format!("{}::", part.as_str()));
            let name = before.collect::<String>() + call.name.name.as_str();
            return Ok(self.unknown_call(&name, &arguments));
        }
        let name = call.name.name.as_str();
        match name {
            "try" => return self.first_that_works(call, scope),
            "can" => {
                let Some(argument) = call.args.iter().next() else {
                    return Err(Stop::wrong("`can` needs an argument"));
                };
                return match self.told(argument, scope) {
                    Ok(Val::Unknown(refs)) => Err(Stop::Unknown(refs)),
                    Ok(_) => Ok(Val::Bool(true)),
                    Err(Stop::Wrong(_)) => Ok(Val::Bool(false)),
                    Err(other) => Err(other),
                };
            }
            _ => {}
        }
        let arguments = self.arguments(call, scope)?;
        let args = Args { name, all: &arguments };
        self.spend(arguments.iter().map(Val::weight).sum::<u64>() / 64)?;
        let known = self
            .files(args, scope)
            .or_else(|| strings::call(args))
            .or_else(|| collections::call(args))
            .or_else(|| shapes::call(args))
            .or_else(|| sets::call(args))
            .or_else(|| numbers::call(args))
            .or_else(|| network::call(args))
            .or_else(|| super::encoding::call(name, &arguments));
        match known {
            Some(Err(Stop::Unknown(refs))) => {
                let mut all = refs_in(&arguments).as_ref().clone();
                if all.is_empty() {
                    all = refs.as_ref().clone();
                }
                Ok(Val::Unknown(Rc::new(all)))
            }
            Some(Err(Stop::Wrong(why))) => Err(Stop::Wrong(format!("`{name}`: {why}"))),
            Some(done) => done,
            None => Ok(self.unknown_call(name, &arguments)),
        }
    }

    fn unknown_call(&self, name: &str, arguments: &[Val]) -> Val {
        let mut all = refs_in(arguments).as_ref().clone();
        all.extend(refs_of(format!("the function {}", name)).iter().cloned());
        Val::Unknown(Rc::new(all))
    }

    fn arguments(&self, call: &FuncCall, scope: Scope<'_>) -> Known<Vec<Val>> {
        let mut all =
            call.args.iter().map(|argument| self.told(argument, scope)).collect::<Known<Vec<Val>>>()?;
        if call.args.expand_final()
            && let Some(last) = all.pop()
        {
            all.extend_from_slice(&convert::elements(&last)?);
        }
        Ok(all)
    }

    fn first_that_works(&self, call: &FuncCall, scope: Scope<'_>) -> Known {
        let all: Vec<&Expression> = call.args.iter().collect();
        let mut wrong = Stop::wrong("`try` has nothing to try");
        for argument in all {
            match self.told(argument, scope) {
                Err(stop @ Stop::Wrong(_)) => wrong = stop,
                done => return done,
            }
        }
        Err(wrong)
    }
}
