//! What holds of every design, whatever the manifest says: held against a second, plainer reading of the flows.
#![expect(clippy::panic, reason = "a test that cannot go on has failed")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use terrace_aws::resource::{
    EgressRule, IngressRule, LoadBalancer, Role, Route, RouteTableAssociation, SecurityGroup, Subnet,
    TargetGroup,
};
use terrace_aws::{Design, Kind, ResourceGraph, Value, lower};
use terrace_net::Ipv4Block;
use terrace_topology::{Carries, Entrance, PartyName, Shape, Topology};

/// A manifest that is right, of any make.
fn manifests() -> impl Strategy<Value = String> {
    let name = prop_oneof![Just("items"), Just("a"), Just("a-name-of-twenty-cha")];
    let region = prop_oneof![Just("us-east-1"), Just("eu-central-1"), Just("ap-southeast-2")];
    let engine = prop_oneof![Just("postgres"), Just("mysql")];
    let flags = prop::collection::vec(any::<bool>(), 9);
    let ports = prop_oneof![Just("[443]"), Just("[587]"), Just("[443, 587, 8443]")];
    (name, region, engine, flags, 2..=3_u8, ports).prop_map(|(name, region, engine, flags, zones, ports)| {
        let [ec2, cdn, domain, nat, production, standby, secrets, alerts, nginx] = flags.try_into().unwrap();
        let mut text =
            format!("name = \"{name}\"\nregion = \"{region}\"\nzones = {zones}\nproduction = {production}\n");
        text += if ec2 { "shape = \"ec2\"\n" } else { "shape = \"fargate\"\n" };
        if ec2 && cdn {
            text += "edge = \"cloudfront\"\n";
        }
        if domain {
            text += "domain = \"shop.example.com\"\nzone = \"example.com\"\n";
        }
        text += "[web]\nroot = \"f\"\n";
        if nginx && ec2 {
            text += "server = \"nginx\"\n";
        }
        text +=
            "[app]\nroot = \"b\"\nrun = \"target/release/api\"\nport = 9000\ncount = { min = 2, max = 5 }\n";
        text += "[app.variables]\nLOG_LEVEL = \"info\"\n";
        if secrets {
            text += "[app.secrets]\nKEY = { generate = 32 }\nMAIL = { secret = \"items/mail\" }\n";
        }
        text += &format!("[data]\nengine = \"{engine}\"\nstandby = {standby}\n");
        if nat {
            text += &format!("[egress]\napp = \"nat\"\nports = {ports}\n");
        }
        if alerts {
            text += "[alerts]\nemail = \"ops@example.com\"\n[budget]\nmonthly = 100\n";
        }
        text
    })
}

fn designed(manifest: &str) -> (Topology, Design) {
    let parsed = terrace_manifest::parse(manifest, None);
    let topology = parsed.topology.unwrap_or_else(|| panic!("{manifest}\n{:#?}", parsed.diagnostics));
    let design = lower(&topology).unwrap_or_else(|refusals| panic!("{manifest}\n{refusals:#?}"));
    (topology, design)
}

type Way = (String, String, u16);

/// One end of a rule in words: a group, a block or a list.
fn other_end(
    group: Option<&terrace_aws::Ref<SecurityGroup>>,
    block: Option<Ipv4Block>,
    list: Option<&terrace_aws::Text>,
) -> String {
    match (group, block, list) {
        (Some(group), None, None) => group.label().unwrap().to_string(),
        (None, Some(block), None) => block.to_string(),
        (None, None, Some(list)) if list.to_string().contains("cloudfront") => "cloudfront".to_owned(),
        (None, None, Some(list)) if list.to_string().contains("aws_vpc_endpoint.s3") => "s3".to_owned(),
        other => panic!("a rule has one other end that is known: {other:?}"),
    }
}

fn ways_in(graph: &ResourceGraph) -> BTreeSet<Way> {
    let rules = graph.all::<IngressRule>().map(|(_, rule)| {
        let from = other_end(
            rule.referenced_security_group_id.as_ref(),
            rule.cidr_ipv4,
            rule.prefix_list_id.as_ref(),
        );
        assert_eq!(rule.from_port, rule.to_port);
        (from, rule.security_group_id.label().unwrap().to_string(), rule.from_port.unwrap().get())
    });
    rules.collect()
}

fn ways_out(graph: &ResourceGraph) -> BTreeSet<Way> {
    let rules = graph.all::<EgressRule>().map(|(_, rule)| {
        let to = other_end(
            rule.referenced_security_group_id.as_ref(),
            rule.cidr_ipv4,
            rule.prefix_list_id.as_ref(),
        );
        assert_eq!(rule.from_port, rule.to_port);
        (rule.security_group_id.label().unwrap().to_string(), to, rule.from_port.unwrap().get())
    });
    rules.collect()
}

