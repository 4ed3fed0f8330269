//! Rules on who may read what, one file each.

pub(super) mod secret_readers;
