//! Security groups, and their rules: the realisation of the flows.
//!
//! INVARIANT: every rule stands for a flow of the topology and names it in its description; there is no other
//! place that makes one. A flow through a load balancer or an endpoint is a hop to it and a hop from it.

use std::collections::BTreeMap;

use terrace_net::{Ipv4Block, Port};
use terrace_topology::{Carries, Entrance, Flow, PartyName, Shape};

use super::network::{Network, platform_goes_out};
use super::{Draft, endpoints};
use crate::catalog::limits;
use crate::resource::{
    EgressRule, IngressRule, ManagedPrefixList, RuleProtocol, SecurityGroup, Tags, VpcEndpoint,
};
use crate::{Address, Concern, Label, Ref, Text};

/// The label of the gateway endpoint for S3.
pub(crate) const S3: &str = "s3";

/// The groups, by who stands in them.
pub(crate) struct Guards {
    /// The load balancer that the public, or the CDN, meets.
    pub(crate) entrance: Ref<SecurityGroup>,
    /// Between web and services; only with machines.
    pub(crate) internal: Option<Ref<SecurityGroup>>,
    /// The web tier's machines; only with machines.
    pub(crate) web: Option<Ref<SecurityGroup>>,
    /// Each service's machines or tasks.
    pub(crate) services: BTreeMap<PartyName, Ref<SecurityGroup>>,
    /// The database.
    pub(crate) data: Ref<SecurityGroup>,
    /// The interface endpoints, if there are any.
    pub(crate) endpoints: Option<Ref<SecurityGroup>>,
    /// The machines on which images are built; only with machines.
    pub(crate) builder: Option<Ref<SecurityGroup>>,
    /// What has to be there before the members of a group reach anything: its rules outward, and ways out.
    ways: BTreeMap<String, Vec<Address>>,
}

impl Guards {
    /// What has to be there before the members of a group (`web`, `builder`, a service's name) reach anything;
    /// they do not refer to it, and would start without.
    pub(crate) fn ways(&self, group: &str) -> impl Iterator<Item = &Address> {
        self.ways.get(group).into_iter().flatten()
    }

    /// Ways out that every group may take.
    pub(crate) fn open(&mut self, ways: &[Address]) {
        self.ways.values_mut().for_each(|own| own.extend(ways.iter().cloned()));
    }
}

/// One end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Group(&'static str, Ref<SecurityGroup>),
    Party(String, Ref<SecurityGroup>),
    Everywhere,
    List(&'static str, Text),
}

impl End {
    fn word(&self) -> &str {
        match self {
            Self::Group(word, _) | Self::List(word, _) => word,
            Self::Party(word, _) => word,
            Self::Everywhere => "anywhere",
        }
    }
}

pub(crate) fn lower(draft: &mut Draft<'_>, network: &Network) -> Guards {
    let mut guards = groups(draft, network);
    let mut hops: BTreeMap<(End, End, Port), Vec<String>> = BTreeMap::new();
    for flow in draft.topology.flows() {
        let text = described(&flow);
        for (from, to, port) in hops_of(draft, &guards, &flow) {
            let texts = hops.entry((from, to, port)).or_default();
            if !texts.contains(&text) {
                texts.push(text.clone());
            }
        }
    }
    for ((from, to, port), texts) in hops {
        if let Some(made) = rules(draft, &from, &to, port, &texts.join("; ")) {
            guards.ways.entry(from.word().to_owned()).or_default().push(made);
        }
    }
    guards
}

