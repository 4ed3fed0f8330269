//! ResourceGraph: typed AWS resources, and the one lowering from intent to them.
//!
//! A [`ResourceGraph`] is what is built, every choice made. References are typed and structured
//! ([`Ref`]), so that a subnet cannot stand where a group belongs; an emitter prints them and decides nothing.
//!
//! INVARIANT: [`lower()`] takes connectivity from `Topology::flows` alone: every security-group rule stands for one.

mod address;
pub mod catalog;
mod define;
pub mod deployer;
mod encoding;
mod field;
mod graph;
pub mod inventory;
mod json;
mod lower;
mod policy;
mod reference;
pub mod resource;
mod text;
mod value;

pub use address::{Address, Label, LabelError, Mode};
pub use encoding::encode as base64;
pub use field::{Base64Text, Block, Blocks, Field, Fields, Milli, Misfit, Step, UNTOLD};
pub use graph::{Concern, Design, Lifecycle, Node, Note, Notes, Output, ResourceGraph, Variable};
pub use lower::{
    Foundation, Refusal, ReleaseFiles, Warning, codes, lower, lower_on, release_files, release_variables,
    repository, settings_variables,
};
pub use policy::{Condition, Effect, PolicyDocument, PrincipalKind, Principals, Scope, Statement};
pub use reference::*;
pub use resource::{Kind, Resource, ResourceType};
pub use text::{Part, Text};
pub use value::{Json, Record, Value};
