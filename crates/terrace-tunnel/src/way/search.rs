//! Asking for a way: who asks, where, and what both halves of it come to.

use serde_json::Value as Json;
use terrace_account::{Account, Call, Identity, Refusal, Xml};
use terrace_net::Endpoint;

use super::{Database, Place, Refused, Sought, Through, To, WayError, database, machines, tasks};
use crate::client::Target;
use crate::permission::Statement;

/// Who looks for a way, and where.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    account: &'a Account,
    /// The system as people call it.
    pub(super) system: String,
    pub(super) place: Place,
}

/// A target that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// As AWS takes it.
    pub target: Target,
    /// As people know it: `task 7412… of items-prod-app`.
    pub called: String,
}

/// A way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// What sessions go through.
    pub through: Found,
    /// Where they lead.
    pub remote: Endpoint,
    /// What is there, if a database was sought.
    pub database: Option<Database>,
}

impl<'a> Search<'a> {
    /// In an account, by whoever it was opened as.
    pub fn new(account: &'a Account, who: &Identity, system: &str) -> Self {
        Self { account, system: system.to_owned(), place: Place::of(account, who) }
    }

    /// Both halves of a way, side by side.
    ///
    /// # Errors
    /// If there is no way now, or AWS does not say.
    pub async fn find(&self, sought: &Sought) -> Result<Way, WayError> {
        let (through, to) = tokio::join!(self.target(&sought.through), self.remote(&sought.to));
        let (through, (remote, database)) = (through?, to?);
        Ok(Way { through, remote, database })
    }

    /// A target that is connected now.
    ///
    /// # Errors
    /// If there is none, or AWS does not say.
    pub async fn target(&self, through: &Through) -> Result<Found, WayError> {
        match through {
            Through::Tasks { cluster, services } => tasks::find(self, cluster, services).await,
            Through::Machines { groups } => machines::find(self, groups).await,
            Through::Target(target) => {
                Ok(Found { target: target.clone(), called: target.as_str().to_owned() })
            }
        }
    }

    async fn remote(&self, to: &To) -> Result<(Endpoint, Option<Database>), WayError> {
        match to {
            To::Endpoint(endpoint) => Ok((endpoint.clone(), None)),
            To::Database(sought) => {
                let found = database::find(self, sought).await?;
                Ok((found.endpoint.clone(), Some(found)))
            }
        }
    }

    /// An answer in JSON; `statement` is what allows the call.
    pub(super) async fn json(
        &self,
        call: &Call<'_>,
        statement: impl FnOnce() -> Statement,
    ) -> Result<Json, WayError> {
        self.account.json(call).await.map_err(|refusal| self.refused(call, &refusal, statement))
    }

    /// All pages in JSON.
    pub(super) async fn sheets(
        &self,
        call: &Call<'_>,
        turn: (&str, &str),
        statement: impl FnOnce() -> Statement,
    ) -> Result<Vec<Json>, WayError> {
        let pages = self.account.sheets(call, turn).await.whole();
        pages.map_err(|refusal| self.refused(call, &refusal, statement))
    }

    /// All pages in XML.
    pub(super) async fn pages(
        &self,
        call: &Call<'_>,
        turn: (&str, &str),
        statement: impl FnOnce() -> Statement,
    ) -> Result<Vec<Xml>, WayError> {
        let pages = self.account.pages(call, turn).await.whole();
        pages.map_err(|refusal| self.refused(call, &refusal, statement))
    }

    /// The account itself, for what is asked otherwise.
    pub(super) const fn account(&self) -> &Account {
        self.account
    }

    /// What a refusal means.
    pub(super) fn refused(
        &self,
        call: &Call<'_>,
        refusal: &Refusal,
        statement: impl FnOnce() -> Statement,
    ) -> WayError {
        Refused::of(&call.permission(), refusal, statement).into()
    }

    /// There is none of that name.
    pub(super) fn absent(&self, what: impl Into<String>) -> WayError {
        let (system, place) = (self.system.clone(), self.place.to_string());
        WayError::NotDeployed { what: what.into(), system, place }
    }
}

/// A text of an object.
pub(super) fn word<'a>(of: &'a Json, name: &str) -> Option<&'a str> {
    of.get(name).and_then(Json::as_str).filter(|word| !word.is_empty())
}

/// The items of a list.
pub(super) fn list<'a>(of: &'a Json, name: &str) -> &'a [Json] {
    of.get(name).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}
