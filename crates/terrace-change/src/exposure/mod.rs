//! What becomes reachable or unreachable: who opens connections to whom on which ports, by what is proved of the network before
//! and after, and which findings of the audit appear and disappear.
//!
//! What is sure differs from what may be. Something opens surely if it surely passes afterwards and surely did not before;
//! what passes perhaps on one side opens perhaps, on what is not told. Conversations are compared hop by hop; of people
//! outside with their addresses, of what stands inside by name.
//!
//! LAWS: `between(a, a)` is empty; what `between(a, b)` opens is what `between(b, a)` closes.

mod findings;
mod reach;
mod slot;

use std::collections::BTreeSet;

use terrace_aws::inventory::Inventory;

pub use findings::FindingLine;
use reach::Side;
use slot::Slots;

/// What becomes reachable or unreachable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Conversations that were not possible and are.
    pub opened: Vec<Passage>,
    /// Conversations that were possible and are not.
    pub closed: Vec<Passage>,
    /// Findings of the audit that there were not.
    pub appeared: Vec<FindingLine>,
    /// Findings that are there no more.
    pub gone: Vec<FindingLine>,
    /// What of the network is not modelled and changes: no word is said of where it leads.
    pub undecided: Vec<String>,
}

/// A conversation that becomes possible, or stops to be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Passage {
    /// Who opens connections.
    pub from: String,
    /// To whom.
    pub to: String,
    /// On which protocols and ports: `tcp 443`.
    pub on: String,
    /// From or to which addresses outside; empty where that says nothing.
    pub addresses: String,
    /// On what it depends; empty: it is sure.
    pub depends_on: Vec<String>,
    /// The rules that it rests on and that change: `aws_security_group_rule.x: ingress tcp 22 from 0.0.0.0/0`.
    pub by: Vec<String>,
    /// Whether somebody of the two is there on one side only.
    pub new: bool,
}

impl Exposure {
    /// Whether nothing differs.
    pub const fn is_empty(&self) -> bool {
        self.opened.is_empty()
            && self.closed.is_empty()
            && self.appeared.is_empty()
            && self.gone.is_empty()
            && self.undecided.is_empty()
    }
}

/// What differs between two designs.
pub fn between(before: &Inventory, after: &Inventory) -> Exposure {
    let lifted = [terrace_lift::world::lift(before), terrace_lift::world::lift(after)];
    let [was, is] = &lifted;
    let bounds = [terrace_proof::reach::Bounds::of(&was.world), terrace_proof::reach::Bounds::of(&is.world)];
    let [bounded, bounding] = &bounds;
    let (was, is) = (Side::of(was, bounded), Side::of(is, bounding));
    let (appeared, gone) = findings::between(before, after);
    let unmodelled = |side: &Side<'_>| -> BTreeSet<String> {
        let named = side.lifted.unmodelled.iter();
        named.map(|of| format!("{}: {}", of.item, of.what)).collect()
    };
    let (had, has) = (unmodelled(&was), unmodelled(&is));
    Exposure {
        opened: opened(&was, &is),
        closed: opened(&is, &was),
        appeared,
        gone,
        undecided: had.symmetric_difference(&has).cloned().collect(),
    }
}

/// Of so many that may pass it is asked on what that depends, which takes long; of the others it is only said that it does.
const NAMED: usize = 60;

/// What passes on the second side and not on the first; of the way back, what is closed.
fn opened(was: &Side<'_>, is: &Side<'_>) -> Vec<Passage> {
    let nothing = (Slots::default(), Slots::default());
    let mut all = Vec::new();
    let mut left = NAMED;
    for (pair, (least, most)) in &is.links {
        let (had_least, had_most) = was.links.get(pair).unwrap_or(&nothing);
        let sure = least.without(had_most);
        let perhaps = most.without(had_most).and(&least.without(had_least)).without(&sure);
        for (slots, is_sure) in [(sure, true), (perhaps, false)] {
            if slots.is_empty() {
                continue;
            }
            all.extend(is.passages(was, pair, &slots, (is_sure, &mut left)));
        }
    }
    all.sort();
    all.dedup();
    all
}
