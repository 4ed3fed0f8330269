//! What visitors meet: load balancers and the distribution, and what is sent to them.

use terrace_aws::resource::{CdnDistribution, LoadBalancer, LoadBalancerType, VpcOrigin};
use terrace_aws::{Address, Arn, Concern, Ref};

use crate::ledger::{Entry, Ledger, count};
use crate::prices::Item;
use crate::{Assumption, Quantity};

const HERE: Concern = Concern::Edge;

/// New connections that one capacity unit takes in an hour: 25 a second ("Elastic Load Balancing pricing").
const CONNECTIONS: u64 = 25 * 3600;

/// Calls of a distribution's function that cost an account nothing each month ("Amazon CloudFront pricing").
const FREE_CALLS: Quantity = Quantity::whole(2_000_000);

const MILLION: u64 = 1_000_000;

pub(super) fn balancer(ledger: &mut Ledger<'_>, address: &Address, balancer: &LoadBalancer) {
    if balancer.load_balancer_type != LoadBalancerType::Application {
        return ledger.cannot(address, "Load balancers", "only application load balancers are priced");
    }
    ledger.charge(Entry::all_month(address, HERE, "Load balancers", Item::LoadBalancer, 1));
    let (mut requests, mut traffic) =
        (ledger.assume(Assumption::Requests), ledger.assume(Assumption::Traffic));
    if !carries_the_page(ledger, address, balancer) {
        (requests, traffic) = (ledger.of_api(requests), ledger.of_api(traffic));
    }
    // A unit takes a gigabyte an hour, or so many connections; each request is taken for a connection of its own.
    let capacity = traffic.max(requests.share(1, CONNECTIONS));
    let what = "Capacity of load balancers";
    ledger.charge(Entry::new(address, HERE, what, Item::LoadBalancerCapacity, capacity));
    if !balancer.internal {
        let zones = count(&balancer.subnets);
        let what = "Public IPv4 addresses of load balancers";
        ledger.charge(Entry::all_month(address, HERE, what, Item::PublicAddress, zones));
        ledger.charge(Entry::new(address, HERE, "Data to visitors", Item::DataOut, traffic));
    }
}

/// Whether page and API come through it; else only the API does.
fn carries_the_page(ledger: &Ledger<'_>, address: &Address, balancer: &LoadBalancer) -> bool {
    let own = Ref::<LoadBalancer, Arn>::new(address.label().clone());
    let behind_cdn =
        ledger.graph.all::<VpcOrigin>().any(|(_, to)| to.vpc_origin_endpoint_config.0.arn == own);
    let page_in_bucket = ledger.graph.all::<CdnDistribution>().any(|(_, cdn)| {
        let page = &cdn.default_cache_behavior.0.target_origin_id;
        cdn.origin
            .0
            .iter()
            .any(|origin| origin.origin_id == *page && origin.origin_access_control_id.is_some())
    });
    (behind_cdn && !page_in_bucket) || !balancer.internal
}

pub(super) fn distribution(ledger: &mut Ledger<'_>, address: &Address) {
    let requests = ledger.assume(Assumption::Requests).share(1, MILLION);
    let traffic = ledger.assume(Assumption::Traffic);
    ledger.charge(Entry::new(address, HERE, "Requests to CloudFront", Item::CdnRequests, requests));
    ledger.charge(Entry::new(address, HERE, "Data to visitors by CloudFront", Item::CdnData, traffic));
}

/// It runs for requests of the page.
pub(super) fn function(ledger: &mut Ledger<'_>, address: &Address) {
    let all = ledger.assume(Assumption::Requests);
    let api = ledger.of_api(all);
    if all.less(api) <= FREE_CALLS {
        ledger.free();
    } else {
        let reason = format!("{FREE_CALLS} calls a month cost nothing; no price of more was found");
        ledger.cannot(address, "Calls of CloudFront's function", reason);
    }
}
