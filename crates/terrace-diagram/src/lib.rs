//! A system as a picture: zones as columns, tiers as terraces, flows as arrows with their ports.
//!
//! GUARANTEE: every arrow stands for a flow of the topology, and every flow has one; subnets and their blocks are
//! those of the resource graph. The same input gives the same bytes.

mod arrows;
mod canvas;
mod mermaid;
mod picture;
mod scene;

pub use mermaid::mermaid;
pub use picture::svg;
