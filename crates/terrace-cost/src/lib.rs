//! What a system costs a month: dated prices, each with its source, and the estimate of a resource graph by them.
//!
//! [`estimate()`] reads a `ResourceGraph` and nothing else, so that what is priced is what ships. What depends on use
//! is computed from [`Usage`], whose every figure is a named assumption.
//!
//! INVARIANTS: an estimate's total is the sum of its lines; what costs something and has no price is in
//! [`Estimate::unpriced`], never left out; every kind of resource is priced, priced by use or free ([`charge()`]).

mod charge;
mod estimate;
mod ledger;
pub mod prices;
mod quantity;
mod rules;
mod usage;

pub use charge::{Charge, charge};
pub use estimate::{Estimate, Line, NoPrices, Unpriced, estimate};
pub use quantity::Quantity;
pub use usage::{AmountError, Assumption, Measure, Usage};