fn groups(draft: &mut Draft<'_>, network: &Network) -> Guards {
    let topology = draft.topology;
    let machines = topology.shape == Shape::Machines;
    let has_endpoints = !endpoints::interfaces(draft).is_empty();
    let mut group = |part: &str, concern: Concern, about: &str| {
        let (name, tags) = (draft.naming.of(part, limits::SECURITY_GROUP), draft.name_tag(part));
        draft.place(concern, &[part]).put(SecurityGroup {
            name: Text::from(name),
            description: Text::from(about),
            vpc_id: network.vpc.clone(),
            tags,
        })
    };
    let about = "The load balancer that requests from outside come to";
    Guards {
        entrance: group(if machines { "public" } else { "main" }, Concern::Edge, about),
        internal: machines
            .then(|| group("internal", Concern::Edge, "The load balancer between web and services")),
        web: machines.then(|| group("web", Concern::Web, "The machines that serve the page")),
        services: topology
            .services
            .keys()
            .map(|party| {
                (party.clone(), group(party.as_str(), Concern::App, &format!("The service {party}")))
            })
            .collect(),
        data: group("data", Concern::Data, "The database"),
        builder: machines.then(|| group("builder", Concern::App, "The machines on which images are built")),
        endpoints: has_endpoints.then(|| group("endpoints", Concern::Network, "The ways to services of AWS")),
        ways: BTreeMap::new(),
    }
}

/// The port on which the load balancer before the web tier, or before the services of shape `fargate`, listens.
pub(crate) fn entrance_port(draft: &Draft<'_>) -> Port {
    if draft.topology.domain.is_some() { Port::HTTPS } else { Port::HTTP }
}

fn hops_of(draft: &mut Draft<'_>, guards: &Guards, flow: &Flow) -> Vec<(End, End, Port)> {
    let topology = draft.topology;
    let party = |name: &PartyName| -> Option<End> {
        if *name == PartyName::web() {
            return guards.web.clone().map(|group| End::Group("web", group));
        }
        if *name == PartyName::database() {
            return Some(End::Group("data", guards.data.clone()));
        }
        guards.services.get(name).map(|group| End::Party(name.to_string(), group.clone()))
    };
    let entrance_word = if guards.internal.is_some() { "public" } else { "main" };
    let entrance = || End::Group(entrance_word, guards.entrance.clone());
    let port = flow.port();
    match flow.carries() {
        Carries::Sql(_) => match (party(flow.from()), party(flow.to())) {
            (Some(from), Some(to)) => vec![(from, to, port)],
            _ => Vec::new(),
        },
        Carries::Outward => {
            party(flow.from()).map(|from| (from, End::Everywhere, port)).into_iter().collect()
        }
        Carries::Platform => platform(draft, guards, flow, party(flow.from())),
        Carries::Http(_) if *flow.from() == PartyName::internet() => match topology.entrance {
            Entrance::LoadBalancer => vec![(End::Everywhere, entrance(), port)],
            // The public meets the CDN, which is not in the network.
            Entrance::Cdn => Vec::new(),
        },
        Carries::Http(_) => {
            let Some(to) = party(flow.to()) else { return Vec::new() };
            let mut hops = Vec::new();
            if *flow.from() == PartyName::entrance() {
                if topology.entrance == Entrance::Cdn {
                    hops.push((End::List("cloudfront", cloudfront(draft)), entrance(), entrance_port(draft)));
                }
                hops.push((entrance(), to, port));
            } else if let (Some(from), Some(internal)) = (party(flow.from()), guards.internal.clone()) {
                let internal = End::Group("internal", internal);
                hops.push((from, internal.clone(), Port::HTTP));
                hops.push((internal, to, port));
            }
            hops
        }
    }
}

/// Calls of AWS's own services: through the endpoints, S3 through its gateway, and else the way out.
fn platform(draft: &Draft<'_>, guards: &Guards, flow: &Flow, from: Option<End>) -> Vec<(End, End, Port)> {
    let mut callers: Vec<End> = from.into_iter().collect();
    let service = guards.services.contains_key(flow.from());
    if service {
        // An image is built with the reach that the service itself has to AWS, and none to the database.
        callers.extend(guards.builder.clone().map(|group| End::Group("builder", group)));
    }
    let s3 = Ref::<VpcEndpoint>::new(Label::from_words(&[S3]));
    let s3 = s3.path("prefix_list_id").map(Text::from).unwrap_or_default();
    let mut hops = Vec::new();
    for caller in callers {
        if let Some(group) = &guards.endpoints {
            hops.push((caller.clone(), End::Group("endpoints", group.clone()), flow.port()));
        }
        hops.push((caller.clone(), End::List(S3, s3.clone()), flow.port()));
        if service && platform_goes_out(draft) {
            hops.push((caller, End::Everywhere, flow.port()));
        }
    }
    hops
}

