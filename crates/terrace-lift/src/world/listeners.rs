//! What load balancers listen on, and where they send requests.
//!
//! Source: Elastic Load Balancing, "Listeners for your Application Load Balancers" (rules in the order of priority, the
//! default action last; redirects and fixed answers send nobody on).

use std::collections::BTreeMap;

use terrace_aws::Text;
use terrace_aws::inventory::{Item, ItemId, Told, View};
use terrace_proof::space::{PortSpan, Transport};
use terrace_proof::world::{BalancerId, Fact, Forward, Listener, SiteId, When};

use super::ask;
use super::balancers::BALANCERS;
use super::lifting::Lifting;
use super::targets::TARGET_GROUPS;
use super::traffic::transports;

const LISTENERS: &[&str] = &["aws_lb_listener", "aws_alb_listener"];
const RULES: &[&str] = &["aws_lb_listener_rule", "aws_alb_listener_rule"];

/// Items by what they name.
type By<'a> = BTreeMap<ItemId, Vec<(&'a Item, When)>>;

/// A header that a listener's rule asks for, whose value only some know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SecretHeader {
    pub(super) balancer: SiteId,
    pub(super) name: String,
    pub(super) values: Vec<Text>,
}

/// Where an action leads.
struct Onward {
    to: Fact<ItemId>,
    path: String,
}

