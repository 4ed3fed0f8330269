//! Blocks of addresses that have to fit together: private, inside, apart, one a zone.
//!
//! The derived blocks count as well as those that are written; only what is written is pointed at.

use terrace_diag::{Diagnostic, Diagnostics, Span};
use terrace_net::Ipv4Block;
use terrace_topology::{Network, Tier, Zones};

use crate::manifest::{Settings, ZoneChoice};
use crate::{Places, Written, code, meaning};

/// The blocks that nobody has on the internet (RFC 1918, section 3; RFC 6598, section 7).
const PRIVATE: [&str; 4] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

/// A tier's block, and its place if it is written.
struct Block {
    tier: Tier,
    block: Ipv4Block,
    span: Option<Span>,
}

/// Reports every block that cannot be where it is.
pub(crate) fn report(settings: &Settings, places: &Places, diagnostics: &mut Diagnostics) {
    let Some(network) = meaning::network(&settings.network) else { return };
    private(settings, diagnostics);
    if places.is_unread("network.cidr", &settings.network.cidr) || places.is_unread("zones", &settings.zones)
    {
        return;
    }
    let zones = settings.zones.as_ref().map_or(Zones::Two, |written| written.value().zones());
    one_a_zone(settings, zones, diagnostics);
    let all = blocks(settings, &network, zones);
    inside(settings, &network, &all, diagnostics);
    apart(&all, diagnostics);
}

fn private(settings: &Settings, diagnostics: &mut Diagnostics) {
    let Some(cidr) = &settings.network.cidr else { return };
    let is_private = |text: &str| text.parse::<Ipv4Block>().is_ok_and(|block| block.contains(*cidr.value()));
    if !PRIVATE.iter().any(|text| is_private(text)) {
        diagnostics.push(
            Diagnostic::error(
                code::NETWORK,
                format!("`network.cidr` is `{}`, which is public", cidr.value()),
            )
            .at(cidr.span(), "these addresses belong to others on the internet")
            .help("write a block of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10"),
        );
    }
}

fn one_a_zone(settings: &Settings, zones: Zones, diagnostics: &mut Diagnostics) {
    for (tier, blocks) in &settings.network.subnets {
        let (found, wanted) = (blocks.value().len(), usize::from(zones.count()));
        if found == wanted {
            continue;
        }
        let noun = if found == 1 { "block" } else { "blocks" };
        let message = format!("`network.subnets.{}` has {found} {noun} for {wanted} zones", tier.name());
        let wrong = Diagnostic::error(code::NETWORK, message)
            .at(blocks.span(), format!("expected {wanted} blocks, one a zone"));
        diagnostics.push(match &settings.zones {
            Some(written) => wrong.with(written.span(), zones_label(written)),
            None => wrong.help("there are 2 zones unless `zones` says otherwise"),
        });
    }
}

fn zones_label(zones: &Written<ZoneChoice>) -> String {
    format!("the {} zones", zones.value().zones().count())
}

fn blocks(settings: &Settings, network: &Network, zones: Zones) -> Vec<Block> {
    let mut all = Vec::new();
    for tier in Tier::ALL {
        match settings.network.subnets.get(&tier) {
            Some(written) => all.extend(written.value().iter().map(|b| Block {
                tier,
                block: *b.value(),
                span: Some(b.span()),
            })),
            None => all.extend(network.blocks(tier, zones).into_iter().map(|block| Block {
                tier,
                block,
                span: None,
            })),
        }
    }
    all
}

fn inside(settings: &Settings, network: &Network, all: &[Block], diagnostics: &mut Diagnostics) {
    for (block, span) in all.iter().filter_map(|b| Some((b.block, b.span?))) {
        if network.block.contains(block) {
            continue;
        }
        let message = format!("`{block}` is not in the network's `{}`", network.block);
        let found = Diagnostic::error(code::NETWORK, message).at(span, "outside of the network");
        diagnostics.push(match &settings.network.cidr {
            Some(cidr) => found.with(cidr.span(), "the network").help("write a block within `network.cidr`"),
            None => found
                .help(format!("write a block within it, or another `network.cidr` than `{}`", network.block)),
        });
    }
}

/// Each pair once, at the later of the two; the derived ones never meet each other.
fn apart(all: &[Block], diagnostics: &mut Diagnostics) {
    let mut told: Vec<&Block> = Vec::new();
    let (written, derived): (Vec<&Block>, Vec<&Block>) = all.iter().partition(|block| block.span.is_some());
    for own in written {
        let Some(span) = own.span else { continue };
        let earlier = told.iter().copied().find(|other| other.block.overlaps(own.block));
        let cut = derived.iter().copied().find(|other| other.block.overlaps(own.block));
        told.push(own);
        let Some(other) = earlier.or(cut) else { continue };
        let message = format!(
            "`{}` of the {} tier overlaps `{}` of the {} tier",
            own.block,
            own.tier.name(),
            other.block,
            other.tier.name()
        );
        let found = Diagnostic::error(code::NETWORK, message);
        diagnostics.push(match other.span {
            Some(first) => found
                .at(span, "addresses of both")
                .with(first, "the other block")
                .help("write blocks that have no address in common"),
            None => found
                .at(
                    span,
                    format!("`{}` is cut out of the network for the {} tier", other.block, other.tier.name()),
                )
                .help(format!("write another block, or write `network.subnets.{}` too", other.tier.name())),
        });
    }
}
