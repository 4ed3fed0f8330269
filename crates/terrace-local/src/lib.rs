//! Topology to [`LocalPlan`]: which processes run on this machine, wired as they will be in the cloud.
//!
//! The plan is a value: processes in the order they start, what each waits for, what it finds in its environment,
//! how its health is asked. Addresses, secrets and the database's password stay references ([`Value`],
//! [`Destination`]) until the runner knows them; [`EdgePlan::config`] and [`Value::resolve`] are where they end.
//!
//! Guarantee: every route of every edge stands for one flow of the topology, and nothing else connects.

mod backoff;
mod description;
mod edge;
mod environment;
mod handover;
mod lower;
mod plan;
mod scaling;

pub use backoff::Backoff;
pub use description::Description;
pub use edge::{
    Addresses, Destination, EdgePlan, EdgeRole, Exposure, LocalhostTls, RoutePlan, Site, UnresolvedError,
};
pub use environment::{DatabaseAccess, DatabasePart, Environment, LISTEN, Resolution, Value};
pub use handover::{Handover, Stores};
pub use lower::{LowerError, lower};
pub use plan::{
    Build, DatabasePlan, LocalPlan, Probe, Process, ProcessKind, ProcessName, Program, ServicePlan,
};
pub use scaling::{Observation, Scaler, ScalingPace};
