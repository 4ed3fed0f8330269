//! What Terraform prints line by line, as values, and what is put together of it. The lines are in the shape of Terraform 1.11.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is wrong")]

use insta::assert_debug_snapshot;
use proptest::prelude::*;
use serde_json::json;
use terrace_terraform::lines::{Course, Line, Outcome, Step, line};

fn hook(kind: &str, address: &str, action: &str, more: serde_json::Value) -> String {
    let mut hook = json!({
        "resource": {
            "addr": address, "module": "", "resource": address, "implied_provider": "aws",
            "resource_type": "aws_vpc", "resource_name": "main", "resource_key": null,
        },
        "action": action,
    });
    hook.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({
        "@level": "info", "@message": format!("{address}: …"), "@module": "terraform.ui",
        "@timestamp": "2026-11-21T20:00:00.000000Z", "hook": hook, "type": kind,
    })
    .to_string()
}

fn planned(address: &str, action: &str) -> String {
    json!({ "type": "planned_change", "change": { "resource": { "addr": address }, "action": action } })
        .to_string()
}

fn summary(operation: &str, add: u64) -> String {
    let changes = json!({ "add": add, "change": 0, "import": 0, "remove": 0, "operation": operation });
    json!({ "type": "change_summary", "changes": changes }).to_string()
}

fn error(summary: &str, address: Option<&str>) -> String {
    let mut told = json!({ "severity": "error", "summary": summary, "detail": "because" });
    if let Some(address) = address {
        told["address"] = json!(address);
    }
    json!({ "type": "diagnostic", "@level": "error", "diagnostic": told }).to_string()
}

fn course(lines: &[String]) -> Course {
    let mut course = Course::new();
    lines.iter().for_each(|text| course.take(&line(text)));
    course
}

