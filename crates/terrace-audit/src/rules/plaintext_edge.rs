//! An edge that answers over plain HTTP.

use terrace_aws::inventory::{Inventory, Item, Told, View};
use terrace_proof::reach::tcp;
use terrace_proof::world::{ExternalId, Party};

use super::answer::Answer;
use super::linked;
use crate::{Evidence, Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(super) const RULE: Rule = Rule {
    name: RuleName::new("plaintext-edge"),
    property: "the edge answers over TLS only, and sends plain HTTP there",
    severity: Severity::High,
    what: "Looks at listeners of load balancers that face the internet and at distributions of CloudFront. Finds listeners \
           that answer over HTTP with anything but a redirect to HTTPS, behaviours that allow plain HTTP, and origins \
           that CloudFront fetches from over the internet without TLS.",
    why: "Passwords, cookies and pages travel where anyone on the way reads and changes them.",
    example: r#"resource "aws_lb" "public" {
  subnets = ["subnet-1", "subnet-2"]
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.public.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/web/1"
  }
}"#,
    fix: r#"resource "aws_lb" "public" {
  subnets = ["subnet-1", "subnet-2"]
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.public.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}"#,
    sources: &[
        "Elastic Load Balancing, \"Create an HTTPS listener for your Application Load Balancer\"",
        "Amazon CloudFront Developer Guide, \"Require HTTPS for communication between viewers and CloudFront\"",
        "Amazon CloudFront Developer Guide, \"Require HTTPS for communication between CloudFront and your custom origin\"",
    ],
    check,
};

const BALANCERS: [&str; 2] = ["aws_lb", "aws_alb"];

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let inventory = subject.inventory;
    for item in linked::all(inventory, &["aws_lb_listener", "aws_alb_listener"]) {
        findings.examine();
        listener(subject, item, findings);
    }
    for item in inventory.all("aws_elb") {
        findings.examine();
        classic(item, findings);
    }
    for item in inventory.all("aws_cloudfront_distribution") {
        findings.examine();
        behaviours(item, findings);
        origins(inventory, item, findings);
    }
}

/// Whether the internet surely does not come to a listener's port. A balancer that faces the internet and of which is not
/// told where it stands, or by which groups, is taken to be met.
fn is_kept_away(subject: &Subject<'_>, item: &Item) -> bool {
    let balancer = linked::named(subject.inventory, &BALANCERS, item.view(), "load_balancer_arn");
    let site = balancer.and_then(|balancer| subject.lifted.site_of(balancer.id()));
    let port = item.view().int("port").known().and_then(|port| u16::try_from(port).ok());
    let (Some(site), Some(port)) = (site, port) else { return false };
    let told = balancer.is_some_and(|balancer| balancer.view().get("security_groups").is_some());
    let stands = told && subject.lifted.world.interfaces.iter().any(|interface| interface.site == site);
    let internet = Party::External(ExternalId::INTERNET);
    stands && subject.passes(internet, Party::Site(site), &[tcp(port)]).is_none()
}

fn listener(subject: &Subject<'_>, item: &Item, findings: &mut Findings) {
    let inventory = subject.inventory;
    let view = item.view();
    let plain = Answer::of(view.literal("protocol"), Answer::Bad, |word| word != "HTTP");
    let inside = match linked::named(inventory, &BALANCERS, view, "load_balancer_arn") {
        Some(balancer) => Answer::truth(balancer.view().bool("internal"), false),
        None => Answer::open(crate::named(&view.references("load_balancer_arn"))),
    };
    let rules = linked::belonging(inventory, "aws_lb_listener_rule", "listener_arn", item)
        .chain(linked::belonging(inventory, "aws_alb_listener_rule", "listener_arn", item));
    let answers =
        [answers(view, "default_action")].into_iter().chain(rules.map(|rule| answers(rule.view(), "action")));
    let answers = answers.fold(Answer::Good, Answer::and);
    // A listener whose protocol is not told may well have a certificate: then it is TLS.
    let certificate = Answer::when(view.get("certificate_arn").is_some());
    let plain = plain.or(certificate).or(inside).or(answers);
    if !plain.is_good() && is_kept_away(subject, item) {
        let what = Evidence::of(item, "protocol", "answers over plain HTTP");
        return findings.clear(what, "the internet does not come to its port");
    }
    plain.say(findings, || {
        let message = format!("`{}` answers the internet over plain HTTP", item.id());
        let fix =
            format!("let `{}` redirect to HTTPS, and forward from a listener with a certificate", item.id());
        Finding::about(item, "default_action", message, fix).weighing(RULE.severity)
    });
}

