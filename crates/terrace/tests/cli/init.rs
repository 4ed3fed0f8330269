//! `terrace init`: a manifest that works, from what the folder holds.

use crate::folder::Folder;

const SHOP: [(&str, &str); 3] = [
    ("frontend/package.json", r#"{"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7"}}"#),
    (
        "backend/Cargo.toml",
        "[package]\nname = \"shop-api\"\n[dependencies]\naxum = \"0.8\"\nsqlx = { version = \"0.9\", features = [\"postgres\"] }\n",
    ),
    ("backend/src/main.rs", "fn main() {}\n"),
];

#[test]
fn what_was_found_is_said_and_a_manifest_is_written() {
    let folder = Folder::with(&SHOP);
    insta::assert_snapshot!(folder.shows("init --yes"), @"
    exit code: 0
    ----- stderr
    found
      a page, Vite, in frontend         frontend/package.json
      an app, axum in Rust, in backend  backend/Cargo.toml
      PostgreSQL, by `postgres`         backend/Cargo.toml
    not seen, and taken to be
      How shall it run on AWS? ec2
      Which paths does the app answer? /api/*
      Which path answers 200 when the app is well? /health
    ✔ wrote terrace.toml
    note: the app in `backend` has to listen on the port in `PORT`; nothing there reads it
    note: the app in `backend` finds its database in `DATABASE_URL`; nothing there reads it

    next: `terrace check` says what is missing on this machine
          `terrace up` runs it
    ");
    insta::assert_snapshot!(folder.read("terrace.toml"), @r#"
    # `terrace check` says what is wrong here, `terrace up` runs it on this machine.
    name   = "shop"
    shape  = "ec2"  # or "fargate"
    region = "us-east-1"
    zones  = 2      # or 3
    # domain = "items.example.com"  # HTTPS on your own name

    [web]
    root  = "frontend"
    build = "npm install && npm run build"
    dist  = "dist"  # unknown paths serve index.html unless spa = false

    [app]
    root   = "backend"
    build  = "cargo build --release"
    run    = "target/release/shop-api"
    port   = 8000
    paths  = ["/api/*"]
    health = "/health"
    count  = { min = 2, max = 6, cpu = 60 }
    # concurrency = 64  # requests in flight per replica before others wait

    # [app.variables]
    # LOG_LEVEL = "info"

    # [app.secrets]
    # SESSION_KEY = { generate = 32 }          # made once, never shown
    # MAIL_KEY    = { secret = "items/mail" }  # one that exists

    [data]
    engine  = "postgres"  # or "mysql"
    version = "16"
    standby = true        # a second one in another zone
    # migrate = "…"  # what runs once for each release, before it serves

    [egress]
    app = "none"  # or "nat"; the data tier never has any
    "#);
    assert_eq!(folder.run("up --dry-run").code, 0);
}

#[test]
fn nothing_is_written_over() {
    let folder = Folder::with(&[("terrace.toml", "mine")]);
    insta::assert_snapshot!(folder.shows("init --yes"), @"
    exit code: 2
    ----- stderr
    error: terrace.toml is there already
    help: `terrace check` says what is wrong with it
    help: `--force` writes over it
    ");
    assert_eq!(folder.read("terrace.toml"), "mine");
    assert_eq!(folder.run("init --yes --force").code, 0);
    assert_ne!(folder.read("terrace.toml"), "mine");
}
