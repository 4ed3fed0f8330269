//! Ways out, ways to AWS, public addresses, and what passes between zones.

use terrace_aws::resource::{EndpointType, NatGateway, VpcEndpoint};
use terrace_aws::{Address, Concern};

use crate::Assumption;
use crate::ledger::{Entry, Ledger, count};
use crate::prices::Item;

const HERE: Concern = Concern::Network;

/// Each way out is there the whole month; what goes out is shared among them.
pub(super) fn nat(ledger: &mut Ledger<'_>, address: &Address) {
    ledger.charge(Entry::all_month(address, HERE, "NAT gateways", Item::Nat, 1));
    let gateways = u64::try_from(ledger.graph.all::<NatGateway>().count()).unwrap_or(u64::MAX);
    let data = ledger.assume(Assumption::Outward).share(1, gateways);
    ledger.charge(Entry::new(address, HERE, "Data through NAT gateways", Item::NatData, data));
    let zones = ledger.zones();
    if gateways < zones {
        // Counted where it leaves a zone and where it arrives in another.
        let crossing = data.share(zones.saturating_sub(1), zones).times(2);
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
            let all = ledger.graph.all::<VpcEndpoint>();
            let interfaces = all.filter(|(_, one)| one.vpc_endpoint_type == EndpointType::Interface).count();
            let data =
                ledger.assume(Assumption::Outward).share(1, u64::try_from(interfaces).unwrap_or(u64::MAX));
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
    let what = "Data between services and a database in another zone";
    ledger.charge(Entry::new(address, HERE, what, Item::CrossZoneData, read));
}
