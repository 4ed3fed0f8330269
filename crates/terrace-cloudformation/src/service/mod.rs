//! The tables of resource types, one file for each part of AWS, and what holds between resources.

mod balancing;
mod database;
mod groups;
mod identity;
mod machines;
mod network;
mod settle;

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
];
