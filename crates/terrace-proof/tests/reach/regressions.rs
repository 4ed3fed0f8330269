//! What the differential test found once, by hand and as small as it can be.

use terrace_proof::space::{Origin, Packet, Route, Traffic};
use terrace_proof::world::{Fact, Guard, Party, Site, Transit, UnknownId, Via, When};

use crate::judge::Says::{Nothing, Sends, Talks};
use crate::judge::{assert_bounds, assert_says};
use crate::lab::{INTERNET, Lab, anyone, block, packet};

/// A private address of IPv6 went out by an egress-only gateway ("IPv6 addressing": private addresses reach no internet).
#[test]
fn private_addresses_do_not_leave_by_an_egress_only_gateway() {
    let mut lab = Lab::new();
    let network = lab.network(&["fd00::/56", "2001:db8::/56"]);
    let subnet = lab.subnet(network, &["fd00::/64", "2001:db8::/64"], &[("::/0", Via::EgressOnly)]);
    let open = lab.takes(&[]);
    let a = lab.host(subnet, &["fd00::5/128", "2001:db8::5/128"], &[open]);
    assert_says(&lab.world, a, INTERNET, packet("fd00::5", "2001:4860:4860::8888", 443), Nothing);
    assert_says(&lab.world, a, INTERNET, packet("2001:db8::5", "2001:4860:4860::8888", 443), Talks);
}

/// A transit's blackhole for the sender stopped the packet, and not only its answer.
#[test]
fn a_blackhole_for_the_sender_stops_the_answer_alone() {
    let mut lab = Lab::new();
    let network = lab.network(&["10.0.0.0/24"]);
    let office = lab.external(&["192.168.0.0/16"], false);
    let mut transit = Transit::default();
    transit.attached.push(Fact::sure((lab.rule(), network)));
    transit.beyond.push(Fact::sure((lab.rule(), office)));
    transit.nowhere.push(Fact::sure((lab.rule(), block("10.0.0.0/26"))));
    let transit = lab.world.add_transit(transit);
    let subnet = lab.subnet(network, &["10.0.0.0/24"], &[("0.0.0.0/0", Via::Transit(transit))]);
    let open = lab.takes(&[(Traffic::All, anyone())]);
    let holed = lab.host(subnet, &["10.0.0.5/32"], &[open]);
    let other = lab.host(subnet, &["10.0.0.70/32"], &[open]);
    let (office, to) = (Party::External(office), "192.168.0.1");
    assert_says(&lab.world, holed, office, packet("10.0.0.5", to, 443), Sends);
    assert_says(&lab.world, other, office, packet("10.0.0.70", to, 443), Talks);
    assert_says(&lab.world, office, other, packet(to, "10.0.0.70", 443), Talks);
    assert_says(&lab.world, office, holed, packet(to, "10.0.0.5", 443), Nothing);
}

/// A route that might be there stood before a sure one of the same block, and `Least` took the sure one.
#[test]
fn a_route_that_might_be_there_is_not_passed_over() {
    let mut lab = Lab::new();
    let network = lab.network(&["10.0.0.0/24"]);
    let office = lab.external(&["198.51.100.0/24"], true);
    let subnet = lab.subnet(network, &["10.0.0.0/24"], &[]);
    let mut route = |target, when| {
        let route = Route { id: lab.rule(), to: block("0.0.0.0/0"), origin: Origin::Static, target };
        lab.world.tables[0].routes.push(Fact { is: route, when });
    };
    route(Via::Internet, When::on(UnknownId(0)));
    route(Via::Beyond(office), When::Always);
    let site = lab.world.add_site(Site::default());
    lab.interface(site, subnet, &["10.0.0.5/32"], Guard::Open);
    let sent = Packet { protocol: 47, source_port: 0, ..packet("10.0.0.5", "198.51.100.1", 0) };
    assert_bounds(&lab.world, Party::Site(site), Party::External(office), sent, Nothing, Talks);
}

/// The way back from a translator was not asked of its subnet's table, which may lead elsewhere (AWS Network Firewall
/// Developer Guide, "Architecture with an internet gateway and a NAT gateway").
#[test]
fn a_translator_answers_by_its_own_table() {
    for (back, says) in [(Via::Local, Talks), (Via::Nowhere, Sends), (Via::Internet, Sends)] {
        let mut lab = Lab::new();
        let network = lab.network(&["10.0.0.0/24"]);
        let routes = [("0.0.0.0/0", Via::Internet), ("10.0.0.64/26", back)];
        let public = lab.subnet(network, &["10.0.0.0/26"], &routes);
        let nat = lab.nat(public, "10.0.0.20");
        let private = lab.subnet(network, &["10.0.0.64/26"], &[("0.0.0.0/0", Via::Nat(nat))]);
        let open = lab.takes(&[]);
        let a = lab.host(private, &["10.0.0.69/32"], &[open]);
        assert_says(&lab.world, a, INTERNET, packet("10.0.0.69", "8.8.8.8", 443), says);
    }
}
