//! A system as a Mermaid flowchart, which many wikis and forges draw.

use std::fmt::Write as _;

use terrace_aws::ResourceGraph;
use terrace_topology::{Entrance, Role, Shape, Tier, Topology, Zones};

use crate::scene::{carried, party_title, zone_names};

/// The chart: a node per party, an arrow per flow with its port.
pub fn mermaid(topology: &Topology, graph: &ResourceGraph) -> String {
    let mut text = String::from("flowchart TD\n");
    let zones = zone_names(graph).join(", ");
    let mut inside: Vec<String> = Vec::new();
    for party in topology.parties() {
        let shape = |open: &str, close: &str| {
            format!("{}{open}\"{}\"{close}", id(party.name().as_str()), party_title(topology, &party))
        };
        let line = match party.role() {
            Role::Internet => shape("((", "))"),
            Role::Database => shape("[(", ")]"),
            Role::Platform => shape("[[", "]]"),
            Role::Entrance | Role::Web | Role::Service => shape("[", "]"),
        };
        let outside = match party.role() {
            Role::Internet | Role::Platform => true,
            Role::Entrance => topology.entrance == Entrance::Cdn,
            Role::Web => topology.shape == Shape::Containers,
            Role::Service | Role::Database => false,
        };
        if outside {
            let _ = writeln!(text, "  {line}");
        } else {
            inside.push(line);
        }
    }
    let count = match topology.zones {
        Zones::Two => "two",
        Zones::Three => "three",
    };
    let _ = writeln!(text, "  subgraph vpc[\"VPC {} in {count} zones: {zones}\"]", topology.network.block);
    for line in inside {
        let _ = writeln!(text, "    {line}");
    }
    text.push_str("  end\n");
    for flow in topology.flows() {
        let (from, to) = (id(flow.from().as_str()), id(flow.to().as_str()));
        let _ = writeln!(text, "  {from} -->|\"{} {}\"| {to}", flow.port(), carried(&flow));
    }
    for tier in Tier::ALL {
        let blocks: Vec<String> =
            topology.network.blocks(tier, topology.zones).iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "  %% {} subnets: {}", tier.name(), blocks.join(", "));
    }
    text
}

/// A node's name; `end` and the like are words of Mermaid's own, so every name has a prefix.
fn id(name: &str) -> String {
    format!("t_{}", name.replace('-', "_"))
}
