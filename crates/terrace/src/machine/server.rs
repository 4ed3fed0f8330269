//! Whether a database server can be had.

use terrace_diag::Diagnostics;

use super::Site;

/// Looks for the database server.
pub(super) fn inspect(_site: &Site<'_>, _found: &mut Diagnostics) {}
