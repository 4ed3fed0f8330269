//! The foundation and the preflight, against an AWS of our own on loopback.
//!
//! `cases` is what is asked and answered, a file each: it begins with what is done (`do: bucket`) and settings, then come
//! sections, each below a line that begins with `--- `: `ask METHOD PATH` or `ask SERVICE:ACTION` with the request's body,
//! `answer STATUS` with the answer to it (headers after the status, between bars), at the end `outcome`. `TERRACE_UPDATE=1`
//! writes requests and outcomes anew. `aws` keeps buckets and repositories, and fails at any step in any way.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop where it is wrong"
)]

mod aws;
mod case;
mod cases;
mod emulated;
mod exclusion;
mod faults;
