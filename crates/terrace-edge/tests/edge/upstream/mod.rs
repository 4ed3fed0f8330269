//! What a client notices of the pools behind an edge: balancing, health, retries, streams, tunnels, draining.

mod balance;
mod drain;
mod framing;
mod health;
mod proxy;
mod replica;
mod retry;
mod stream;
mod tunnel;
