//! Rules, routes, entries and listeners without effect.

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::Mode;
use terrace_aws::inventory::{Item, ItemId, Told};
use terrace_lift::world::Provenance;
use terrace_proof::reach::dead;
use terrace_proof::space::{GroupId, Peer, RuleId};
use terrace_proof::world::Group;

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
/// What stands in nearly every group, and is what AWS gives to each.
const EVERYTHING: [&str; 2] = ["egress all traffic to 0.0.0.0/0", "egress all traffic to ::/0"];
/// What people write so that names can be looked up.
const NAMES: [&str; 3] = ["egress tcp 53 ", "egress udp 53 ", "egress tcp 53,"];
/// Types whose items say of a group what it is, and do not carry it.
const OF_GROUPS: [&str; 5] = [
    "aws_security_group",
    "aws_default_security_group",
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
];

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let lifted = subject.lifted;
    let dead = dead(&lifted.world);
    findings.examined += lifted.rules.len();
    let named = named(subject);
    let group_of = |id: GroupId| lifted.group(id).and_then(|id| subject.inventory.get(id));
    for group in &dead.uncarried {
        let Some(item) = group_of(*group) else { continue };
        // The group that every network is born with: nobody is meant to carry it.
        if item.type_name() != "aws_security_group" {
            continue;
        }
        if let Some(by) = named.get(item.id()) {
            let what = Evidence::of(item, "", "is carried by nothing that is modelled");
            findings.clear(what, format!("`{by}` names it"));
            continue;
        }
        let message = format!("nothing carries `{}`", item.id());
        let fix = format!("remove `{}`, or attach it to what it was made for", item.id());
        findings.push(low(item, "", message, fix));
    }
    let mut of_rule: BTreeMap<RuleId, GroupId> = BTreeMap::new();
    for (id, group) in (0..).map(GroupId).zip(&lifted.world.groups) {
        if let Group::Security { ingress, egress } = group {
            of_rule.extend(ingress.iter().chain(egress).map(|rule| (rule.is.id, id)));
        }
    }
    // The rules of a group that nobody carries are said with it; who stands beside what is not modelled may use any.
    let is_told = |rule: &RuleId| {
        let Some(group) = of_rule.get(rule) else { return true };
        let strange = lifted.group(*group).is_some_and(|id| named.contains_key(id));
        !strange && !dead.uncarried.contains(group)
    };
    let peers = |rule: &RuleId| {
        let facts =
            of_rule.get(rule).and_then(|group| lifted.world.groups.get(usize::try_from(group.0).ok()?));
        let Some(Group::Security { ingress, egress }) = facts else { return None };
        let fact = ingress.iter().chain(egress).find(|fact| fact.is.id == *rule)?;
        match &fact.is.peer {
            Peer::Group(other) => lifted.group(*other),
            Peer::Addresses(_) => None,
        }
    };
    let is_strange = |rule: &RuleId| peers(rule).is_some_and(|peer| named.contains_key(peer));
    let idle = dead.rules.iter().copied().filter(|rule| is_told(rule) && !is_strange(rule));
    idle_rules(subject, idle.collect(), &of_rule, findings);
    super::world_open::clear(subject, &dead.rules, findings);

    let mut say = |rules: &mut dyn Iterator<Item = RuleId>, why: &str| {
        for rule in rules {
            let Some(from) = lifted.rule(rule) else { continue };
            let Some(item) = subject.inventory.get(&from.item) else { continue };
            let message = format!("{} in `{}` {why}", from.says, from.item);
            let fix = format!("remove it: {}", from.says);
            findings.push(low(item, &from.path, message, fix));
        }
    };
    let nobody = dead.names_nobody.iter().copied().filter(|rule| is_told(rule) && !is_strange(rule));
    say(&mut { nobody }, "names a group that nothing carries");
    say(&mut dead.entries.iter().map(|(_, rule)| *rule), "never decides: earlier entries take everything");
    say(&mut dead.routes.iter().map(|(_, rule)| *rule), "is overruled by longer or stronger routes");
    let listeners =
        dead.listeners.iter().map(|(_, rule)| *rule).filter(|rule| !answers_itself(subject, *rule));
    say(&mut { listeners }, "leads nowhere: nothing is registered behind it");
}

