//! A world in few lines, for people who read a failure.

use std::fmt::{Debug, Display, Write as _};

use terrace_proof::space::*;
use terrace_proof::world::*;

fn perhaps(when: &When) -> String {
    match when {
        When::Always => String::new(),
        When::Perhaps(on) => format!(" perhaps{:?}", on.iter().map(|u| u.0).collect::<Vec<_>>()),
    }
}

fn list<T: Display>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn named<T: Debug>(name: &str, all: &[T], show: impl Fn(&T) -> String, out: &mut String) {
    for (n, one) in all.iter().enumerate() {
        writeln!(out, "{name} {n}: {}", show(one)).unwrap();
    }
}

fn traffic(traffic: Traffic) -> String {
    match traffic {
        Traffic::All => "all".to_owned(),
        Traffic::Protocol(number) => format!("protocol {number}"),
        Traffic::Ports(transport, ports) => format!("{transport:?} {}-{}", ports.first(), ports.last()),
        Traffic::Icmp { family, kind, code } => format!("icmp {family:?} {kind:?}/{code:?}"),
    }
}

fn facts<T>(all: &[Fact<T>], show: impl Fn(&T) -> String) -> String {
    let lines = all.iter().map(|fact| format!("\n    {}{}", show(&fact.is), perhaps(&fact.when)));
    lines.collect()
}

fn group(group: &Group) -> String {
    let rule = |rule: &GroupRule| match &rule.peer {
        Peer::Addresses(all) => format!("{} {}", traffic(rule.traffic), list(all)),
        Peer::Group(id) => format!("{} group {}", traffic(rule.traffic), id.0),
    };
    match group {
        Group::External(external) => format!("is external {}", external.0),
        Group::Security { ingress, egress } => {
            format!("in:{}\n  out:{}", facts(ingress, rule), facts(egress, rule))
        }
    }
}

/// The world's text.
pub(crate) fn show(world: &World) -> String {
    let mut out = String::new();
    let gateway = |g: &Option<Fact<RuleId>>| {
        g.as_ref().map_or("none".to_owned(), |g| format!("yes{}", perhaps(&g.when)))
    };
    named(
        "network",
        &world.networks,
        |n| {
            format!(
                "{} internet {} egress-only {}",
                list(&n.blocks),
                gateway(&n.internet),
                gateway(&n.egress_only)
            )
        },
        &mut out,
    );
    named(
        "subnet",
        &world.subnets,
        |s| {
            let of = |id: Option<u32>| id.map_or("none".to_owned(), |id| id.to_string());
            format!(
                "network {} {} zone {} table {} acl {}",
                s.network.0,
                list(&s.blocks),
                of(s.zone.map(|z| z.0)),
                of(s.table.map(|t| t.0)),
                of(s.acl.map(|a| a.0))
            )
        },
        &mut out,
    );
    named(
        "table",
        &world.tables,
        |t| {
            let route = |r: &Route<Via>| format!("{} {:?} {:?}", r.to, r.origin, r.target);
            facts(&t.routes, route) + &facts(&t.named, |n| format!("endpoint to external {}", n.to.0))
        },
        &mut out,
    );
    named(
        "acl",
        &world.acls,
        |a| {
            let entry =
                |e: &AclEntry| format!("{} {:?} {} {}", e.order, e.action, traffic(e.traffic), e.block);
            format!("in:{}\n  out:{}", facts(&a.inbound, entry), facts(&a.outbound, entry))
        },
        &mut out,
    );
    named("group", &world.groups, group, &mut out);
    named(
        "nat",
        &world.nats,
        |n| {
            format!(
                "subnet {} {} public {} {:?}{}",
                n.subnet.0,
                n.address,
                n.public,
                n.interface,
                perhaps(&n.when)
            )
        },
        &mut out,
    );
    named(
        "peering",
        &world.peerings,
        |p| format!("{:?} groups {}{}", p.ends.map(|e| e.0), p.group_rules, perhaps(&p.when)),
        &mut out,
    );
    named(
        "transit",
        &world.transits,
        |t| {
            format!(
                "groups {} attached:{}\n  beyond:{}\n  nowhere:{}",
                t.group_rules,
                facts(&t.attached, |a| format!("network {}", a.1.0)),
                facts(&t.beyond, |b| format!("external {}", b.1.0)),
                facts(&t.nowhere, |n| n.1.to_string())
            )
        },
        &mut out,
    );
    named(
        "external",
        &world.externals,
        |e| {
            let addresses = list(&e.addresses);
            format!(
                "{} internet {}",
                if addresses.len() > 80 { "everyone" } else { &addresses },
                e.on_internet
            )
        },
        &mut out,
    );
    named(
        "site",
        &world.sites,
        |s| {
            s.listens.as_ref().map_or("listens not told".to_owned(), |all| {
                format!("listens {:?}", all.iter().map(|t| traffic(*t)).collect::<Vec<_>>())
            })
        },
        &mut out,
    );
    named(
        "interface",
        &world.interfaces,
        |i| {
            let guard = match &i.guard {
                Guard::Open => "open".to_owned(),
                Guard::Groups(all) => {
                    let one = |g: &Fact<GroupId>| format!("{}{}", g.is.0, perhaps(&g.when));
                    format!("groups [{}]", all.iter().map(one).collect::<Vec<_>>().join(", "))
                }
            };
            let public = i.public.as_ref().map_or(String::new(), |when| format!(" public{}", perhaps(when)));
            let addresses = list(&i.addresses);
            format!("site {} subnet {} {addresses} {guard}{public}{}", i.site.0, i.subnet.0, perhaps(&i.when))
        },
        &mut out,
    );
    named(
        "balancer",
        &world.balancers,
        |b| {
            let listener = |l: &Listener| {
                let forward =
                    |f: &Forward| format!("  to target group {} secret {}", f.to.0, f.secret_header);
                let head = traffic(Traffic::Ports(l.transport, l.ports));
                format!("listener {head}{}", facts(&l.forwards, forward))
            };
            let zones = b.zones.as_ref().map(|zones| zones.iter().map(|z| z.0).collect::<Vec<_>>());
            format!("site {} zones {zones:?}{}", b.site.0, facts(&b.listeners, listener))
        },
        &mut out,
    );
    named(
        "target group",
        &world.target_groups,
        |g| {
            let target =
                |t: &Target| format!("site {} {}", t.site.0, traffic(Traffic::Ports(t.transport, t.ports)));
            format!("keeps client {}{}", g.keeps_client, facts(&g.targets, target))
        },
        &mut out,
    );
    named(
        "distribution",
        &world.distributions,
        |d| {
            let origin = |o: &terrace_proof::world::Origin| {
                let ports = (o.ports.first(), o.ports.last());
                format!("origin site {} {ports:?} private {} secret {}", o.site.0, o.private, o.secret_header)
            };
            format!("site {} cdn {}{}{}", d.site.0, d.cdn.0, perhaps(&d.when), facts(&d.origins, origin))
        },
        &mut out,
    );
    out
}
