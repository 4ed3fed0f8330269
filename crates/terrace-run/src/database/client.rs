//! The question whether a database answers: a login with the application's password, and a query.

use std::time::Duration;

use sqlx::{Connection, Executor};
use terrace_local::DatabaseAccess;
use terrace_topology::Engine;

/// How long one question may take.
const WITHIN: Duration = Duration::from_secs(5);

/// Why a database does not answer.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// Nothing listens yet, or it is starting or stopping.
    #[error("it takes no connections: {0}")]
    NotYet(String),
    /// It took the connection and said no.
    #[error("it refuses: {0}")]
    Refused(String),
    /// Nothing came back.
    #[error("it did not answer within {} s", WITHIN.as_secs())]
    TimedOut,
}

/// Logs in and asks for `1`.
pub(crate) async fn ask(access: &DatabaseAccess) -> Result<(), ProbeError> {
    let answered = match access.engine {
        Engine::Postgres => tokio::time::timeout(WITHIN, ask_postgres(access)).await,
        Engine::Mysql => tokio::time::timeout(WITHIN, ask_mysql(access)).await,
    };
    match answered {
        Err(_) => Err(ProbeError::TimedOut),
        Ok(answered) => answered.map_err(told),
    }
}

fn told(error: sqlx::Error) -> ProbeError {
    match error {
        sqlx::Error::Database(error) => {
            // PostgreSQL's class 57P: it is starting up, shutting down, or has just crashed.
            if error.code().is_some_and(|code| code.starts_with("57P")) {
                ProbeError::NotYet(error.message().to_owned())
            } else {
                ProbeError::Refused(error.message().to_owned())
            }
        }
        other => ProbeError::NotYet(other.to_string()),
    }
}

async fn ask_postgres(access: &DatabaseAccess) -> Result<(), sqlx::Error> {
    use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};

    let options = PgConnectOptions::new_without_pgpass()
        .host(&access.endpoint.host().to_string())
        .port(access.endpoint.port().get())
        .username(access.user.as_str())
        .password(&access.password)
        .database(access.database.as_str())
        .ssl_mode(PgSslMode::Disable)
        .application_name("terrace");
    let mut connection = PgConnection::connect_with(&options).await?;
    connection.execute("SELECT 1").await?;
    connection.close().await
}

async fn ask_mysql(access: &DatabaseAccess) -> Result<(), sqlx::Error> {
    use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlSslMode};

    let options = MySqlConnectOptions::new()
        .host(&access.endpoint.host().to_string())
        .port(access.endpoint.port().get())
        .username(access.user.as_str())
        .password(&access.password)
        .database(access.database.as_str())
        .ssl_mode(MySqlSslMode::Disabled);
    let mut connection = MySqlConnection::connect_with(&options).await?;
    connection.execute("SELECT 1").await?;
    connection.close().await
}
