//! Rules, routes, entries and listeners without effect.

use terrace_aws::inventory::Item;
use terrace_proof::reach::dead;
use terrace_proof::space::RuleId;

use crate::{Evidence, Finding, Findings, Rule, RuleName, Severity, Subject};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    name: RuleName::new("dead-rules"),
    property: "every group is carried, and every rule, route and listener has an effect",
    severity: Severity::Low,
    what: "Finds security groups that nothing carries, rules that no conversation can rest on, rules that name a group nobody carries, entries \
           of a network ACL that earlier ones leave nothing to, routes that longer or stronger ones overrule, and listeners that lead nowhere. \
           What might have an effect, once the unknown is told, is not found.",
    why: "What has no effect today is what is believed to protect, or what starts to let in the day something is attached to it. It also hides \
          the rules that matter.",
    example: r#"resource "aws_security_group" "old" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}"#,
    fix: "Remove it.",
    sources: &[
        "AWS Well-Architected Framework, SEC05-BP02 \"Control traffic flow within your network layers\"",
    ],
    check,
};

/// What people write where a group is to let nothing out: CloudFormation has no other way of saying so.
const NOWHERE: [&str; 3] = ["127.0.0.1/32", "255.255.255.255/32", "::1/128"];

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let lifted = subject.lifted;
    let dead = dead(&lifted.world);
    findings.examined += lifted.rules.len();
    for group in &dead.uncarried {
        let Some(item) = lifted.group(*group).and_then(|id| subject.inventory.get(id)) else { continue };
        // The group that every network is born with: nobody is meant to carry it.
        if item.type_name() != "aws_security_group" {
            continue;
        }
        let message = format!("nothing carries `{}`", item.id());
        findings.push(low(
            item,
            "",
            message,
            format!("remove `{}`, or attach it to what it was made for", item.id()),
        ));
    }
    let carried = |rule: &RuleId| {
        // The rules of a group that nobody carries are said with it.
        !dead.uncarried.iter().any(|group| {
            let of = usize::try_from(group.0).ok().and_then(|at| lifted.world.groups.get(at));
            matches!(of, Some(terrace_proof::world::Group::Security { ingress, egress })
                if ingress.iter().chain(egress).any(|fact| fact.is.id == *rule))
        })
    };
    let mut say = |rules: &mut dyn Iterator<Item = RuleId>, why: &str| {
        for rule in rules {
            let Some(from) = lifted.rule(rule) else { continue };
            let Some(item) = subject.inventory.get(&from.item) else { continue };
            if NOWHERE.iter().any(|nowhere| from.says.ends_with(nowhere)) {
                continue;
            }
            let message = format!("{} in `{}` {why}", from.says, from.item);
            let fix = format!("remove it: {}", from.says);
            findings.push(low(item, &from.path, message, fix));
        }
    };
    say(&mut dead.rules.iter().copied().filter(&carried), "has no effect: no conversation can rest on it");
    say(&mut dead.names_nobody.iter().copied().filter(&carried), "names a group that nothing carries");
    say(&mut dead.entries.iter().map(|(_, rule)| *rule), "never decides: earlier entries take everything");
    say(&mut dead.routes.iter().map(|(_, rule)| *rule), "is overruled by longer or stronger routes");
    say(&mut dead.listeners.iter().map(|(_, rule)| *rule), "leads nowhere: nothing is registered behind it");
}

fn low(item: &Item, path: &str, message: String, fix: String) -> Finding {
    let because: Option<Evidence> = None;
    let finding = Finding::about(item, path, message, fix).weighing(Severity::Low);
    because.into_iter().fold(finding, Finding::because)
}
