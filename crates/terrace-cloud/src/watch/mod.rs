//! What runs where, what it logs, and a way into it.
