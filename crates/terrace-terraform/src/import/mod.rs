//! What Terraform wrote, or people wrote for it, as a graph again.
//!
//! LAWS: `text(emit(design)) == design.graph`; `plan(the plan of emit(design)) == forget(design.graph)`.
//! Whatever is not modelled is named in [`Imported::unmodelled`] or refused, never dropped in silence.

mod expression;
mod folder;
mod forget;
mod gather;
mod inventory;
mod json;
mod plan;
mod reference;
mod state;

pub use folder::text;
pub use forget::forget;
pub use gather::{ImportError, Imported, Unmodelled};
pub use inventory::{Typed, inventory};
pub use plan::plan;
pub use state::state;
