//! Which permissions grow and shrink: per identity what it may do, per document of a resource whom it speaks of, and who can
//! read which secret, parameter and bucket in the end.
//!
//! What an identity may do is decided by IAM's evaluation rules on both sides ([`terrace_proof::access`]), for every action
//! and resource that either side's policies name. A pattern is asked about by a text that only it and wider ones match; so
//! statements that are split, joined, sorted or moved to another policy are no change. Trust and resources' own policies are
//! compared statement by statement, taken apart into what each says of one principal, action and resource.
//!
//! LAWS: `between(a, a)` is empty; what `between(a, b)` gains is what `between(b, a)` loses.

mod ask;
mod grants;
mod meet;
mod papers;
mod readers;

use std::collections::BTreeSet;

use terrace_aws::inventory::Inventory;
use terrace_proof::estate::Estate;

pub use grants::Grant;
pub use papers::Paper;
pub use readers::ReaderLine;

/// Which permissions grow and shrink.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// By identity, those alone that may do more or less.
    pub identities: Vec<Identity>,
    /// By document, those alone that say something else: trust policies, and those of resources.
    pub papers: Vec<Paper>,
    /// Who can read something and could not.
    pub readers: Vec<ReaderLine>,
    /// Who could read something and cannot.
    pub former: Vec<ReaderLine>,
    /// Of which identities it cannot be said, each with why: what is only known after apply, what is too large to compare.
    pub undecided: Vec<String>,
}

/// What becomes of an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its address.
    pub who: String,
    /// Whether it is there on one side only.
    pub new: bool,
    /// What it may do and could not, or could less freely.
    pub gained: Vec<Grant>,
    /// What it could do and may not, or less freely.
    pub lost: Vec<Grant>,
    /// What it may do under other conditions.
    pub altered: Vec<Grant>,
}

impl Permissions {
    /// Whether nothing differs.
    pub const fn is_empty(&self) -> bool {
        self.identities.is_empty()
            && self.papers.is_empty()
            && self.readers.is_empty()
            && self.former.is_empty()
            && self.undecided.is_empty()
    }
}

/// What differs between two designs.
pub fn between(before: &Inventory, after: &Inventory) -> Permissions {
    let (was, is) = (terrace_lift::estate::lift(before).estate, terrace_lift::estate::lift(after).estate);
    let mut all = Permissions { papers: papers::between(&was, &is), ..Permissions::default() };
    (all.readers, all.former) = readers::between(&was, &is);
    let names: BTreeSet<String> = names(&was).chain(names(&is)).collect();
    for who in names {
        match grants::between(&was, &is, &who) {
            Some((found, untold)) => {
                all.undecided.extend(untold.into_iter().map(|what| format!("{who}: {what} is not told")));
                if !(found.gained.is_empty() && found.lost.is_empty() && found.altered.is_empty()) {
                    all.identities.push(found);
                }
            }
            None => all.undecided.push(format!("{who}: its policies are too large to compare")),
        }
    }
    all
}

fn names(estate: &Estate) -> impl Iterator<Item = String> {
    estate.principals.iter().map(|one| one.id.name().to_owned())
}
