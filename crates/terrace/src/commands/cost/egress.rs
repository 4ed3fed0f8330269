//! The way out, chosen the other way: what that would cost, and what it would open or close.

use std::cmp::Ordering;

use terrace_aws::resource::{EndpointType, NatGateway, VpcEndpoint};
use terrace_aws::{Refusal, ResourceGraph};
use terrace_cost::prices::MicroDollars;
use terrace_topology::{Egress, Topology};

use super::Basis;
use super::lines::money;
use crate::design::{self, Designed};
use crate::failure::Failure;

/// Both ways, and what each costs.
#[derive(Debug)]
pub(super) struct Ways {
    /// How it is: `none` or `nat`.
    pub(super) own: &'static str,
    pub(super) own_total: MicroDollars,
    /// The other way; without a total if AWS would not have it.
    pub(super) other: &'static str,
    pub(super) other_total: Option<MicroDollars>,
    /// The difference, in a sentence.
    pub(super) sentence: String,
}

/// Both ways.
pub(super) fn compare(designed: &Designed, basis: &Basis) -> Result<Ways, Failure> {
    let opened = designed.topology.services.values().any(|service| service.egress == Egress::Translated);
    let (own, other) = if opened { ("nat", "none") } else { ("none", "nat") };
    let own_total = basis.estimate(designed)?.total();
    let mut topology = designed.topology.clone();
    for service in topology.services.values_mut() {
        service.egress = if opened { Egress::None } else { Egress::Translated };
    }
    let otherwise = match design::again(topology) {
        Ok(otherwise) => otherwise,
        Err(refusals) => {
            let reasons: Vec<&str> = refusals.iter().map(Refusal::message).collect();
            let sentence = format!("`{other}` cannot be had here: {}.", reasons.join("; "));
            return Ok(Ways { own, own_total, other, other_total: None, sentence });
        }
    };
    let other_total = basis.estimate(&otherwise)?.total();
    let sentence = format!(
        "`{other}` would cost {} a month than `{own}`: {}. It would {}.",
        difference(own_total, other_total),
        trade(&designed.design.graph, &otherwise.design.graph),
        consequence(if opened { &designed.topology } else { &otherwise.topology }, opened),
    );
    Ok(Ways { own, own_total, other, other_total: Some(other_total), sentence })
}

/// `$3.20 more`, `$3.20 less`, `nothing more`: how `b` differs from `a`.
pub(super) fn difference(a: MicroDollars, b: MicroDollars) -> String {
    let by = MicroDollars::new(a.get().abs_diff(b.get()));
    match b.cmp(&a) {
        Ordering::Equal => "nothing more".to_owned(),
        Ordering::Greater => format!("{} more", money(by)),
        Ordering::Less => format!("{} less", money(by)),
    }
}

/// What there would be, and what there is.
fn trade(own: &ResourceGraph, other: &ResourceGraph) -> String {
    let told = |graph: &ResourceGraph| {
        let all = graph.all::<VpcEndpoint>();
        let interfaces = all.filter(|(_, one)| one.vpc_endpoint_type == EndpointType::Interface).count();
        let gateways = graph.all::<NatGateway>().count();
        match gateways {
            0 => counted(interfaces, "interface endpoint"),
            _ if interfaces == 0 => counted(gateways, "NAT gateway"),
            _ => format!(
                "{} and {}",
                counted(gateways, "NAT gateway"),
                counted(interfaces, "interface endpoint")
            ),
        }
    };
    format!("{} in place of {}", told(other), told(own))
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// What would be opened or closed: `open_one` is the topology in which it is open.
fn consequence(open_one: &Topology, closes: bool) -> String {
    let services: Vec<String> = open_one
        .services
        .iter()
        .filter(|(_, service)| service.egress == Egress::Translated)
        .map(|(name, service)| {
            let ports: Vec<String> = service.egress_ports.iter().map(ToString::to_string).collect();
            format!("{name} (port {})", ports.join(", "))
        })
        .collect();
    let services = services.join(" and ");
    if closes {
        format!("close the way from {services} to the internet: only AWS's own services stay in reach")
    } else {
        format!("open a way from {services} to any address of the internet")
    }
}