#[test]
fn every_type_that_is_known_is_a_value() {
    let none = json!({});
    let lines = [
        r#"{"type":"version","terraform":"1.11.4","ui":"1.2","@message":"Terraform 1.11.4"}"#.to_owned(),
        r#"{"type":"log","@level":"info","@message":"Interrupt received."}"#.to_owned(),
        hook("refresh_start", "aws_vpc.main", "", json!({ "id_key": "id", "id_value": "vpc-1" })),
        hook("apply_progress", "aws_vpc.main", "create", json!({ "elapsed_seconds": 10 })),
        hook("apply_complete", "aws_vpc.main", "create", json!({ "elapsed_seconds": 1.5, "id_key": "id", "id_value": "vpc-1" })),
        hook("provision_start", "aws_vpc.main", "", none),
        json!({ "type": "outputs", "outputs": { "password": { "sensitive": true, "type": "string", "value": "planted" } } }).to_string(),
        json!({ "type": "diagnostic", "diagnostic": {
            "severity": "warning", "summary": "Deprecated", "detail": "…",
            "range": { "filename": "main.tf", "start": { "line": 3, "column": 1, "byte": 9 } },
        } }).to_string(),
        json!({ "type": "planned_change", "change": {
            "resource": { "addr": "aws_vpc.main" }, "previous_resource": { "addr": "aws_vpc.old" },
            "action": "replace", "reason": "cannot_update",
        } }).to_string(),
        r#"{"type":"test_summary","@message":"one passed"}"#.to_owned(),
    ];
    let read: Vec<Line> = lines.iter().map(|text| line(text)).collect();
    assert!(!format!("{read:?}").contains("planted"), "values of outputs are not kept");
    assert_debug_snapshot!(read, @r#"
    [
        Version {
            terraform: "1.11.4",
            ui: "1.2",
        },
        Log(
            "Interrupt received.",
        ),
        Started(
            Hook {
                address: "aws_vpc.main",
                step: Refresh,
                seconds: 0,
                id: Some(
                    (
                        "id",
                        "vpc-1",
                    ),
                ),
            },
        ),
        Running(
            Hook {
                address: "aws_vpc.main",
                step: Create,
                seconds: 10,
                id: None,
            },
        ),
        Done(
            Hook {
                address: "aws_vpc.main",
                step: Create,
                seconds: 1,
                id: Some(
                    (
                        "id",
                        "vpc-1",
                    ),
                ),
            },
        ),
        Started(
            Hook {
                address: "aws_vpc.main",
                step: Other,
                seconds: 0,
                id: None,
            },
        ),
        Outputs(
            [
                "password",
            ],
        ),
        Diagnostic(
            Diagnostic {
                is_error: false,
                summary: "Deprecated",
                detail: "…",
                address: None,
                place: Some(
                    (
                        "main.tf",
                        3,
                    ),
                ),
            },
        ),
        Planned(
            PlannedChange {
                address: "aws_vpc.main",
                previous: Some(
                    "aws_vpc.old",
                ),
                action: "replace",
                reason: Some(
                    "cannot_update",
                ),
            },
        ),
        Other {
            kind: "test_summary",
            message: "one passed",
        },
    ]
    "#);
}

#[test]
fn what_is_no_json_is_text() {
    for text in ["", "Warning: Provider development overrides", "[1]", "3", "null", "{\"type\":", "\u{feff}"]
    {
        assert!(matches!(line(text), Line::Text(_)), "{text:?}: {:?}", line(text));
    }
    assert!(matches!(line("{}"), Line::Other { .. }));
}

#[test]
fn lookups_are_not_counted_and_a_summary_comes_twice() {
    let done = course(&[
        planned("aws_vpc.main", "create"),
        planned("aws_lb.main", "replace"),
        summary("plan", 2),
        hook("apply_start", "data.aws_ami.x", "read", json!({})),
        hook("apply_complete", "data.aws_ami.x", "read", json!({ "elapsed_seconds": 1 })),
        hook("apply_start", "aws_lb.main", "delete", json!({})),
        hook("apply_complete", "aws_lb.main", "delete", json!({})),
        hook("apply_start", "aws_lb.main", "create", json!({})),
        hook("apply_start", "aws_vpc.main", "create", json!({})),
        hook("apply_complete", "aws_vpc.main", "create", json!({})),
        hook("apply_progress", "aws_lb.main", "create", json!({ "elapsed_seconds": 20 })),
    ]);
    let open: Vec<_> = done.open().collect();
    assert_eq!(open, [("aws_lb.main", Step::Create, 20)]);
    let progress = done.progress();
    assert_eq!((progress.planned, progress.begun, progress.done, progress.failed), (3, 3, 2, 0));
    assert_eq!(done.outcome(), Outcome::Unfinished);
    let mut done = done;
    done.take(&line(&hook("apply_complete", "aws_lb.main", "create", json!({}))));
    done.take(&line(&summary("apply", 2)));
    assert!(
        matches!(done.outcome(), Outcome::Done(ref of) if of.operation == "apply"),
        "{:?}",
        done.outcome()
    );
}

/// A plan that was told and not begun is no deployment that is done.
#[test]
fn what_is_only_planned_is_not_done() {
    assert!(matches!(course(&[summary("plan", 1)]).outcome(), Outcome::Planned(_)));
    assert_eq!(course(&[]).outcome(), Outcome::Unfinished);
    let interrupted = r#"{"type":"log","@message":"Interrupt received.\nPlease wait"}"#.to_owned();
    assert_eq!(course(&[summary("plan", 1), interrupted]).outcome(), Outcome::Stopped);
}

#[test]
fn a_failure_gets_the_diagnostic_of_its_address() {
    let failed = course(&[
        hook("apply_start", "aws_vpc.a", "create", json!({})),
        hook("apply_start", "aws_vpc.b", "create", json!({})),
        hook("apply_errored", "aws_vpc.a", "create", json!({ "elapsed_seconds": 4 })),
        hook("apply_errored", "aws_vpc.b", "create", json!({ "elapsed_seconds": 5 })),
        error("Invalid index", None),
        error("creating b", Some("aws_vpc.b")),
    ]);
    let Outcome::Failed(failures) = failed.outcome() else { panic!("{:?}", failed.outcome()) };
    let told: Vec<_> = failures
        .iter()
        .map(|one| (one.address.as_str(), one.seconds, one.why.as_ref().map(|why| why.summary.as_str())))
        .collect();
    assert_eq!(
        told,
        [("aws_vpc.a", 4, None), ("aws_vpc.b", 5, Some("creating b")), ("", 0, Some("Invalid index"))]
    );
    assert_eq!(failed.progress().failed, 2);
}

proptest! {
    /// Whatever is printed, reading and folding it comes back.
    #[test]
    fn any_line_is_read(text in ".{0,200}", kind in "[a-z_]{0,20}") {
        let mut course = Course::new();
        course.take(&line(&text));
        course.take(&line(&json!({ "type": kind, "hook": text, "change": [text], "diagnostic": 1 }).to_string()));
    }
}
