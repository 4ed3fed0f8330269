//! Secrets: where they stand in plain, and where a state keeps them.

mod base64;
mod formats;
pub(super) mod in_plain;
pub(super) mod in_state;
mod names;
mod places;
mod text;
