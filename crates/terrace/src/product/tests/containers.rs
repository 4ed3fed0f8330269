//! Images of programs that stand alone.

use super::*;

/// The tests' own folder of builds is nobody else's.
const CARGO: &str = "build = \"unset CARGO_TARGET_DIR; cargo build --release --offline\"\nrun = \"target/release/api --port $PORT\"";

fn cargo(app: &str, main: &str) -> Ground {
    let files = rust(main);
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    Ground::new("fargate", app, &files)
}

#[tokio::test]
async fn a_rust_program_becomes_an_image_and_only_its_own_layer_changes_with_it() {
    let ground = cargo(CARGO, "fn main() { println!(\"one\") }");
    let first = ground.image().await;
    let target = format!("{}-unknown-linux-", std::env::consts::ARCH);
    let said = ground.said();
    assert!(said.contains(&format!("app: export CARGO_BUILD_TARGET={target}")), "{said}");
    assert!(said.ends_with("app: built\napp: packed"), "{said}");
    let config = config(&first);
    insta::assert_snapshot!(serde_json::to_string_pretty(config.get("config").unwrap()).unwrap(), @r#"
    {
      "Cmd": [
        "/app/target/release/api",
        "--port",
        "8000"
      ],
      "Entrypoint": [
        "/usr/local/bin/terrace-boot",
        "--watch",
        "--"
      ],
      "Env": [
        "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"
      ],
      "ExposedPorts": {
        "8000/tcp": {}
      },
      "StopSignal": "SIGTERM",
      "User": "10001:10001",
      "WorkingDir": "/app"
    }
    "#);

    let again = ground.image().await;
    assert_eq!(again, first);
    assert_eq!(ground.said(), "app: nothing has changed\napp: packed");

    ground.write("api/src/main.rs", "fn main() { println!(\"two\") }");
    let other = ground.image().await;
    let changed = |image: &Image| image.layers().iter().map(|layer| layer.diff()).collect::<Vec<_>>();
    let (before, after) = (changed(&first), changed(&other));
    assert_eq!(before.len(), after.len());
    assert_eq!(before.iter().zip(&after).filter(|(a, b)| a != b).count(), 1);
    assert_ne!(before.last(), after.last());
    // What `terrace up` would run is not touched.
    assert!(!ground.path("api/target/release/api").exists());
}

#[tokio::test]
async fn files_and_the_program_of_the_migration_are_in_it() {
    let manifest = format!("{CARGO}\nfiles = [\"target/release/api\", \"sql\"]");
    let ground = cargo(&manifest, "fn main() {}");
    ground.write("api/src/bin/migrate.rs", "fn main() {}");
    ground.write("api/sql/1/one.sql", "select 1");
    let manifest = std::fs::read_to_string(ground.path("terrace.toml")).unwrap();
    ground.write("terrace.toml", &(manifest + "migrate = \"target/release/migrate --all\"\n"));
    let product = ground.build().await.unwrap_or_else(|failure| panic!("{}", words(&failure)));
    assert_eq!(product.migrate.unwrap(), ["/app/target/release/migrate", "--all"]);
    let Some(Code::Image(image)) = product.code.get(&app()) else { panic!("no image") };
    let comments: Vec<String> = config(image)["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["comment"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        comments,
        [
            "users and directories",
            "certificates",
            "time zones",
            "what the service needs",
            "program /usr/local/bin/terrace-boot",
            "program /app/target/release/api",
        ]
    );
    let files = Layers::of(image);
    for name in ["app/sql/1/one.sql", "app/target/release/migrate", "etc/terrace/rds-ca.pem"] {
        assert!(files.0.contains(&name.to_owned()), "{name} in {files:?}");
    }
}

/// The files of all layers.
#[derive(Debug)]
struct Layers(Vec<String>);

impl Layers {
    fn of(image: &Image) -> Self {
        use std::io::{Read as _, Write as _};
        let mut all = Vec::new();
        for layer in image.layers() {
            let child = Command::new("tar")
                .args(["-tz"])
                .stdin(std::process::Stdio::piped())
                .stdout(std::process::Stdio::piped())
                .spawn();
            let mut child = child.unwrap();
            let mut input = child.stdin.take().unwrap();
            let bytes = layer.blob().bytes().clone();
            let writing = std::thread::spawn(move || drop(input.write_all(&bytes)));
            let mut text = String::new();
            child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
            writing.join().unwrap();
            assert!(child.wait().unwrap().success());
            all.extend(text.lines().map(str::to_owned));
        }
        Self(all)
    }
}

#[tokio::test]
async fn a_go_program_becomes_an_image() {
    if Command::new("go").arg("version").output().is_err() {
        return skipped("there is no `go`");
    }
    let ground = Ground::new(
        "fargate",
        "build = \"go build -o bin/api .\"\nrun = \"bin/api\"",
        &[
            ("api/go.mod", "module shop/api\n\ngo 1.19\n"),
            ("api/main.go", "package main\n\nfunc main() {}\n"),
        ],
    );
    let image = ground.image().await;
    assert_eq!(config(&image)["config"]["Cmd"][0], "/app/bin/api");
    let said = ground.said();
    assert!(said.starts_with("app: export CGO_ENABLED=0 GOARCH="), "{said}");
}

#[tokio::test]
async fn a_build_that_fails_says_what_it_said_last() {
    let said = cargo(CARGO, "fn main() { no_such_thing() }").failure().await;
    let first: Vec<&str> = said.lines().take(2).collect();
    assert_eq!(first[0], "error: `app` could not be built");
    assert!(first[1].starts_with("  because: `export CARGO_BUILD_TARGET="), "{said}");
    assert!(first[1].ends_with("cargo build --release --offline` ended with exit status 101"), "{said}");
    for part in [
        "  it said: ",
        "cannot find function `no_such_thing`",
        "help: all that it said is in ",
        "-unknown-linux-",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[tokio::test]
async fn what_cannot_become_an_image_is_said_with_what_to_do() {
    let copied = "build = \"mkdir -p bin && cp /bin/true bin/api\"\nrun = \"bin/api\"";
    let python = "run = \".venv/bin/uvicorn main:app --host 0.0.0.0 --port $PORT\"";
    let node = "build = \"npm ci\"\nrun = \"npm start -- --port $OTHER\"";
    let package = ("api/package.json", "{\"scripts\": {\"build\": \"tsc\"}}");
    type Files<'a> = &'a [(&'a str, &'a str)];
    let cases: [(&str, &str, Files<'_>); 6] = [
        ("a program with libraries", copied, &[("api/x", "")]),
        ("a shell's script", "run = \"cd bin && ./api | tee log\"", &[("api/bin/api", "")]),
        ("a shell", "run = \"bin/api | tee log\"", &[("api/bin/api", "")]),
        ("no program", "run = \"bin/api\"", &[("api/x", "")]),
        ("Python", python, &[("api/requirements.txt", "fastapi\n")]),
        ("Node.js", node, &[package, ("api/package-lock.json", "{}")]),
    ];
    let mut all = String::new();
    for (title, app, files) in cases {
        all.push_str(&format!("## {title}\n{}", Ground::new("fargate", app, files).failure().await));
    }
    let all = all.replace(std::env::consts::ARCH, "ARCH").replace(processor().1.as_str(), "PROCESSOR");
    let libraries = regex::Regex::new("it needs .*, which").unwrap();
    insta::assert_snapshot!(libraries.replace(&all, "it needs LIBRARIES, which"), @r#"
    ## a program with libraries
    error: `app` cannot become an image: api/bin/api
      because: this executable is not static: it needs LIBRARIES, which the image does not have; build with `--target ARCH-unknown-linux-musl` (Rust; `rustup target add` it first) or `CGO_ENABLED=0` (Go), or use a Dockerfile
    ## a shell's script
    error: `app` needs a Dockerfile to run in a container
      because: `cd bin && ./api | tee log` needs more than a program that stands alone
    help: write api/Dockerfile; it copies the app into an image and ends with `CMD` and what `run` says
    ## a shell
    error: `bin/api | tee log` takes a shell, and an image of a program alone has none
    help: write `run` of `[app]` as a program and its arguments; `$PORT` and `$HOST` are put in, and all else is in the program's environment
    help: or write a Dockerfile and say `image = "Dockerfile"`
    ## no program
    error: there is no program api/bin/api
      because: No such file or directory (os error 2)
    help: `run` names what `build` makes
    ## Python
    error: `app` needs a Dockerfile to run in a container
      because: `.venv/bin/uvicorn main:app --host 0.0.0.0 --port $PORT` needs more than a program that stands alone
    help: write this to api/Dockerfile, and change it where your app differs:
          FROM python:3.12-slim
          WORKDIR /app
          COPY requirements.txt .
          RUN pip install --no-cache-dir -r requirements.txt
          COPY . .
          USER 10001:10001
          CMD ["uvicorn","main:app","--host","0.0.0.0","--port","8000"]
    ## Node.js
    error: `app` needs a Dockerfile to run in a container
      because: `npm start -- --port $OTHER` needs more than a program that stands alone
    help: write this to api/Dockerfile, and change it where your app differs:
          FROM node:22-slim
          WORKDIR /app
          COPY package.json package-lock.json ./
          RUN npm ci
          COPY . .
          RUN npm run build
          ENV NODE_ENV=production
          USER 10001:10001
          CMD ["/bin/sh","-c","npm start -- --port $OTHER"]
    "#);
}

#[tokio::test]
async fn without_terraces_own_parts_nothing_is_built() {
    let ground = Ground::new("fargate", "build = \"exit 1\"\nrun = \"bin/api\"", &[("api/x", "")]);
    let own = ground.path("parts").join(format!("linux-{}", processor().1));
    std::fs::copy("/bin/true", own.join("terrace-boot")).unwrap();
    let dynamic = ground.failure().await.replace(processor().1.as_str(), "PROCESSOR");
    std::fs::remove_file(own.join("terrace-boot")).unwrap();
    let none = ground.failure().await.replace(processor().1.as_str(), "PROCESSOR");
    let text = regex::Regex::new("needs .*").unwrap().replace(&dynamic, "needs LIBRARIES").into_owned();
    insta::assert_snapshot!(format!("{text}\n{none}"), @r#"
    error: there is no terrace-boot for linux/PROCESSOR that could be sent to AWS
      because: FOLDER/parts/linux-PROCESSOR/terrace-boot: this executable is not static: it needs LIBRARIES
      because: not there: FOLDER/parts/terrace-boot
    help: a released Terrace has it in `lib/terrace/linux-PROCESSOR`, beside `bin`: keep the two together
    help: from Terrace's sources: `scripts/parts FOLDER PROCESSOR` makes it, and `--parts FOLDER` (or TERRACE_PARTS) names it

    error: there is no terrace-boot for linux/PROCESSOR that could be sent to AWS
      because: not there: FOLDER/parts/linux-PROCESSOR/terrace-boot, FOLDER/parts/terrace-boot
    help: a released Terrace has it in `lib/terrace/linux-PROCESSOR`, beside `bin`: keep the two together
    help: from Terrace's sources: `scripts/parts FOLDER PROCESSOR` makes it, and `--parts FOLDER` (or TERRACE_PARTS) names it
    "#);
    std::fs::write(own.join("terrace-boot"), static_program()).unwrap();
    std::fs::write(ground.path("rds-ca.pem"), "nothing").unwrap();
    insta::assert_snapshot!(ground.failure().await, @r#"
    error: FOLDER/rds-ca.pem is no file of authorities
      because: these are no CA certificates: there is no `-----BEGIN CERTIFICATE-----` in them; expected PEM, such as /etc/ssl/certs/ca-certificates.crt of Debian
    help: `curl -fsSo rds-ca.pem https://truststore.pki.rds.amazonaws.com/eu-central-1/eu-central-1-bundle.pem`, then `--rds-ca rds-ca.pem` or TERRACE_RDS_CA
    "#);
}
