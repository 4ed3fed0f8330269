//! Load balancers, their listeners, and the groups of targets behind them.
//!
//! With machines there are two: `public` before the web tier (with a distribution before it no longer public: a VPC
//! origin in private subnets), `internal` between web and services. With containers there is one, `main`.

use std::collections::{BTreeMap, BTreeSet};

use terrace_net::Port;
use terrace_topology::{Entrance, PartyName, PublicPath, Shape, Tier};

use super::guards::{Guards, entrance_port};
use super::machines::WEB_HEALTH;
use super::names::Names;
use super::network::Network;
use super::{Draft, Refusal, codes, logbucket};
use crate::catalog::limits;
use crate::resource::{
    AccessLogs, Action, ActionType, BalancedProtocol, DesyncMitigation, FixedResponse, HealthCheck, Listener,
    ListenerRule, LoadBalancer, LoadBalancerType, PathPattern, Redirect, RuleCondition, SecurityGroup, Tags,
    TargetGroup, TargetType,
};
use crate::{Arn, Block, Blocks, Concern, Ref, Text};

/// What a listener may speak: TLS 1.2 and 1.3 with forward secrecy ("Security policies for your Application Load
/// Balancer").
const TLS_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";
/// How many patterns a rule of a listener takes ("Quotas for your Application Load Balancers").
const PATTERNS_A_RULE: usize = 5;

/// What others refer to.
pub(crate) struct Balancers {
    /// The one that requests from outside come to.
    pub(crate) entrance: Ref<LoadBalancer>,
    /// Each service's machines or tasks.
    pub(crate) services: BTreeMap<PartyName, Ref<TargetGroup>>,
    /// What sends requests to a service: AWS refuses an ECS service whose group has no load balancer.
    pub(crate) rules: BTreeMap<PartyName, Ref<ListenerRule>>,
}

pub(crate) fn lower(
    draft: &mut Draft<'_>,
    network: &Network,
    guards: &Guards,
    names: Option<&Names>,
) -> Balancers {
    refuse_names(draft);
    refuse_paths(draft);
    let machines = draft.topology.shape == Shape::Machines;
    let behind_cdn = draft.topology.entrance == Entrance::Cdn;
    let word = if machines { "public" } else { "main" };
    let mut why = Vec::new();
    if behind_cdn {
        why.push("In private subnets, without a public address: only CloudFront gets here, as a VPC origin.");
    }
    let tier = if behind_cdn { Tier::Web } else { Tier::Public };
    let entrance = balancer(draft, network, word, &guards.entrance, tier, behind_cdn, &why);
    let services = service_groups(draft, network);
    let web = machines.then(|| web_group(draft, network));
    let default = match &web {
        Some(web) => forward(web),
        None => nothing_there(),
    };
    let listener = entrance_listener(draft, word, &entrance, names, default);
    let rules = match &guards.internal {
        Some(group) => {
            let why = "Beside its targets, in the services' subnets: the only way from the web tier to them.";
            let internal = balancer(draft, network, "internal", group, Tier::App, true, &[why]);
            let listener = draft
                .place(Concern::Edge, &["internal"])
                .why("Plain HTTP within the network; a path that no service has ends here.")
                .put(Listener {
                    load_balancer_arn: internal.attribute::<Arn>(),
                    port: Port::HTTP,
                    protocol: BalancedProtocol::Http,
                    ssl_policy: None,
                    certificate_arn: None,
                    default_action: Blocks(vec![nothing_there()]),
                    tags: Tags::new(),
                });
            service_rules(draft, &listener, &services)
        }
        None => service_rules(draft, &listener, &services),
    };
    Balancers { entrance, services, rules }
}

/// AWS keeps names that begin with `internal-` for itself (Elastic Load Balancing API, `CreateLoadBalancer`).
fn refuse_names(draft: &mut Draft<'_>) {
    if draft.naming.of("main", limits::LOAD_BALANCER).starts_with("internal-") {
        let name = draft.topology.name.as_str();
        draft.refuse(
            Refusal::new(
                codes::BALANCER_NAME,
                "name",
                format!("`{name}` would begin the names of load balancers with `internal-`, which AWS keeps for itself"),
            )
            .help("choose another name"),
        );
    }
}

/// Paths that the rules of a load balancer or the behaviours of a distribution do not hold.
fn refuse_paths(draft: &mut Draft<'_>) {
    let mut count = 0;
    for (path, party) in by_closeness(draft) {
        let patterns = patterns(path);
        count += patterns.len();
        let (length, most) = (path.as_str().len(), limits::PATH_PATTERN);
        if length > most {
            let message = format!(
                "`{path}` has {length} characters, and a rule of a load balancer takes {most} at most"
            );
            draft.refuse(
                Refusal::new(codes::PATHS, format!("{party}.paths"), message)
                    .help("take a path further up, with `/*` at its end"),
            );
        }
    }
    let most = limits::CACHE_BEHAVIORS - 1;
    if draft.topology.entrance == Entrance::Cdn && count > most {
        let message = format!(
            "the paths come to {count} patterns, `/a/*` being two, and a distribution of CloudFront takes {most} at most"
        );
        let setting = draft.topology.services.keys().next().map(|party| format!("{party}.paths"));
        draft.refuse(
            Refusal::new(codes::PATHS, setting.unwrap_or_default(), message)
                .help("bring paths together under one, such as `/api/*`"),
        );
    }
}

