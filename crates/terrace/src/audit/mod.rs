//! What `terrace audit` is about: found on the disk or in an account, and read into one inventory.

pub(crate) mod certificate;
pub(crate) mod declared;
pub(crate) mod paint;
pub(crate) mod settings;
pub(crate) mod source;
mod walk;
