//! What is known while a design is evaluated: modules, values that were found already, and what was not read.
//!
//! GUARANTEE: every value is evaluated once; one that needs itself is an unknown. The stack stays shallow: what lies
//! deeper than [`SHALLOW`] is put off ([`Stop::Deep`]), evaluated first, and found ready at the next attempt.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use hcl_edit::expr::Expression;
use terrace_aws::Reference;
use terrace_aws::inventory::{Place, Tree, Unread};

use super::files::Declarations;
use super::keys::{Declared, Key, ModuleId, Slot};
use super::source::Placed;
use super::val::{Refs, Val, refs_of};

/// Why there is no value.
#[derive(Debug)]
pub(super) enum Stop {
    /// It is made of these.
    Unknown(Refs),
    /// Terraform would call it an error.
    Wrong(String),
    /// This has to be evaluated before.
    Deep(Box<Slot>),
}

impl Stop {
    pub(super) fn wrong(why: impl Into<String>) -> Self {
        Self::Wrong(why.into())
    }
}

/// A value, or why there is none.
pub(super) type Known<T = Val> = Result<T, Stop>;

/// Levels of evaluation after which a value is put off.
const SHALLOW: u32 = 60;
/// Levels at which an expression is given up.
const DEEPEST: u32 = SHALLOW + 120;
/// Expressions evaluated in all.
const STEPS: u64 = 1_500_000;
/// Instances of modules in all.
const MODULES: usize = 2_000;
/// Things listed as unread in all.
const UNREAD: usize = 5_000;

/// `each`, `count` and which instance this is.
#[derive(Clone, Debug)]
pub(super) struct Own {
    pub(super) each: Option<(Val, Val)>,
    pub(super) count: Option<Val>,
    /// What it depends on whether it is there.
    pub(super) why: BTreeSet<Reference>,
}

impl Own {
    pub(super) const fn single() -> Self {
        Self { each: None, count: None, why: BTreeSet::new() }
    }
}

/// A module as called.
#[derive(Debug)]
pub(super) struct Module {
    pub(super) id: ModuleId,
    /// `module.a["x"]`, or nothing for the root.
    pub(super) address: Rc<str>,
    pub(super) declared: Rc<Declarations>,
    pub(super) caller: Option<Caller>,
    /// What it depends on whether it is there.
    pub(super) why: BTreeSet<Reference>,
}

/// Who called a module.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) module: Rc<Module>,
    pub(super) call: Rc<Placed>,
    pub(super) own: Own,
}

impl Module {
    /// The address of something in it.
    pub(super) fn address_of(&self, inner: impl std::fmt::Display) -> String {
        if self.address.is_empty() { inner.to_string() } else { format!("{}.{inner}", self.address) }
    }
}

enum State {
    Busy,
    Done(Val),
}

/// The instances of a resource.
pub(super) type Instances = Rc<BTreeMap<Key, Rc<Own>>>;

/// All of it.
pub(super) struct World<'t> {
    pub(super) tree: &'t Tree,
    /// The folder that was asked for.
    pub(super) root: String,
    pub(super) workspace: String,
    /// Values of root variables.
    pub(super) given: BTreeMap<String, Expression>,
    /// Folders of modules that `terraform init` fetched, by their dotted path.
    pub(super) fetched: BTreeMap<String, String>,
    folders: RefCell<BTreeMap<String, Option<Rc<Declarations>>>>,
    modules: RefCell<Vec<Rc<Module>>>,
    slots: RefCell<BTreeMap<Slot, State>>,
    pub(super) instances: RefCell<BTreeMap<(ModuleId, Rc<Declared>), Instances>>,
    unread: RefCell<BTreeSet<Unread>>,
    steps: Cell<u64>,
    depth: Cell<u32>,
}

impl<'t> World<'t> {
    pub(super) fn new(
        tree: &'t Tree,
        root: &str,
        workspace: String,
        given: BTreeMap<String, Expression>,
        fetched: BTreeMap<String, String>,
    ) -> Self {
        Self {
            tree,
            root: root.to_owned(),
            workspace,
            given,
            fetched,
            folders: RefCell::default(),
            modules: RefCell::default(),
            slots: RefCell::default(),
            instances: RefCell::default(),
            unread: RefCell::default(),
            steps: Cell::new(0),
            depth: Cell::new(0),
        }
    }

    /// What a folder declares, read once.
    pub(super) fn folder(&self, path: &str) -> Option<Rc<Declarations>> {
        if let Some(known) = self.folders.borrow().get(path) {
            return known.clone();
        }
        let declared = Declarations::of(self.tree, path).map(Rc::new);
        self.folders.borrow_mut().insert(path.to_owned(), declared.clone());
        declared
    }

