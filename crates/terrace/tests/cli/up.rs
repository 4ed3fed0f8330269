//! `terrace up` and what speaks to it: real processes, a real database, signals as a terminal sends them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::folder::Folder;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

const MANIFEST: &str = r#"name   = "shop"
shape  = "ec2"
region = "us-east-1"

[web]
root = "page"
dist = "dist"

[app]
root  = "app"
run   = "exec python3 -u app.py"
port  = 8000
paths = ["/api/*"]
count = 2

[data]
engine  = "postgres"
version = "15"
"#;

const APP: &str = r#"
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")
    def log_message(self, *args):
        pass
print("the app listens", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"#;

pub(crate) fn shop() -> Folder {
    Folder::with(&[
        ("terrace.toml", MANIFEST),
        ("page/dist/index.html", "<!doctype html><title>a shop</title>"),
        ("app/app.py", APP),
    ])
    .on_this_machine()
}

fn get(url: &str, path: &str) -> String {
    let address = url.trim_start_matches("http://").trim_end_matches('/').replace("localhost", "127.0.0.1");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Waits until nothing that a run of the project started runs any more.
fn ensure_nothing_is_left(folder: &Folder) {
    let began = Instant::now();
    loop {
        let left = folder.left_running();
        if left.is_empty() {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "still running: {left:?}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// A run in the foreground that has said a line with these words.
fn foreground(folder: &Folder, until: &str) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut child =
        folder.command("up --offline").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut all = String::new();
    while !all.contains(until) {
        assert_ne!(said.read_line(&mut all).unwrap(), 0, "it ended early: {all}");
    }
    (child, said)
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_raw(child.id().try_into().unwrap()).unwrap(), signal).unwrap();
}

#[test]
fn a_detached_run_is_spoken_to_from_elsewhere_until_it_is_stopped() {
    let folder = shop();
    let up = folder.run("up --offline --detach --json");
    assert_eq!(up.code, 0, "{}", up.stderr);
    let endpoints: Value = serde_json::from_str(&up.stdout).unwrap();
    let url = endpoints["url"].as_str().unwrap();
    let names: Vec<&str> =
        endpoints["processes"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["app-1", "app-2", "data", "internal-lb", "public-lb", "web"]);
    assert!(get(url, "/").contains("a shop") && get(url, "/api/x").ends_with("hello"));

    let status: Value = serde_json::from_str(&folder.run("status --json").stdout).unwrap();
    assert_eq!((status["healthy"].as_bool(), status["url"].as_str()), (Some(true), Some(url)));

    let second = folder.run("up --offline");
    assert_eq!(second.code, 1);
    assert!(
        second.stderr.contains(&format!("error: this project is up already at {url}")),
        "{}",
        second.stderr
    );

    assert_eq!(folder.run("restart ap").code, 2);
    assert_eq!(folder.run("restart app").code, 0);
    let logs = folder.run("logs app --grep listens");
    assert_eq!(
        logs.stdout.lines().filter(|line| line.ends_with("│ the app listens")).count(),
        4,
        "{}",
        logs.stdout
    );

    let database = folder.run("db url").stdout;
    assert!(database.starts_with("postgres://shop:") && database.trim().ends_with("/shop"));
    assert_eq!(folder.run("db reset --yes").code, 1, "it runs");

    assert_eq!(folder.run("stop").code, 0);
    assert_eq!(folder.run("status").code, 3);
    ensure_nothing_is_left(&folder);
    assert!(folder.run("logs app").stdout.contains("the app listens"), "logs outlive the run");

    let unasked = folder.run("db reset");
    assert_eq!(unasked.code, 2);
    assert!(unasked.stderr.contains("nobody is there to confirm it"), "{}", unasked.stderr);
    assert_eq!(folder.run("db reset --yes").code, 0);
}

#[test]
fn signals_take_everything_down() {
    let folder = shop();
    for (signal, code) in [(Signal::INT, 0), (Signal::TERM, 0), (Signal::HUP, 0)] {
        let (mut child, mut said) = foreground(&folder, "everything is healthy");
        send(&child, signal);
        let mut rest = String::new();
        said.read_to_string(&mut rest).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{rest}");
        assert!(rest.contains("nothing runs any more"), "{rest}");
        assert_eq!(folder.left_running(), [0; 0]);
    }
}

#[test]
fn an_interrupted_start_leaves_nothing() {
    let folder = shop();
    folder.write("app/app.py", "print('never ready', flush=True)\nimport signal\nsignal.pause()\n");
    let (mut child, mut said) = foreground(&folder, "data ");
    send(&child, Signal::INT);
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
    assert_eq!(folder.left_running(), [0; 0]);
}

#[test]
fn a_killed_run_leaves_nothing() {
    let folder = shop();
    let (mut child, _said) = foreground(&folder, "everything is healthy");
    assert!(!folder.left_running().is_empty());
    send(&child, Signal::KILL);
    child.wait().unwrap();
    ensure_nothing_is_left(&folder);
}

#[test]
fn an_app_that_does_not_stay_up_is_quoted() {
    let folder = shop();
    folder.write("app/app.py", "raise SystemExit('the wheel fell off')\n");
    for command in ["up --offline", "up --offline --detach"] {
        let ran = folder.run(command);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{}", ran.stderr);
        let error = ran.stderr.get(ran.stderr.find("error: ").unwrap()..).unwrap();
        assert!(error.contains("does not stay up") && error.contains("said: the wheel fell off"), "{error}");
    }
    assert_eq!(folder.left_running(), [0; 0]);
}
