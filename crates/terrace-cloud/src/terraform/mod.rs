//! Runs Terraform or OpenTofu.
