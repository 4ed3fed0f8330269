//! The state folder of a project, `.terrace/`: what has to outlive a run, and what must not leave this machine.
//!
//! Guarantees: folders and files are made with their final, private mode and never widened; files appear whole
//! or not at all; one run at a time owns the folder ([`Lock`]).

mod folder;
mod lock;
mod private;
mod remembered;
mod secrets;

pub(crate) use folder::{MARK, passable};
pub use folder::{StateError, StateFolder};
pub use lock::{Holder, Lock, LockError};
pub(crate) use private::{make_folder, read_private, replace_private};
pub use remembered::RememberedPorts;
pub(crate) use secrets::{Freshness, Password};
pub use secrets::{MissingSecret, Secret, Secrets, SecretsError};
