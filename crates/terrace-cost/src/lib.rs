//! What a system costs a month: dated prices, each with its source.

pub mod prices;
