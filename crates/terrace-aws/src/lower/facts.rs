//! What the catalogue says about this system's region: whether it is one, and which zones are taken.

use terrace_topology::{Entrance, Topology};

use super::{Draft, Refusal, codes};
use crate::catalog::{self, Partition, RegionFacts};

/// The letter of a zone, counted from 0: the manifest's own, else one of the region's first.
pub(crate) fn letter(topology: &Topology, zone: usize) -> String {
    let chosen = topology.zone_letters.as_ref().and_then(|letters| letters.letters().get(zone).copied());
    let usual = || catalog::region(&topology.region).map_or("abc", |facts| facts.zones).chars().nth(zone);
    chosen.or_else(usual).map(String::from).unwrap_or_default()
}

/// Refuses what the region does not have.
pub(crate) fn check(draft: &mut Draft<'_>) {
    let topology = draft.topology;
    let Some(facts) = catalog::region(&topology.region) else {
        let refusal =
            Refusal::new(codes::REGION, "region", format!("AWS has no region `{}`", topology.region));
        draft.refuse(match catalog::nearest_region(&topology.region) {
            Some(near) => refusal.help(format!("did you mean `{near}`?")),
            None => refusal.help("`us-east-1`, `eu-west-1` and `ap-southeast-2` are some"),
        });
        return;
    };
    if facts.partition != Partition::Aws {
        let place =
            format!("`{}` ({}) is not one of the regions that Terrace builds in", facts.code, facts.title);
        draft.refuse(
            Refusal::new(codes::PARTITION, "region", place)
                .help("its accounts, certificates and CDN are apart from those of the other regions; choose one of them"),
        );
    }
    zones(draft, facts);
    if topology.entrance == Entrance::Cdn && !facts.vpc_origins {
        let message = format!("CloudFront does not reach private load balancers in {}", facts.title);
        draft.refuse(
            Refusal::new(codes::VPC_ORIGINS, "region", message)
                .help("choose another region, or shape `ec2` with `edge = \"alb\"`"),
        );
    }
}

fn zones(draft: &mut Draft<'_>, facts: &RegionFacts) {
    let topology = draft.topology;
    let spelled =
        |letters: &str| letters.chars().map(|letter| format!("`{letter}`")).collect::<Vec<_>>().join(", ");
    match &topology.zone_letters {
        Some(chosen) => {
            for (at, letter) in chosen.letters().iter().enumerate().filter(|(_, l)| !facts.has_zone(**l)) {
                let message = format!("{} has no zone `{}{letter}`", facts.title, facts.code);
                draft.refuse(
                    Refusal::new(codes::ZONES, format!("zones[{at}]"), message)
                        .help(format!("it has {}", spelled(facts.zones))),
                );
            }
        }
        None if !facts.holds(topology.zones) => {
            let message = format!("{} has {} zones for an account", facts.title, facts.zones.len());
            draft.refuse(
                Refusal::new(codes::ZONES, "zones", message)
                    .help("write `zones = 2`, or choose another region"),
            );
        }
        None => {}
    }
}
