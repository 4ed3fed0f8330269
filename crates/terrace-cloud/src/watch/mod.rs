//! What runs where, and what it logs.
//!
//! [`status`](fn@status) tells what runs of a deployed system, in which zone, of which release, how its load
//! balancers find it, which alarms go off, and what happened last. [`Logs`] reads the log groups of all
//! parties as one stream in the order of time, [`Following`] goes on with what is logged from then on,
//! [`trail`] finds one request in all tiers.
//!
//! GUARANTEE: nothing is changed; what may not be asked is told as such beside what could be told, and never
//! left out in silence; what AWS throttles is asked again, later.

mod error;
mod logs;
mod scope;
mod status;
mod time;

pub use error::WatchError;
pub use logs::{Following, Line, Logs, Matching, RequestId, RequestIdError, Source, Wanted, sources, trail};
pub use scope::Owner;
pub(crate) use scope::{ENVIRONMENT, SYSTEM, is_of};
pub use status::{
    Alarm, Blind, Database, Event, Health, PartyStatus, Releases, Rollout, Runner, State, Status, status,
};
pub use time::Time;
