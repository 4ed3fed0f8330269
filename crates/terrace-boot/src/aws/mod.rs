//! The few calls of AWS that a start needs, spoken directly: `ssm:GetParametersByPath`,
//! `secretsmanager:GetSecretValue`, and where credentials come from.

mod call;
mod credentials;
mod error;
pub(crate) mod http;
mod imds;
mod read;
mod retry;
pub mod sign;

pub(crate) use read::{Read, Reader, Version};