/// Whether no action hands a request on or answers it with content.
fn answers(view: View<'_>, argument: &str) -> Answer {
    let actions = match view.blocks(argument) {
        Told::Is(actions) => actions,
        Told::Nothing => return Answer::Good,
        Told::Unknown(of) => return Answer::open(crate::named(&of)),
    };
    let each = actions.into_iter().map(|action| match action.literal("type") {
        Told::Is(word) if word == "redirect" => match action.block("redirect") {
            Told::Is(to) => Answer::of(to.literal("protocol"), Answer::Bad, |word| word == "HTTPS"),
            Told::Nothing => Answer::Bad,
            Told::Unknown(of) => Answer::open(crate::named(&of)),
        },
        Told::Is(word) if word == "fixed-response" => Answer::Good,
        Told::Is(_) | Told::Nothing => Answer::Bad,
        Told::Unknown(of) => Answer::open(crate::named(&of)),
    });
    each.fold(Answer::Good, Answer::and)
}

fn classic(item: &Item, findings: &mut Findings) {
    let inside = Answer::truth(item.view().bool("internal"), false);
    for (at, listener) in item.view().blocks("listener").known().unwrap_or_default().into_iter().enumerate() {
        let tls = |word: String| !word.eq_ignore_ascii_case("http");
        Answer::of(listener.literal("lb_protocol"), Answer::Bad, tls).or(inside.clone()).say(
            findings,
            || {
                let path = format!("listener[{at}].lb_protocol");
                let message = format!("`{}` answers the internet over plain HTTP", item.id());
                let fix =
                    format!("remove `listener[{at}]` from `{}` and add one with a certificate", item.id());
                Finding::about(item, &path, message, fix).weighing(RULE.severity)
            },
        );
    }
}

fn behaviours(item: &Item, findings: &mut Findings) {
    for argument in ["default_cache_behavior", "ordered_cache_behavior"] {
        for (at, behaviour) in
            item.view().blocks(argument).known().unwrap_or_default().into_iter().enumerate()
        {
            let told = behaviour.literal("viewer_protocol_policy");
            Answer::of(told, Answer::Bad, |word| word != "allow-all").say(findings, || {
                let block = if argument == "default_cache_behavior" {
                    argument.to_owned()
                } else {
                    format!("{argument}[{at}]")
                };
                let path = format!("{block}.viewer_protocol_policy");
                let message = format!("`{}` answers over plain HTTP", item.id());
                let fix = format!("set `{path} = \"redirect-to-https\"` in `{}`", item.id());
                Finding::about(item, &path, message, fix).weighing(RULE.severity)
            });
        }
    }
}

fn origins(inventory: &Inventory, item: &Item, findings: &mut Findings) {
    for (at, origin) in item.view().blocks("origin").known().unwrap_or_default().into_iter().enumerate() {
        let Told::Is(custom) = origin.block("custom_origin_config") else { continue };
        // A balancer without a public address is not reached over the internet.
        let inside = linked::named(inventory, &BALANCERS, origin, "domain_name")
            .is_some_and(|balancer| balancer.view().bool("internal") == Told::Is(true));
        if inside {
            continue;
        }
        Answer::of(custom.literal("origin_protocol_policy"), Answer::Bad, |word| word == "https-only").say(
            findings,
            || {
                let path = format!("origin[{at}].custom_origin_config.origin_protocol_policy");
                let message = format!("`{}` fetches from an origin over the internet without TLS", item.id());
                let fix = format!(
                    "set `{path} = \"https-only\"` in `{}`, or reach a private balancer by a VPC origin",
                    item.id()
                );
                Finding::about(item, &path, message, fix).weighing(Severity::Medium)
            },
        );
    }
}
