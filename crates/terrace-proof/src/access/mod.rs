//! Decisions on access: the evaluation rules of IAM, as pure functions over policies and a request.
//!
//! [`decide()`] takes a [`Request`] and the [`Policies`] that have a say, and tells whether it is allowed, denied, or depends
//! on what is not known. Rules after AWS's pages "Policy evaluation logic" and "IAM JSON policy elements".

mod condition;
mod context;
mod decide;
mod finding;
mod glob;
mod pattern;
mod principal;
mod request;
mod truth;
mod values;

pub use condition::holds;
pub use context::{Context, Known};
pub use decide::{Cite, Denial, Layer, Policies, Policy, Verdict, decide};
pub use glob::{Glob, Inclusion, LIMIT, Overlap};
pub use pattern::SUFFIX;
pub use principal::Caller;
pub use request::{Request, Resource};
pub use truth::{Truth, Unknown};