/// Whether a listener is meant to lead nowhere: it redirects, or answers itself.
fn answers_itself(subject: &Subject<'_>, listener: RuleId) -> bool {
    let item = subject.lifted.rule(listener).and_then(|from| subject.inventory.get(&from.item));
    let Some(Told::Is(actions)) = item.map(|item| item.view().blocks("default_action")) else { return false };
    actions.iter().any(|action| {
        let kind = action.text("type");
        matches!(&kind, Told::Is(kind) if matches!(kind.literal(), Some("redirect" | "fixed-response")))
    })
}

/// Groups that something names that has no interfaces here, and by what: it may carry them.
fn named<'s>(subject: &'s Subject<'_>) -> BTreeMap<ItemId, &'s ItemId> {
    let modelled: BTreeSet<&ItemId> =
        subject.lifted.sites.iter().flat_map(|site| site.also.iter().chain([&site.item])).collect();
    let mut all = BTreeMap::new();
    for item in subject.inventory.items() {
        let silent = OF_GROUPS.contains(&item.type_name())
            || item.id().mode() != Mode::Managed
            || modelled.contains(item.id());
        if silent {
            continue;
        }
        let mut references = Vec::new();
        item.record.iter().for_each(|(_, value)| value.references(&mut references));
        for reference in &references {
            let group = reference.item().filter(|id| id.type_name() == "aws_security_group");
            if let Some(group) = group {
                all.entry(group.clone()).or_insert(item.id());
            }
        }
    }
    all
}

/// Rules that no conversation can rest on: those of one group together.
fn idle_rules(
    subject: &Subject<'_>,
    rules: Vec<RuleId>,
    of_rule: &BTreeMap<RuleId, GroupId>,
    findings: &mut Findings,
) {
    let lifted = subject.lifted;
    let said = |rule: &RuleId| lifted.rule(*rule).map(|from| (of_rule.get(rule), from.says.as_str()));
    let idle: BTreeSet<_> = rules.iter().filter_map(said).collect();
    let mut by_group: BTreeMap<Option<GroupId>, Vec<&Provenance>> = BTreeMap::new();
    for rule in &rules {
        let Some(from) = lifted.rule(*rule) else { continue };
        let Some(item) = subject.inventory.get(&from.item) else { continue };
        let group = of_rule.get(rule);
        let four = from.says.strip_suffix("::/0").map(|before| format!("{before}0.0.0.0/0"));
        let reason = if NOWHERE.iter().any(|nowhere| from.says.ends_with(nowhere)) {
            continue;
        } else if EVERYTHING.contains(&from.says.as_str()) {
            "has no effect, and is what AWS gives to every group"
        } else if NAMES.iter().any(|names| from.says.starts_with(names)) {
            "has no effect: groups do not hold back what asks the network's own resolver"
        } else if four.is_some_and(|four| !idle.contains(&(group, four.as_str()))) {
            "has no effect: there are no addresses of IPv6; its twin for IPv4 has one"
        } else {
            by_group.entry(group.copied()).or_default().push(from);
            continue;
        };
        findings.clear(Evidence::of(item, &from.path, from.says.clone()), reason);
    }
    for (group, rules) in by_group {
        let first = rules.first().and_then(|from| Some((*from, subject.inventory.get(&from.item)?)));
        let Some((from, item)) = first else { continue };
        let owner = group.and_then(|group| lifted.group(group)).unwrap_or(&from.item);
        if rules.len() == 1 {
            let message =
                format!("{} in `{}` has no effect: no conversation can rest on it", from.says, from.item);
            findings.push(low(item, &from.path, message, format!("remove it: {}", from.says)));
            continue;
        }
        let message =
            format!("{} rules of `{owner}` have no effect: no conversation can rest on them", rules.len());
        let mut finding = low(item, &from.path, message, format!("remove them from `{owner}`"));
        for from in rules {
            finding = finding.because(Evidence {
                item: from.item.clone(),
                path: from.path.clone(),
                says: from.says.clone(),
                place: from.place.clone(),
            });
        }
        findings.push(finding);
    }
}

fn low(item: &Item, path: &str, message: String, fix: String) -> Finding {
    Finding::about(item, path, message, fix).weighing(Severity::Low)
}
