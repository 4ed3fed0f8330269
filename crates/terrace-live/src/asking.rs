//! Asking an account, and noting what it did not answer.
//!
//! GUARANTEE: a call that AWS refuses, does not offer, or answers with something else is noted and gives nothing; it is no
//! error. Every call is one of the reading ones in [`crate::permissions`].

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde_json::Value as Json;
use terrace_account::{AccountError, Call, Identity, Pages, Refusal, Service, Xml};
use terrace_aws::inventory::Unread;

use crate::Settings;

/// An account that is read.
pub(crate) struct Account {
    asked: terrace_account::Account,
    pub(crate) region: String,
    unread: Mutex<BTreeSet<Unread>>,
}

impl Account {
    /// Finds region and credentials, and asks whose they are.
    pub(crate) async fn open(settings: &Settings) -> Result<(Self, Identity), AccountError> {
        let Settings { region, profile, endpoint, vpcs: _ } = settings.clone();
        let settings = terrace_account::Settings { region, profile, endpoint };
        let (asked, who) = terrace_account::Account::open(&settings).await?;
        let region = asked.region().to_owned();
        Ok((Self { asked, region, unread: Mutex::default() }, who))
    }

    /// What was not read.
    pub(crate) fn unread(&self) -> Vec<Unread> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Notes that something was not read.
    pub(crate) fn pass_over(&self, what: impl Into<String>, why: impl Into<String>) {
        let unread = Unread::detail(what, why, None);
        self.unread.lock().unwrap_or_else(PoisonError::into_inner).insert(unread);
    }

    fn note(&self, call: &Call<'_>, refusal: &Refusal) {
        let why = if refusal.is_denied() {
            format!("was denied ({}); allow it to whoever reads, and read again", refusal.code())
        } else {
            format!("gave nothing ({})", refusal.text())
        };
        self.pass_over(call.permission(), why);
    }

    /// The answer in XML; none, and a note, if it is refused.
    pub(crate) async fn ask(&self, call: &Call<'_>) -> Option<Xml> {
        self.noted(call, self.asked.xml(call).await)
    }

    /// The answer in XML; none if there is none of what was asked for.
    pub(crate) async fn seek(&self, call: &Call<'_>) -> Option<Xml> {
        self.sought(call, self.asked.xml(call).await)
    }

    /// The answer in JSON; none, and a note, if it is refused.
    pub(crate) async fn tell(&self, call: &Call<'_>) -> Option<Json> {
        self.noted(call, self.asked.json(call).await)
    }

    /// The answer in JSON; none if there is none of what was asked for.
    pub(crate) async fn look(&self, call: &Call<'_>) -> Option<Json> {
        self.sought(call, self.asked.json(call).await)
    }

    /// The answer as text; none if there is none of what was asked for.
    pub(crate) async fn text(&self, call: &Call<'_>) -> Option<String> {
        self.sought(call, self.asked.text(call).await)
    }

    /// All pages of a form: each answer's `token` element is the next call's `field`.
    pub(crate) async fn pages(
        &self,
        service: Service,
        version: &'static str,
        action: &str,
        fields: &[(&str, &str)],
        turn: (&str, &str),
    ) -> Vec<Xml> {
        let call = Call::query(service, version, action);
        let call = fields.iter().fold(call, |call, (name, value)| call.with(name, value));
        self.turned(&call, self.asked.pages(&call, turn).await)
    }

    /// All pages of JSON.
    pub(crate) async fn sheets(
        &self,
        service: Service,
        target: (&'static str, &'static str),
        action: &str,
        fields: &Json,
        turn: (&str, &str),
    ) -> Vec<Json> {
        let call = Call::json(service, target, action, fields.clone());
        self.turned(&call, self.asked.sheets(&call, turn).await)
    }

    fn turned<T>(&self, call: &Call<'_>, pages: Pages<T>) -> Vec<T> {
        if let Some(refusal) = &pages.stopped {
            self.note(call, refusal);
        }
        pages.read
    }

    fn sought<T>(&self, call: &Call<'_>, result: Result<T, Refusal>) -> Option<T> {
        match result {
            Err(refusal) if refusal.is_absent() => None,
            result => self.noted(call, result),
        }
    }

    fn noted<T>(&self, call: &Call<'_>, result: Result<T, Refusal>) -> Option<T> {
        result.map_err(|refusal| self.note(call, &refusal)).ok()
    }
}
