//! Deploying from a machine that nobody sits at: the roles for it, and GitHub's workflow.

pub(crate) mod repository;
pub(crate) mod roles;
pub(crate) mod workflow;
pub(crate) mod write;
