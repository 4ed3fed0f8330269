//! What a deployment would change, as text for people and as JSON for programs.

mod json;
mod lines;
mod text;
mod words;

pub use json::json;
pub use text::text;
