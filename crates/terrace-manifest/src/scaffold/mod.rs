//! From what a folder holds to a manifest that works: the pure half of `terrace init`.
//!
//! The caller fills a [`FolderView`] ([`FolderView::enters`] and [`FolderView::reads`] say with what),
//! [`look`] returns a [`Draft`]: what was seen, each with its evidence, and what could not be seen as questions
//! with defaults. [`Draft::answer`] takes answers; [`Draft::manifest`] is the text.
//!
//! INVARIANT: that text parses without errors, whatever the folder holds and whether anything was answered or not.

mod app;
mod database;
mod draft;
mod folder;
mod package;
mod page;
mod plan;
mod question;
mod routes;
mod text;
mod write;

pub use draft::{AnswerError, Draft, Fact};
pub use folder::{DEPTH, FolderView, LONGEST_TEXT, MOST_FILES};
pub use question::{Choice, Question};

/// Looks at a folder.
pub fn look(folder: &FolderView) -> Draft {
    Draft::of(folder)
}
