//! The process: settings from the environment, JSON logs to stdout, an end on SIGTERM.
//!
//! On SIGTERM it stops accepting, finishes what it has begun and closes its connections. It
//! ends with 1 when it could not start or serve, and the reason is its last log line.

use std::{process::ExitCode, sync::Arc};

use axum::serve::ListenerExt;
use items_api::{api, settings::Settings, store::Store};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::EnvFilter;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type AnyError = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    let settings = Settings::read(|name| std::env::var(name).ok());
    let level = settings.as_ref().map_or("info", Settings::log_level);
    tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter(level)).init();
    let outcome = match settings {
        Ok(settings) => serve(&settings).await,
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            tracing::error!(%reason, "stopped");
            ExitCode::FAILURE
        }
    }
}

async fn serve(settings: &Settings) -> Result<(), AnyError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut stop = Box::pin(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: finishing what has begun");
    });

    let store = tokio::select! {
        store = Store::open(settings.database()) => Arc::new(store?),
        () = &mut stop => return Ok(()),
    };
    let listener = TcpListener::bind(settings.listen())
        .await
        .map_err(|reason| format!("cannot listen on {}: {reason}", settings.listen()))?;
    tracing::info!(address = %listener.local_addr()?, engine = ?settings.database().engine(), "listening");
    let listener = listener.tap_io(|stream| {
        if let Err(reason) = stream.set_nodelay(true) {
            tracing::debug!(%reason, "TCP_NODELAY was refused");
        }
    });
    axum::serve(listener, api::routes(Arc::clone(&store))).with_graceful_shutdown(stop).await?;
    store.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// The level asked for, without the database's notices about tables that are already there.
fn filter(level: &str) -> EnvFilter {
    EnvFilter::try_new(format!("{level},sqlx=warn")).unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"))
}