fn balancer(
    draft: &mut Draft<'_>,
    network: &Network,
    word: &str,
    group: &Ref<SecurityGroup>,
    tier: Tier,
    internal: bool,
    why: &[&str],
) -> Ref<LoadBalancer> {
    let logs = logbucket::made(draft);
    let (name, tags) = (draft.naming.of(word, limits::LOAD_BALANCER), draft.name_tag(word));
    let protected = draft.topology.production;
    let mut place = draft.place(Concern::Edge, &[word]).after(logs.policy.address());
    for line in why {
        place = place.why(*line);
    }
    place.put(LoadBalancer {
        name: Text::from(name),
        load_balancer_type: LoadBalancerType::Application,
        internal,
        security_groups: vec![group.clone()],
        subnets: network.subnets(tier),
        drop_invalid_header_fields: true,
        desync_mitigation_mode: DesyncMitigation::Strictest,
        enable_deletion_protection: protected,
        idle_timeout: 60,
        access_logs: Some(Block(AccessLogs {
            bucket: Text::from(logs.bucket),
            prefix: Some(Text::from(word)),
            enabled: true,
        })),
        tags,
    })
}

/// The listener that requests from outside come to: HTTPS where there is a name, and a certificate for it.
fn entrance_listener(
    draft: &mut Draft<'_>,
    word: &str,
    balancer: &Ref<LoadBalancer>,
    names: Option<&Names>,
    default: Action,
) -> Ref<Listener> {
    let cdn = draft.topology.entrance == Entrance::Cdn;
    let secure = entrance_port(draft) == Port::HTTPS;
    if secure && !cdn {
        redirect(draft, word, balancer);
    }
    let mut place = draft.place(Concern::Edge, &[word]);
    if !secure && cdn {
        place = place.why(
            "HTTP from CloudFront within AWS: without a name of its own there is no certificate. Viewers",
        );
        place = place.why("speak HTTPS to CloudFront.");
    } else if !secure {
        place = place.why(
            "PLAIN HTTP: without a name of its own there is no certificate, so everything that visitors",
        );
        place = place.why(
            "send can be read on the way. Set `domain`, or `edge = \"cloudfront\"` for HTTPS without one.",
        );
    }
    let listener = place.put(Listener {
        load_balancer_arn: balancer.attribute::<Arn>(),
        port: if secure { Port::HTTPS } else { Port::HTTP },
        protocol: if secure { BalancedProtocol::Https } else { BalancedProtocol::Http },
        ssl_policy: secure.then(|| Text::from(TLS_POLICY)),
        certificate_arn: names.map(|names| Text::from(&names.balancer)),
        default_action: Blocks(vec![default]),
        tags: Tags::new(),
    });
    if !secure && !cdn {
        draft.warn(
            Refusal::new(
                codes::PLAIN_HTTP,
                "edge",
                "without `domain` there is no certificate: the public load balancer speaks plain HTTP, and \
                 whatever visitors send, passwords too, can be read on the way",
            )
            .help("set `domain` and `zone` for HTTPS on your own name")
            .help("or write `edge = \"cloudfront\"`: HTTPS on a name of CloudFront, no domain needed"),
        );
    }
    listener
}

fn redirect(draft: &mut Draft<'_>, word: &str, balancer: &Ref<LoadBalancer>) {
    draft.place(Concern::Edge, &[word, "redirect"]).why("Only here to send visitors to HTTPS.").put(
        Listener {
            load_balancer_arn: balancer.attribute::<Arn>(),
            port: Port::HTTP,
            protocol: BalancedProtocol::Http,
            ssl_policy: None,
            certificate_arn: None,
            default_action: Blocks(vec![Action {
                r#type: ActionType::Redirect,
                target_group_arn: None,
                redirect: Some(Block(Redirect {
                    port: Text::from("443"),
                    protocol: Text::from("HTTPS"),
                    status_code: Text::from("HTTP_301"),
                })),
                fixed_response: None,
            }]),
            tags: Tags::new(),
        },
    );
}

fn forward(group: &Ref<TargetGroup>) -> Action {
    Action {
        r#type: ActionType::Forward,
        target_group_arn: Some(group.attribute::<Arn>()),
        redirect: None,
        fixed_response: None,
    }
}

fn nothing_there() -> Action {
    Action {
        r#type: ActionType::FixedResponse,
        target_group_arn: None,
        redirect: None,
        fixed_response: Some(Block(FixedResponse {
            content_type: Text::from("text/plain"),
            message_body: Some(Text::from("Not found")),
            status_code: Text::from("404"),
        })),
    }
}