/// What the flows ask for, worked out by hand from the topology: a table a person could have written.
fn asked(topology: &Topology) -> BTreeSet<Way> {
    let ec2 = topology.shape == Shape::Machines;
    let cdn = topology.entrance == Entrance::Cdn;
    let service = topology.services.get(&PartyName::app()).unwrap();
    let outward: BTreeSet<u16> = topology
        .flows()
        .iter()
        .filter(|flow| *flow.carries() == Carries::Outward)
        .map(|flow| flow.port().get())
        .collect();
    let mut ways = BTreeSet::new();
    let mut way = |from: &str, to: &str, port: u16| {
        ways.insert((from.to_owned(), to.to_owned(), port));
    };
    let front = if topology.domain.is_some() { 443 } else { 80 };
    let entrance = if ec2 { "public" } else { "main" };
    if cdn {
        way("cloudfront", entrance, front);
    } else {
        way("0.0.0.0/0", entrance, 80);
        if topology.domain.is_some() {
            way("0.0.0.0/0", entrance, 443);
        }
    }
    let app = service.port.get();
    if ec2 {
        way("public", "web", 80);
        way("web", "internal", 80);
        way("internal", "app", app);
        way("web", "endpoints", 443);
        way("web", "s3", 443);
        way("builder", "endpoints", 443);
        way("builder", "s3", 443);
    } else {
        way("main", "app", app);
    }
    way("app", "data", topology.database.engine.port().get());
    way("app", "s3", 443);
    let through_nat = outward.contains(&443);
    if ec2 || !through_nat {
        way("app", "endpoints", 443);
    }
    if through_nat && ec2 {
        way("builder", "0.0.0.0/0", 443);
    }
    for port in outward {
        way("app", "0.0.0.0/0", port);
    }
    ways
}

fn within(graph: &ResourceGraph, way: &Way) -> bool {
    let group = |name: &str| graph.all::<SecurityGroup>().any(|(label, _)| label.as_str() == name);
    group(&way.0) && group(&way.1)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn rules_are_what_the_flows_ask_for_and_nothing_else(manifest in manifests()) {
        let (topology, design) = designed(&manifest);
        let graph = &design.graph;
        let (ins, outs) = (ways_in(graph), ways_out(graph));
        let asked = asked(&topology);
        let all: BTreeSet<Way> = ins.union(&outs).cloned().collect();
        prop_assert_eq!(&all, &asked, "{}", manifest);
        // Between two groups each way is opened at both ends.
        for way in all.iter().filter(|way| within(graph, way)) {
            prop_assert!(ins.contains(way) && outs.contains(way), "{way:?} is opened at one end only");
        }
    }

    #[test]
    fn a_design_is_whole_and_the_same_each_time(manifest in manifests()) {
        let (topology, design) = designed(&manifest);
        prop_assert_eq!(&design, &lower(&topology).unwrap());
        prop_assert_eq!(design.graph.dangling(), Vec::new());
        let noted: BTreeSet<_> = design.notes.iter().map(|(address, _)| address).collect();
        prop_assert_eq!(noted.len(), design.graph.len(), "every resource has its place in the files, once");
    }

    #[test]
    fn only_the_public_tier_meets_the_internet_gateway_and_data_has_no_way_out(manifest in manifests()) {
        let (_, design) = designed(&manifest);
        let graph = &design.graph;
        let tables: BTreeMap<&str, &str> = graph
            .all::<RouteTableAssociation>()
            .map(|(_, a)| (a.subnet_id.label().unwrap().as_str(), a.route_table_id.label().unwrap().as_str()))
            .collect();
        prop_assert_eq!(tables.len(), graph.all::<Subnet>().count(), "every subnet has a table of its own choice");
        for (subnet, table) in &tables {
            for (_, route) in graph.all::<Route>().filter(|(_, r)| r.route_table_id.label().unwrap().as_str() == *table) {
                prop_assert!(route.gateway_id.is_none() || subnet.starts_with("public_"), "{subnet}");
                prop_assert!(!subnet.starts_with("data_"), "{subnet} has a way out");
            }
        }
    }

    #[test]
    fn names_fit_where_they_are_used(manifest in manifests()) {
        let (_, design) = designed(&manifest);
        let graph = &design.graph;
        for (_, balancer) in graph.all::<LoadBalancer>() {
            prop_assert!(balancer.name.literal().unwrap().len() <= 32);
        }
        for (_, targets) in graph.all::<TargetGroup>() {
            prop_assert!(targets.name.literal().unwrap().len() <= 32);
        }
        for (_, role) in graph.all::<Role>() {
            prop_assert!(role.name.literal().unwrap().len() <= 64);
        }
        for (address, node) in graph.nodes() {
            if address.kind() == Kind::Bucket {
                let record = node.resource.fields();
                let Some(Value::Text(name)) = record.get("bucket") else { panic!("a bucket has a name") };
                // An account's number has twelve digits.
                let longest: usize = name.to_string().replace("${data.aws_caller_identity.current.account_id}", "123456789012").len();
                prop_assert!(longest <= 63, "{name}");
            }
        }
    }
}
