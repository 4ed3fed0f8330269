//! Runs Terraform or OpenTofu, and tells what it does in plain words.
//!
//! [`Program::find`] finds one that is new enough; [`Folder`] is where it works, one run's at a time; [`Surroundings`] is the
//! environment that it gets, with the account's credentials and nothing that steers it; [`Terraform`] plans, applies, tells
//! outputs and ends locks. What happens is an [`Event`]; what went wrong is a [`Broken`] run with a [`Cause`] for each thing
//! that failed, its [`Meaning`] and what to do. [`stopping`] makes who asks a run to stop.
//!
//! GUARANTEE: credentials are in the environment of Terraform's process alone: in no file, no argument and no text that is
//! made here. If this process ends, Terraform stops at the next safe point; what it could not save, the next plan saves first.

mod backend;
mod broken;
mod cause;
mod child;
mod event;
mod folder;
mod left;
mod meaning;
mod program;
mod resource;
mod run;
mod stop;
mod surroundings;

pub use backend::{Backend, BackendError, InBucket};
pub use broken::{Broken, How, RunError, Task};
pub use cause::{Cause, Lock, LockId, LockIdError};
pub use child::Pace;
pub use event::Event;
pub use folder::{Folder, FolderError, Text};
pub use meaning::Meaning;
pub use program::{OLDEST, Program, ProgramError, Searched};
pub use resource::Resource;
pub use run::{Output, Plan, Target, TargetError, Terraform, Wanted};
pub use stop::{Stop, Stopper, stopping};
pub use surroundings::Surroundings;
