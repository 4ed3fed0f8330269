//! Claims, what they depend on, what stands in the way, and what is dead.

use std::collections::BTreeSet;

use terrace_proof::reach::*;
use terrace_proof::space::{Origin, *};
use terrace_proof::world::*;

use crate::build::*;

/// An app that reaches a database, if `rule` is there; and from the internet if `open` is.
fn world(rule: When, open: When) -> (Build, SiteId, SiteId) {
    let mut build = Build::new();
    let network = build.network(&["10.0.0.0/16"], true);
    let table = build.table(network, &[("0.0.0.0/0", Via::Internet)]);
    let subnet = build.subnet(network, &["10.0.0.0/24"], Some(table));
    let ours = build.open_out(&[]);
    let theirs = build.group();
    build.add_fact(theirs, Direction::In, port(5432), Peer::Group(ours), rule);
    build.add_fact(theirs, Direction::In, port(5432), everywhere(), open);
    let app = build.host(subnet, &[ours], &["10.0.0.5"]);
    let data = build.host(subnet, &[theirs], &["10.0.0.6"]);
    build.world.sites[data.0 as usize].listens = Some(vec![port(5432)]);
    build.publish(data);
    (build, app, data)
}

fn decide(world: &World, from: Party, to: Party, must: Must) -> Verdict {
    let claim = Claim { from, to, traffic: vec![port(5432)], through: Through::Proxies, must };
    Bounds::of(world).decide(&claim)
}

fn shown(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Proved(_) => "proved".to_owned(),
        Verdict::Violated(_) => "violated".to_owned(),
        Verdict::Depends { on, .. } => format!("depends on {:?}", on.iter().map(|u| u.0).collect::<Vec<_>>()),
    }
}

const NEVER: fn() -> When = || When::Perhaps(Unknowns::from([UnknownId(9)]));

#[test]
fn a_claim_is_proved_violated_or_depends() {
    let one = || When::on(UnknownId(1));
    let (build, app, data) = world(When::Always, one());
    let ask = |from, must| shown(&decide(&build.world, from, site(data), must));
    assert_eq!(ask(site(app), Must::Reach), "proved");
    assert_eq!(ask(site(app), Must::NotReach), "violated");
    assert_eq!(ask(INTERNET, Must::NotReach), "depends on [1]");
    assert_eq!(ask(INTERNET, Must::Reach), "depends on [1]");
    let (mut build, _, data) = world(When::Always, When::Always);
    build.world.interfaces[1].public = None;
    let verdict = decide(&build.world, INTERNET, site(data), Must::NotReach);
    assert_eq!(verdict, Verdict::Proved(None), "the rule is open, and nobody can come");
}

#[test]
fn what_a_claim_depends_on_is_named_and_nothing_else() {
    let (mut build, _, data) = world(When::on(UnknownId(5)), When::on(UnknownId(3)));
    build.world.interfaces[1].public = Some(When::on(UnknownId(4)));
    build.world.interfaces[0].when = NEVER();
    build.world.networks[0].internet.as_mut().unwrap().when = When::on(UnknownId(2));
    let verdict = decide(&build.world, INTERNET, site(data), Must::NotReach);
    assert_eq!(shown(&verdict), "depends on [2, 3, 4]");
}

#[test]
fn a_way_that_is_not_modelled_is_said_to_be_one() {
    let (mut build, _, data) = world(When::Always, When::Always);
    build.world.tables[0].routes.last_mut().unwrap().is.target = Via::Elsewhere;
    let Verdict::Depends { on, path } = decide(&build.world, INTERNET, site(data), Must::NotReach) else {
        panic!()
    };
    assert_eq!(on, Unknowns::from([UNMODELLED]));
    assert!(path.rests().contains(build.world.tables[0].routes.last().unwrap().is.id));
}

#[test]
fn a_port_that_nobody_listens_on_does_not_do() {
    let (mut build, app, data) = world(When::Always, When::Always);
    build.world.sites[data.0 as usize].listens = Some(vec![port(3306)]);
    assert_eq!(decide(&build.world, site(app), site(data), Must::Reach), Verdict::Violated(None));
    let unheard = dead(&build.world).unheard;
    assert_eq!(unheard[&data], BTreeSet::from([((6, 6), ports(5432))]));
}

