//! Load balancers, their listeners, and the groups of targets behind them.
//!
//! With machines there are two: `public` before the web tier (with a distribution before it no longer public: a VPC
//! origin in private subnets), `internal` between web and services. With containers there is one, `main`.

mod groups;
mod paths;

use std::collections::BTreeMap;

use terrace_net::Port;
use terrace_topology::{Entrance, PartyName, Shape, Tier};

use super::guards::{Guards, entrance_port};
use super::names::Names;
use super::network::Network;
use super::{Draft, Refusal, codes, logbucket};
use crate::catalog::limits;
use crate::resource::{
    AccessLogs, Action, ActionType, BalancedProtocol, DesyncMitigation, FixedResponse, Listener,
    ListenerRule, LoadBalancer, LoadBalancerType, Redirect, SecurityGroup, Tags, TargetGroup,
};
use crate::{Arn, Block, Blocks, Concern, Ref, Text};

pub(crate) use paths::{by_closeness, patterns};

/// What a listener may speak: TLS 1.2 and 1.3 with forward secrecy ("Security policies for your Application Load
/// Balancer").
const TLS_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

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
    paths::refuse(draft);
    let machines = draft.topology.shape == Shape::Machines;
    let behind_cdn = draft.topology.entrance == Entrance::Cdn;
    let word = if machines { "public" } else { "main" };
    let mut why = Vec::new();
    if behind_cdn {
        why.push("In private subnets, without a public address: only CloudFront gets here, as a VPC origin.");
    }
    let tier = if behind_cdn { Tier::Web } else { Tier::Public };
    let entrance = balancer(draft, network, word, &guards.entrance, tier, behind_cdn, &why);
    let services = groups::services(draft, network);
    let web = machines.then(|| groups::web(draft, network));
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
            paths::rules(draft, &listener, &services)
        }
        None => paths::rules(draft, &listener, &services),
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
    let gateway = (!internal).then(|| network.gateway.address()).flatten();
    let mut place = draft.place(Concern::Edge, &[word]).after(logs.policy.address()).after(gateway);
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
