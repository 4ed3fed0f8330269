//! A tunnel as its user has it: a port of this machine, and sessions behind it.

mod account;
mod control;
mod grant;
mod target;

pub use account::AccountControl;
pub use control::{Control, ControlError};
pub use grant::{Grant, GrantError, SessionId};
pub use target::{Target, TargetError};
