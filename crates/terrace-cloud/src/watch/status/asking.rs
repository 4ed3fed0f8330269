//! Calls, and what became of those that were refused.

use std::sync::Mutex;

use serde_json::Value as Json;
use terrace_account::{Account, Call, Refusal, Xml};

use super::Blind;
use crate::watch::WatchError;
use crate::watch::error::is_hopeless;

/// Asks, and keeps what was refused.
pub(super) struct Asking<'a> {
    pub(super) account: &'a Account,
    refused: Mutex<Vec<WatchError>>,
}

impl<'a> Asking<'a> {
    pub(super) fn new(account: &'a Account) -> Self {
        Self { account, refused: Mutex::default() }
    }

    /// All pages in JSON, as far as they were answered.
    pub(super) async fn sheets(&self, doing: &str, call: &Call<'_>) -> Vec<Json> {
        let pages = self.account.sheets(call, ("nextToken", "nextToken")).await;
        self.note(doing, pages.stopped);
        pages.read
    }

    /// All pages in XML, as far as they were answered, by `NextToken` or RDS's `Marker`.
    pub(super) async fn pages(&self, doing: &str, call: &Call<'_>, token: &str) -> Vec<Xml> {
        let pages = self.account.pages(call, (token, token)).await;
        self.note(doing, pages.stopped);
        pages.read
    }

    /// One answer in JSON.
    pub(super) async fn json(&self, doing: &str, call: &Call<'_>) -> Option<Json> {
        self.told(doing, self.account.json(call).await)
    }

    /// One answer in XML.
    pub(super) async fn xml(&self, doing: &str, call: &Call<'_>) -> Option<Xml> {
        self.told(doing, self.account.xml(call).await)
    }

    /// What was told, if it was.
    pub(super) fn told<T>(&self, doing: &str, answer: Result<T, Refusal>) -> Option<T> {
        match answer {
            Ok(answer) => Some(answer),
            Err(refusal) => {
                self.note(doing, Some(refusal));
                None
            }
        }
    }

    fn note(&self, doing: &str, refusal: Option<Refusal>) {
        let mut refused = self.refused.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        refused.extend(refusal.map(|refusal| WatchError::new(doing, refusal)));
    }

    /// What was refused.
    ///
    /// # Errors
    /// If nothing would have been answered.
    pub(super) fn end(self) -> Result<Vec<Blind>, WatchError> {
        let refused = self.refused.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(hopeless) = refused.iter().find(|error| is_hopeless(&error.refusal)) {
            return Err(hopeless.clone());
        }
        let mut blind: Vec<Blind> = refused
            .iter()
            .map(|error| Blind { doing: error.doing.clone(), why: error.refusal.text(), next: error.next() })
            .collect();
        // In an order that does not hang on who was answered first.
        blind.sort();
        blind.dedup();
        Ok(blind)
    }
}

/// A text in JSON.
pub(super) fn word<'a>(of: &'a Json, name: &str) -> Option<&'a str> {
    of.get(name).and_then(Json::as_str).filter(|text| !text.is_empty())
}

/// A list in JSON.
pub(super) fn list<'a>(of: &'a Json, name: &str) -> &'a [Json] {
    of.get(name).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A count in JSON.
pub(super) fn count(of: &Json, name: &str) -> u32 {
    of.get(name).and_then(Json::as_u64).and_then(|count| u32::try_from(count).ok()).unwrap_or_default()
}

/// The part of an ARN behind its last slash.
pub(super) fn tail(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
