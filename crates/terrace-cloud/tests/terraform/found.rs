//! Finding Terraform: which one is taken, and what is said of those that will not do.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use terrace_cloud::terraform::{Program, ProgramError, Searched};

use crate::ground::Ground;

/// A folder with a program of this name that says this when it is asked for its version.
fn with(ground: &Ground, folder: &str, name: &str, says: &str) -> PathBuf {
    let folder = ground.path(folder);
    fs::create_dir_all(&folder).unwrap();
    let fake = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/terraform/fake");
    std::os::unix::fs::symlink(fake, folder.join(name)).unwrap();
    fs::write(folder.join("script"), says).unwrap();
    folder
}

fn version(number: &str) -> String {
    format!("echo '{{\n  \"terraform_version\": \"{number}\",\n  \"platform\": \"linux_amd64\"\n}}'")
}

async fn find(named: Option<&Path>, path: &[&Path]) -> Result<Program, ProgramError> {
    let path = std::env::join_paths(path).unwrap();
    let named = named.map(Into::into);
    Program::find(&Searched { named, path, patience: Duration::from_secs(600) }).await
}

fn said(result: Result<Program, ProgramError>, ground: &Ground) -> String {
    result.unwrap_err().to_string().replace(ground.path("").to_str().unwrap(), "/")
}

#[tokio::test]
async fn terraform_is_taken_first_and_opentofu_where_there_is_none_or_an_old_one() {
    let ground = Ground::new();
    let terraform = with(&ground, "terraform", "terraform", &version("1.12.0"));
    let tofu = with(&ground, "tofu", "tofu", &version("1.11.2"));
    let old = with(&ground, "old", "terraform", &version("1.5.7"));
    let program = find(None, &[&tofu, &terraform]).await.unwrap();
    assert_eq!(
        (program.path(), program.version().to_string().as_str()),
        (&*terraform.join("terraform"), "1.12.0")
    );
    let program = find(None, &[&old, &tofu]).await.unwrap();
    assert_eq!(program.path(), tofu.join("tofu"));
    // What is named is taken, and nothing else is looked at.
    let program = find(Some(&tofu.join("tofu")), &[&terraform]).await.unwrap();
    assert_eq!(program.path(), tofu.join("tofu"));
    let program = find(Some(Path::new("tofu")), &[&terraform, &tofu]).await.unwrap();
    assert_eq!(program.path(), tofu.join("tofu"));
}

#[tokio::test]
async fn those_that_will_not_do_are_told() {
    let ground = Ground::new();
    let nowhere = ground.path("nowhere");
    insta::assert_snapshot!(said(find(None, &[&nowhere]).await, &ground), @"neither `terraform` nor `tofu` is on the PATH: install Terraform (https://developer.hashicorp.com/terraform/install) or OpenTofu (https://opentofu.org/docs/intro/install/), 1.11.0 or newer, or name one in TERRACE_TERRAFORM");
    insta::assert_snapshot!(said(find(Some(&nowhere), &[]).await, &ground), @"TERRACE_TERRAFORM names `/nowhere`, and no program is there: name one, or unset it so that the PATH is searched");
    let cases = [
        ("old", version("1.10.5")),
        ("before", version("1.11.0-rc1")),
        ("else", "echo hello".to_owned()),
        ("fails", "exit 4".to_owned()),
        ("half", "echo '{\"terraform_version\":'".to_owned()),
        ("number", "echo '{\"terraform_version\": 7}'".to_owned()),
    ];
    let mut all = String::new();
    for (name, script) in cases {
        let folder = with(&ground, name, "terraform", &script);
        all.push_str(&said(find(None, &[&folder]).await, &ground));
        all.push('\n');
    }
    insta::assert_snapshot!(all, @"
    `/old/terraform` is version 1.10.5, and 1.11.0 or newer is needed: install Terraform (https://developer.hashicorp.com/terraform/install) or OpenTofu (https://opentofu.org/docs/intro/install/)
    `/before/terraform` is version 1.11.0-rc1, and 1.11.0 or newer is needed: install Terraform (https://developer.hashicorp.com/terraform/install) or OpenTofu (https://opentofu.org/docs/intro/install/)
    `/else/terraform version -json` tells no version: is it Terraform or OpenTofu? If not, name one in TERRACE_TERRAFORM
    `/fails/terraform version -json` failed (exit status: 4): is it Terraform or OpenTofu? If not, name one in TERRACE_TERRAFORM
    `/half/terraform version -json` tells no version: is it Terraform or OpenTofu? If not, name one in TERRACE_TERRAFORM
    `/number/terraform version -json` tells no version: is it Terraform or OpenTofu? If not, name one in TERRACE_TERRAFORM
    ");
}

#[tokio::test]
async fn what_is_no_program_is_passed_over() {
    let ground = Ground::new();
    let folder = ground.path("plain");
    fs::create_dir_all(folder.join("tofu")).unwrap();
    fs::write(folder.join("terraform"), "").unwrap();
    fs::set_permissions(folder.join("terraform"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(find(None, &[&folder]).await, Err(ProgramError::Missing));
    // Nor is one taken from the folder that somebody happens to be in.
    let searched = Searched { named: None, path: ":.".into(), patience: Duration::from_secs(600) };
    assert_eq!(Program::find(&searched).await, Err(ProgramError::Missing));
}

#[tokio::test]
async fn one_that_hangs_is_given_up_and_ended() {
    let ground = Ground::new();
    let gate = ground.gate("gate");
    let folder = with(&ground, "hangs", "terraform", &format!("exec cat '{}'", gate.display()));
    let path = folder.as_os_str().to_owned();
    let searched = Searched { named: None, path, patience: Duration::from_millis(50) };
    let error = Program::find(&searched).await.unwrap_err().to_string();
    assert!(error.contains("said nothing"), "{error}");
}

#[tokio::test]
async fn what_is_said_around_the_version_does_not_matter() {
    let ground = Ground::new();
    let script = format!("echo 'a wrapper says hello'; {}; echo goodbye", version("1.13.1"));
    let folder = with(&ground, "wrapped", "terraform", &script);
    assert_eq!(find(None, &[&folder]).await.unwrap().version().to_string(), "1.13.1");
}
