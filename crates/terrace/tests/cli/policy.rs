//! `terrace policy` and `terrace init --ci`: the role to deploy with, and the workflow that takes it.
//!
//! `workflows/NAME.toml` is a manifest, `workflows/NAME.yml` the workflow for it, which `scripts/test` holds to GitHub's schema;
//! dropping a manifest in adds a case, and `TERRACE_UPDATE=1` writes the workflows anew.

use std::path::Path;

use serde_json::Value;

use crate::folder::Folder;

const MANIFEST: &str = r#"name    = "shop"
shape   = "fargate"
account = "123456789012"

[web]
root = "frontend"

[app]
root  = "backend"
image = "Dockerfile"

[data]
engine = "postgres"

[environments.prod]
production = true
"#;

fn project() -> Folder {
    Folder::with(&[
        ("terrace.toml", MANIFEST),
        (".git/HEAD", "ref: refs/heads/main\n"),
        (".git/config", "[remote \"origin\"]\n\turl = git@github.com:octocat/shop.git\n"),
    ])
}

fn roles(text: &str) -> Vec<Value> {
    let printed: Value = serde_json::from_str(text).unwrap();
    printed["roles"].as_array().unwrap().clone()
}

#[test]
fn a_role_and_its_policies_are_printed() {
    let folder = project();
    let ran = folder.run("policy --env prod");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let roles = roles(&ran.stdout);
    assert_eq!(roles.len(), 1);
    let role = roles.first().unwrap();
    assert_eq!(role["name"], "terrace-shop-prod-deploy");
    assert_eq!(role["trust"]["Statement"][0]["Principal"]["AWS"], "arn:aws:iam::123456789012:root");
    let policies = role["policies"].as_array().unwrap();
    assert_eq!(policies[0]["name"], "terrace-shop-prod-deploy-1");
    assert!(ran.stdout.contains("arn:aws:s3:::terrace-123456789012-us-east-1/releases/shop/prod/*"));
    assert!(!ran.stdout.contains("arn:aws:iam::*"), "an account is named in every ARN");
    assert_eq!(folder.run("policy --env prod").stdout, ran.stdout, "the same manifest gives the same bytes");
    assert_ne!(folder.run("policy").stdout, ran.stdout);
}

#[test]
fn workflows_are_trusted_by_repository_and_environment() {
    let folder = project();
    let subjects = |line: &str| -> String {
        let ran = folder.run(line);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let told = |role: &Value| {
            let trust = &role["trust"]["Statement"][0];
            format!("{} {} {}", role["name"], trust["Action"], trust["Condition"])
        };
        roles(&ran.stdout).iter().map(told).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(subjects("policy --env prod --github octocat@1/shop@2"), @r#"
    "terrace-shop-prod-deploy" "sts:AssumeRoleWithWebIdentity" {"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com","token.actions.githubusercontent.com:sub":"repo:octocat@1/shop@2:environment:prod"}}
    "terrace-shop-prod-plan" "sts:AssumeRoleWithWebIdentity" {"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com","token.actions.githubusercontent.com:sub":"repo:octocat@1/shop@2:pull_request"}}
    "#);
    insta::assert_snapshot!(subjects("policy --github octocat/shop --branch trunk"), @r#"
    "terrace-shop-deploy" "sts:AssumeRoleWithWebIdentity" {"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"StringLike":{"token.actions.githubusercontent.com:sub":["repo:octocat/shop:ref:refs/heads/trunk","repo:octocat@*/shop@*:ref:refs/heads/trunk"]}}
    "terrace-shop-plan" "sts:AssumeRoleWithWebIdentity" {"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"StringLike":{"token.actions.githubusercontent.com:sub":["repo:octocat/shop:pull_request","repo:octocat@*/shop@*:pull_request"]}}
    "#);
}

#[test]
fn an_account_has_to_be_said_once() {
    let unsaid = Folder::with(&[("terrace.toml", &MANIFEST.replace("account = \"123456789012\"\n", ""))]);
    let ran = unsaid.run("policy");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("--account 123456789012"), "{}", ran.stderr);
    assert_eq!(unsaid.run("policy --account 210987654321").code, 0);
    let ran = project().run("policy --account 210987654321");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("the manifest says account 123456789012"), "{}", ran.stderr);
    assert_eq!(unsaid.run("policy --account 12345").code, 2);
    assert_eq!(unsaid.run("policy --account 210987654321 --github nobody").code, 2);
}

#[test]
fn texts_that_make_the_roles_say_what_the_json_says() {
    let folder = project();
    let line = "policy --env prod --github octocat@1/shop@2 --format";
    let json = folder.run(&format!("{line} json"));
    let [terraform, shell] =
        ["terraform", "shell"].map(|format| folder.run(&format!("{line} {format}")).stdout);
    // Of each JSON text, what it says; a text of Terraform's has its own way of saying `${`.
    let texts = |text: &str, begin: &str, end: &str| -> Vec<Value> {
        text.split(begin)
            .skip(1)
            .map(|rest| rest.split(end).next().unwrap().replace("$${", "${"))
            .map(|text| serde_json::from_str(&text).unwrap())
            .collect()
    };
    let expected: Vec<Value> = roles(&json.stdout)
        .iter()
        .flat_map(|role| {
            let policies = role["policies"].as_array().unwrap().iter();
            std::iter::once(role["trust"].clone()).chain(policies.map(|policy| policy["document"].clone()))
        })
        .collect();
    assert_eq!(texts(&terraform, "<<-JSON\n", "\n  JSON"), expected);
    assert_eq!(texts(&shell, "<<'JSON'\n", "\nJSON"), expected);
}

#[test]
fn workflows_are_as_they_were_read() {
    let update = std::env::var_os("TERRACE_UPDATE").is_some();
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/workflows");
    let mut manifests: Vec<_> = std::fs::read_dir(&place)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    manifests.sort();
    assert!(manifests.len() >= 2);
    for manifest in manifests {
        let folder = project();
        folder.write("terrace.toml", &std::fs::read_to_string(&manifest).unwrap());
        let ran = folder.run("init --ci");
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let written = folder.read(".github/workflows/terrace.yml");
        let golden = manifest.with_extension("yml");
        if update {
            std::fs::write(&golden, &written).unwrap();
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        assert!(written == expected, "{}: TERRACE_UPDATE=1 writes it anew\n{written}", golden.display());
    }
}

#[test]
fn what_comes_next_is_told_and_a_workflow_that_is_there_stays() {
    let folder = project();
    let ran = folder.run("init --ci");
    insta::assert_snapshot!(ran.stderr, @r"
    ✔ wrote .github/workflows/terrace.yml

    next
      1. make the roles, with rights to do so: `terrace policy --env prod --github octocat/shop --format shell | sh`
      2. tell where Terrace comes from: `gh variable set TERRACE_SOURCE --body URL`, `gh variable set TERRACE_REVISION --body COMMIT`
      3. read the workflow, commit it, and open a pull request: it gets a plan
    ");
    folder.write(".github/workflows/terrace.yml", "mine\n");
    let again = folder.run("init --ci");
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("is there already"), "{}", again.stderr);
    assert_eq!(folder.read(".github/workflows/terrace.yml"), "mine\n");
}

#[test]
fn a_workflow_belongs_into_a_repository() {
    let folder = Folder::with(&[("terrace.toml", MANIFEST)]);
    let ran = folder.run("init --ci");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("lies in no Git repository"), "{}", ran.stderr);
}
