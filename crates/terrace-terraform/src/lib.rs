//! ResourceGraph → Terraform text that a person would have written; text, plan and state → ResourceGraph.
//!
//! [`emit()`] decides nothing: what it prints depends on the graph and its notes alone, byte for byte.

mod emit;
mod file;
pub mod found;
pub mod import;
pub mod lines;
mod printed;

pub use emit::{NotWritable, emit};
pub use file::{FileName, FileNameError, Files, concern};
