//! What the real Terraform cannot be made to do at will: odd lines, crashes, deafness, states that cannot be saved.

use std::fs;

use terrace_cloud::terraform::{Event, How, InBucket, Meaning, RunError, Task, Terraform, Wanted, stopping};

use crate::ground::{Ground, Heard, broken, program, terraform};

const READY: &str = "case $command in init) mkdir -p .terraform; exit;; esac\n";
const VERSION: &str =
    r#"{"@level":"info","@message":"Terraform 1.11.4","terraform":"1.11.4","type":"version","ui":"1.2"}"#;
const NOTHING: &str =
    r#"{"type":"change_summary","changes":{"add":0,"change":0,"import":0,"remove":0,"operation":"plan"}}"#;
const PLANNED: &str =
    r#"{"type":"planned_change","change":{"resource":{"addr":"aws_db_instance.data"},"action":"create"}}"#;
const BEGUN: &str =
    r#"{"type":"apply_start","hook":{"resource":{"addr":"aws_db_instance.data"},"action":"create"}}"#;
const UNREADY: &str = r#"{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Required plugins are not installed","detail":"The installed provider plugins are not consistent with the packages selected in the dependency lock file:\n  - registry.terraform.io/hashicorp/aws: there is no package for registry.terraform.io/hashicorp/aws 5.100.0 cached in .terraform/providers"}}"#;
const PLAIN: &str = "resource \"terraform_data\" \"a\" {}\n";

/// One that plans one change, and then does this.
fn applying(then: &str) -> String {
    format!("{READY}case $command in\nplan) echo '{PLANNED}'; exit 2;;\napply)\n{then}\n;;\nesac\n")
}

async fn planned_and_applied(run: &Terraform<'_>, events: impl Fn(Event)) -> RunError {
    let plan = run.plan(&Wanted::default(), |_| ()).await.unwrap();
    run.apply(plan, events).await.unwrap_err()
}

