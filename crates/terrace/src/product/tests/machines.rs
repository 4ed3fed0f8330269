//! What machines fetch.

use super::*;

fn sums(product: &Product, party: &str) -> String {
    match product.code.get(&party.parse().unwrap()) {
        Some(Code::Artifact(artifact)) => {
            artifact.sums().lines().map(|line| format!("{}\n", line.get(66..).unwrap_or_default())).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn digests(product: &Product) -> Vec<String> {
    let artifacts = product.code.values().map(|code| match code {
        Code::Artifact(artifact) => artifact.digest().to_string(),
        Code::Image(_) => panic!("an image"),
    });
    artifacts.collect()
}

#[tokio::test]
async fn a_party_gets_its_programs_and_its_content_and_the_same_digest_for_the_same() {
    let ground = Ground::new(
        "ec2",
        "build = \"mkdir -p bin && cp ../parts/*/terrace-boot bin/api\"\nrun = \"./bin/api\"",
        &[("api/x", "")],
    );
    let first = ground.build().await.unwrap_or_else(|failure| panic!("{}", words(&failure)));
    assert_eq!(sums(&first, "web"), "page.tar.gz\nterrace-boot\nterrace-edge\n");
    assert_eq!(sums(&first, "app"), "app.tar.gz\nrds-ca.pem\nsettings.json\nterrace-boot\n");
    assert_eq!(first.migrate, None);
    let again = ground.build().await.unwrap();
    assert_eq!(digests(&again), digests(&first));
    ground.write("page/dist/index.html", "<h1>new</h1>");
    let other = ground.build().await.unwrap();
    let same = digests(&other).iter().zip(digests(&first)).filter(|(a, b)| **a == *b).count();
    assert_eq!(same, 1, "the page's alone is another");
}

#[tokio::test]
async fn another_setting_is_another_artifact_of_the_same_code() {
    let build = "build = \"mkdir -p bin && cp ../parts/*/terrace-boot bin/api\"\nrun = \"./bin/api\"";
    let ground = Ground::new("ec2", build, &[("api/x", "")]);
    let manifest = std::fs::read_to_string(ground.path("terrace.toml")).unwrap();
    let mut all = Vec::new();
    for level in ["info", "debug"] {
        ground.write("terrace.toml", &format!("{manifest}[app.variables]\nLOG_LEVEL = \"{level}\"\n"));
        let product = ground.build().await.unwrap_or_else(|failure| panic!("{}", words(&failure)));
        let Some(Code::Artifact(app)) = product.code.get(&"app".parse().unwrap()) else { panic!("no app") };
        all.push((app.digest(), app.code()));
    }
    assert_ne!(all[0].0, all[1].0);
    assert_eq!(all[0].1, all[1].1);
}

#[tokio::test]
async fn what_migrates_goes_with_the_app_and_its_line_is_part_of_it() {
    let build = "build = \"mkdir -p bin && cp ../parts/*/terrace-boot bin/api\"\nrun = \"./bin/api\"";
    let ground = Ground::new("ec2", build, &[("api/x", "")]);
    let manifest = std::fs::read_to_string(ground.path("terrace.toml")).unwrap();
    let mut all = Vec::new();
    for line in ["./bin/api --migrate", "./bin/api --migrate all"] {
        ground.write("terrace.toml", &format!("{manifest}migrate = \"{line}\"\n"));
        let product = ground.build().await.unwrap_or_else(|failure| panic!("{}", words(&failure)));
        assert_eq!(sums(&product, "web"), "page.tar.gz\nterrace-boot\nterrace-edge\n");
        assert_eq!(sums(&product, "app"), "app.tar.gz\nmigrate\nrds-ca.pem\nsettings.json\nterrace-boot\n");
        assert_eq!(product.migrate.as_deref(), Some([line.to_owned()].as_slice()));
        all.push(digests(&product));
    }
    let same = all[0].iter().zip(&all[1]).filter(|(one, other)| one == other).count();
    assert_eq!(same, 1, "the app's alone is another");
    // Of one program, another one that migrates is part as well; it has to be there, and for these machines.
    ground.write("terrace.toml", &format!("{manifest}migrate = \"./bin/migrate\"\n"));
    insta::assert_snapshot!(ground.failure().await, @"
    error: there is no program api/bin/migrate
      because: No such file or directory (os error 2)
    help: `run` of `[app]` names what `build` makes
    ");
}

#[tokio::test]
async fn an_interpreted_app_is_shipped_without_what_is_made_on_the_machine() {
    let ground = Ground::new(
        "ec2",
        "run = \".venv/bin/uvicorn main:app\"",
        &[
            ("api/main.py", "app = None"),
            ("api/requirements.txt", ""),
            ("api/.env.local", "SECRET=1"),
            ("api/.venv/bin/uvicorn", ""),
            ("api/pkg/__pycache__/x.pyc", ""),
            ("api/pkg/x.py", ""),
            ("api/.gitignore", "*.log\n"),
            ("api/debug.log", ""),
        ],
    );
    let product = ground.build().await.unwrap_or_else(|failure| panic!("{}", words(&failure)));
    assert_eq!(sums(&product, "app"), "app.tar.gz\nrds-ca.pem\nsettings.json\nterrace-boot\n");
    let kept =
        crate::product::archive::kept(&ground.path("api"), true, &[".venv", "__pycache__", ".env", ".env.*"]);
    let kept: Vec<String> = kept.into_iter().collect();
    assert_eq!(kept, [".gitignore", "main.py", "pkg", "pkg/x.py", "requirements.txt"]);
}

#[tokio::test]
async fn a_program_for_other_machines_and_a_page_of_nothing_are_refused() {
    let build = "build = \"mkdir -p bin && printf MZ > bin/api\"\nrun = \"./bin/api\"";
    let ground = Ground::new("ec2", build, &[("api/x", "")]);
    let mut all = ground.failure().await;
    std::fs::remove_file(ground.path("page/dist/index.html")).unwrap();
    all.push_str(&ground.failure().await);
    let all = all.replace(std::env::consts::ARCH, "ARCH").replace(processor().1.as_str(), "PROCESSOR");
    insta::assert_snapshot!(all, @r#"
    error: machines cannot run api/bin/api
      because: this is no executable for Linux: a program for Windows (PE); build for Linux, with `--target ARCH-unknown-linux-musl` (Rust) or `GOOS=linux GOARCH=PROCESSOR CGO_ENABLED=0` (Go), and name the file that the build leaves
    error: `page/dist` has no index.html: it is no page
    help: set `dist` of `[web]` to the folder that holds `index.html`, or `build` to what makes it
    "#);
}
