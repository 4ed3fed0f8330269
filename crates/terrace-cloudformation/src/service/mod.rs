//! The tables of resource types, one file for each part of AWS, and what holds between resources.

mod balancing;
mod containers;
mod database;
mod delivery;
mod files;
mod functions;
mod groups;
mod identity;
mod machines;
mod messages;
mod network;
mod observability;
mod secrets;
mod serverless;
mod settle;
mod storage;

pub(crate) use settle::settle;

use crate::model::Model;

/// Every table.
pub(crate) const ALL: &[&[Model]] = &[
    network::MODELS,
    groups::MODELS,
    machines::MODELS,
    balancing::MODELS,
    database::MODELS,
    identity::MODELS,
    storage::MODELS,
    files::MODELS,
    secrets::MODELS,
    containers::MODELS,
    functions::MODELS,
    serverless::MODELS,
    delivery::MODELS,
    messages::MODELS,
    observability::MODELS,
];
