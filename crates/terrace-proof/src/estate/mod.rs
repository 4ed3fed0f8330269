//! Who can read what is kept: an account's identities, their policies, and what runs as them.
//!
//! An [`Estate`] says what there is; [`Permissions::readers`] tells who can read a secret, a parameter or a bucket, by
//! which statements, in which steps. It knows nothing of how a design was written: `terrace-lift` makes estates.
//!
//! GUARANTEE: of three values, as in [`access`](crate::access): "allowed" holds whatever is unknown, and whoever is not
//! listed cannot read, within the tables of `PASSES` and `runs` (`table.rs`). What is not in the
//! design (other identities of the account, what a foreign key's policy says) is not spoken of, or unknown by name.

mod ask;
mod closure;
mod deputy;
mod direct;
mod edges;
mod managed;
mod model;
mod outside;
mod reader;
mod size;
mod table;

pub use ask::only_if;
pub use closure::Permissions;
pub use deputy::{Deputy, Passing, deputies};
pub use managed::{AwsPolicy, aws_policy};
pub use model::*;
pub use reader::{Deed, Reader, Rest, Step, Verdict, Who};
