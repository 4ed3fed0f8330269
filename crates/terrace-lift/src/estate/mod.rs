//! An inventory as an estate: who there is, which policies say what, what is kept, and what carries which role.
//!
//! Terraform's vocabulary in all its shapes: policies inline, attached one by one, exclusively or from the policy's side;
//! what RDS keeps for itself; keys by id, ARN or alias. Every policy keeps the item and the argument it stands in.
//!
//! GUARANTEE: what is not told stays unknown by name; what points at something that is not in the design is listed.

mod carriers;
mod holdings;
mod identities;
mod keys;
mod names;
mod papers;

use terrace_aws::inventory::{Inventory, Item, Unread};
use terrace_proof::estate::Estate;

use names::Names;

/// An estate, and what of the design is not in it.
#[derive(Clone, Debug)]
pub struct Lifted {
    /// Who there is, and what they may.
    pub estate: Estate,
    /// What points at something that is not in the design: a policy for a role of elsewhere.
    pub unread: Vec<Unread>,
}

/// Reads a design as an estate.
pub fn lift(inventory: &Inventory) -> Lifted {
    let names = Names::new(inventory);
    let mut estate = Estate::new(names.account.clone(), names.region.clone());
    names.partition.clone_into(&mut estate.partition);
    let mut lifting = Lifting { names: &names, estate, unread: Vec::new() };
    lifting.identities();
    lifting.keys();
    lifting.holdings();
    lifting.carriers();
    Lifted { estate: lifting.estate, unread: lifting.unread }
}

struct Lifting<'n, 'i> {
    names: &'n Names<'i>,
    estate: Estate,
    unread: Vec<Unread>,
}

impl<'i> Lifting<'_, 'i> {
    /// Items of a type that are built, in order.
    fn all(&self, type_name: &'static str) -> Vec<&'i Item> {
        let inventory: &'i Inventory = self.names.inventory;
        inventory.all(type_name).collect()
    }

    fn pass_over(&mut self, item: &Item, path: &str, why: &str) {
        let place = item.place(path).cloned();
        self.unread.push(Unread::detail(item.id().to_string(), why, place));
    }
}