    /// Every folder that was read.
    pub(super) fn folders(&self) -> Vec<Rc<Declarations>> {
        self.folders.borrow().values().flatten().cloned().collect()
    }

    /// Adds a module; none if there are too many.
    pub(super) fn enter(
        &self,
        address: Rc<str>,
        declared: Rc<Declarations>,
        caller: Option<Caller>,
    ) -> Option<Rc<Module>> {
        let mut modules = self.modules.borrow_mut();
        if modules.len() >= MODULES {
            return None;
        }
        let mut why = caller.as_ref().map(|caller| caller.own.why.clone()).unwrap_or_default();
        why.extend(caller.iter().flat_map(|caller| caller.module.why.iter().cloned()));
        let module = Rc::new(Module { id: ModuleId(modules.len()), address, declared, caller, why });
        modules.push(Rc::clone(&module));
        Some(module)
    }

    pub(super) fn module(&self, id: ModuleId) -> Known<Rc<Module>> {
        let found = self.modules.borrow().get(id.0).cloned();
        found.ok_or_else(|| Stop::wrong("there is no such module"))
    }

    pub(super) fn pass_over(&self, what: impl Into<String>, why: impl Into<String>, place: Option<Place>) {
        self.not_read(Unread::detail(what, why, place));
    }

    /// Lists something that was not read.
    pub(super) fn not_read(&self, one: Unread) {
        let mut unread = self.unread.borrow_mut();
        if unread.len() < UNREAD {
            unread.insert(one);
        }
    }

    pub(super) fn unread(self) -> impl Iterator<Item = Unread> {
        self.unread.into_inner().into_iter()
    }

    /// One level deeper, counted.
    pub(super) fn deeper<T>(&self, work: impl FnOnce() -> Known<T>) -> Known<T> {
        let (steps, depth) = (self.steps.get() + 1, self.depth.get() + 1);
        if steps > STEPS {
            return Err(Stop::Unknown(refs_of("a design that takes too long to evaluate")));
        }
        if depth > DEEPEST {
            return Err(Stop::wrong("is nested too deeply"));
        }
        self.steps.set(steps);
        self.depth.set(depth);
        let result = work();
        self.depth.set(depth - 1);
        result
    }

    /// Counts work that is no expression.
    pub(super) fn spend(&self, steps: u64) -> Known<()> {
        self.steps.set(self.steps.get().saturating_add(steps));
        if self.steps.get() > STEPS {
            return Err(Stop::Unknown(refs_of("a design that takes too long to evaluate")));
        }
        Ok(())
    }

    /// The value of a slot. One that is wrong is an unknown of its own name, and listed.
    pub(super) fn get(&self, slot: &Slot) -> Known {
        match self.slots.borrow().get(slot) {
            Some(State::Done(value)) => return Ok(value.clone()),
            Some(State::Busy) => {}
            None if self.depth.get() > SHALLOW => return Err(Stop::Deep(Box::new(slot.clone()))),
            None => {}
        }
        if self.slots.borrow().contains_key(slot) {
            return Ok(self.circle(slot));
        }
        self.slots.borrow_mut().insert(slot.clone(), State::Busy);
        let value = match self.compute(slot) {
            Ok(value) => value,
            Err(Stop::Unknown(refs)) => Val::Unknown(refs),
            Err(Stop::Wrong(why)) => {
                self.pass_over(self.name_of(slot), why, self.place_of(slot));
                Val::unknown(self.name_of(slot))
            }
            Err(deep @ Stop::Deep(_)) => {
                self.slots.borrow_mut().remove(slot);
                return Err(deep);
            }
        };
        self.slots.borrow_mut().insert(slot.clone(), State::Done(value.clone()));
        Ok(value)
    }

    fn circle(&self, slot: &Slot) -> Val {
        let name = self.name_of(slot);
        self.pass_over(&name, "depends on itself", self.place_of(slot));
        Val::unknown(name)
    }

    /// Evaluates whatever was put off until `work` needs nothing more. From the outside only, where nothing is open.
    pub(super) fn complete<T>(&self, work: impl Fn() -> Known<T>) -> Known<T> {
        let mut waiting: Vec<Slot> = Vec::new();
        loop {
            self.depth.set(0);
            let deep = match waiting.last() {
                Some(slot) => self.get(slot).err(),
                None => match work() {
                    Err(deep @ Stop::Deep(_)) => Some(deep),
                    done => return done,
                },
            };
            match deep {
                Some(Stop::Deep(slot)) if waiting.contains(&slot) || waiting.len() > 20_000 => {
                    let value = self.circle(&slot);
                    self.slots.borrow_mut().insert(*slot, State::Done(value));
                }
                Some(Stop::Deep(slot)) => waiting.push(*slot),
                _ => drop(waiting.pop()),
            }
        }
    }
}
