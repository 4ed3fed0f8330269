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
    insta::assert_snapshot!(serde_json::to_string_pretty(config.get("config").unwrap()).unwrap(), @"");

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
async fn what_cannot_become_an_image_is_said_with_what_to_do() {
    let cases: [(&str, Ground); 6] = [
        ("a build that fails", cargo(CARGO, "fn main() { no_such_thing() }")),
        (
            "a program with libraries",
            Ground::new(
                "fargate",
                "build = \"mkdir -p bin && cp /bin/true bin/api\"\nrun = \"bin/api\"",
                &[("api/x", "")],
            ),
        ),
        ("a shell", Ground::new("fargate", "run = \"cd bin && ./api | tee log\"", &[("api/bin/api", "")])),
        ("no program", Ground::new("fargate", "run = \"bin/api\"", &[("api/x", "")])),
        (
            "Python",
            Ground::new(
                "fargate",
                "run = \".venv/bin/uvicorn main:app --host 0.0.0.0 --port $PORT\"",
                &[("api/requirements.txt", "fastapi\n")],
            ),
        ),
        (
            "Node.js",
            Ground::new(
                "fargate",
                "build = \"npm ci\"\nrun = \"npm start -- --port $OTHER\"",
                &[
                    ("api/package.json", "{\"scripts\": {\"build\": \"tsc\"}}"),
                    ("api/package-lock.json", "{}"),
                ],
            ),
        ),
    ];
    let mut all = String::new();
    for (title, ground) in cases {
        let said = ground.failure().await;
        // A compiler's own words are its own.
        let kept: Vec<&str> = said
            .lines()
            .filter(|line| !line.starts_with("           ") || title != "a build that fails")
            .collect();
        all.push_str(&format!("## {title}\n{}\n", kept.join("\n")));
        if title == "a build that fails" {
            assert!(said.contains("cannot find function `no_such_thing`"), "{said}");
        }
    }
    let all = all.replace(std::env::consts::ARCH, "ARCH").replace(processor().1.as_str(), "PROCESSOR");
    insta::assert_snapshot!(all, @"");
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
    insta::assert_snapshot!(format!("{text}\n{none}"), @"");
    std::fs::write(own.join("terrace-boot"), static_program()).unwrap();
    std::fs::write(ground.path("rds-ca.pem"), "nothing").unwrap();
    insta::assert_snapshot!(ground.failure().await, @"");
}

/// The real thing, with its hundreds of crates; the example's own folder is left alone.
#[tokio::test]
#[ignore = "takes minutes: cargo test -p terrace --lib product -- --ignored"]
async fn the_example_becomes_an_image() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/items/backend");
    let ground = Ground::new("fargate", CARGO, &[("api/x", "")]);
    let copy = Command::new("cp")
        .arg("-R")
        .args([
            &example.join("Cargo.toml"),
            &example.join("Cargo.lock"),
            &example.join("build.rs"),
            &example.join("src"),
            &example.join("migrations"),
        ])
        .arg(ground.path("api"))
        .status();
    assert!(copy.unwrap().success());
    let manifest = std::fs::read_to_string(ground.path("terrace.toml")).unwrap();
    ground.write(
        "terrace.toml",
        &manifest.replace("release/api", "release/items-api").replace(" --offline", ""),
    );
    let image = ground.image().await;
    assert_eq!(config(&image)["config"]["Cmd"][0], "/app/target/release/items-api");
}
