//! Makes, releases, watches and takes away a deployed system.
//!
//! It is told by plain values what is deployed and where ([`deployed`]), and knows neither the manifest nor how a design came
//! to be. [`foundation`] is what stands before and after every system: the bucket of states and releases, the registry's
//! repositories. [`preflight`] finds what would stop a deployment before it begins. [`terraform`] runs Terraform or OpenTofu.
//! [`release`] brings code, page and configuration there and back. [`watch`] tells what runs, [`secrets`] changes what is
//! kept, [`destroy`] takes all of it away.
//!
//! GUARANTEE: AWS is reached through `terrace_account` alone; nothing is printed, progress is told as values; a step looks
//! before it makes, so that it can be run again after any break; no secret stands in any text that this crate makes.

pub mod deployed;
pub mod destroy;
pub mod foundation;
pub mod outside;
pub mod preflight;
pub mod release;
pub mod secrets;
pub mod terraform;
pub mod watch;
