//! Ways out, ways to AWS, public addresses, and what passes between zones.

use terrace_aws::resource::{EndpointType, NatGateway, VpcEndpoint};
use terrace_aws::{Address, Concern, Label};

use crate::Assumption;
use crate::ledger::{Entry, Ledger, count};
use crate::prices::Item;

const HERE: Concern = Concern::Network;

/// Each way out is there the whole month; what goes out is shared among them.
pub(super) fn nat(ledger: &mut Ledger<'_>, address: &Address) {
    ledger.charge(Entry::all_month(address, HERE, "NAT gateways", Item::Nat, 1));
    let labels = ledger.graph.all::<NatGateway>().map(|(label, _)| label);
    let (at, gateways) = place(labels, address);
    let data = ledger.assume(Assumption::Outward).part(at, gateways);
    ledger.charge(Entry::new(address, HERE, "Data through NAT gateways", Item::NatData, data));
    let zones = ledger.zones();
    if gateways < zones {
        // Counted where it leaves a zone and where it arrives in another.
        let crossing = data.share(zones.saturating_sub(gateways), zones).times(2);
        let what = "Data to a NAT gateway in another zone";
        ledger.charge(Entry::new(address, HERE, what, Item::CrossZoneData, crossing));
    }
}

pub(super) fn address(ledger: &mut Ledger<'_>, address: &Address) {
    ledger.charge(Entry::all_month(address, HERE, "Public IPv4 addresses", Item::PublicAddress, 1));
}

/// Interface endpoints cost in each zone; gateway endpoints nothing.
pub(super) fn endpoint(ledger: &mut Ledger<'_>, address: &Address, endpoint: &VpcEndpoint) {
    match endpoint.vpc_endpoint_type {
        EndpointType::Gateway => ledger.free(),
        EndpointType::Interface => {
            let zones = count(&endpoint.subnet_ids);
            let what = format!("Interface endpoints, in {zones} zones each");
            ledger.charge(Entry::all_month(address, HERE, what, Item::InterfaceEndpoint, zones));
            let labels = ledger.graph.all::<VpcEndpoint>();
            let labels = labels.filter(|(_, one)| one.vpc_endpoint_type == EndpointType::Interface);
            let (at, interfaces) = place(labels.map(|(label, _)| label), address);
            let data = ledger.assume(Assumption::Outward).part(at, interfaces);
            let what = "Data through interface endpoints";
            ledger.charge(Entry::new(address, HERE, what, Item::InterfaceEndpointData, data));
        }
    }
}

/// Services reach the database's only writer from every zone. What a load balancer passes on costs nothing, nor does
/// what a database copies to its standby; of what a database sends, the services' side is charged.
pub(super) fn crossing(ledger: &mut Ledger<'_>, address: &Address) {
    let zones = ledger.zones();
    let traffic = ledger.assume(Assumption::Traffic);
    let read = ledger.of_api(traffic).share(zones.saturating_sub(1), zones);
    let what = "Data from a database in another zone";
    ledger.charge(Entry::new(address, HERE, what, Item::CrossZoneData, read));
}

/// Which of these it is, counted from 0, and how many they are.
fn place<'l>(labels: impl Iterator<Item = &'l Label>, address: &Address) -> (u64, u64) {
    let (mut before, mut all) = (0_u64, 0_u64);
    for label in labels {
        before = before.saturating_add(u64::from(label < address.label()));
        all = all.saturating_add(1);
    }
    (before, all)
}
