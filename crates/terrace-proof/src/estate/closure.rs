//! Who can read something in the end: whoever reads it, and whoever can act as one who does, in any number of steps.
//!
//! GUARANTEE: an identity that is not among the readers cannot read, whatever the unknown things turn out to be, within
//! what the tables model. Each reader's way is a shortest one; first of those that are sure, then of the others.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use terrace_aws::inventory::ItemId;

use super::ask::{Actor, Answer, Desk, Grown};
use super::edges::Edge;
use super::model::{Estate, Holding, HoldingKind, PrincipalId};
use super::reader::{Deed, Reader, Step, Verdict, Who};
use crate::access::{Truth, Unknown};

/// How many identities an explanation is looked for over; more than that depends on size.
const NODES: usize = 4_096;

/// What was found before.
type Known<K> = RefCell<BTreeMap<K, Rc<Vec<Edge>>>>;

/// Answers who can read what; what it has found of one question helps with the next.
pub struct Permissions<'e> {
    pub(super) desk: Desk<'e>,
    edges: Known<Actor>,
    wider: Known<(Actor, PrincipalId)>,
}

struct Node {
    actor: Actor,
    steps: Vec<Step>,
}

impl<'e> Permissions<'e> {
    /// Of an estate.
    pub fn new(estate: &'e Estate) -> Self {
        Self { desk: Desk::new(estate), edges: RefCell::default(), wider: RefCell::default() }
    }

    /// Whose permissions these are.
    pub const fn estate(&self) -> &'e Estate {
        self.desk.estate
    }

    /// Who can read what an item keeps; none if the item keeps nothing that is modelled.
    pub fn readers(&self, of: &ItemId) -> Option<Vec<Reader>> {
        let holding = self.estate().holding(of)?;
        self.desk.reset();
        let mut readers = Vec::new();
        for at in 0..self.estate().principals.len() {
            let id = PrincipalId(at);
            readers.extend(self.reader(Actor::Own(id, Grown::As), holding));
        }
        for actor in self.strangers(holding) {
            readers.extend(self.reader(actor, holding));
        }
        readers.extend(self.by_service(holding));
        readers.extend(self.anonymous(holding));
        if let HoldingKind::Secret { keeper: Some(keeper) } = &holding.kind {
            let who =
                Who::Service { name: keeper.as_str().into(), on_behalf: vec![self.estate().account.clone()] };
            let (deed, to) = (Deed::Keeps, holding.id.clone());
            let step = Step { who: who.clone(), deed, to, rests: Vec::new(), on: BTreeSet::new() };
            readers.push(Reader { who, verdict: Verdict::Allowed, how: vec![step] });
        }
        Some(readers)
    }

    fn reader(&self, start: Actor, holding: &Holding) -> Option<Reader> {
        let unsure = match &start {
            Actor::Own(id, _) => {
                self.estate().principal(*id).map(|one| one.unsure.clone()).unwrap_or_default()
            }
            _ => BTreeSet::new(),
        };
        let who = self.who(&start);
        let way = self.search(start.clone(), holding, true).or_else(|| self.search(start, holding, false))?;
        let mut on: BTreeSet<Unknown> = way.iter().flat_map(|step| step.on.iter().cloned()).collect();
        on.extend(unsure);
        let verdict = if on.is_empty() { Verdict::Allowed } else { Verdict::Depends(on) };
        Some(Reader { who, verdict, how: way })
    }

    /// Breadth first over whom the start can act as; with `sure`, along sure steps only.
    fn search(&self, start: Actor, holding: &Holding, sure: bool) -> Option<Vec<Step>> {
        let takes = |answer: &Answer| answer.truth == Truth::Yes || (!sure && !answer.is_no());
        let mut seen: BTreeSet<Actor> = BTreeSet::from([start.clone()]);
        let mut open = VecDeque::from([Node { actor: start, steps: Vec::new() }]);
        let mut done: Vec<Node> = Vec::new();
        while let Some(node) = open.pop_front() {
            let read = self.desk.reads(&node.actor, holding);
            if takes(&read.answer) {
                let mut steps = node.steps;
                steps.push(self.step(&node.actor, read.deed, holding.id.clone(), &read.answer));
                return Some(steps);
            }
            if done.len() >= NODES {
                continue;
            }
            let reached: BTreeSet<PrincipalId> = seen.iter().filter_map(Actor::own).collect();
            for edge in self.edges(&node.actor).iter().filter(|edge| takes(&edge.answer)) {
                if !reached.contains(&edge.to) && seen.insert(Actor::Own(edge.to, Grown::As)) {
                    open.push_back(self.next(&node, edge, &node.steps));
                }
            }
            done.push(node);
            let Some(last) = done.last() else { continue };
            // Who is reached may widen whom else, and be widened.
            for other in &done {
                for (one, two) in [(last, other), (other, last)] {
                    let Some(id) = two.actor.own() else { continue };
                    for edge in self.wider(&one.actor, id).iter().filter(|edge| takes(&edge.answer)) {
                        if seen.insert(Actor::Own(edge.to, edge.grown)) {
                            let mut steps = two.steps.clone();
                            let new = one.steps.iter().filter(|step| !two.steps.contains(step));
                            steps.extend(new.cloned());
                            open.push_back(self.next(one, edge, &steps));
                        }
                    }
                }
            }
        }
        None
    }

    fn next(&self, from: &Node, edge: &Edge, before: &[Step]) -> Node {
        let mut steps = before.to_vec();
        if let Some(to) = self.estate().principal(edge.to) {
            steps.push(self.step(&from.actor, edge.deed.clone(), to.id.clone(), &edge.answer));
        }
        Node { actor: Actor::Own(edge.to, edge.grown), steps }
    }

    fn step(&self, actor: &Actor, deed: Deed, to: ItemId, answer: &Answer) -> Step {
        let on = match &answer.truth {
            Truth::Unknown(on) => on.clone(),
            Truth::Yes | Truth::No => BTreeSet::new(),
        };
        Step { who: self.who(actor), deed, to, rests: answer.rests.clone(), on }
    }

    pub(super) fn who(&self, actor: &Actor) -> Who {
        match actor {
            Actor::Own(id, _) => match self.estate().principal(*id) {
                Some(principal) => Who::Item(principal.id.clone()),
                None => Who::Anyone,
            },
            Actor::Account(name) => Who::Account(name.clone()),
            Actor::Federated(name) => Who::Federated(name.clone()),
            Actor::Anyone => Who::Anyone,
        }
    }

    fn edges(&self, actor: &Actor) -> Rc<Vec<Edge>> {
        if let Some(known) = self.edges.borrow().get(actor) {
            return Rc::clone(known);
        }
        let all = (0..self.estate().principals.len()).map(PrincipalId);
        let found: Rc<Vec<Edge>> = Rc::new(all.filter_map(|to| self.desk.becomes(actor, to)).collect());
        self.edges.borrow_mut().insert(actor.clone(), Rc::clone(&found));
        found
    }

    fn wider(&self, actor: &Actor, to: PrincipalId) -> Rc<Vec<Edge>> {
        let key = (actor.clone(), to);
        if let Some(known) = self.wider.borrow().get(&key) {
            return Rc::clone(known);
        }
        let found = match actor {
            Actor::Own(..) => Rc::new(self.desk.widens(actor, to)),
            _ => Rc::default(),
        };
        self.wider.borrow_mut().insert(key, Rc::clone(&found));
        found
    }
}

impl Actor {
    const fn own(&self) -> Option<PrincipalId> {
        match self {
            Self::Own(id, _) => Some(*id),
            _ => None,
        }
    }
}