fn cloudfront(draft: &mut Draft<'_>) -> Text {
    let list = Ref::<ManagedPrefixList>::new(Label::from_words(&["cloudfront"]));
    if !draft.has(&list) {
        draft
            .place(Concern::Edge, &["cloudfront"])
            .why("The addresses from which CloudFront calls.")
            .put(ManagedPrefixList { name: Text::from("com.amazonaws.global.cloudfront.origin-facing") });
    }
    Text::from(list)
}

/// A flow in the letters that a rule's description takes (EC2: `a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*`).
fn described(flow: &Flow) -> String {
    let carries = match flow.carries() {
        Carries::Http(paths) if paths.is_empty() => "HTTP".to_owned(),
        Carries::Http(paths) => {
            let paths: Vec<&str> = paths.iter().map(terrace_topology::PublicPath::as_str).collect();
            format!("HTTP {}", paths.join(" "))
        }
        Carries::Sql(engine) => engine.title().to_owned(),
        Carries::Platform => "services of AWS".to_owned(),
        Carries::Outward => "the internet".to_owned(),
    };
    let text = format!("flow {} to {} {}/tcp: {carries}", flow.from(), flow.to(), flow.port());
    let fits = |c: &char| c.is_ascii_alphanumeric() || ". _-:/()#,@[]+=&;{}!$*".contains(*c);
    text.chars().filter(fits).collect()
}

/// The rule at each end that is a group; gives back the outward one.
fn rules(draft: &mut Draft<'_>, from: &End, to: &End, port: Port, text: &str) -> Option<Address> {
    let mut outward = None;
    let description = Text::from(text.chars().take(limits::SECURITY_GROUP_DESCRIPTION).collect::<String>());
    let concern = |end: &End| match end.word() {
        "public" | "main" | "internal" => Concern::Edge,
        "web" => Concern::Web,
        "data" => Concern::Data,
        "endpoints" => Concern::Network,
        _ => Concern::App,
    };
    let (cidr_ipv4, prefix_list_id, group) = other_end(to);
    if let End::Group(_, own) | End::Party(_, own) = from {
        let label = [from.word(), "to", to.word(), &port.to_string()];
        let made = draft.place(concern(from), &label).put(EgressRule {
            security_group_id: own.clone(),
            description: description.clone(),
            ip_protocol: RuleProtocol::Tcp,
            from_port: Some(port),
            to_port: Some(port),
            cidr_ipv4,
            prefix_list_id,
            referenced_security_group_id: group,
            tags: Tags::new(),
        });
        outward = made.address();
    }
    let (cidr_ipv4, prefix_list_id, group) = other_end(from);
    if let End::Group(_, own) | End::Party(_, own) = to {
        let label = [to.word(), "from", from.word(), &port.to_string()];
        draft.place(concern(to), &label).put(IngressRule {
            security_group_id: own.clone(),
            description,
            ip_protocol: RuleProtocol::Tcp,
            from_port: Some(port),
            to_port: Some(port),
            cidr_ipv4,
            prefix_list_id,
            referenced_security_group_id: group,
            tags: Tags::new(),
        });
    }
    outward
}

type Other = (Option<Ipv4Block>, Option<Text>, Option<Ref<SecurityGroup>>);

fn other_end(end: &End) -> Other {
    match end {
        End::Group(_, group) | End::Party(_, group) => (None, None, Some(group.clone())),
        End::Everywhere => (Some(Ipv4Block::ALL), None, None),
        End::List(_, list) => (None, Some(list.clone()), None),
    }
}
