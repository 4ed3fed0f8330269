//! Laws that hold in every world.

use proptest::prelude::*;
use terrace_proof::reach::*;
use terrace_proof::space::*;
use terrace_proof::world::*;

use crate::build::*;

/// Numbers that decide what a world is like.
struct Tape(std::vec::IntoIter<u8>);

impl Tape {
    fn below(&mut self, end: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % end
    }

    fn of<T: Clone>(&mut self, some: &[T]) -> T {
        some[self.below(some.len())].clone()
    }

    fn when(&mut self) -> When {
        if self.below(4) == 0 {
            When::on(UnknownId(u32::try_from(self.below(3)).unwrap()))
        } else {
            When::Always
        }
    }
}

const PEERS: [&str; 6] = ["0.0.0.0/0", "::/0", "10.0.1.0/24", "10.0.0.0/16", "10.0.1.5", "203.0.113.0/24"];

fn traffic(tape: &mut Tape) -> Traffic {
    let some = [port(80), port(443), Traffic::All, Traffic::Protocol(1), tcp(5432)];
    tape.of(&some)
}

/// Two networks that may be joined, four subnets, up to six hosts, a balancer, a NAT.
fn world(tape: Vec<u8>) -> Build {
    let tape = &mut Tape(tape.into_iter());
    let mut build = Build::new();
    build.external(&["203.0.113.0/24"], true);
    build.external(&["192.168.0.0/16"], false);
    let one = build.network(&["10.0.0.0/16", "2001:db8::/56"], true);
    let other = build.network(&["10.1.0.0/16"], tape.below(2) == 0);
    let id = build.rule();
    let group_rules = tape.below(2) == 0;
    let when = tape.when();
    let peering = build.world.add_peering(Peering { id, ends: [one, other], group_rules, when });
    let nat = NatId(0);
    let ways = [
        Via::Internet,
        Via::Peer(peering),
        Via::Nat(nat),
        Via::Beyond(ExternalId(2)),
        Via::Elsewhere,
        Via::Nowhere,
    ];
    let tables: Vec<TableId> = (0..4)
        .map(|n| {
            let network = if n < 3 { one } else { other };
            let mut routes = vec![("10.1.0.0/16", Via::Peer(peering)), ("10.0.0.0/16", Via::Peer(peering))];
            routes.remove(usize::from(n == 3));
            routes.extend((0..tape.below(3)).map(|_| {
                let to = ["0.0.0.0/0", "::/0", "10.0.2.0/24", "192.168.0.0/16"];
                (tape.of(&to), tape.of(&ways))
            }));
            let table = build.table(network, &routes);
            for route in build.world.tables[table.0 as usize].routes.iter_mut().skip(2) {
                route.when = tape.when();
            }
            table
        })
        .collect();
    let blocks = [["10.0.0.0/24"], ["10.0.1.0/24"], ["10.0.2.0/24"], ["10.1.0.0/24"]];
    let subnets: Vec<SubnetId> = (0..4)
        .map(|n| {
            build.subnet(if n < 3 { one } else { other }, &blocks[n], (tape.below(5) > 0).then(|| tables[n]))
        })
        .collect();
    for subnet in &subnets {
        if tape.below(2) == 0 {
            let mut entries = || -> Vec<Entry<'static>> {
                let entry = |n| {
                    let action = if tape.below(3) == 0 { AclAction::Deny } else { AclAction::Allow };
                    (n, action, traffic(tape), tape.of(&PEERS[..4]))
                };
                (0..3).map(entry).chain([(9, AclAction::Allow, Traffic::All, "0.0.0.0/0")]).collect()
            };
            let (into, out) = (entries(), entries());
            build.world.subnets[subnet.0 as usize].acl = Some(build.acl(&into, &out));
        }
    }
    let id = build.rule();
    let when = tape.when();
    let address = run("10.0.0.9");
    build.world.add_nat(Nat { id, subnet: subnets[0], address, public: true, interface: None, when });
    let groups: Vec<GroupId> = (0..3).map(|_| build.group()).collect();
    for group in &groups {
        for _ in 0..2 + tape.below(4) {
            let peer = if tape.below(3) == 0 { Peer::Group(tape.of(&groups)) } else { from(tape.of(&PEERS)) };
            let way = tape.of(&[Direction::In, Direction::Out]);
            let (traffic, when) = (traffic(tape), tape.when());
            build.add_fact(*group, way, traffic, peer, when);
        }
    }
    let addresses = ["10.0.0.5", "10.0.1.5", "10.0.2.5", "10.1.0.5"];
    let hosts: Vec<SiteId> = (0..2 + tape.below(5))
        .map(|_| {
            let place = tape.below(4);
            let six = if tape.below(4) == 0 { vec!["2001:db8::5"] } else { vec![] };
            let at: Vec<&str> = [addresses[place]].into_iter().chain(six).collect();
            let carried: Vec<GroupId> = groups.iter().copied().filter(|_| tape.below(2) == 0).collect();
            let host = build.host(subnets[place], &carried, &at);
            let interface = build.world.interfaces.last_mut().unwrap();
            interface.when = tape.when();
            interface.public = (tape.below(2) == 0).then(|| tape.when());
            host
        })
        .collect();
    if tape.below(2) == 0 {
        build.balancer(hosts[0], 80, hosts[1], 443);
        build.world.target_groups[0].keeps_client = tape.below(2) == 0;
    }
    build
}

