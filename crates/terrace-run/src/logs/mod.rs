//! Logs of every party.
