//! Policies of resources that let anyone in.

use super::openness;
use super::papers::{self, Paper};
use crate::rules::answer::Answer;
use crate::{Evidence, Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(in crate::rules) const RULE: Rule = Rule {
    name: RuleName::new("policies-open"),
    property: "no policy of a key, secret, queue, topic, repository or file system lets strangers in",
    severity: Severity::High,
    what: "Looks at the policies of keys, secrets, queues, topics, image repositories, file systems, search domains, tables, \
           streams, vaults and event buses. Finds statements that allow anyone (`\"Principal\": \"*\"`, or all but \
           somebody) and that no condition holds to fixed callers: an account, an organisation, a source, a network. A \
           condition on something that a caller chooses, such as a user agent, holds nobody. A search domain in a network \
           of its own is cleared: only that network reaches it.",
    why: "Anyone with an account of AWS, or with none, reads, writes or uses the resource.",
    example: r#"resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

resource "aws_sqs_queue_policy" "jobs" {
  queue_url = aws_sqs_queue.jobs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.jobs.arn
    }]
  })
}"#,
    fix: r#"resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

resource "aws_sqs_queue_policy" "jobs" {
  queue_url = aws_sqs_queue.jobs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:role/producer" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.jobs.arn
    }]
  })
}"#,
    sources: &[
        "IAM User Guide, \"AWS JSON policy elements: Principal\"",
        "AWS KMS Developer Guide, \"Key policies in AWS KMS\"",
    ],
    check,
};

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for paper in papers::all(subject.inventory, papers::RESOURCES) {
        findings.examine();
        if let Some(on) = paper.untold() {
            Answer::open(on.iter().cloned()).say(findings, || {
                let message = format!("the policy of `{}` lets anyone in", paper.item.id());
                finding(&paper, message).weighing(Severity::Low)
            });
        }
        for (at, statement) in paper.allowing() {
            let closed = openness::closed(statement);
            let called = papers::called(at, statement);
            if !closed.is_good() && paper.item.view().get("vpc_options").is_some() {
                let what = Evidence::of(paper.item, paper.path, format!("{called} allows anyone"));
                findings.clear(what, "the domain is in a network of its own, and only that reaches it");
                continue;
            }
            closed.say(findings, || {
                finding(&paper, format!("{called} in the policy of `{}` lets anyone in", paper.item.id()))
            });
        }
    }
}

fn finding(paper: &Paper<'_>, message: String) -> Finding {
    let fix = format!(
        "name in `{}` of `{}` who is let in, or hold it to `aws:SourceAccount`",
        paper.path,
        paper.item.id()
    );
    Finding::about(paper.item, paper.path, message, fix).weighing(RULE.severity)
}
