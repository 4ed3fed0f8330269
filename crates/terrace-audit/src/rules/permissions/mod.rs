//! Permissions as they are written: who is let in, what roles may do, and who hands them on.

pub(super) mod bucket_around_cdn;
pub(super) mod bucket_open;
pub(super) mod confused_deputy;
mod openness;
mod papers;
pub(super) mod policies_open;
pub(super) mod role_escalation;
pub(super) mod role_passing;
pub(super) mod roles_too_wide;
pub(super) mod trust_open;
mod width;
