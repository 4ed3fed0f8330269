//! From what a folder holds to a manifest that works: the pure half of `terrace init`.
//!
//! The caller fills a [`FolderView`] ([`FolderView::enters`] and [`FolderView::reads`] say with what),
//! [`look`] returns a [`Draft`]: what was seen, each with its evidence, and what could not be seen as questions
//! with defaults. [`Draft::answer`] takes answers; [`Draft::manifest`] is the text, which always parses without
//! errors, answered or not.

mod draft;
mod folder;

pub use draft::{AnswerError, Choice, Draft, Fact, Question};
pub use folder::{DEPTH, FolderView, LONGEST_TEXT, MOST_FILES};

/// Looks at a folder.
pub fn look(folder: &FolderView) -> Draft {
    Draft::of(folder)
}
