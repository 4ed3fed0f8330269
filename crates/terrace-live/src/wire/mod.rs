//! Calls to AWS: signed by the SDK's signer with the SDK's credentials, sent by its HTTP client, and read as trees.
//!
//! GUARANTEE: a call that AWS refuses, does not offer, or answers with something else is noted and gives nothing; it is no
//! error. Every call is one of the reading ones in [`crate::permissions`].

mod answer;
pub(crate) mod endpoint;
mod many;
mod retry;
mod send;

pub(crate) use answer::Xml;
pub(crate) use many::all;
pub(crate) use send::{Account, Call, encoded};
