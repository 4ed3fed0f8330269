//! Cases that a reader can follow.

use terrace_net::{Ipv4Block, Port};
use terrace_proof::space::*;

fn block(text: &str) -> AddressBlock {
    text.parse::<Ipv4Block>().unwrap().into()
}

fn tcp(first: u16, last: u16) -> Traffic {
    Traffic::Ports(Transport::Tcp, PortSpan::new(first, last).unwrap())
}

fn entry(order: u32, action: AclAction, traffic: Traffic, to: &str) -> AclEntry {
    AclEntry { id: RuleId(order), order, action, traffic, block: block(to) }
}

fn lines(set: &PacketSet) -> String {
    let line = |b: &HeaderBox| {
        let rules: Vec<String> = b.rests().rules().iter().map(|r| r.0.to_string()).collect();
        format!("{b} by {}", rules.join(", "))
    };
    set.boxes().iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn only_ports_that_get_an_answer_can_be_spoken_from() {
    let out = [entry(100, AclAction::Allow, tcp(5432, 5432), "10.0.2.0/24")];
    let back = [
        entry(201, AclAction::Deny, tcp(40_000, 49_999), "10.0.2.0/24"),
        entry(202, AclAction::Allow, tcp(32_768, 60_999), "10.0.2.0/24"),
    ];
    let talk = |back: &[AclEntry]| {
        conversation(&first_match(&out, Direction::Out).allowed, &first_match(back, Direction::In).allowed)
    };
    insta::assert_snapshot!(lines(&talk(&back)), @r"
    tcp 0.0.0.0/0:32768-39999 -> 10.0.2.0/24:5432-5432 by 100, 202
    tcp 0.0.0.0/0:50000-60999 -> 10.0.2.0/24:5432-5432 by 100, 202
    ");
    assert!(talk(&back[..1]).is_empty());
}

#[test]
fn an_echo_is_answered_and_an_answer_is_not() {
    let kind = |kind| Traffic::Icmp { family: Family::V4, kind: Some(kind), code: None };
    let rule = |id, traffic, way| PacketSet::rule(RuleId(id), traffic, way, &[block("10.0.0.0/8").into()]);
    let (ask, answer) = (rule(1, kind(8), Direction::Out), rule(2, kind(0), Direction::In));
    let talk = conversation(&ask, &answer);
    assert_eq!(talk.rests().rules(), [RuleId(1), RuleId(2)]);
    insta::assert_snapshot!(talk.witness().unwrap(), @"icmp type 8 code 0 198.51.100.7 -> 10.0.0.0");
    assert!(conversation(&rule(2, kind(0), Direction::Out), &rule(1, kind(8), Direction::In)).is_empty());
}

#[test]
fn every_type_and_code_is_all_of_icmp() {
    let mut all = PacketSet::nothing();
    for kind in 0..=u8::MAX {
        let traffic = Traffic::Icmp { family: Family::V6, kind: Some(kind), code: None };
        let anyone = [Addresses::all(Family::V6)];
        all = all.union(&PacketSet::rule(RuleId(0), traffic, Direction::In, &anyone));
    }
    let whole =
        PacketSet::rule(RuleId(0), Traffic::Protocol(58), Direction::In, &[Addresses::all(Family::V6)]);
    assert!(all.same_packets(&whole));
    assert_eq!(all.simplified().boxes(), whole.boxes());
}

#[test]
fn a_witness_looks_like_a_packet() {
    let anyone = [Addresses::all(Family::V4), Addresses::all(Family::V6)];
    let port = Traffic::Ports(Transport::Tcp, Port::POSTGRES.into());
    let set = PacketSet::rule(RuleId(7), port, Direction::In, &anyone);
    let witnesses: Vec<String> = set.boxes().iter().map(|b| b.witness().to_string()).collect();
    insta::assert_snapshot!(witnesses.join("\n"), @r"
    tcp 198.51.100.7:49152 -> 203.0.113.7:5432
    tcp [2001:db8::7]:49152 -> [2001:db8::9]:5432
    ");
}

#[test]
fn an_entry_behind_a_wider_one_is_dead() {
    let entries = [
        entry(100, AclAction::Allow, Traffic::All, "10.0.0.0/16"),
        entry(110, AclAction::Deny, tcp(22, 22), "10.0.1.0/24"),
        entry(120, AclAction::Deny, tcp(22, 22), "10.1.0.0/16"),
    ];
    let decision = first_match(&entries, Direction::In);
    assert_eq!(decision.dead().collect::<Vec<_>>(), [RuleId(110)]);
    insta::assert_snapshot!(
        lines(&decision.allowed),
        @"all 10.0.0.0/16:0-65535 -> 0.0.0.0/0:0-65535 by 100"
    );
}
