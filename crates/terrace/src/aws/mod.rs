//! What commands share that are about a deployed system: whose account, which names, what was applied.
//!
//! GUARANTEE: nothing here changes anything. A manifest that names an account is never taken to another one.

mod flags;
pub(crate) mod names;
mod session;
pub(crate) mod told;

use std::time::Duration;

use terrace_cloud::release::Pace;

pub(crate) use flags::AwsFlags;
pub(crate) use session::{Deployed, Session};

/// How often AWS is asked what has come about, in milliseconds: for tests against an AWS that is played.
const PACE: &str = "TERRACE_PACE_MS";

/// How often AWS is asked what has come about.
pub(crate) fn pace() -> Pace {
    let said = std::env::var(PACE).ok().and_then(|said| said.parse().ok());
    let usual = Pace::default();
    Pace { every: said.map_or(usual.every, Duration::from_millis), ..usual }
}
