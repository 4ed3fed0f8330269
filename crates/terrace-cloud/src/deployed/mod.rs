//! The names of a deployed system, as plain values.
