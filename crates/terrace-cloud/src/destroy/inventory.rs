//! Everything that is there of a system, by its tags.
//!
//! Resource Groups Tagging API Reference: GetResources, in the system's region and, for what is there once
//! for all regions, in us-east-1. It goes on listing for a while what is gone already: what is dear is looked
//! at where it is kept, and left out if it is gone.

use serde::Serialize;
use serde_json::{Value as Json, json};
use terrace_account::{Account, Call, service};

use super::{Fate, Kind, gone};
use crate::watch::{Owner, SYSTEM, WatchError, is_of};

const TARGET: (&str, &str) = ("ResourceGroupsTaggingAPI_20170126", "1.1");
/// Where CloudFront and its certificates are.
const GLOBAL: &str = "us-east-1";

/// Everything that is there of a system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inventory {
    /// Each thing; by kind, then by name.
    pub things: Vec<Thing>,
}

/// A thing that is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Thing {
    /// What it is.
    pub kind: Kind,
    /// What it is called: by its tag, else what its ARN ends in.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Whether AWS has said that it is gone, or on its way.
    pub ended: bool,
}

impl Inventory {
    /// Looks at what is left besides, which the list of tags goes on naming for a while after it is gone.
    ///
    /// # Errors
    /// If AWS refuses or does not answer.
    pub async fn look_again(&mut self, account: &Account) -> Result<(), WatchError> {
        for one in &mut self.things {
            if !one.ended {
                one.ended = gone::is_gone(account, one).await?;
            }
        }
        Ok(())
    }

    /// What costs money by being there and should have gone.
    pub fn left(&self) -> impl Iterator<Item = &Thing> {
        self.things.iter().filter(|one| one.kind.costs && one.kind.fate == Fate::Goes && !one.ended)
    }

    /// What stays on purpose, or for some days more.
    pub fn kept(&self) -> impl Iterator<Item = &Thing> {
        self.things.iter().filter(|one| one.kind.fate != Fate::Goes && !one.ended)
    }
}

/// Looks what there is, in the account's region and where what is global is.
///
/// # Errors
/// If AWS refuses or does not answer: what is not known is not told to be nothing.
pub async fn inventory<'a>(account: &Account, owner: impl Into<Owner<'a>>) -> Result<Inventory, WatchError> {
    let (owner, home) = (owner.into(), account.region());
    let everywhere = terrace_account::partition(home) == "aws" && home != GLOBAL;
    let mut things = Vec::new();
    for region in [home].into_iter().chain(everywhere.then_some(GLOBAL)) {
        let filters = json!([{"Key": SYSTEM, "Values": [owner.system]}]);
        let call = Call::json(service::TAGGING, TARGET, "GetResources", json!({"TagFilters": filters}))
            .within(region);
        let pages = account.sheets(&call, ("PaginationToken", "PaginationToken")).await.whole();
        let pages = pages
            .map_err(|refusal| WatchError::new(format!("listing what there is in {region}"), refusal))?;
        let all = pages.iter().flat_map(|page| list(page, "ResourceTagMappingList"));
        for one in all.filter(|one| is_of(owner, |key| tag(one, key))) {
            things.extend(thing(one));
        }
    }
    things.sort();
    things.dedup();
    for one in &mut things {
        one.ended = has_ended(account, one).await?;
    }
    Ok(Inventory { things })
}

fn thing(of: &Json) -> Option<Thing> {
    let arn = of.get("ResourceARN").and_then(Json::as_str)?;
    let kind = Kind::of(arn)?;
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    let own = resource.split_once(['/', ':']).map_or(resource, |(_, own)| own);
    let name = tag(of, "Name").unwrap_or(own).to_owned();
    Some(Thing { kind, name, arn: arn.to_owned(), ended: false })
}

fn tag<'a>(of: &'a Json, key: &str) -> Option<&'a str> {
    let word = |one: &'a Json, name: &str| one.get(name).and_then(Json::as_str);
    list(of, "Tags").iter().find(|one| word(one, "Key") == Some(key)).and_then(|one| word(one, "Value"))
}

fn list<'a>(of: &'a Json, name: &str) -> &'a [Json] {
    of.get(name).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Whether something is gone that is still listed, or on its way: instances and NAT gateways are listed for
/// an hour.
async fn has_ended(account: &Account, one: &Thing) -> Result<bool, WatchError> {
    let mut parts = one.arn.split(':');
    let (service, region) = (parts.nth(2).unwrap_or_default(), parts.next().unwrap_or_default());
    let id = one.arn.rsplit(['/', ':']).next().unwrap_or_default();
    let word =
        one.arn.splitn(6, ':').nth(5).and_then(|rest| rest.split(['/', ':']).next()).unwrap_or_default();
    let region = if region.is_empty() { account.region() } else { region };
    let ec2 = |action| Call::query(service::EC2, "2016-11-15", action).within(region);
    let (call, state) = match (service, word) {
        ("ec2", "instance") => {
            (ec2("DescribeInstances").with("InstanceId.1", id), &["instanceState", "name"][..])
        }
        ("ec2", "natgateway") => (ec2("DescribeNatGateways").with("NatGatewayId.1", id), &["state"][..]),
        ("ec2", "vpc-endpoint") => (ec2("DescribeVpcEndpoints").with("VpcEndpointId.1", id), &["state"][..]),
        ("ec2", "elastic-ip") => (ec2("DescribeAddresses").with("AllocationId.1", id), &[][..]),
        ("ec2", "volume") => (ec2("DescribeVolumes").with("VolumeId.1", id), &["status"][..]),
        ("elasticloadbalancing", "loadbalancer") => (
            Call::query(service::ELB, "2015-12-01", "DescribeLoadBalancers")
                .with("LoadBalancerArns.member.1", &one.arn)
                .within(region),
            &[][..],
        ),
        ("rds", "db") => (rds("DescribeDBInstances", "DBInstanceIdentifier", id, region), &[][..]),
        ("rds", "cluster") => (rds("DescribeDBClusters", "DBClusterIdentifier", id, region), &[][..]),
        _ => return Ok(false),
    };
    match account.xml(&call).await {
        Ok(answer) => {
            // The first element with the path's first name that has the rest.
            let found = state.split_first().and_then(|(first, rest)| answer.find(first)?.at(rest));
            let gone = ["terminated", "shutting-down", "deleted", "deleting"];
            Ok(found.is_some_and(|state| gone.contains(&state.own().to_ascii_lowercase().as_str())))
        }
        // `InvalidInstanceID.NotFound`, `NatGatewayNotFound`, `LoadBalancerNotFound`, `DBInstanceNotFound`.
        Err(refusal) if refusal.is_absent() => Ok(true),
        // May not be looked at: then it is listed as there.
        Err(refusal) if refusal.is_denied() => Ok(false),
        Err(refusal) => Err(WatchError::new(format!("looking at {} {}", one.kind.what, one.name), refusal)),
    }
}

fn rds<'a>(action: &'a str, field: &str, id: &str, region: &'a str) -> Call<'a> {
    Call::query(service::RDS, "2014-10-31", action).with(field, id).within(region)
}
