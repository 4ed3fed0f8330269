//! What Terraform says when something fails, and what is made of it. Each file in `said/` is a case: the lines that Terraform
//! prints (recorded, or in the provider's form with AWS's codes), a line `---`, and what a person reads. `TERRACE_UPDATE=1`
//! writes the latter anew.

use std::fs;
use std::path::Path;

use terrace_cloud::terraform::Wanted;

use crate::ground::{Ground, program, terraform};

#[tokio::test]
async fn what_failed_is_told_in_plain_words_with_what_to_do() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/terraform/said");
    let mut files: Vec<_> = fs::read_dir(cases).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 10, "{files:?}");
    let update = std::env::var_os("TERRACE_UPDATE").is_some();
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let (lines, wanted) = text.split_once("---\n").unwrap_or((&text, ""));
        let ground = Ground::new();
        fs::write(ground.path("lines"), lines).unwrap();
        let said = ground.path("lines");
        // What begins with a change is an apply; all else is a plan.
        let script = format!(
            "case $command in init) mkdir -p .terraform;;\nplan) grep -q apply_ '{said}' && exit 2; cat '{said}'; exit 1;;\napply) cat '{said}'; exit 1;; esac",
            said = said.display(),
        );
        let program = program(&ground.fake(&script)).await;
        let (folder, state) = (ground.work(), ground.state());
        let run = terraform(&program, &folder, &state, "");
        let error = match run.plan(&Wanted::default(), |_| ()).await {
            Ok(plan) => run.apply(plan, |_| ()).await.unwrap_err(),
            Err(error) => error,
        };
        let told = format!("{error}\n");
        if update {
            fs::write(&file, format!("{lines}---\n{told}")).unwrap();
        } else if told != wanted {
            wrong.push(format!("{}:\n{told}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
