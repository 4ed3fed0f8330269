//! The few types that the compiler and the proxy share: what an edge process serves, and how it is spoken to.
//!
//! An [`EdgeConfig`] is complete: the edge asks nothing else. It is written as JSON, in a file on AWS and
//! over the control socket in `terrace up`. Times are whole milliseconds, sizes whole bytes.

mod config;
mod control;
mod names;
mod path;
mod pool;

pub use config::{
    AccessLog, Action, Certificate, Compression, EdgeConfig, Files, Limits, Listener, Peer, Route, Tls,
};
pub use control::{ControlReply, ControlRequest, EdgeStatus, PoolStatus, TargetState, TargetStatus};
pub use names::{EdgeName, NameError, PoolName};
pub use path::{PathPattern, PathPatternError};
pub use pool::{Ejection, HealthCheck, Millis, Pool, StatusRange, StatusRangeError};
