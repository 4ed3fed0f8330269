//! Keeps items: one face over two engines, chosen once at start.
//!
//! Reads survive a database that restarts: they are repeated on a fresh connection for up to
//! [`PATIENCE`]. A write is never repeated once it may have been carried out. No request waits
//! for ever.

mod mysql;
mod postgres;
mod session;

use std::time::Duration;

use sqlx::migrate::MigrateError;
use tokio::time::{Instant, sleep, timeout};

use crate::{
    item::{Change, Draft, Item, ItemId},
    listing::{Listing, Page},
    settings::{DatabaseUrl, Engine},
};
use mysql::MySqlItems;
use postgres::PostgresItems;

/// How long a read waits for a database that is gone: a restart, not a failover.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a database that is there may take over one piece of work.
const WORK_MAX: Duration = Duration::from_secs(10);
/// How long the health check waits.
const HEALTH_PATIENCE: Duration = Duration::from_secs(2);
/// How long a starting process waits for a database that is not there yet.
const START_PATIENCE: Duration = Duration::from_secs(60);

/// Why the store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is away, starting, stopping or full of connections: trying again may help.
    #[error("{0}")]
    Unavailable(String),
    /// The database refused: trying again will not help.
    #[error("{0}")]
    Failed(String),
}

/// All items, in whichever database the settings named.
pub enum Store {
    /// Kept by PostgreSQL.
    Postgres(PostgresItems),
    /// Kept by MySQL or MariaDB.
    MySql(MySqlItems),
}

macro_rules! each {
    ($self:expr, $items:ident => $call:expr) => {
        match $self {
            Store::Postgres($items) => $call,
            Store::MySql($items) => $call,
        }
    };
}

impl Store {
    /// Connects, waiting a minute for a database that is not up yet, and brings its tables up to
    /// date; of several processes starting at once one does it while the others wait.
    ///
    /// # Errors
    /// When the database stays away, refuses the credentials, or a migration fails.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let store = match url.engine() {
            Engine::Postgres => Self::Postgres(PostgresItems::new(url)?),
            Engine::MySql => Self::MySql(MySqlItems::new(url)?),
        };
        let started = Instant::now();
        let mut pause = Duration::from_millis(50);
        loop {
            match each!(&store, items => items.migrate().await) {
                Ok(()) => break,
                Err(StoreError::Unavailable(reason)) if started.elapsed() < START_PATIENCE => {
                    tracing::warn!(%reason, "the database is not there yet");
                }
                Err(error) => return Err(error),
            }
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
        each!(&store, items => items.warm().await);
        Ok(store)
    }

    /// Asks the database for a sign of life, for two seconds at most.
    ///
    /// # Errors
    /// When none comes.
    pub async fn check(&self) -> Result<(), StoreError> {
        within(HEALTH_PATIENCE, async { each!(self, items => items.check().await) }).await
    }

    /// One page of items and how many match in all.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn list(&self, listing: &Listing) -> Result<Page, StoreError> {
        patiently(|| async { each!(self, items => items.list(listing).await) }).await
    }

    /// One item, `None` where there is none.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn find(&self, id: ItemId) -> Result<Option<Item>, StoreError> {
        patiently(|| async { each!(self, items => items.find(id).await) }).await
    }

    /// Adds an item.
    ///
    /// # Errors
    /// When the database did not confirm it.
    pub async fn insert(&self, draft: &Draft) -> Result<Item, StoreError> {
        within(WORK_MAX, async { each!(self, items => items.insert(draft).await) }).await
    }

    /// Replaces an item, `None` where there is none.
    ///
    /// # Errors
    /// When the database did not confirm it.
    pub async fn replace(&self, id: ItemId, draft: &Draft) -> Result<Option<Item>, StoreError> {
        within(WORK_MAX, async { each!(self, items => items.change(id, &Change::from(draft)).await) }).await
    }

    /// Changes some fields of an item, `None` where there is none.
    ///
    /// # Errors
    /// When the database did not confirm it.
    pub async fn change(&self, id: ItemId, change: &Change) -> Result<Option<Item>, StoreError> {
        within(WORK_MAX, async { each!(self, items => items.change(id, change).await) }).await
    }

    /// Deletes an item; false where there was none.
    ///
    /// # Errors
    /// When the database did not confirm it.
    pub async fn delete(&self, id: ItemId) -> Result<bool, StoreError> {
        within(WORK_MAX, async { each!(self, items => items.delete(id).await) }).await
    }

    /// Says good-bye to the database.
    pub async fn close(&self) {
        each!(self, items => items.close().await);
    }
}

/// Gives work up after `limit`. Its connection, cut off in the middle, is not used again.
async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    match timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => Err(StoreError::Unavailable(format!("no answer within {} s", limit.as_secs()))),
    }
}

/// Repeats a read for as long as the database is away, up to [`PATIENCE`].
async fn patiently<T, F>(mut read: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let started = Instant::now();
    let mut pause = Duration::from_millis(10);
    loop {
        match within(WORK_MAX, read()).await {
            Err(StoreError::Unavailable(reason)) if started.elapsed() < PATIENCE => {
                tracing::debug!(%reason, "reading again");
            }
            result => return result,
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(250));
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let passing = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed => true,
            sqlx::Error::Database(refusal) => refusal.code().is_some_and(|code| is_passing(&code)),
            _ => false,
        };
        if passing { Self::Unavailable(error.to_string()) } else { Self::Failed(error.to_string()) }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) => error.into(),
            other => Self::Failed(other.to_string()),
        }
    }
}

/// Whether a SQLSTATE says that the server, not the statement, is the trouble: connection
/// exceptions, too many connections, shutting down, starting up, read-only after a failover.
fn is_passing(sqlstate: &str) -> bool {
    sqlstate.starts_with("08") || matches!(sqlstate, "53300" | "57P01" | "57P02" | "57P03" | "25006")
}

#[cfg(test)]
mod tests {
    use super::is_passing;

    #[test]
    fn a_server_that_restarts_is_passing_and_a_wrong_password_is_not() {
        assert!(["08006", "08S01", "53300", "57P01", "57P03"].into_iter().all(is_passing));
        assert!(!["28P01", "23505", "42P01", "HY000"].into_iter().any(is_passing));
    }
}
