//! What a deployment would change, in words that a person can weigh: resources, exposure, permissions, money.
//!
//! [`change()`] takes what a plan says ([`terrace_terraform::found::changes`]) and prices; [`report`] makes text and JSON of
//! what it gives. Exposure and permissions are what is proved of the design before and after, not a comparison of texts: a rule
//! that is written anew and lets the same through is no change.
//!
//! GUARANTEES: two designs that are the same differ in nothing; the way back has what the way there gained as lost. No secret
//! is in any of it. What is not told stays unknown by name.

mod change;
pub mod exposure;
pub mod money;
mod outcome;
pub mod permissions;
pub mod report;
pub mod resources;

pub use change::{Change, change};
pub use outcome::Outcome;
