//! What happens at the edge and in the network, and nobody writes down.

use terrace_aws::inventory::{Inventory, Item, Told};

use super::answer::Answer;
use super::linked;
use crate::{Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: RuleName::new("logs-missing"),
    property: "requests at the edge and connections in the network are written down",
    severity: Severity::Low,
    what: "Looks at load balancers that face the internet, distributions of CloudFront and networks. Finds those without \
           access logs or flow logs. Logs of a distribution may be its own (`logging_config`) or delivered by CloudWatch.",
    why: "After an incident the first question is who connected to what; without logs nobody can tell.",
    example: r#"resource "aws_lb" "public" {
  subnets = ["subnet-1", "subnet-2"]
}"#,
    fix: r#"resource "aws_lb" "public" {
  subnets = ["subnet-1", "subnet-2"]
  access_logs {
    bucket  = "logs-of-the-edge"
    enabled = true
  }
}"#,
    sources: &[
        "Elastic Load Balancing, \"Access logs for your Application Load Balancer\"",
        "Amazon VPC User Guide, \"Logging IP traffic using VPC Flow Logs\"",
        "Amazon CloudFront Developer Guide, \"Access logs (standard logs)\"",
    ],
    check,
};

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let inventory = subject.inventory;
    for item in linked::all(inventory, &["aws_lb", "aws_alb", "aws_elb"]) {
        if item.view().bool("internal") == Told::Is(true) {
            continue;
        }
        findings.examine();
        // The classic one writes by default where it is told a bucket.
        let without = item.type_name() == "aws_elb";
        let answer = match item.view().block("access_logs") {
            Told::Is(logs) => Answer::truth(logs.bool("enabled"), without),
            Told::Nothing => Answer::Bad,
            Told::Unknown(of) => Answer::open(crate::named(&of)),
        };
        let inside = Answer::truth(item.view().bool("internal"), false);
        answer
            .or(inside)
            .say(findings, || missing(item, "access_logs", "`access_logs` with `enabled = true`"));
    }
    for item in inventory.all("aws_cloudfront_distribution") {
        findings.examine();
        let own = item.view().get("logging_config").is_some();
        let delivered =
            linked::belonging(inventory, "aws_cloudwatch_log_delivery_source", "resource_arn", item);
        let live = linked::belonging(inventory, "aws_cloudfront_realtime_log_config", "arn", item);
        if !own && delivered.chain(live).next().is_none() {
            findings.push(missing(item, "logging_config", "`logging_config`"));
        }
    }
    for item in inventory.all("aws_vpc") {
        findings.examine();
        if !is_logged(inventory, item) {
            findings.push(missing(item, "", "an `aws_flow_log`"));
        }
    }
}

fn missing(item: &Item, path: &str, what: &str) -> Finding {
    let message = format!("nobody writes down who connects to `{}`", item.id());
    Finding::about(item, path, message, format!("add {what} to `{}`", item.id())).weighing(RULE.severity)
}

/// Whether the network has a flow log, or each of its subnets has.
fn is_logged(inventory: &Inventory, vpc: &Item) -> bool {
    if linked::belonging(inventory, "aws_flow_log", "vpc_id", vpc).next().is_some() {
        return true;
    }
    let mut subnets = linked::belonging(inventory, "aws_subnet", "vpc_id", vpc).peekable();
    subnets.peek().is_some()
        && subnets
            .all(|subnet| linked::belonging(inventory, "aws_flow_log", "subnet_id", subnet).next().is_some())
}
