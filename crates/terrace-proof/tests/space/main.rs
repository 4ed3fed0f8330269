//! The algebra of packet sets and the filters, against plain enumeration of a universe of few points.

#![expect(clippy::unwrap_used, reason = "a strategy makes only values that are right")]

mod algebra;
mod cases;
mod filters;
mod routes;
mod universe;
