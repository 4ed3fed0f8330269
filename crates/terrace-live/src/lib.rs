//! A live AWS account → an [`Inventory`], by calls that only read.
//!
//! [`account`] asks each service side by side and writes what it answers in the vocabulary of the Terraform provider, so
//! that an account gets the same verdicts as the files that it was built from. What is denied or not offered is listed as
//! unread. Every call that is made, and so every permission that is needed, is in [`PERMISSIONS`]; [`policy`] is that list
//! as a policy document. Nothing is ever written, and no secret's value is read.
//!
//! Names are those that people know: `sg-0abc…`, the name of a load balancer, a role's name.

mod asking;
mod many;
mod permissions;
mod read;
mod settings;

pub use permissions::{PERMISSIONS, policy};
pub use settings::Settings;

use terrace_account::AccountError;
use terrace_aws::inventory::Inventory;

/// What is in an account, in one region; global things (IAM, CloudFront, buckets) as well.
///
/// # Errors
/// If nothing can be asked: no region, no credentials, nobody who answers.
pub async fn account(settings: &Settings) -> Result<Inventory, AccountError> {
    let (account, who) = asking::Account::open(settings).await?;
    Ok(read::everything(&account, &who, settings).await)
}
