//! The command line as a user meets it: each test runs the program in a folder of its own and shows its exit code,
//! standard output and standard error together.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod check;
mod cost;
mod deployed;
mod dry_run;
mod exec;
mod export;
mod folder;
mod init;
mod migrate;
mod policy;
mod reference;
mod stand_in;
mod tunnel;
mod up;
mod usage;
