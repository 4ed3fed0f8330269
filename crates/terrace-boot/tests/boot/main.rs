//! The program as an instance or a container runs it, against stand-ins for Parameter Store, Secrets Manager, the
//! instance's metadata and the container's credentials, and against moto where that is installed.

#![expect(clippy::unwrap_used, reason = "a test may stop where its own fixture is wrong")]
#![expect(clippy::indexing_slicing, reason = "a test may stop where its own fixture is wrong")]

mod credentials;
mod failures;
mod moto;
mod starts;
mod support;
mod templates;
mod watch;