fn health(path: &str, matcher: &str) -> Block<HealthCheck> {
    Block(HealthCheck {
        path: Text::from(path),
        protocol: BalancedProtocol::Http,
        matcher: Text::from(matcher),
        interval: 10,
        timeout: 5,
        healthy_threshold: 2,
        unhealthy_threshold: 3,
    })
}

fn web_group(draft: &mut Draft<'_>, network: &Network) -> Ref<TargetGroup> {
    let party = PartyName::web();
    let (name, tags) = (draft.naming.of("web", limits::TARGET_GROUP), draft.party_tags("web", &party));
    draft
        .place(Concern::Web, &["web"])
        .why("Asks the machine alone: a service that is down takes no page off the air.")
        .put(TargetGroup {
            name: Text::from(name),
            vpc_id: network.vpc.clone(),
            target_type: TargetType::Instance,
            port: Port::HTTP,
            protocol: BalancedProtocol::Http,
            deregistration_delay: 30,
            load_balancing_algorithm_type: Some(Text::from("least_outstanding_requests")),
            health_check: health(WEB_HEALTH, "200"),
            tags,
        })
}

fn service_groups(draft: &mut Draft<'_>, network: &Network) -> BTreeMap<PartyName, Ref<TargetGroup>> {
    let topology = draft.topology;
    let target_type = match topology.shape {
        Shape::Machines => TargetType::Instance,
        Shape::Containers => TargetType::Ip,
    };
    let mut groups = BTreeMap::new();
    for (party, service) in &topology.services {
        let part = party.as_str();
        // AWS makes another group of another port, before the one in use can go: so they cannot share a name.
        let name = draft.naming.of(&format!("{part}-{}", service.port), limits::TARGET_GROUP);
        let tags = draft.party_tags(part, party);
        let group = draft.place(Concern::App, &[part]).before_destroy().put(TargetGroup {
            name: Text::from(name),
            vpc_id: network.vpc.clone(),
            target_type,
            port: service.port,
            protocol: BalancedProtocol::Http,
            deregistration_delay: 30,
            load_balancing_algorithm_type: Some(Text::from("least_outstanding_requests")),
            health_check: health(service.health.as_str(), "200-299"),
            tags,
        });
        groups.insert(party.clone(), group);
    }
    groups
}

/// A public path as the patterns of load balancers and distributions: what is below `/api/*`, and `/api` itself.
pub(crate) fn patterns(path: &PublicPath) -> Vec<String> {
    match path.as_str().strip_suffix("/*") {
        None => vec![path.as_str().to_owned()],
        Some("") => vec!["/*".to_owned()],
        Some(stem) => vec![stem.to_owned(), format!("{stem}/*")],
    }
}

/// Every public path with its service, the closest first: exact ones, then the longest.
pub(crate) fn by_closeness<'t>(draft: &Draft<'t>) -> Vec<(&'t PublicPath, &'t PartyName)> {
    let topology = draft.topology;
    let mut all: Vec<(&PublicPath, &PartyName)> = topology
        .services
        .iter()
        .flat_map(|(party, service)| service.paths.iter().map(move |path| (path, party)))
        .collect();
    all.sort_by_key(|(path, _)| {
        let stem = path.as_str().strip_suffix("/*");
        (stem.is_some(), std::cmp::Reverse(stem.unwrap_or(path.as_str()).len()), path.as_str())
    });
    all
}

fn service_rules(
    draft: &mut Draft<'_>,
    listener: &Ref<Listener>,
    groups: &BTreeMap<PartyName, Ref<TargetGroup>>,
) -> BTreeMap<PartyName, Ref<ListenerRule>> {
    let mut runs: Vec<(&PartyName, Vec<String>)> = Vec::new();
    for (path, party) in by_closeness(draft) {
        let patterns = patterns(path);
        match runs.last_mut() {
            Some((last, own)) if *last == party && own.len() + patterns.len() <= PATTERNS_A_RULE => {
                own.extend(patterns)
            }
            _ => runs.push((party, patterns)),
        }
    }
    let mut rules = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for (at, (party, patterns)) in runs.into_iter().enumerate() {
        let Some(group) = groups.get(party) else { continue };
        let number = (at + 1).to_string();
        let first = taken.insert(party.clone());
        let label: Vec<&str> =
            std::iter::once(party.as_str()).chain((!first).then_some(number.as_str())).collect();
        let tags = draft.party_tags(party.as_str(), party);
        let rule = draft.place(Concern::App, &label).put(ListenerRule {
            listener_arn: listener.attribute::<Arn>(),
            priority: u32::try_from(at + 1).unwrap_or(u32::MAX).saturating_mul(10),
            condition: Blocks(vec![RuleCondition {
                path_pattern: Some(Block(PathPattern {
                    values: patterns.into_iter().map(Text::from).collect(),
                })),
            }]),
            action: Blocks(vec![forward(group)]),
            tags,
        });
        rules.entry(party.clone()).or_insert(rule);
    }
    rules
}