#[tokio::test]
async fn lines_that_are_none_of_its_own_disturb_nothing() {
    let (ground, heard) = (Ground::new(), Heard::default());
    let script = format!(
        "{READY}echo 'a wrapper says hello'\nprintf '\\n\\r\\n{{}}\\n[1]\\n\\377\\376 bytes\\n'\nprintf '\\357\\273\\277%s\\r\\n' '{VERSION}'\necho '{{\"type\":\"of tomorrow\",\"hook\":7}}'\nhead -c 300000 /dev/zero | tr '\\0' 'x'; echo\necho '{PLANNED}'\nprintf '%s' '{summary}'\nexit 2",
        summary = NOTHING.replace("\"add\":0", "\"add\":1"),
    );
    let program = program(&ground.fake(&script)).await;
    let (folder, state) = (ground.work(), ground.state());
    let run = terraform(&program, &folder, &state, PLAIN);
    let plan = run.plan(&Wanted::default(), |event| heard.hear(&event)).await.unwrap();
    assert_eq!((plan.summary().add, plan.changes()), (1, true));
    insta::assert_snapshot!(heard.lines().replace(&"x".repeat(300_000), "300,000 x"), @"
    preparing Terraform
    comparing with what is there
    a wrapper says hello
    [1]
    �� bytes
    300,000 x
    1 change to make
    ");
}

#[tokio::test]
async fn it_is_initialised_only_when_something_changed_that_matters() {
    let ground = Ground::new();
    let program = program(&ground.fake(&format!("{READY}echo '{NOTHING}'"))).await;
    let (folder, state) = (ground.work(), ground.state());
    let providers =
        "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n";
    let elsewhere = InBucket::new("bucket", "key", "us-east-1", None).unwrap();
    let elsewhere = terrace_cloud::terraform::Backend::S3(elsewhere);
    for (backend, text) in
        [(&state, PLAIN), (&state, ""), (&state, providers), (&state, providers), (&elsewhere, providers)]
    {
        let run = terraform(&program, &folder, backend, text);
        run.plan(&Wanted::default(), |_| ()).await.unwrap();
    }
    fs::remove_dir(folder.path().join(".terraform")).unwrap();
    let wanted = Wanted {
        destroy: true,
        targets: vec!["aws_ecs_service.app[\"a b\"]".parse().unwrap()],
        lock_wait: std::time::Duration::from_secs(90),
    };
    terraform(&program, &folder, &elsewhere, providers).plan(&wanted, |_| ()).await.unwrap();
    insta::assert_snapshot!(ground.calls().join("\n"), @r#"
    init -json -input=false -reconfigure
    plan -json -input=false -detailed-exitcode -out=plan.bin -lock-timeout=0s
    plan -json -input=false -detailed-exitcode -out=plan.bin -lock-timeout=0s
    init -json -input=false -reconfigure
    plan -json -input=false -detailed-exitcode -out=plan.bin -lock-timeout=0s
    plan -json -input=false -detailed-exitcode -out=plan.bin -lock-timeout=0s
    init -json -input=false -reconfigure
    plan -json -input=false -detailed-exitcode -out=plan.bin -lock-timeout=0s
    init -json -input=false -reconfigure
    plan -json -input=false -detailed-exitcode -out=plan.bin -lock-timeout=90s -destroy -target=aws_ecs_service.app["a b"]
    "#);
}

#[tokio::test]
async fn if_providers_were_cleared_away_it_is_initialised_again_and_no_more_than_once() {
    let ground = Ground::new();
    let here = ground.path("").display().to_string();
    let script = format!(
        "case $command in init) mkdir -p .terraform; echo >>'{here}/inits'; exit;; esac\nif [ \"$(wc -l <'{here}/inits')\" = \"$(cat '{here}/enough')\" ]; then echo '{NOTHING}'; else printf '%s\\n' '{UNREADY}'; exit 1; fi"
    );
    let program = program(&ground.fake(&script)).await;
    let (folder, state) = (ground.work(), ground.state());
    fs::write(ground.path("enough"), "2").unwrap();
    let run = terraform(&program, &folder, &state, PLAIN);
    run.plan(&Wanted::default(), |_| ()).await.unwrap();
    assert_eq!(ground.calls().len(), 4, "{:?}", ground.calls());
    fs::write(ground.path("enough"), "9").unwrap();
    let error = run.plan(&Wanted::default(), |_| ()).await.unwrap_err();
    assert!(broken(&error).caused_by(Meaning::Unprepared).is_some(), "{error}");
    assert_eq!(ground.calls().len(), 7, "{:?}", ground.calls());
}

#[tokio::test]
async fn one_that_goes_without_a_word_is_told() {
    let ground = Ground::new();
    let program = program(&ground.fake(&applying(&format!("echo '{BEGUN}'; exit 11")))).await;
    let (folder, state) = (ground.work(), ground.state());
    let run = terraform(&program, &folder, &state, PLAIN);
    let mut all = planned_and_applied(&run, |_| ()).await.to_string();
    ground.fake(&applying(
        "echo 'panic: runtime error' >&2; echo '\tgoroutine 1' >&2; echo '!!!' >&2; kill -SEGV $$",
    ));
    all.push_str("\n\n");
    all.push_str(&planned_and_applied(&run, |_| ()).await.to_string());
    // Success without any word of it is none.
    ground.fake(&applying("exit 0"));
    all.push_str("\n\n");
    all.push_str(&planned_and_applied(&run, |_| ()).await.to_string());
    insta::assert_snapshot!(all, @"
    not all of the changes could be made: it ended with exit code 11 and said nothing
      cut off: making the database instance `data`
    now: no change was completed
    next: mend that, and run the same command again: it goes on from here

    not all of the changes could be made: it ended with signal 11: panic: runtime error
    now: no change was completed
    next: mend that, and run the same command again: it goes on from here

    not all of the changes could be made: it ended with exit code 0 and said nothing
    now: no change was completed
    next: mend that, and run the same command again: it goes on from here
    ");
}

#[tokio::test]
async fn asked_twice_one_that_does_not_listen_is_ended_with_all_it_started() {
    let ground = Ground::new();
    let gate = ground.gate("gate");
    let then = format!("trap '' INT\necho '{BEGUN}'\ncat '{}'", gate.display());
    let program = program(&ground.fake(&applying(&then))).await;
    let (folder, state) = (ground.work(), ground.state());
    let (stopper, stop) = stopping();
    let run = terraform(&program, &folder, &state, PLAIN).listening(stop);
    let error = planned_and_applied(&run, |event| {
        if matches!(event, Event::Started(..)) {
            stopper.ask();
            stopper.ask();
        }
    })
    .await;
    assert_eq!(broken(&error).how, How::Ended);
    insta::assert_snapshot!(error, @"
    ended at once, as asked for:
      cut off: making the database instance `data`
    now: no change was completed
    next: run the same command again: it looks at what is there first; if it says that a lock is held, and by you, end that lock
    ");
    let no_reader = std::os::unix::fs::OpenOptionsExt::custom_flags(
        fs::OpenOptions::new().write(true),
        nix::libc::O_NONBLOCK,
    )
    .open(&gate);
    assert_eq!(no_reader.unwrap_err().raw_os_error(), Some(nix::libc::ENXIO));
    // The folder is free at once.
    drop(run);
    drop(folder);
    drop(ground.work());
}

#[tokio::test]
async fn asked_before_it_begins_it_changes_nothing() {
    let ground = Ground::new();
    let gate = ground.gate("gate");
    let script = format!("case $command in init) exec cat '{}';; esac", gate.display());
    let program = program(&ground.fake(&script)).await;
    let (folder, state) = (ground.work(), ground.state());
    let (stopper, stop) = stopping();
    stopper.ask();
    let run = terraform(&program, &folder, &state, PLAIN).listening(stop);
    let error = run.plan(&Wanted::default(), |_| ()).await.unwrap_err();
    let broken = broken(&error);
    assert_eq!((broken.task, &broken.how), (Task::Prepare, &How::Stopped));
    assert!(broken.in_force().is_none(), "{error}");
}

#[tokio::test]
async fn who_loses_interest_leaves_no_terraform_behind() {
    let ground = Ground::new();
    let gate = ground.gate("gate");
    let then = format!("echo '{BEGUN}'\nexec cat '{}'", gate.display());
    let program = program(&ground.fake(&applying(&then))).await;
    let state = ground.state();
    {
        let folder = ground.work();
        let run = terraform(&program, &folder, &state, PLAIN);
        let plan = run.plan(&Wanted::default(), |_| ()).await.unwrap();
        let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
        let working = run.apply(plan, move |event| {
            if matches!(event, Event::Started(..)) {
                begun.send(()).unwrap();
            }
        });
        tokio::select! {
            _ = working => panic!("it waits for the gate"),
            _ = begins.recv() => {}
        }
    }
    let work = ground.path("work");
    drop(terrace_cloud::terraform::Folder::when_free(&work, crate::ground::PACE.look, |_| ()).await.unwrap());
}

#[tokio::test]
async fn a_state_that_could_not_be_saved_is_saved_before_anything_else() {
    let (ground, heard) = (Ground::new(), Heard::default());
    let script = format!(
        "{READY}case $command in\nstate) if [ -e '{no}' ]; then echo 'Error: Failed to write state: cannot overwrite existing state with serial 9 with a different state that has the same serial' >&2; exit 1; fi;;\n*) echo '{NOTHING}';;\nesac",
        no = ground.path("no").display(),
    );
    let program = program(&ground.fake(&script)).await;
    let (folder, state) = (ground.work(), ground.state());
    let run = terraform(&program, &folder, &state, PLAIN);
    let errored = folder.path().join("errored.tfstate");
    fs::write(&errored, "{}").unwrap();
    fs::write(ground.path("no"), "").unwrap();
    let error = run.plan(&Wanted::default(), |_| ()).await.unwrap_err();
    insta::assert_snapshot!(error, @"
    the state that the last run could not save could not be saved now either:
      the state was edited, or is another system's (Failed to write state: cannot overwrite existing state with serial 9 with a different state that has the same serial)
    next: somebody has deployed since: compare `errored.tfstate` in Terraform's folder with the state in the bucket, import what only the former has, and delete it
    ");
    assert!(errored.exists(), "it is the only one");
    fs::remove_file(ground.path("no")).unwrap();
    run.plan(&Wanted::default(), |event| heard.hear(&event)).await.unwrap();
    assert!(!errored.exists());
    insta::assert_snapshot!(heard.lines(), @"
    saving the state that the last run could not save
    comparing with what is there
    nothing to change
    ");
    insta::assert_snapshot!(ground.calls().join("\n"), @"
    init -json -input=false -reconfigure
    state push -no-color errored.tfstate
    state push -no-color errored.tfstate
    plan -json -input=false -detailed-exitcode -out=plan.bin -lock-timeout=0s
    ");
}

#[tokio::test]
async fn a_lock_is_ended_by_its_id() {
    let ground = Ground::new();
    let script = format!(
        "{READY}case \"$*\" in *abc-1) echo 'Terraform state has been successfully unlocked!';; *) printf \"Failed to unlock state: lock ID 'abc-2' does not match the existing lock ID 'abc-1'\\nLock Info:\\n  ID:        abc-1\\n\" >&2; exit 1;; esac"
    );
    let program = program(&ground.fake(&script)).await;
    let (folder, state) = (ground.work(), ground.state());
    let run = terraform(&program, &folder, &state, PLAIN);
    run.unlock(&"abc-1".parse().unwrap(), |_| ()).await.unwrap();
    let error = run.unlock(&"abc-2".parse().unwrap(), |_| ()).await.unwrap_err();
    insta::assert_snapshot!(error, @"
    the lock could not be ended:
      Failed to unlock state: lock ID 'abc-2' does not match the existing lock ID 'abc-1': Lock Info: ID: abc-1
    next: mend that, and run the same command again
    ");
}

#[tokio::test]
async fn outputs_that_cannot_be_read_are_told() {
    let ground = Ground::new();
    let mut all = String::new();
    for printed in ["", "no outputs", "[]", "{\"url\": {}}", "{\"url\": \"text\"}", "{}"] {
        let program = program(&ground.fake(&format!("{READY}printf '%s' '{printed}'"))).await;
        let (folder, state) = (ground.work(), ground.state());
        let run = terraform(&program, &folder, &state, PLAIN);
        let told = run.outputs(|_| ()).await.map_or_else(|why| why.to_string(), |all| format!("{all:?}"));
        all.push_str(&format!("{printed:?}: {told}\n"));
    }
    insta::assert_snapshot!(all, @r#"
    "": what `terraform output -json` printed cannot be read (EOF while parsing a value at line 1 column 0): is this version of it one that Terrace knows?
    "no outputs": what `terraform output -json` printed cannot be read (expected ident at line 1 column 2): is this version of it one that Terrace knows?
    "[]": what `terraform output -json` printed cannot be read (invalid type: sequence, expected a map at line 1 column 0): is this version of it one that Terrace knows?
    "{\"url\": {}}": what `terraform output -json` printed cannot be read (`url` has no value): is this version of it one that Terrace knows?
    "{\"url\": \"text\"}": what `terraform output -json` printed cannot be read (`url` has no value): is this version of it one that Terrace knows?
    "{}": {}
    "#);
}

#[tokio::test]
async fn what_aws_goes_on_making_after_a_stop_is_kept_and_not_made_anew() {
    let (ground, heard) = (Ground::new(), Heard::default());
    let stopped = "{\"type\":\"log\",\"@message\":\"\\\\nInterrupt received.\\\\n\"}";
    let failed = BEGUN.replace("apply_start", "apply_errored");
    let why = |text: &str| {
        format!(
            "{{\"type\":\"diagnostic\",\"diagnostic\":{{\"severity\":\"error\",\"summary\":\"{text}\",\"detail\":\"\",\"address\":\"aws_db_instance.data\"}}}}"
        )
    };
    let waiting = why("waiting for RDS DB Instance (items-data) create: context canceled");
    let asking = why("creating RDS DB Instance (items-data): context canceled");
    let then = |stopped: &str, why: &str| {
        applying(&format!("printf '%s\\n' '{BEGUN}' '{stopped}' '{failed}' '{why}'; exit 1"))
    };
    let program = program(&ground.fake(&then(stopped, &asking))).await;
    let (folder, state) = (ground.work(), ground.state());
    let run = terraform(&program, &folder, &state, PLAIN);
    // Whether AWS took the request is not known, or nobody stopped it: Terraform's mark stays.
    planned_and_applied(&run, |_| ()).await;
    ground.fake(&then("", &waiting));
    planned_and_applied(&run, |_| ()).await;
    let other = |line: &str| line.replace("aws_db_instance.data", "aws_launch_template.web");
    let more = format!("{waiting}' '{}' '{}' '{}", other(BEGUN), other(&failed), other(&waiting));
    ground.fake(&then(stopped, &more));
    planned_and_applied(&run, |_| ()).await;
    assert!(ground.calls().iter().all(|call| !call.starts_with("untaint")), "{:?}", ground.calls());
    // Other things may be asked for before the next plan, and the next plan may fail at first.
    ground.fake(&format!("{READY}case $command in output) echo '{{}}';; *) echo 'Error: Error acquiring the state lock' >&2; exit 1;; esac"));
    run.outputs(|_| ()).await.unwrap();
    run.plan(&Wanted::default(), |_| ()).await.unwrap_err();
    let others = "case $command in untaint) echo 'Warning: No such resource instance';; *) exit 1;; esac";
    ground.fake(&format!("{READY}case \"$*\" in *_template*) {others}; exit;; esac; echo '{NOTHING}'"));
    run.plan(&Wanted::default(), |event| heard.hear(&event)).await.unwrap();
    run.plan(&Wanted::default(), |_| ()).await.unwrap();
    insta::assert_snapshot!(heard.lines(), @"
    keeping the database instance `data`, which AWS went on making
    the launch template `web` may be there since the run that was stopped, unknown to the state
    comparing with what is there
    nothing to change
    ");
    let calls = ground.calls();
    let last: Vec<&str> = calls.iter().map(String::as_str).skip(calls.len() - 5).collect();
    insta::assert_snapshot!(last.join("\n"), @"
    untaint -no-color -allow-missing aws_db_instance.data
    untaint -no-color -allow-missing aws_db_instance.data
    untaint -no-color -allow-missing aws_launch_template.web
    plan -json -input=false -detailed-exitcode -out=plan.bin -lock-timeout=0s
    plan -json -input=false -detailed-exitcode -out=plan.bin -lock-timeout=0s
    ");
}

#[tokio::test]
async fn a_lock_can_be_ended_though_a_state_is_still_to_be_saved() {
    let ground = Ground::new();
    let script = format!("{READY}case $command in state) exit 1;; output) echo '{{}}';; esac");
    let program = program(&ground.fake(&script)).await;
    let (folder, state) = (ground.work(), ground.state());
    let run = terraform(&program, &folder, &state, PLAIN);
    fs::write(folder.path().join("errored.tfstate"), "{}").unwrap();
    run.unlock(&"abc".parse().unwrap(), |_| ()).await.unwrap();
    run.outputs(|_| ()).await.unwrap();
    assert!(folder.path().join("errored.tfstate").exists());
}
