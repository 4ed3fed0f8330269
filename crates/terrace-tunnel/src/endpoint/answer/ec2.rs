//! EC2: the application's instances, in shape `ec2`; in shape `fargate` there are none.
//!
//! [DescribeInstances](https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html)

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use super::call::Input;
use super::refusal::{Form, Refusal};
use super::xml::Xml;
use super::{World, unknown};
use crate::endpoint::system::{Place, Replica, Shape};

pub(super) const ANSWERED: &[&str] = &["ec2:DescribeInstances"];
const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";
/// The tag that Auto Scaling puts on its instances.
const GROUP: &str = "aws:autoscaling:groupName";

pub(super) fn answer(world: World<'_>, name: &str, input: &Input, id: &str) -> Result<String, Refusal> {
    if name != "DescribeInstances" {
        return Err(unknown(Form::Ec2, &format!("ec2:{name}")));
    }
    let (tags, replicas) = match &world.system.shape {
        Shape::Fargate { .. } => (BTreeMap::new(), &[][..]),
        Shape::Ec2 { group, tags } => {
            let mut tags = tags.clone();
            tags.insert(GROUP.to_owned(), group.to_string());
            (tags, world.system.replicas.as_slice())
        }
    };
    let mut found: Vec<&Replica> = replicas.iter().collect();
    let asked = input.texts("InstanceId");
    if let Some(missing) = asked.iter().find(|id| !found.iter().any(|one| one.instance(world.place) == **id))
    {
        let message = format!("The instance ID '{missing}' does not exist");
        return Err(Refusal::new("InvalidInstanceID.NotFound", message));
    }
    found.retain(|one| asked.is_empty() || asked.contains(&one.instance(world.place)));
    for (filter, values) in input.filters("Filter") {
        let fits: Box<dyn Fn(&&Replica) -> bool> = match filter.as_str() {
            "instance-id" => Box::new(|one| values.contains(&one.instance(world.place))),
            "instance-state-name" => Box::new(|_| values.iter().any(|value| value == "running")),
            "tag-key" => Box::new(|_| values.iter().any(|value| tags.contains_key(value))),
            other => match other.strip_prefix("tag:") {
                Some(key) => Box::new(|_| tags.get(key).is_some_and(|value| values.contains(value))),
                None => {
                    let message = format!("The filter '{other}' is not answered by the rehearsal endpoint");
                    return Err(Refusal::new("InvalidParameterValue", message));
                }
            },
        };
        found.retain(|one| fits(one));
    }
    let mut xml = Xml::begin("DescribeInstancesResponse", Some(NAMESPACE));
    xml.leaf("requestId", id).within("reservationSet", |xml| {
        for one in found {
            xml.within("item", |xml| {
                xml.leaf("reservationId", &format!("r-0{}", world.place.hex("reservation", &one.start, 16)))
                    .leaf("ownerId", world.place.account.as_str())
                    .within("instancesSet", |xml| {
                        xml.within("item", |xml| instance(xml, one, &tags, world.place));
                    });
            });
        }
    });
    Ok(xml.end())
}

fn instance(xml: &mut Xml, one: &Replica, tags: &BTreeMap<String, String>, place: &Place) {
    let since = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(one.since.min(4_000_000_000)));
    let since = humantime::format_rfc3339_millis(since.unwrap_or(SystemTime::UNIX_EPOCH));
    xml.leaf("instanceId", &one.instance(place))
        .within("instanceState", |xml| {
            xml.leaf("code", "16").leaf("name", "running");
        })
        .leaf("launchTime", &since.to_string())
        .leaf("privateIpAddress", &one.private_address(place))
        .within("placement", |xml| {
            xml.leaf("availabilityZone", &place.zone());
        })
        .within("tagSet", |xml| {
            for (key, value) in tags {
                xml.within("item", |xml| {
                    xml.leaf("key", key).leaf("value", value);
                });
            }
        });
}
