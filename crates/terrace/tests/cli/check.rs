//! `terrace check`: all that is wrong at once, each with its place and how to mend it.

use crate::folder::Folder;

const MANIFEST: &str = r#"name   = "shop"
shape  = "ec2"
region = "us-east-1"

[web]
root  = "frontend"
build = "npm ci && npm run biuld"
dist  = "dist"

[app]
root   = "backend"
build  = "cargo build --release"
run    = "target/debug/shop"
port   = 8000
paths  = ["/api/*"]
health = "/health"

[data]
engine  = "postgres"
version = "16"
"#;

#[test]
fn errors_of_the_text_come_all_at_once() {
    let folder = Folder::with(&[(
        "terrace.toml",
        "name = \"Shop\"\nshape = \"ec3\"\nregion = \"us-east-1\"\n[web]\nroot = \"frontend\"\nbiuld = \"npm ci\"\n",
    )]);
    insta::assert_snapshot!(folder.shows("check"), @r#"
    exit code: 2
    ----- stderr
    error[manifest::invalid-value]: `Shop` is no name of a system
     --> terrace.toml:1:8
      |
    1 | name = "Shop"
      |        ^^^^^^ 20 characters at most: lower-case letters, digits and hyphens, starting with a letter and not ending with a hyphen
      |
      = help: did you mean `shop`?

    error[manifest::invalid-value]: `shape` cannot be `ec3`
     --> terrace.toml:2:9
      |
    2 | shape = "ec3"
      |         ^^^^^ expected `"ec2"` or `"fargate"`
      |
      = help: did you mean `shape = "ec2"`?

    error[manifest::unknown-key]: unknown key `biuld` in `[web]`
     --> terrace.toml:6:1
      |
    6 | biuld = "npm ci"
      | ^^^^^ did you mean `build`?

    error[manifest::missing-key]: missing table `[app]`
     --> terrace.toml:6:18
      |
    6 | biuld = "npm ci"
      |                 ^ expected `[app]` before the end of the file
      |
      = help: add `[app]`, with for example `run = "target/release/items-api"`

    error[manifest::missing-key]: missing table `[data]`
     --> terrace.toml:6:18
      |
    6 | biuld = "npm ci"
      |                 ^ expected `[data]` before the end of the file
      |
      = help: add `[data]`, with for example `engine = "postgres"`

    5 errors
    "#);
}

#[test]
fn what_only_the_machine_can_tell_points_into_the_file() {
    let folder = Folder::with(&[
        ("terrace.toml", MANIFEST),
        ("frontend/package.json", r#"{"scripts": {"build": "vite build"}, "engines": {"node": ">=20"}}"#),
        ("backend/Cargo.toml", "[package]\nname = \"shop\"\n"),
    ])
    .tool("npm", "10.0.0")
    .tool("node", "v18.19.0");
    insta::assert_snapshot!(folder.shows("check"), @r#"
    exit code: 1
    ----- stderr
    warning[machine::old-tool]: Node.js here is 18.19.0, `frontend` wants >=20
     --> terrace.toml:7:9
      |
    7 | build = "npm ci && npm run biuld"
      |         ^^^^^^^^^^^^^^^^^^^^^^^^^ `engines.node` of its package.json
      |
      = help: install a version that fits, or change `engines.node` if this one does

    error[machine::missing-lock]: `frontend` has no package-lock.json
     --> terrace.toml:7:14
      |
    7 | build = "npm ci && npm run biuld"
      |              ^^ `npm ci` installs exactly what it says
      |
      = help: run `npm install` once in `frontend` and keep the file it writes

    error[machine::missing-script]: package.json of `frontend` has no script `biuld`
     --> terrace.toml:7:28
      |
    7 | build = "npm ci && npm run biuld"
      |                            ^^^^^
      |
      = help: did you mean `build`?

    error[machine::missing-tool]: `cargo` is not on this machine
      --> terrace.toml:12:11
       |
    12 | build  = "cargo build --release"
       |           ^^^^^ needed to build `app`
       |
       = help: install Rust with rustup: `brew install rustup` or `apt install rustup`

    warning[machine::other-build]: the build does not make `target/debug/shop`
      --> terrace.toml:13:11
       |
    13 | run    = "target/debug/shop"
       |           ^^^^^^^^^^^^^^^^^ the build makes a release
       |
       = help: run `target/release/shop`

    warning[aws-plain-http]: without `domain` there is no certificate: the public load balancer speaks plain HTTP, and whatever visitors send, passwords too, can be read on the way
     |
     = help: set `domain` and `zone` for HTTPS on your own name
     = help: or write `edge = "cloudfront"`: HTTPS on a name of CloudFront, no domain needed

    3 errors, 3 warnings
    "#);
}

#[test]
fn a_folder_that_is_not_there_is_said_once() {
    let folder = Folder::with(&[("terrace.toml", MANIFEST), ("back-end/main.rs", "")]);
    insta::assert_snapshot!(folder.shows("check"), @r#"
    exit code: 1
    ----- stderr
    error[machine::missing-folder]: there is no folder `frontend`
     --> terrace.toml:6:9
      |
    6 | root  = "frontend"
      |         ^^^^^^^^^^ looked for beside the manifest

    error[machine::missing-folder]: there is no folder `backend`
      --> terrace.toml:11:10
       |
    11 | root   = "backend"
       |          ^^^^^^^^^ looked for beside the manifest
       |
       = help: there is a folder `back-end`

    warning[aws-plain-http]: without `domain` there is no certificate: the public load balancer speaks plain HTTP, and whatever visitors send, passwords too, can be read on the way
     |
     = help: set `domain` and `zone` for HTTPS on your own name
     = help: or write `edge = "cloudfront"`: HTTPS on a name of CloudFront, no domain needed

    2 errors, 1 warning
    "#);
}

#[test]
fn a_script_reads_the_findings_as_json() {
    let folder = Folder::with(&[
        ("terrace.toml", MANIFEST),
        ("frontend/package.json", "{}"),
        ("backend/Cargo.toml", ""),
    ])
    .tool("npm", "10.0.0")
    .tool("cargo", "cargo 1.95.0");
    let ran = folder.run("check --json");
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let finding = &report["findings"][1];
    assert_eq!(finding["code"], "machine::missing-script");
    assert_eq!((finding["place"]["line"].as_u64(), finding["place"]["column"].as_u64()), (Some(7), Some(28)));
}

#[test]
fn a_setting_that_only_an_export_cannot_hold_is_a_warning_and_too_many_for_a_task_are_an_error() {
    let found = |manifest: String| {
        let folder = Folder::with(&[("terrace.toml", &manifest)]);
        let report: serde_json::Value = serde_json::from_str(&folder.run("check --json").stdout).unwrap();
        let all = report["findings"].as_array().unwrap().clone();
        let own = all.into_iter().find(|one| one["code"].as_str().unwrap().starts_with("aws-")).unwrap();
        let line = own["place"]["line"].as_u64().unwrap();
        let told = manifest.lines().nth(usize::try_from(line).unwrap() - 1).unwrap();
        format!("{} {} at {}\n", own["severity"], own["code"], told.chars().take(20).collect::<String>())
    };
    let long: String = (0..20).map(|one| format!("S_{one} = \"{}\"\n", "x".repeat(4000))).collect();
    let tasks = MANIFEST.replace("\"ec2\"", "\"fargate\"");
    insta::assert_snapshot!(
        [found(format!("{MANIFEST}\n[app.variables]\nNOTHING = \"\"\n")), found(format!("{tasks}\n[app.variables]\n{long}"))].concat(),
        @r#"
    "warning" "aws-parameter-value" at NOTHING = ""
    "error" "aws-settings-size" at [app.variables]
    "#
    );
}

#[test]
fn a_database_of_another_version_is_pointed_at() {
    let manifest = MANIFEST.replace("version = \"16\"", "version = \"17\"");
    let folder = Folder::with(&[("terrace.toml", &manifest)]);
    let ran = folder.run("check");
    assert!(
        ran.stderr.contains("asked for PostgreSQL 17, and this machine has PostgreSQL 16.4"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_python_app_with_a_small_pool_is_warned() {
    let app =
        "[app]\nroot = \"api\"\nrun = \"python3 -m uvicorn main:app\"\nport = 8000\npaths = [\"/api/*\"]\n";
    let manifest = format!(
        "name = \"shop\"\nshape = \"ec2\"\nregion = \"us-east-1\"\n[web]\nroot = \"page\"\ndist = \"dist\"\n{app}[data]\nengine = \"postgres\"\nversion = \"16\"\n"
    );
    let folder = Folder::with(&[
        ("terrace.toml", &manifest),
        ("page/dist/index.html", ""),
        ("api/requirements.txt", "fastapi==0.165\nSQLAlchemy==2.1\n"),
        ("api/main.py", "engine = create_engine(url)\n"),
    ])
    .tool("python3", "Python 3.13");
    insta::assert_snapshot!(folder.shows("check"), @r#"
    exit code: 0
    ----- stderr
    warning[machine::small-pool]: any number of requests at once share a pool of 15 database connections
     --> terrace.toml:7:1
      |
    7 | [app]
      | ^^^^^ SQLAlchemy's default pool; under load requests would stall for up to 30 s
      |
      = help: set `concurrency = 15` in `[app]`, so that others wait at the load balancer, or set `pool_size` in the code

    warning[aws-plain-http]: without `domain` there is no certificate: the public load balancer speaks plain HTTP, and whatever visitors send, passwords too, can be read on the way
     |
     = help: set `domain` and `zone` for HTTPS on your own name
     = help: or write `edge = "cloudfront"`: HTTPS on a name of CloudFront, no domain needed

    2 warnings
    ✔ terrace.toml is right: shop, PostgreSQL 16
    "#);
    folder.write("api/main.py", "engine = create_engine(url, pool_size=40)\n");
    assert_eq!(folder.run("check").code, 0);
}

/// What `check` says of a Rust service with this `run` and `build`, in a folder with these files besides.
fn rust(run: &str, build: &str, files: &[(&str, &str)]) -> String {
    let manifest = MANIFEST
        .replace("npm ci && npm run biuld", "true")
        .replace("target/debug/shop", run)
        .replace("cargo build --release", build);
    let folder = Folder::with(&[("terrace.toml", &manifest), ("frontend/index.html", "")])
        .tool("cargo", "cargo 1.95.0");
    for (path, text) in files {
        folder.write(path, text);
    }
    folder.run("check").stderr
}

#[test]
fn the_program_that_cargo_makes_is_known_by_profile_name_and_place() {
    let package = ("backend/Cargo.toml", "[package]\nname = \"shop-api\"\n");
    let main = ("backend/src/main.rs", "");
    insta::assert_snapshot!(rust("target/release/shop", "cargo build --release", &[package, main]), @r#"
    error[machine::other-build]: the build does not make `target/release/shop`
      --> terrace.toml:13:11
       |
    13 | run    = "target/release/shop"
       |           ^^^^^^^^^^^^^^^^^^^ Cargo.toml of `backend` has no program of this name
       |
       = help: it makes `target/release/shop-api`

    warning[aws-plain-http]: without `domain` there is no certificate: the public load balancer speaks plain HTTP, and whatever visitors send, passwords too, can be read on the way
     |
     = help: set `domain` and `zone` for HTTPS on your own name
     = help: or write `edge = "cloudfront"`: HTTPS on a name of CloudFront, no domain needed

    1 error, 1 warning
    "#);
    let workspace = ("Cargo.toml", "[workspace]\nmembers = [\"*\"]\n");
    insta::assert_snapshot!(rust("target/release/shop-api", "cargo build -r", &[package, main, workspace]), @r#"
    error[machine::other-build]: the build does not make `target/release/shop-api`
      --> terrace.toml:13:11
       |
    13 | run    = "target/release/shop-api"
       |           ^^^^^^^^^^^^^^^^^^^^^^^ `backend` is a member of the workspace above it, which has its own `target`
       |
       = help: run `../target/release/shop-api`

    warning[aws-plain-http]: without `domain` there is no certificate: the public load balancer speaks plain HTTP, and whatever visitors send, passwords too, can be read on the way
     |
     = help: set `domain` and `zone` for HTTPS on your own name
     = help: or write `edge = "cloudfront"`: HTTPS on a name of CloudFront, no domain needed

    1 error, 1 warning
    "#);
    let right = rust("target/release/shop-api", "cargo build -r", &[package, main]);
    assert!(right.contains("is right"), "{right}");
    let elsewhere = rust("anything", "cargo build -r", &[package, main]);
    assert!(elsewhere.contains("`anything` is not on this machine"), "{elsewhere}");
}

#[test]
fn what_an_earlier_step_brings_is_not_missed() {
    let brought = rust("uvicorn main:app", "pip install -r requirements.txt", &[("backend/main.py", "")]);
    assert!(brought.contains("`pip` is not on this machine") && !brought.contains("uvicorn"), "{brought}");
}
