//! Certificates of our own designs hold; with a network that was changed behind their back they are refuted just where the
//! engine says that something passes now, and so they are without an opener who is one.

use std::path::Path;

use terrace_audit::report::Source;
use terrace_audit::{Settings, certificate};
use terrace_aws::inventory::Inventory;
use terrace_certificate::format::{Certificate, Claim, Party as Plain};
use terrace_certificate::{Wrong, check, read_and_check};
use terrace_lift::world::{Lifted, lift};
use terrace_proof::reach::{self, Bounds, Must, Through};
use terrace_proof::space::*;
use terrace_proof::world::{
    ExternalId, Fact, Group, Guard, Party, SiteId, SubnetId, Target, Via, When, World,
};

use crate::reach::tape::Tape;

/// Our own designs.
fn designs() -> Vec<Inventory> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = |path: &str| {
        let text = std::fs::read_to_string(root.join(path)).unwrap();
        let topology = terrace_manifest::parse(&text, None).topology.unwrap();
        Inventory::of(&terrace_aws::lower(&topology).unwrap().graph)
    };
    ["../../examples/items/terrace.toml", "../../examples/items/terrace.fargate.toml"].map(manifest).to_vec()
}

fn of(design: &Inventory) -> Certificate {
    certificate(design, &Settings::default(), &Source::default())
}

#[test]
fn certificates_of_our_own_designs_hold_and_are_the_same_twice() {
    for design in designs() {
        let certificate = of(&design);
        let checked = check(&certificate).unwrap();
        println!("{checked:?}");
        assert!(checked.claims >= 5 && checked.packets > 1000 && checked.not_claimed == 0, "{checked:?}");
        let text = certificate.text().unwrap();
        assert_eq!(text, of(&design).text().unwrap());
        assert_eq!(read_and_check(&text).unwrap(), checked);
    }
}

#[test]
fn an_opener_who_is_left_out_is_found() {
    let mut left_out = 0;
    for design in designs() {
        let whole = of(&design);
        for (number, claim) in whole.claims.iter().enumerate() {
            let Claim::OnlyOpenedBy { openers, .. } = claim else { continue };
            for opener in openers {
                let mut less = whole.clone();
                let Claim::OnlyOpenedBy { openers, .. } = &mut less.claims[number] else { continue };
                openers.retain(|one| one != opener);
                let wrong = check(&less).unwrap_err();
                assert!(matches!(wrong, Wrong::Refuted(_)), "without {opener:?}: {wrong}");
                left_out += 1;
            }
        }
    }
    assert!(left_out >= 10, "{left_out} openers");
}

fn anyone() -> Peer {
    Peer::Addresses(Family::BOTH.map(Addresses::all).to_vec())
}

fn any<T>(all: &[T], tape: &mut Tape) -> u32 {
    u32::try_from(tape.below(all.len())).unwrap()
}

fn traffic(tape: &mut Tape) -> Traffic {
    let port = tape.pick(&[22, 80, 443, 5432]);
    let one = Traffic::Ports(Transport::Tcp, PortSpan::new(port, port).unwrap());
    tape.pick(&[Traffic::All, one, one, one])
}

/// Changes one thing in a network.
fn tamper(world: &mut World, tape: &mut Tape) {
    let interface = tape.below(world.interfaces.len());
    match tape.below(9) {
        // A rule that lets somebody in, or out.
        kind @ (0..=2) => {
            let groups = (0..).map(GroupId).take(world.groups.len()).collect::<Vec<_>>();
            let peer = if tape.chance(50) { anyone() } else { Peer::Group(tape.pick(&groups)) };
            let rule = Fact::sure(GroupRule { id: RuleId(9999), traffic: traffic(tape), peer });
            let at = tape.below(world.groups.len());
            if let Group::Security { ingress, egress } = &mut world.groups[at] {
                if kind == 2 { egress.push(rule) } else { ingress.push(rule) }
            }
        }
        // Rules that let everybody in whom they let somebody.
        3 => {
            let at = tape.below(world.groups.len());
            if let Group::Security { ingress, .. } = &mut world.groups[at] {
                ingress.iter_mut().for_each(|rule| rule.is.peer = anyone());
            }
        }
        // An interface elsewhere, with another's groups, with none, with a public address.
        4 => world.interfaces[interface].subnet = SubnetId(any(&world.subnets, tape)),
        5 => {
            let other = tape.below(world.interfaces.len());
            world.interfaces[interface].guard = world.interfaces[other].guard.clone();
        }
        6 => world.interfaces[interface].guard = Guard::Open,
        7 => world.interfaces[interface].public = Some(When::Always),
        // Another target.
        8 if !world.target_groups.is_empty() => {
            let site = SiteId(any(&world.sites, tape));
            let at = tape.below(world.target_groups.len());
            let ports = PortSpan::new(80, 65_535).unwrap();
            let target = Target { id: RuleId(9999), site, transport: Transport::Tcp, ports };
            world.target_groups[at].targets.push(Fact::sure(target));
        }
        // A table that leads to the internet.
        _ => {
            let at = tape.below(world.tables.len());
            let all = [terrace_net::Ipv4Block::new([0, 0, 0, 0].into(), 0).unwrap().into()];
            let route =
                |to| Route { id: RuleId(9999), to, origin: Origin::PrefixList, target: Via::Internet };
            world.tables[at].routes.extend(all.map(route).map(Fact::sure));
        }
    }
}

