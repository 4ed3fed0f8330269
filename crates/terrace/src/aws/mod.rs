//! What commands share that are about a deployed system: whose account, which names, what was applied.
//!
//! GUARANTEE: nothing here changes anything. A manifest that names an account is never taken to another one.

mod flags;
pub(crate) mod names;
mod session;
pub(crate) mod told;

pub(crate) use flags::AwsFlags;
pub(crate) use session::{Deployed, Session};
