//! A folder, a stand-in for AWS, and the program with nothing but its own in its environment.

mod aws;
mod program;

pub(crate) use aws::{Aws, Fault};
pub(crate) use program::{Ended, Program, Stage};
