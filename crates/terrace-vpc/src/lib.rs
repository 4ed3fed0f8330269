//! A network as the proof knows it, raised out of the running kernel: network namespaces, pairs of virtual devices, policy
//! routes, and nftables, in which real packets are sent.
//!
//! What is raised is planned first, as values ([`plan()`]): every interface is a namespace of its own, every network a router,
//! with a route table for each subnet's, groups as a stateful filter before the interface and ACLs as a stateless one in the
//! router. [`send`] then starts the program `terrace-vpc` in a user namespace of its own, which raises the plan and
//! sends [`Probe`]s.
//!
//! GUARANTEE: nothing outside of these namespaces is touched, no right of the machine's root is needed, and everything goes with
//! the one process that holds it. What a world has that is not raised is told ([`Unraised`]), never left out in silence.

mod plan;
mod probe;
mod raise;

pub use plan::{Device, Link, Namespace, Plan, Unraised, plan};
pub use probe::{Heard, Probe, Speech};
pub use raise::{Order, VpcError, obstacle, raise, send};
