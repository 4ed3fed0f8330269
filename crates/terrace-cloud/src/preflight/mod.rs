//! What would stop a deployment, found before it begins.
//!
//! [`check`] looks at everything and tells all that it finds at once: whose credentials these are and whether that is the account
//! that was meant, the region, Terraform, quotas ([`Quota`]) that what is to be made would go beyond, and names ([`Name`]) that
//! somebody else has taken. It only reads.
//!
//! GUARANTEE: what cannot be looked at for want of a permission is told as such, and stops nothing by itself.

mod finding;
mod names;
mod quotas;

use std::collections::BTreeMap;

use terrace_account::{Account, AccountError, Identity};

pub use finding::{Finding, Weight};
pub use names::{Kind, Name};
pub use quotas::Quota;

use crate::deployed::AccountId;
use crate::foundation::System;

/// What a deployment wants.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Which system.
    pub system: System,
    /// The account that the manifest names.
    pub account: Option<AccountId>,
    /// The region that the manifest names.
    pub region: String,
    /// The region that the environment or the profile names.
    pub own_region: Option<String>,
    /// Terraform or OpenTofu with its version, or why there is none.
    pub program: Result<String, String>,
    /// How much more of each there will be.
    pub more: BTreeMap<Quota, u32>,
    /// What will be made under names that are one for the account and region, or for the whole account.
    pub names: Vec<Name>,
}

/// Everything that stops this deployment or may, what stops it first.
pub async fn check(opened: Result<(&Account, &Identity), &AccountError>, wanted: &Wanted) -> Vec<Finding> {
    let mut all = Vec::new();
    if let Err(why) = &wanted.program {
        all.push(Finding::stops("program", why).help("the same command again, once it is there"));
    }
    match opened {
        Err(error) => all.push(no_account(error, &wanted.region)),
        Ok((account, who)) => {
            let place = place(account, who, wanted);
            let right = place.is_empty();
            all.extend(place);
            // What another account has is of no concern.
            if right {
                all.extend(quotas::findings(account, &wanted.more).await);
                all.extend(names::findings(account, who, wanted).await);
            }
        }
    }
    if let Some(own) = wanted.own_region.as_ref().filter(|own| **own != wanted.region) {
        let text = format!("the manifest deploys to {}; your own region is {own}", wanted.region);
        all.push(
            Finding::warns("region", &text).help("nothing, if that is meant; the manifest's `region` counts"),
        );
    }
    // A stable sort: what was found first stays first.
    all.sort_by_key(|finding| finding.weight);
    all
}

/// What is wrong with where one is.
fn place(account: &Account, who: &Identity, wanted: &Wanted) -> Vec<Finding> {
    let mut all = Vec::new();
    let named = wanted.account.as_ref().filter(|named| named.as_str() != who.account);
    if let Some(named) = named {
        let text = format!(
            "the manifest names account {named}; these credentials are of {} ({})",
            who.account, who.arn
        );
        all.push(Finding::stops("account", &text).help(
            "AWS_PROFILE=… terrace deploy   (a profile of that account: `aws configure list-profiles`)",
        ));
    }
    if account.region() != wanted.region {
        let text = format!("the manifest deploys to {}; AWS is asked in {}", wanted.region, account.region());
        all.push(
            Finding::stops("region", &text).help("leave --region out, or change `region` in terrace.toml"),
        );
    }
    all
}

fn no_account(error: &AccountError, region: &str) -> Finding {
    let text = error.to_string();
    match error {
        AccountError::Region => Finding::stops("region", &text).help(&format!("AWS_REGION={region} terrace deploy")),
        AccountError::Credentials(_) => Finding::stops("credentials", &text).help("aws sts get-caller-identity"),
        AccountError::Refused(_) => Finding::stops("credentials", &text)
            .help("aws sts get-caller-identity")
            .help(&format!("if that works elsewhere, is the region enabled? `aws account get-region-opt-status --region-name {region}`")),
        AccountError::Unreachable { .. } => {
            Finding::stops("unreachable", &text).help(&format!("curl -I https://sts.{region}.amazonaws.com"))
        }
    }
}
