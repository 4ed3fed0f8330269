//! What the commands share that watch a deployed system: which side is meant, and how it is put into words.

pub(crate) mod changed;
pub(crate) mod side;
pub(crate) mod words;

use std::time::Duration;

use terrace_cloud::release::Pace;

/// How often AWS is asked what has come about.
pub(crate) fn pace() -> Pace {
    let said = std::env::var("TERRACE_PACE_MS").ok().and_then(|said| said.parse().ok());
    let usual = Pace::default();
    Pace { every: said.map_or(usual.every, Duration::from_millis), ..usual }
}
