//! Code, page and configuration as one numbered thing: out, and back.
//!
//! [`record`] is the book of releases. [`page`] brings a built folder to where the distribution takes it from, and
//! [`containers`] an image to the service that runs it.
//!
//! GUARANTEE: each step looks before it makes, so that the same release can be begun again after any break; nothing that a
//! kept release has is taken away.

pub mod containers;
mod failure;
pub mod machines;
mod pace;
pub mod page;
pub mod record;

pub use failure::Failure;
pub use pace::Pace;
