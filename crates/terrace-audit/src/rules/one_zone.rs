//! Machines and tasks that stand in one zone.

use terrace_aws::inventory::{Inventory, Item, Told, View};

use super::answer::Answer;
use super::linked;
use crate::{Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: RuleName::new("one-zone"),
    property: "every tier stands in two zones at least",
    severity: Severity::Low,
    what: "Looks at Auto Scaling groups, services of ECS and load balancers. Finds those whose subnets are in one zone. How \
           many subnets a list has that is not told, nobody knows: then it depends.",
    why: "A zone fails as a whole, and with it everything that stands in it alone.",
    example: r#"resource "aws_autoscaling_group" "web" {
  min_size            = 2
  max_size            = 4
  vpc_zone_identifier = ["subnet-1"]
}"#,
    fix: r#"resource "aws_autoscaling_group" "web" {
  min_size            = 2
  max_size            = 4
  vpc_zone_identifier = ["subnet-1", "subnet-2"]
}"#,
    sources: &[
        "AWS Well-Architected Framework, reliability pillar, \"Use fault isolation to protect your workload\"",
    ],
    check,
};

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let inventory = subject.inventory;
    for item in inventory.all("aws_autoscaling_group") {
        findings.examine();
        let zones = item.view().texts("availability_zones");
        let answer = match (&zones, item.view().get("vpc_zone_identifier")) {
            (Told::Is(zones), None) => Answer::when(zones.len() >= 2),
            (Told::Unknown(of), None) => Answer::open(crate::named(of)),
            _ => spread(inventory, item.view(), "vpc_zone_identifier"),
        };
        say(item, "vpc_zone_identifier", answer, findings);
    }
    for item in inventory.all("aws_ecs_service") {
        let Told::Is(network) = item.view().block("network_configuration") else { continue };
        findings.examine();
        say(item, "network_configuration.subnets", spread(inventory, network, "subnets"), findings);
    }
    for item in linked::all(inventory, &["aws_lb", "aws_alb", "aws_elb"]) {
        let argument = if item.view().get("subnet_mapping").is_some() { "subnet_mapping" } else { "subnets" };
        if item.view().get(argument).is_none() {
            continue;
        }
        findings.examine();
        let answer = if argument == "subnet_mapping" {
            Answer::of(item.view().blocks(argument), Answer::Good, |all| all.len() >= 2)
        } else {
            spread(inventory, item.view(), argument)
        };
        say(item, argument, answer, findings);
    }
}

fn say(item: &Item, path: &str, answer: Answer, findings: &mut Findings) {
    answer.say(findings, || {
        let message = format!("`{}` stands in one zone", item.id());
        let fix = format!("add to `{path}` of `{}` a subnet in another zone", item.id());
        Finding::about(item, path, message, fix).weighing(RULE.severity)
    });
}

/// Whether the subnets of an argument are in two zones. Two subnets of which no zone is told are taken for that.
fn spread(inventory: &Inventory, view: View<'_>, argument: &str) -> Answer {
    let texts = match view.texts(argument) {
        Told::Is(texts) => texts,
        Told::Nothing => return Answer::Good,
        Told::Unknown(of) => return Answer::open(crate::named(&of)),
    };
    // One text that is made of something unknown may be a list that was not told.
    if let [one] = texts.as_slice()
        && one.literal().is_none()
        && one.reference().is_none_or(|reference| reference.item().is_none())
    {
        return Answer::open(crate::named(one.references()));
    }
    if texts.len() < 2 {
        return Answer::Bad;
    }
    let subnets = linked::all_named(inventory, &["aws_subnet", "aws_default_subnet"], view, argument);
    if subnets.len() != texts.len() {
        return Answer::Good;
    }
    linked::apart(subnets.iter().map(|subnet| match subnet.view().text("availability_zone") {
        Told::Nothing => subnet.view().text("availability_zone_id"),
        told => told,
    }))
}