impl<'a> Lifting<'a> {
    /// Items of some types by the items that an argument names.
    fn by(&mut self, types: &'static [&'static str], argument: &str, of: &'static [&'static str]) -> By<'a> {
        let mut all = By::new();
        for item in self.all(types) {
            for named in self.named(item.view(), argument, of) {
                all.entry(named.is).or_default().push((item, named.when));
            }
        }
        all
    }

    /// Their listeners. Returns the headers that they ask for.
    pub(super) fn balancers(&mut self) -> Vec<SecretHeader> {
        let mut secrets = Vec::new();
        let mut listeners = self.by(LISTENERS, "load_balancer_arn", BALANCERS);
        let mut rules = self.by(RULES, "listener_arn", LISTENERS);
        for item in self.all(BALANCERS) {
            let Some(site) = self.sites.get(item.id()).copied() else { continue };
            let balancer = self.put_balancer(site);
            for (listener, when) in listeners.remove(item.id()).unwrap_or_default() {
                let rules = rules.remove(listener.id()).unwrap_or_default();
                self.listener(balancer, site, listener, &when, rules, &mut secrets);
            }
        }
        for item in self.all(&["aws_elb"]) {
            self.classic(item);
        }
        for (balancer, listeners) in listeners {
            for (listener, _) in listeners {
                self.unmodelled(listener.id(), format!("a listener of {balancer}, which is not told"));
            }
        }
        secrets
    }

    fn listener(
        &mut self,
        balancer: BalancerId,
        site: SiteId,
        item: &'a Item,
        when: &When,
        rules: Vec<(&'a Item, When)>,
        secrets: &mut Vec<SecretHeader>,
    ) {
        let view = item.view();
        let mut when = self.presence(item).and(when);
        let ports = match ask::int(view, "port") {
            Told::Is(port) => u16::try_from(port).ok().and_then(|p| PortSpan::new(p, p)),
            Told::Nothing => None,
            Told::Unknown(of) => {
                when = when.and(&When::Perhaps(self.unknowns(&of)));
                None
            }
        };
        let ports = ports.unwrap_or(PortSpan::ALL);
        let mut forwards = Vec::new();
        let shadowed = self.rules_of(rules, site, &mut forwards, secrets);
        if !shadowed {
            for onward in self.onward(view, "default_action") {
                self.forward(item, &onward, false, &When::Always, &mut forwards);
            }
        }
        for transport in transports(view).iter().copied() {
            let word = if transport == Transport::Tcp { "tcp" } else { "udp" };
            let port = if ports == PortSpan::ALL { "any port".to_owned() } else { ports.first().to_string() };
            let id = self.rule(item.id(), "", format!("listens on {word} {port}"));
            let is = Listener { id, transport, ports, forwards: forwards.clone() };
            self.listen(balancer, Fact { is, when: when.clone() });
        }
    }

    /// The forwards of a listener's rules; whether one of them takes every request, so that none comes to the default action.
    fn rules_of(
        &mut self,
        rules: Vec<(&'a Item, When)>,
        site: SiteId,
        forwards: &mut Vec<Fact<Forward>>,
        secrets: &mut Vec<SecretHeader>,
    ) -> bool {
        let mut rules: Vec<(i64, &'a Item, When)> = rules
            .into_iter()
            .map(|(rule, when)| {
                let priority = ask::int(rule.view(), "priority").known().unwrap_or(i64::MAX);
                (priority, rule, self.presence(rule).and(&when))
            })
            .collect();
        rules.sort_by_key(|(priority, ..)| *priority);
        for (priority, rule, when) in rules {
            let header = secret_header(rule.view(), site);
            let is_secret = header.is_some();
            secrets.extend(header);
            for onward in self.onward(rule.view(), "action") {
                self.forward(rule, &onward, is_secret, &when, forwards);
            }
            if when == When::Always && priority != i64::MAX && takes_all(rule.view()) {
                return true;
            }
        }
        false
    }

    fn forward(
        &mut self,
        item: &Item,
        onward: &Onward,
        secret_header: bool,
        when: &When,
        forwards: &mut Vec<Fact<Forward>>,
    ) {
        let Some(to) = self.target_groups.get(&onward.to.is).copied() else {
            self.may_open(item.id(), format!("requests sent to {}, which is not told", onward.to.is));
            return;
        };
        let with = if secret_header { " with a secret header" } else { "" };
        let id = self.rule(
            item.id(),
            onward.path.clone(),
            format!("requests{with} forwarded to {}", onward.to.is),
        );
        let when = when.and(&onward.to.when);
        forwards.push(Fact { is: Forward { id, to, secret_header }, when });
    }

    /// The target groups that actions send to.
    fn onward(&mut self, view: View<'a>, argument: &str) -> Vec<Onward> {
        let mut all = Vec::new();
        let blocks = match view.blocks(argument) {
            Told::Nothing => Vec::new(),
            Told::Is(blocks) => blocks,
            Told::Unknown(of) => {
                for to in self.items_of(&Text::opaque(of.clone()), TARGET_GROUPS) {
                    let when = When::Perhaps(self.unknowns(&of));
                    all.push(Onward { to: Fact { is: to.is, when }, path: argument.to_owned() });
                }
                Vec::new()
            }
        };
        for (index, block) in blocks.into_iter().enumerate() {
            let path = format!("{argument}[{index}]");
            let when = match ask::literal(block, "type") {
                Told::Is(kind) if kind == "forward" => When::Always,
                Told::Is(_) => continue,
                Told::Nothing => When::Always,
                Told::Unknown(of) => When::Perhaps(self.unknowns(&of)),
            };
            let mut found = self.named(block, "target_group_arn", TARGET_GROUPS);
            for forward in ask::blocks(block, "forward") {
                for group in ask::blocks(forward, "target_group") {
                    if ask::int(group, "weight") != Told::Is(0) {
                        found.extend(self.named(group, "arn", TARGET_GROUPS));
                    }
                }
            }
            for to in found {
                let when = when.and(&to.when);
                all.push(Onward { to: Fact { is: to.is, when }, path: path.clone() });
            }
        }
        all
    }
}

/// A header condition whose value is not a plain word that anyone would send.
fn secret_header(rule: View<'_>, balancer: SiteId) -> Option<SecretHeader> {
    const PUBLIC: [&str; 7] =
        ["host", "user-agent", "accept", "accept-language", "content-type", "referer", "origin"];
    for condition in ask::blocks(rule, "condition") {
        for header in ask::blocks(condition, "http_header") {
            let name = ask::word(header, "http_header_name")?.to_ascii_lowercase();
            let values = header.texts("values").known().unwrap_or_default();
            let is_guessed = values.iter().any(|value| {
                value.literal().is_some_and(|literal| literal.contains(['*', '?']) || literal.len() < 8)
            });
            if !PUBLIC.contains(&name.as_str()) && !is_guessed {
                return Some(SecretHeader { balancer, name, values });
            }
        }
    }
    None
}

/// Whether a rule takes every request: its only conditions are paths or hosts of which one is all.
fn takes_all(rule: View<'_>) -> bool {
    let conditions = ask::blocks(rule, "condition");
    let all = |condition: &View<'_>| {
        let of = |name: &str, words: &[&str]| {
            ask::blocks(*condition, name).iter().any(|block| {
                let values = block.texts("values").known().unwrap_or_default();
                values.iter().any(|v| v.literal().is_some_and(|l| words.contains(&l)))
            })
        };
        of("path_pattern", &["*", "/*"]) || of("host_header", &["*"])
    };
    !conditions.is_empty() && conditions.iter().all(all)
}
