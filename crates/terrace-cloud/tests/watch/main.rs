//! What is told of a deployed system, against an AWS on loopback that answers as AWS's references say.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is wrong")]

mod destroyed;
mod group;
mod lines;
mod patterns;
mod secrets;
mod server;
mod told;
