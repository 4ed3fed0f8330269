//! Terraform as Terrace runs it: the real one, where this machine has it, and one that a script plays.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop where it is wrong")]

mod environment;
mod found;
mod ground;
mod real;
mod said;
mod scripted;
mod words;
