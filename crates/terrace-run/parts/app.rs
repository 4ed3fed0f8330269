//! An application for tests. It says which version of `version.txt` it read when it started, and behaves as its mood
//! is:
//!
//! - `well`: as one hopes
//! - `unwell`: its health says 503
//! - `mute`: never listens
//! - `crash`: prints why, and ends
//! - `deaf`: takes no SIGTERM, and has a daemon that takes none either
//! - `flood`: prints as fast as it can

use std::convert::Infallible;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

struct App {
    version: String,
    unwell: AtomicBool,
}

pub(crate) fn main(mood: &str) -> ExitCode {
    let _closed = writeln!(std::io::stdout(), "mood: {mood}");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let Ok(runtime) = runtime else { return ExitCode::FAILURE };
    runtime.block_on(async {
        match mood {
            "crash" => {
                let _closed = writeln!(std::io::stderr(), "no mood to work today");
                return ExitCode::from(3);
            }
            "mute" => std::future::pending::<()>().await,
            "deaf" => daemon(),
            "flood" => drop(std::thread::spawn(flood)),
            _ => {}
        }
        let version = std::fs::read_to_string("version.txt").unwrap_or_default().trim().to_owned();
        let app = App { version, unwell: AtomicBool::new(mood == "unwell") };
        serve(Arc::new(app), mood == "deaf").await
    })
}

/// What it was given: `NAME=value` lines.
fn environment() -> String {
    let mut lines: Vec<String> = std::env::vars().map(|(name, value)| format!("{name}={value}\n")).collect();
    lines.sort();
    lines.concat()
}

fn daemon() {
    let _started = std::process::Command::new("setsid")
        .args(["sh", "-c", "trap '' TERM INT HUP; while :; do sleep 1000; done"])
        .spawn();
}

fn flood() {
    let mut out = std::io::stdout().lock();
    while writeln!(out, "{}", "water ".repeat(20)).is_ok() {}
}

async fn serve(app: Arc<App>, deaf: bool) -> ExitCode {
    let port: u16 = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(0);
    let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await else { return ExitCode::FAILURE };
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return ExitCode::FAILURE };
    let graceful = hyper_util::server::graceful::GracefulShutdown::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let app = Arc::clone(&app);
                let service = service_fn(move |request| answer(Arc::clone(&app), request));
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(graceful.watch(connection));
            }
            _told = terminate.recv(), if !deaf => break,
        }
    }
    drop(listener);
    graceful.shutdown().await;
    ExitCode::SUCCESS
}

async fn answer(app: Arc<App>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, text) = match request.uri().path() {
        "/health" if app.unwell.load(Ordering::Relaxed) => (503, "out of sorts".to_owned()),
        "/health" => (200, "fine".to_owned()),
        "/api/sicken" => {
            app.unwell.store(true, Ordering::Relaxed);
            (200, std::process::id().to_string())
        }
        "/api/slow" => {
            tokio::time::sleep(Duration::from_millis(300)).await;
            (200, app.version.clone())
        }
        "/api/burn" => {
            let end = Instant::now() + Duration::from_millis(50);
            while Instant::now() < end {
                std::hint::spin_loop();
            }
            (200, app.version.clone())
        }
        "/api/environment" => (200, environment()),
        "/api/pid" => (200, std::process::id().to_string()),
        _ => (200, app.version.clone()),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    if let Ok(status) = hyper::StatusCode::from_u16(status) {
        *response.status_mut() = status;
    }
    Ok(response)
}
