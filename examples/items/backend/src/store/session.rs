//! Connections that are kept and lent out.
//!
//! sqlx's own pool sends a ping whenever a connection comes back, a second round trip for every
//! request. Here a connection is trusted while it is in use and asked for a sign of life only
//! after it has rested. One whose work was cut short or failed below SQL is never lent again, and
//! takes the resting ones with it: what broke it broke them.

use std::time::Duration;

use deadpool::{
    Runtime,
    managed::{Manager, Metrics, Object, Pool, PoolError, RecycleError, RecycleResult},
};
use sqlx::{ConnectOptions, Connection};

use super::StoreError;

/// How many connections a process holds at most; PostgreSQL's default limit of 100 then serves a
/// dozen processes.
const CONNECTIONS_MAX: usize = 8;
/// How many are opened ahead of the first request.
const CONNECTIONS_WARM: usize = 4;
/// How long a request waits for its turn, and how long opening a connection may take.
const TURN: Duration = Duration::from_secs(3);
/// How long a connection rests before it is asked for a sign of life.
const RESTED: Duration = Duration::from_secs(1);
/// How long a connection lives, so that a failover or a new address is noticed.
const LIFETIME: Duration = Duration::from_secs(30 * 60);

/// Connections to one database.
pub(super) struct Sessions<C: Connection>(Pool<Connector<C>>);

/// A connection on loan for one piece of work.
pub(super) struct Session<C: Connection> {
    object: Object<Connector<C>>,
    pool: Pool<Connector<C>>,
}

/// What opens connections.
struct Connector<C: Connection>(C::Options);

/// A connection, and whether its last work came to a clean end.
struct Kept<C> {
    connection: C,
    settled: bool,
}

impl<C: Connection> Sessions<C> {
    pub(super) fn new(options: C::Options) -> Result<Self, StoreError> {
        Pool::builder(Connector(options))
            .max_size(CONNECTIONS_MAX)
            .wait_timeout(Some(TURN))
            .create_timeout(Some(TURN))
            .recycle_timeout(Some(RESTED))
            .runtime(Runtime::Tokio1)
            .build()
            .map(Self)
            .map_err(|error| StoreError::Failed(error.to_string()))
    }

    pub(super) async fn get(&self) -> Result<Session<C>, StoreError> {
        let object = self.0.get().await.map_err(|error| match error {
            PoolError::Backend(error) => error.into(),
            other => StoreError::Unavailable(other.to_string()),
        })?;
        Ok(Session { object, pool: self.0.clone() })
    }

    /// Opens some connections, so that the first requests find them.
    pub(super) async fn warm(&self) {
        let mut open = Vec::new();
        while open.len() < CONNECTIONS_WARM {
            match self.get().await {
                Ok(session) => open.push(session),
                Err(_) => break,
            }
        }
    }

    /// Closes every connection; those on loan when they come back.
    pub(super) async fn close(&self) {
        let resting = self.0.retain(|_, _| false).removed;
        self.0.close();
        for kept in resting {
            if let Err(reason) = kept.connection.close().await {
                tracing::debug!(%reason, "a connection did not close cleanly");
            }
        }
    }
}

impl<C: Connection> Session<C> {
    /// The connection. Until [`Session::end`] it counts as broken, so that work which is cut
    /// short never leaves a half-read answer to the next borrower.
    pub(super) fn begin(&mut self) -> &mut C {
        self.object.settled = false;
        &mut self.object.connection
    }

    /// Gives the connection back with the outcome of its work.
    pub(super) fn end<T>(mut self, outcome: Result<T, sqlx::Error>) -> Result<T, StoreError> {
        let outcome = outcome.map_err(StoreError::from);
        if matches!(outcome, Err(StoreError::Unavailable(_))) {
            self.pool.retain(|_, _| false);
        } else {
            self.object.settled = true;
        }
        outcome
    }
}

impl<C: Connection> Manager for Connector<C> {
    type Type = Kept<C>;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<Kept<C>, sqlx::Error> {
        Ok(Kept { connection: self.0.connect().await?, settled: true })
    }

    async fn recycle(&self, kept: &mut Kept<C>, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if !kept.settled || metrics.age() > LIFETIME {
            return Err(RecycleError::message("the connection is spent"));
        }
        if metrics.last_used() > RESTED {
            kept.connection.ping().await?;
        }
        Ok(())
    }
}
