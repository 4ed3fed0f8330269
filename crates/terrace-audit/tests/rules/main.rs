//! The rules: what they find in designs of others, that they find nothing in ours, and that they find it when ours is
//! broken.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "cases are files, and an environment variable rewrites what is expected"
)]

mod cases;
mod mutations;
mod own;
mod reach;
mod untouched;
mod words;