fn worlds() -> impl Strategy<Value = Build> {
    prop::collection::vec(any::<u8>(), 0..220).prop_map(world)
}

impl std::fmt::Debug for Build {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.world.fmt(f)
    }
}

/// Every link as its packets.
fn links(world: &World, bound: Bound) -> std::collections::BTreeMap<(Party, Party), [PacketSet; 2]> {
    let packets = |link: Link| {
        let sends = link.ways.iter().map(|way| way.sends.packets()).reduce(|a, b| a.union(&b));
        ((link.from, link.to), [link.conversation(), sends.unwrap_or_default()])
    };
    reach(world, bound).links().map(packets).collect()
}

fn holds(
    less: &std::collections::BTreeMap<(Party, Party), [PacketSet; 2]>,
    more: &std::collections::BTreeMap<(Party, Party), [PacketSet; 2]>,
) -> Result<(), TestCaseError> {
    for (ends, [talks, sends]) in less {
        let nothing = [PacketSet::nothing(), PacketSet::nothing()];
        let [more_talks, more_sends] = more.get(ends).unwrap_or(&nothing);
        prop_assert!(talks.is_subset(more_talks) && sends.is_subset(more_sends), "{ends:?}");
        prop_assert!(talks.is_subset(sends), "{ends:?}: what converses is sent");
    }
    Ok(())
}

const BOTH: [Bound; 2] = [Bound::Least, Bound::Most];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_surely_passes_might_pass(build in worlds()) {
        holds(&links(&build.world, Bound::Least), &links(&build.world, Bound::Most))?;
    }

    #[test]
    fn one_more_rule_takes_nothing_away(build in worlds(), group in 0..3_u32, tape in prop::collection::vec(any::<u8>(), 4)) {
        let mut more = build;
        let before = BOTH.map(|bound| links(&more.world, bound));
        let tape = &mut Tape(tape.into_iter());
        let way = tape.of(&[Direction::In, Direction::Out]);
        more.add(GroupId(group), way, traffic(tape), from(tape.of(&PEERS)));
        for (bound, before) in BOTH.into_iter().zip(&before) {
            holds(before, &links(&more.world, bound))?;
        }
    }

    #[test]
    fn a_group_that_nobody_carries_changes_nothing(build in worlds()) {
        let mut more = build;
        let before = BOTH.map(|bound| format!("{:?}", reach(&more.world, bound).links().collect::<Vec<_>>()));
        more.open_out(&[(Traffic::All, everywhere())]);
        let after = BOTH.map(|bound| format!("{:?}", reach(&more.world, bound).links().collect::<Vec<_>>()));
        prop_assert_eq!(before, after);
    }

    #[test]
    fn links_are_what_one_asks_for_one_by_one(build in worlds()) {
        for bound in BOTH {
            let reach = reach(&build.world, bound);
            let all: Vec<String> = reach.links().map(|link| format!("{link:?}")).collect();
            let ask = |from| {
                let reach = &reach;
                reach.parties().filter_map(move |to| reach.link(from, to)).map(|link| format!("{link:?}"))
            };
            let asked: Vec<String> = reach.parties().flat_map(ask).collect();
            prop_assert_eq!(all, asked);
        }
    }

    #[test]
    fn rules_that_a_witness_does_not_rest_on_can_go(build in worlds()) {
        for link in reach(&build.world, Bound::Most).links() {
            let Some((packet, rests)) = link.ways.iter().find_map(|way| way.conversation.witness()) else { continue };
            prop_assert!(link.carries(&packet));
            let keeps_client = |way: &Way| matches!(way.kind, WayKind::Forward(step) if step.keeps_client);
            if link.ways.iter().any(keeps_client) {
                continue;
            }
            let mut less = build.world.clone();
            for group in &mut less.groups {
                if let Group::Security { ingress, egress } = group {
                    ingress.retain(|f| rests.contains(f.is.id));
                    egress.retain(|f| rests.contains(f.is.id));
                }
            }
            less.peerings.iter_mut().filter(|p| !rests.contains(p.id)).for_each(|p| p.ends = [NetworkId(9); 2]);
            let kept = reach(&less, Bound::Most).link(link.from, link.to).is_some_and(|l| l.carries(&packet));
            prop_assert!(kept, "{packet} from {:?} to {:?} resting on {rests:?}", link.from, link.to);
        }
    }

    #[test]
    fn a_block_taken_away_unblocks(build in worlds()) {
        // What is told to stand in the way is never nothing, and never told where nothing does.
        let reach = reach(&build.world, Bound::Most);
        for from in reach.parties() {
            for to in reach.parties() {
                let converses = reach.link(from, to).is_some_and(|link| link.converses());
                let blocks = reach.blocked(from, to, &PacketSet::everything());
                prop_assert_eq!(blocks.is_empty(), converses, "{:?} {:?}", from, to);
                prop_assert!(blocks.iter().all(|set| !set.is_empty()));
            }
        }
    }
}
