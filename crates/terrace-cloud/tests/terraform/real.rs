//! The real Terraform, with its built-in resource alone: no provider, no network.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use terrace_cloud::terraform::{Event, Folder, FolderError, How, Meaning, Wanted, stopping};

use crate::ground::{Ground, Heard, PACE, broken, program, real, terraform};

/// One that is done at once, one that waits for somebody to write into the pipe `gate` unless there is a file `go`, and one after it.
fn waiting(ground: &Ground) -> String {
    let (go, gate) = (ground.path("go"), ground.path("gate"));
    format!(
        r#"
resource "terraform_data" "first" {{
  input = "a"
}}

resource "terraform_data" "slow" {{
  input = terraform_data.first.id

  provisioner "local-exec" {{
    command = "[ -e '{go}' ] || cat '{gate}'"
  }}
}}

resource "terraform_data" "last" {{
  input = terraform_data.slow.id
}}

output "first" {{
  value = terraform_data.first.id
}}
"#,
        go = go.display(),
        gate = gate.display(),
    )
}

fn is_slow_begun(event: &Event) -> bool {
    matches!(event, Event::Started(what, _) if what.address() == "terraform_data.slow")
}

#[tokio::test]
async fn plans_applies_tells_and_takes_away() {
    let Some(program) = real("plan, apply, output, destroy").await else { return };
    let (ground, heard) = (Ground::new(), Heard::default());
    let (folder, state) = (ground.work(), ground.state());
    let text = "resource \"terraform_data\" \"page\" {\n  input = \"one\"\n}\noutput \"page\" {\n  value = terraform_data.page.output\n}\noutput \"key\" {\n  value     = \"hidden\"\n  sensitive = true\n}\n";
    let run = terraform(&program, &folder, &state, text);
    let plan = run.plan(&Wanted::default(), |event| heard.hear(&event)).await.unwrap();
    assert!(plan.changes());
    let shown: serde_json::Value = serde_json::from_str(&run.show(&plan).await.unwrap()).unwrap();
    assert_eq!(shown["resource_changes"][0]["change"]["actions"][0], "create");
    let done = run.apply(plan, |event| heard.hear(&event)).await.unwrap();
    assert_eq!((done.add, done.change, done.remove), (1, 0, 0));
    insta::assert_snapshot!(heard.lines(), @r"
    preparing Terraform
    comparing with what is there
    1 change to make
    making the terraform data `page`
    made the terraform data `page` in 0 s
    ");
    let outputs = run.outputs(|_| ()).await.unwrap();
    assert_eq!(outputs["page"].value, "one");
    assert_eq!(outputs["key"].value, "hidden");
    assert!(!format!("{outputs:?}").contains("hidden"), "{outputs:?}");

    // Nothing to change, and no second initialisation.
    let again = Heard::default();
    let plan = run.plan(&Wanted::default(), |event| again.hear(&event)).await.unwrap();
    assert!(!plan.changes());
    insta::assert_snapshot!(again.lines(), @r"
    comparing with what is there
    nothing to change
    ");

    // A replacement, by what it depends on.
    let text = text.replace("input = \"one\"", "input = \"one\"\n  triggers_replace = \"new\"");
    let heard = Heard::default();
    let run = terraform(&program, &folder, &state, &text);
    let plan = run.plan(&Wanted::default(), |event| heard.hear(&event)).await.unwrap();
    run.apply(plan, |event| heard.hear(&event)).await.unwrap();
    insta::assert_snapshot!(heard.lines(), @r"
    comparing with what is there
    2 changes to make
    removing the terraform data `page`
    removed the terraform data `page` in 0 s
    making the terraform data `page`
    made the terraform data `page` in 0 s
    ");

    let wanted = Wanted { destroy: true, ..Wanted::default() };
    let plan = run.plan(&wanted, |_| ()).await.unwrap();
    let done = run.apply(plan, |_| ()).await.unwrap();
    assert_eq!((done.add, done.remove), (0, 1));
    assert!(run.outputs(|_| ()).await.unwrap().is_empty());
}

#[tokio::test]
async fn makes_only_what_is_meant() {
    let Some(program) = real("targets").await else { return };
    let ground = Ground::new();
    let (folder, state) = (ground.work(), ground.state());
    let text = "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"b\" {}\n";
    let run = terraform(&program, &folder, &state, text);
    let wanted = Wanted { targets: vec!["terraform_data.a".parse().unwrap()], ..Wanted::default() };
    let plan = run.plan(&wanted, |_| ()).await.unwrap();
    assert_eq!(run.apply(plan, |_| ()).await.unwrap().add, 1);
}

#[tokio::test]
async fn a_condition_that_fails_stops_the_plan_and_is_told() {
    let Some(program) = real("failing precondition").await else { return };
    let ground = Ground::new();
    let (folder, state) = (ground.work(), ground.state());
    let text = "variable \"zones\" {\n  default = 1\n}\nresource \"terraform_data\" \"net\" {\n  lifecycle {\n    precondition {\n      condition     = var.zones > 1\n      error_message = \"Two zones are needed.\"\n    }\n  }\n}\n";
    let run = terraform(&program, &folder, &state, text);
    let error = run.plan(&Wanted::default(), |_| ()).await.unwrap_err();
    insta::assert_snapshot!(error, @"
    no plan could be made:
      Resource precondition failed: Two zones are needed. (main.tf, line 7)
    next: mend that, and run the same command again
    ");
}

#[tokio::test]
async fn what_was_done_before_a_failure_stays_and_is_told() {
    let Some(program) = real("failing change").await else { return };
    let (ground, heard) = (Ground::new(), Heard::default());
    let (folder, state) = (ground.work(), ground.state());
    let text = "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"b\" {\n  depends_on = [terraform_data.a]\n  provisioner \"local-exec\" {\n    command = \"echo 'no room' >&2; exit 3\"\n  }\n}\n";
    let run = terraform(&program, &folder, &state, text);
    let plan = run.plan(&Wanted::default(), |_| ()).await.unwrap();
    let error = run.apply(plan, |event| heard.hear(&event)).await.unwrap_err();
    assert_eq!(broken(&error).how, How::Failed);
    insta::assert_snapshot!(error, @"
    not all of the changes could be made:
      the terraform data `b` could not be made: local-exec provisioner error: Error running command 'echo 'no room' >&2; exit 3': exit status 3. Output: no room (main.tf, line 4)
    now: 1 change is made and stays; 1 not
    next: mend that, and run the same command again: it goes on from here
    ");
}

#[tokio::test]
async fn a_plan_of_another_state_is_refused() {
    let Some(program) = real("stale plan").await else { return };
    let ground = Ground::new();
    let (folder, state) = (ground.work(), ground.state());
    let other = Folder::open(&ground.path("other")).unwrap();
    let text = "resource \"terraform_data\" \"a\" {}\n";
    let here = terraform(&program, &folder, &state, text);
    let there = terraform(&program, &other, &state, text);
    let late = here.plan(&Wanted::default(), |_| ()).await.unwrap();
    let early = there.plan(&Wanted::default(), |_| ()).await.unwrap();
    there.apply(early, |_| ()).await.unwrap();
    let error = here.apply(late, |_| ()).await.unwrap_err();
    assert!(broken(&error).caused_by(Meaning::Stale).is_some(), "{error}");
}

#[tokio::test]
async fn asked_once_it_stops_at_a_safe_point_and_goes_on_later() {
    let Some(program) = real("stop and go on").await else { return };
    let ground = Ground::new();
    let gate = ground.gate("gate");
    let (folder, state, text) = (ground.work(), ground.state(), waiting(&ground));
    let (stopper, stop) = stopping();
    let (stopper, held) = (Arc::new(stopper), Mutex::new(None));
    let run = terraform(&program, &folder, &state, &text).listening(stop);
    let plan = run.plan(&Wanted::default(), |_| ()).await.unwrap();
    let ask = |event: Event| {
        if is_slow_begun(&event) {
            // It is made by the time somebody reads, and as long as the pipe is open that one waits.
            let (stopper, gate) = (stopper.clone(), gate.clone());
            *held.lock().unwrap() = Some(std::thread::spawn(move || {
                let open = std::fs::OpenOptions::new().write(true).open(gate).unwrap();
                stopper.ask();
                open
            }));
        }
    };
    let error = run.apply(plan, ask).await.unwrap_err();
    drop(held.lock().unwrap().take().unwrap().join().unwrap());
    assert_eq!(broken(&error).how, How::Stopped);
    insta::assert_snapshot!(error, @r"
    stopped, as asked for:
      cut off: making the terraform data `slow`
    now: 1 change is made and stays; 2 not
    next: run the same command again: it goes on from here
    ");

    let run = terraform(&program, &folder, &state, &text);
    let before = run.outputs(|_| ()).await.unwrap();
    std::fs::write(ground.path("go"), "").unwrap();
    let plan = run.plan(&Wanted::default(), |_| ()).await.unwrap();
    // The first is there; the one that was cut off is made anew.
    assert_eq!((plan.summary().add, plan.summary().remove), (2, 1));
    run.apply(plan, |_| ()).await.unwrap();
    assert_eq!(run.outputs(|_| ()).await.unwrap()["first"], before["first"]);
}

#[tokio::test]
async fn a_lock_tells_whose_it_is() {
    let Some(program) = real("lock").await else { return };
    let ground = Ground::new();
    let gate = ground.gate("gate");
    let (folder, state, text) = (ground.work(), ground.state(), waiting(&ground));
    let other = Folder::open(&ground.path("other")).unwrap();
    let here = terraform(&program, &folder, &state, &text);
    let there = terraform(&program, &other, &state, &text);
    let plan = here.plan(&Wanted::default(), |_| ()).await.unwrap();
    let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
    let working = here.apply(plan, |event| {
        if is_slow_begun(&event) {
            begun.send(()).unwrap();
        }
    });
    let refused = async {
        begins.recv().await.unwrap();
        let error = there.plan(&Wanted::default(), |_| ()).await.unwrap_err();
        tokio::fs::write(&gate, "go\n").await.unwrap();
        error
    };
    let (done, error) = tokio::join!(working, refused);
    done.unwrap();
    let cause = broken(&error).caused_by(Meaning::Locked).unwrap();
    let lock = cause.lock.as_ref().unwrap();
    assert!(lock.who.contains('@') && lock.operation == "apply" && lock.since.contains("UTC"), "{lock:?}");
    let told = error.to_string();
    assert!(told.contains(&lock.who) && told.contains(lock.id.as_str()), "{told}");
}

#[tokio::test]
async fn if_terraform_is_killed_that_is_told_nothing_is_left_and_it_goes_on() {
    let Some(program) = real("Terraform killed").await else { return };
    let ground = Ground::new();
    let gate = ground.gate("gate");
    let (folder, state, text) = (ground.work(), ground.state(), waiting(&ground));
    let run = terraform(&program, &folder, &state, &text);
    let plan = run.plan(&Wanted::default(), |_| ()).await.unwrap();
    let holder = folder.path().join(".terrace-holder");
    let end = |event: Event| {
        if is_slow_begun(&event) {
            let id: i32 = std::fs::read_to_string(&holder).unwrap().parse().unwrap();
            kill(Pid::from_raw(id), Signal::SIGKILL).unwrap();
        }
    };
    let error = run.apply(plan, end).await.unwrap_err();
    assert_eq!(broken(&error).how, How::Died("signal 9".to_owned(), String::new()), "{error}");
    // Nobody is left to read: what Terraform had started has ended as well.
    let no_reader = std::os::unix::fs::OpenOptionsExt::custom_flags(
        std::fs::OpenOptions::new().write(true),
        nix::libc::O_NONBLOCK,
    )
    .open(&gate);
    assert_eq!(no_reader.unwrap_err().raw_os_error(), Some(nix::libc::ENXIO));
    std::fs::write(ground.path("go"), "").unwrap();
    let plan = run.plan(&Wanted::default(), |_| ()).await.unwrap();
    run.apply(plan, |_| ()).await.unwrap();
    assert!(!run.plan(&Wanted::default(), |_| ()).await.unwrap().changes());
}

const PART: &str = "TERRACE_TEST_TERRAFORM_PART";

/// What `if_terrace_is_killed…` runs as a process of its own, to kill it.
#[tokio::test]
async fn part_that_applies_and_waits() {
    let Some(place) = std::env::var_os(PART) else { return };
    let place = std::path::PathBuf::from(place);
    let program = program(&std::fs::canonicalize(place.join("program")).unwrap()).await;
    let folder = Folder::open(&place.join("work")).unwrap();
    let state = terrace_cloud::terraform::Backend::File(place.join("state.json"));
    let text = std::fs::read_to_string(place.join("text")).unwrap();
    let run = terraform(&program, &folder, &state, &text);
    let plan = run.plan(&Wanted::default(), |_| ()).await.unwrap();
    let say = |event: Event| {
        if is_slow_begun(&event) {
            println!("\nbegun");
        }
    };
    run.apply(plan, say).await.unwrap();
}

#[tokio::test]
async fn if_terrace_is_killed_terraform_ends_what_it_began_and_the_next_goes_on() {
    let Some(program) = real("Terrace killed").await else { return };
    let ground = Ground::new();
    ground.gate("gate");
    let (state, text) = (ground.state(), waiting(&ground));
    std::fs::write(ground.path("text"), &text).unwrap();
    std::os::unix::fs::symlink(program.path(), ground.path("program")).unwrap();
    let mut part = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "real::part_that_applies_and_waits", "--nocapture"])
        .env(PART, ground.path(""))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(part.stdout.take().unwrap()).lines();
    let begun = lines.map_while(Result::ok).any(|line| line == "begun");
    // Its Terraform works on; nobody else gets the folder.
    let busy = Folder::open(&ground.path("work")).unwrap_err();
    part.kill().unwrap();
    part.wait().unwrap();
    assert!(begun, "it ended before it was to be killed");
    assert!(matches!(busy, FolderError::Busy { process: Some(_), .. }), "{busy}");

    // Waits until somebody reads there, as what was begun will, and lets it go on.
    drop(std::fs::OpenOptions::new().write(true).open(ground.path("gate")).unwrap());
    let folder = Folder::when_free(&ground.path("work"), PACE.look, |_| ()).await.unwrap();
    let run = terraform(&program, &folder, &state, &text);
    let plan = run.plan(&Wanted::default(), |_| ()).await.unwrap();
    assert!(!plan.changes(), "{:?}", plan.summary());
    assert!(run.outputs(|_| ()).await.unwrap().contains_key("first"));
}
