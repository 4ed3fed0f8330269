//! What AWS refuses, what that means, and the statements that would allow it: one place for tunnels, shells, and the search
//! for a way.

mod refused;
mod statement;

pub use refused::Refused;
pub use statement::Place;
pub(crate) use statement::{DOCUMENT, ONE_COMMAND, Statement};

/// What opens a channel.
pub(crate) const CHANNEL: &str = "ssmmessages:OpenDataChannel";

/// What an agent needs to be connected.
pub(crate) const AGENT_NEEDS: &str = "the role needs ssmmessages:CreateControlChannel, CreateDataChannel, OpenControlChannel and OpenDataChannel, and there has to be a way to ssmmessages: an endpoint in the VPC, or a NAT gateway";
