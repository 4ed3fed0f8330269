//! The commands: each file holds one command's arguments, what they resolve to, the call and how its outcome is shown.

pub(crate) mod audit;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod cost;
pub(crate) mod db;
pub(crate) mod deploy;
pub(crate) mod destroy;
pub(crate) mod exec;
pub(crate) mod export;
pub(crate) mod graph;
pub(crate) mod init;
pub(crate) mod logs;
pub(crate) mod open;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod releases;
pub(crate) mod restart;
pub(crate) mod rollback;
pub(crate) mod schema;
pub(crate) mod secret;
pub(crate) mod status;
pub(crate) mod stop;
pub(crate) mod tunnel;
pub(crate) mod up;
