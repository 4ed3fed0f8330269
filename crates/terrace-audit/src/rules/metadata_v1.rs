//! Instance metadata without session tokens.

use terrace_aws::inventory::{Item, Told};

use crate::{Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: RuleName::new("metadata-v1"),
    property: "instance metadata answers only to session tokens (IMDSv2)",
    severity: Severity::Medium,
    what: "Looks at instances, launch templates and launch configurations. Finds those whose metadata service answers \
           without a session token: `http_tokens` is not `required`, and the service is not switched off.",
    why: "A request that an application can be talked into sending (SSRF) reads the machine's role credentials from \
          169.254.169.254. With session tokens such a request cannot be made by a plain GET.",
    example: r#"resource "aws_launch_template" "web" {
  image_id = "ami-0abc"
}"#,
    fix: r#"resource "aws_launch_template" "web" {
  image_id = "ami-0abc"
  metadata_options {
    http_tokens = "required"
  }
}"#,
    sources: &["Amazon EC2 User Guide, \"Use the Instance Metadata Service to access instance metadata\""],
    check,
};

const TYPES: [&str; 3] = ["aws_instance", "aws_launch_template", "aws_launch_configuration"];

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for item in TYPES.into_iter().flat_map(|of| subject.inventory.all(of)) {
        findings.examine();
        look(item, findings);
    }
}

fn look(item: &Item, findings: &mut Findings) {
    let fix = format!("add `metadata_options {{ http_tokens = \"required\" }}` to `{}`", item.id());
    let told = |unknown| {
        Finding::about(
            item,
            "metadata_options",
            format!("whether `{}` asks for session tokens is not told", item.id()),
            fix.clone(),
        )
        .depending(crate::named(&unknown))
    };
    let options = match item.view().block("metadata_options") {
        Told::Is(options) => Some(options),
        Told::Nothing => None,
        Told::Unknown(on) => return findings.push(told(on)),
    };
    let literal = |name| options.map_or(Told::Nothing, |options| options.literal(name));
    match (literal("http_endpoint"), literal("http_tokens")) {
        (Told::Is(word), _) if word == "disabled" => {}
        (_, Told::Is(word)) if word == "required" => {}
        (_, Told::Unknown(on)) | (Told::Unknown(on), _) => findings.push(told(on)),
        _ => {
            let message = format!("the metadata service of `{}` answers without a session token", item.id());
            findings.push(Finding::about(item, "metadata_options.http_tokens", message, fix));
        }
    }
}
