//! `terrace export` and `terrace graph`: what is written, and what is left alone.

use crate::folder::Folder;

const MANIFEST: &str = r#"name  = "shop"
shape = "ec2"

[web]
root = "frontend"

[app]
root = "backend"
run  = "target/release/shop"

[data]
engine = "postgres"
"#;

fn project() -> Folder {
    Folder::with(&[("terrace.toml", MANIFEST)])
}

#[test]
fn an_export_is_the_same_bytes_each_time() {
    let folder = project();
    assert_eq!(folder.run("export infra").code, 0);
    let first = folder.read("infra/network.tf");
    assert!(first.contains("resource \"aws_vpc\" \"main\" {"), "{first}");
    assert_eq!(folder.run("export infra").code, 0, "what is there already is no obstacle");
    assert_eq!(folder.run("export other/deep").code, 0);
    for file in ["network.tf", "edge.tf", "web.tf", "app.tf", "data.tf", "README.md"] {
        assert_eq!(folder.read(&format!("infra/{file}")), folder.read(&format!("other/deep/{file}")));
    }
}

#[test]
fn what_somebody_changed_is_kept_unless_forced() {
    let folder = project();
    assert_eq!(folder.run("export infra").code, 0);
    let mine = folder.read("infra/data.tf") + "\n# mine\n";
    folder.write("infra/data.tf", &mine);
    folder.write("infra/backend.tf", "# the team's own\n");
    let ran = folder.run("export infra");
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("infra holds files that differ from this export: data.tf"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--force"), "{}", ran.stderr);
    assert_eq!(folder.read("infra/data.tf"), mine);
    assert_eq!(folder.run("export infra --force").code, 0);
    assert_ne!(folder.read("infra/data.tf"), mine);
    assert_eq!(
        folder.read("infra/backend.tf"),
        "# the team's own\n",
        "what is not of an export is never touched"
    );
}

#[test]
fn files_of_another_shape_are_taken_away_when_forced() {
    let folder = project();
    assert_eq!(folder.run("export infra").code, 0);
    folder.write("terrace.toml", &MANIFEST.replace("\"ec2\"", "\"fargate\""));
    folder.write("infra/web.tf", &folder.read("infra/web.tf"));
    let ran = folder.run("export infra");
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(folder.run("export infra --force").code, 0);
    let edge = folder.read("infra/edge.tf");
    assert!(edge.contains("aws_cloudfront_distribution"), "{edge}");
    let listed: Vec<_> = std::fs::read_dir(folder.project().join("infra")).unwrap().collect();
    assert!(
        listed.iter().all(|entry| !entry.as_ref().unwrap().file_name().to_string_lossy().starts_with('.'))
    );
}

#[test]
fn what_aws_would_refuse_is_refused_with_its_place_and_nothing_is_written() {
    let folder = Folder::with(&[(
        "terrace.toml",
        &MANIFEST.replace(
            "shape = \"ec2\"",
            "shape = \"ec2\"\nregion = \"us-west-1\"\nzones = 3\ndomain = \"shop.example.com\"",
        ),
    )]);
    insta::assert_snapshot!(folder.shows("export infra"), @r#"
    exit code: 2
    ----- stderr
    error[aws-zones]: US West (N. California) has 2 zones for an account
     --> terrace.toml:4:9
      |
    4 | zones = 3
      |         ^
      |
      = help: write `zones = 2`, or choose another region

    error[aws-domain-zone]: `shop.example.com` needs a hosted zone in Route 53, where records for it are made
     --> terrace.toml:5:10
      |
    5 | domain = "shop.example.com"
      |          ^^^^^^^^^^^^^^^^^^
      |
      = help: write `zone = "example.com"`, or the zone that holds it

    2 errors
    "#);
    assert!(!folder.project().join("infra").exists());
}

#[test]
fn a_file_is_no_folder() {
    let folder = project();
    let ran = folder.run("export terrace.toml");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("terrace.toml is a file, not a folder"), "{}", ran.stderr);
    assert_eq!(folder.read("terrace.toml"), MANIFEST);
}

#[test]
fn a_picture_goes_where_it_is_wanted() {
    let folder = project();
    let ran = folder.run("graph");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""), "{}", ran.stdout);
    assert_eq!(folder.run("graph -o tiers.mmd").code, 0);
    assert!(folder.read("tiers.mmd").starts_with("flowchart TD\n"));
    let ran = folder.run("graph -o nowhere/tiers.svg");
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("nowhere/tiers.svg cannot be written"), "{}", ran.stderr);
}