#[test]
fn too_much_is_never_a_wrong_answer() {
    let (mut build, app, data) = world(When::Always, When::Always);
    let entry = |order| (order, AclAction::Allow, port(5432), "0.0.0.0/0");
    let entries: Vec<Entry<'_>> = (0..400).map(entry).collect();
    let acl = build.acl(&entries, &entries);
    build.world.subnets[0].acl = Some(acl);
    let ask = |must| shown(&decide(&build.world, INTERNET, site(data), must));
    let on = format!("depends on [{}]", TOO_MUCH.0);
    assert_eq!([ask(Must::Reach), ask(Must::NotReach)], [on.clone(), on]);
    assert_eq!(shown(&decide(&build.world, site(app), site(data), Must::Reach)), "proved", "no ACL is asked");
}

fn blocks(world: &World, from: Party, to: Party) -> Vec<BTreeSet<Block>> {
    blocked(world, Bound::Most, from, to, &speaking_of(&[port(5432)]))
}

#[test]
fn what_stands_in_the_way_is_told_in_the_smallest_sets() {
    let (mut build, app, data) = world(When::Always, When::Always);
    assert_eq!(blocks(&build.world, site(app), site(data)), []);
    let class = |site| match site == app {
        true => ClassId(0),
        false => ClassId(1),
    };
    let Group::Security { ingress, .. } = &mut build.world.groups[1] else { panic!() };
    ingress.clear();
    assert_eq!(blocks(&build.world, site(app), site(data)), [BTreeSet::from([Block::GuardIn(class(data))])]);
    build.world.interfaces[1].public = None;
    build.world.networks[0].internet = None;
    let three = BTreeSet::from([
        Block::GuardIn(class(data)),
        Block::NoPublicAddress(class(data)),
        Block::NoGateway(NetworkId(0)),
    ]);
    assert_eq!(blocks(&build.world, INTERNET, site(data)), [three]);
}

#[test]
fn an_acl_that_stops_answers_is_told_with_the_entry_that_does() {
    let (mut build, _, data) = world(When::Always, When::Always);
    let all = [(100, AclAction::Allow, Traffic::All, "0.0.0.0/0")];
    let acl = build.acl(&all, &[(50, AclAction::Deny, Traffic::All, "0.0.0.0/0"), all[0]]);
    build.world.subnets[0].acl = Some(acl);
    let denies = build.world.acls[0].outbound[0].is.id;
    let by = Rests::on(denies);
    let block = Block::AclOut { subnet: SubnetId(0), acl, leg: Turn::Back, by };
    assert_eq!(blocks(&build.world, INTERNET, site(data)), [BTreeSet::from([block])]);
}

#[test]
fn rules_without_effect_are_told() {
    let (mut build, _, _) = world(When::Always, When::Always);
    let nobody = build.group();
    let ghost = build.add(GroupId(1), Direction::In, port(22), Peer::Group(nobody));
    let unsent = build.add(GroupId(1), Direction::In, Traffic::All, from("192.168.0.0/16"));
    let acl = build.acl(
        &[(100, AclAction::Allow, Traffic::All, "0.0.0.0/0"), (200, AclAction::Deny, port(22), "10.0.0.0/8")],
        &[(100, AclAction::Allow, Traffic::All, "0.0.0.0/0")],
    );
    build.world.subnets[0].acl = Some(acl);
    let never = build.world.acls[0].inbound[1].is.id;
    let id = build.rule();
    let again = Route { id, to: block("0.0.0.0/0"), origin: Origin::Propagated, target: Via::Nowhere };
    build.world.tables[0].routes.push(Fact::sure(again));
    let dead = dead(&build.world);
    assert_eq!(dead.uncarried, BTreeSet::from([nobody]));
    assert_eq!(dead.names_nobody, BTreeSet::from([ghost]));
    assert_eq!(dead.rules, BTreeSet::from([unsent]));
    assert_eq!(dead.entries, BTreeSet::from([(acl, never)]));
    assert_eq!(dead.routes, BTreeSet::from([(TableId(0), id)]));
}
