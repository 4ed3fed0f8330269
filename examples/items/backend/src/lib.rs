//! The example API: a list of items, kept in PostgreSQL or in MySQL.
//!
//! It is an ordinary service that reads its settings from the environment and knows nothing of
//! what runs it. The modules, from the outside in: [`api`] speaks HTTP, [`item`] and [`listing`]
//! say what is valid, [`store`] keeps items, [`problem`] is the shape of every error.

pub mod api;
pub mod item;
pub mod listing;
pub mod problem;
pub mod settings;
pub mod store;
