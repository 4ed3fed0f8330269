//! How often AWS is asked whether something has come about.

use std::time::Duration;

/// How often AWS is asked whether something has come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Between two questions.
    pub every: Duration,
    /// After as many it counts as not coming about.
    pub most: u32,
}

impl Default for Pace {
    /// Every two seconds, for at most half an hour.
    fn default() -> Self {
        Self { every: Duration::from_secs(2), most: 900 }
    }
}

impl Pace {
    /// Waits until it is time to ask again.
    pub async fn wait(&self) {
        tokio::time::sleep(self.every).await;
    }
}