/// Whether the engine says that a claim of a certificate does not hold of a network.
fn is_wrong(bounds: &Bounds<'_>, certificate: &Certificate, parties: &[Party]) -> bool {
    let plainly = |party: Party| match party {
        Party::Site(id) => Plain::Site(id.0 as usize),
        Party::External(id) => Plain::External(id.0 as usize),
    };
    certificate.claims.iter().any(|claim| {
        let (site, kind) = claim.about();
        let site = Party::Site(SiteId(u32::try_from(site).unwrap()));
        let left = |party: Party| {
            let not = |not: &&terrace_certificate::format::NotClaimed| {
                plainly(site) == Plain::Site(not.site) && not.what == kind && not.party == plainly(party)
            };
            certificate.not_claimed.iter().find(not).is_some()
        };
        let others = parties.iter().copied().filter(|party| !left(*party));
        let named = claim.parties();
        match claim {
            Claim::OnlyOpenedBy { .. } => {
                others.filter(|party| !named.contains(&plainly(*party))).any(|from| {
                    let (traffic, through, must) = (Vec::new(), Through::Nobody, Must::NotReach);
                    let wanted = bounds.wanted(&reach::Claim { from, to: site, traffic, through, must });
                    let link = bounds.most.link(from, site);
                    link.is_some_and(|l| l.ways.iter().any(|w| !w.conversation.of(&wanted).is_empty()))
                })
            }
            Claim::SendsNothingTo { .. } => others
                .filter(|party| named.contains(&plainly(*party)))
                .any(|to| bounds.most.link(site, to).is_some()),
        }
    })
}

#[test]
fn a_network_changed_behind_its_back_is_refuted_just_where_something_passes_now() {
    let (mut refuted, mut held) = (0, 0);
    for (place, design) in designs().iter().enumerate() {
        let whole = of(design);
        let lifted = lift(design);
        for seed in 0..150 {
            let mut tape = Tape::seeded(seed * 2 + place as u64, 200);
            let mut changed = Lifted { world: lifted.world.clone(), ..lifted.clone() };
            for _ in 0..2 + tape.below(4) {
                tamper(&mut changed.world, &mut tape);
            }
            let mut certificate = whole.clone();
            let tiers = |site: SiteId| whole.facts.sites[site.0 as usize].tier;
            certificate.facts = certificate::facts(&changed, tiers);
            let sites = (0..).map(SiteId).take(changed.world.sites.len()).map(Party::Site);
            let outside = (0..).map(ExternalId).take(changed.world.externals.len()).map(Party::External);
            let parties: Vec<Party> = sites.chain(outside).collect();
            let wrong = is_wrong(&Bounds::of(&changed.world), &certificate, &parties);
            let found = match check(&certificate) {
                Ok(_) => false,
                Err(Wrong::Refuted(_)) => true,
                Err(other) => panic!("design {place}, seed {seed}: {other}"),
            };
            assert_eq!(found, wrong, "design {place}, seed {seed}");
            *if wrong { &mut refuted } else { &mut held } += 1;
        }
    }
    println!("{held} changes did nothing, {refuted} were found");
    assert!(refuted >= 50 && held >= 50, "one-sided changes: {refuted} found, {held} did nothing");
}
