//! Regions, their zones, and what is not everywhere.
//!
//! Sources: names and partitions of botocore 1.43.11 (`endpoints.json`); zones that EC2 offers machines in, as moto
//! 5.2.1 keeps them, of 2026-05-20, and for younger regions the three that AWS promises ("AWS Availability Zones");
//! VPC origins by "Use service-linked roles for CloudFront", Fargate by "Supported Regions for Amazon ECS on AWS
//! Fargate" and the prices for Arm in every region that has any, of 2025-10-27. Regions that only some governments
//! may use are left out.

use terrace_topology::{Region, Zones};

use super::nearest::nearest;

/// A set of regions that share accounts, names of resources and a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// The one that nearly everyone uses.
    Aws,
    /// China, with accounts of its own.
    China,
    /// AWS GovCloud (US), with accounts of its own.
    GovCloud,
}

impl Partition {
    /// As it stands in ARNs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::GovCloud => "aws-us-gov",
        }
    }

    /// The domain of its services' principals and endpoints.
    pub const fn dns_suffix(self) -> &'static str {
        match self {
            Self::Aws | Self::GovCloud => "amazonaws.com",
            Self::China => "amazonaws.com.cn",
        }
    }
}

/// What is known of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionFacts {
    /// Its code, such as `eu-west-1`.
    pub code: &'static str,
    /// What AWS calls it.
    pub title: &'static str,
    /// The letters of the zones that an account can use, in order. In the oldest regions an account may see other
    /// letters; `us-east-1e` is left out, since it offers hardly any present machine.
    pub zones: &'static str,
    /// The partition it belongs to.
    pub partition: Partition,
    /// Whether an account has to be opted into it before anything can be made there.
    pub opt_in: bool,
    /// Whether CloudFront reaches private load balancers there (VPC origins).
    pub vpc_origins: bool,
}

impl RegionFacts {
    /// Whether it has that many zones.
    pub fn holds(&self, zones: Zones) -> bool {
        self.zones.len() >= usize::from(zones.count())
    }

    /// Whether it has a zone of that letter.
    pub fn has_zone(&self, letter: char) -> bool {
        self.zones.contains(letter)
    }

    /// The letters taken where none were chosen: the first ones, as many as asked, or all there are.
    pub fn first_zones(&self, zones: Zones) -> impl Iterator<Item = char> + use<> {
        self.zones.chars().take(usize::from(zones.count()))
    }
}

const fn old(code: &'static str, title: &'static str, zones: &'static str) -> RegionFacts {
    RegionFacts { code, title, zones, partition: Partition::Aws, opt_in: false, vpc_origins: true }
}

const fn opt_in(code: &'static str, title: &'static str) -> RegionFacts {
    RegionFacts { opt_in: true, ..old(code, title, "abc") }
}

const fn young(code: &'static str, title: &'static str) -> RegionFacts {
    RegionFacts { vpc_origins: false, ..opt_in(code, title) }
}

const fn apart(
    partition: Partition,
    code: &'static str,
    title: &'static str,
    zones: &'static str,
) -> RegionFacts {
    RegionFacts { partition, vpc_origins: false, ..old(code, title, zones) }
}

/// Every region known, by code.
const REGIONS: &[RegionFacts] = &[
    opt_in("af-south-1", "Africa (Cape Town)"),
    opt_in("ap-east-1", "Asia Pacific (Hong Kong)"),
    young("ap-east-2", "Asia Pacific (Taipei)"),
    old("ap-northeast-1", "Asia Pacific (Tokyo)", "acd"),
    old("ap-northeast-2", "Asia Pacific (Seoul)", "abcd"),
    old("ap-northeast-3", "Asia Pacific (Osaka)", "abc"),
    old("ap-south-1", "Asia Pacific (Mumbai)", "abc"),
    opt_in("ap-south-2", "Asia Pacific (Hyderabad)"),
    old("ap-southeast-1", "Asia Pacific (Singapore)", "abc"),
    old("ap-southeast-2", "Asia Pacific (Sydney)", "abc"),
    opt_in("ap-southeast-3", "Asia Pacific (Jakarta)"),
    opt_in("ap-southeast-4", "Asia Pacific (Melbourne)"),
    young("ap-southeast-5", "Asia Pacific (Malaysia)"),
    young("ap-southeast-6", "Asia Pacific (New Zealand)"),
    young("ap-southeast-7", "Asia Pacific (Thailand)"),
    old("ca-central-1", "Canada (Central)", "abd"),
    opt_in("ca-west-1", "Canada West (Calgary)"),
    apart(Partition::China, "cn-north-1", "China (Beijing)", "ab"),
    apart(Partition::China, "cn-northwest-1", "China (Ningxia)", "abc"),
    old("eu-central-1", "Europe (Frankfurt)", "abc"),
    opt_in("eu-central-2", "Europe (Zurich)"),
    old("eu-north-1", "Europe (Stockholm)", "abc"),
    opt_in("eu-south-1", "Europe (Milan)"),
    opt_in("eu-south-2", "Europe (Spain)"),
    old("eu-west-1", "Europe (Ireland)", "abc"),
    old("eu-west-2", "Europe (London)", "abc"),
    old("eu-west-3", "Europe (Paris)", "abc"),
    opt_in("il-central-1", "Israel (Tel Aviv)"),
    opt_in("me-central-1", "Middle East (UAE)"),
    opt_in("me-south-1", "Middle East (Bahrain)"),
    young("mx-central-1", "Mexico (Central)"),
    old("sa-east-1", "South America (Sao Paulo)", "abc"),
    old("us-east-1", "US East (N. Virginia)", "abcdf"),
    old("us-east-2", "US East (Ohio)", "abc"),
    apart(Partition::GovCloud, "us-gov-east-1", "AWS GovCloud (US-East)", "abc"),
    apart(Partition::GovCloud, "us-gov-west-1", "AWS GovCloud (US-West)", "abc"),
    old("us-west-1", "US West (N. California)", "ab"),
    old("us-west-2", "US West (Oregon)", "abcd"),
];

/// Every region known, by code.
pub fn regions() -> &'static [RegionFacts] {
    REGIONS
}

/// What is known of a region, if it is known.
pub fn region(region: &Region) -> Option<&'static RegionFacts> {
    let at = REGIONS.binary_search_by(|facts| facts.code.cmp(region.as_str())).ok()?;
    REGIONS.get(at)
}

/// The code of the region that was probably meant.
pub fn nearest_region(region: &Region) -> Option<&'static str> {
    nearest(region.as_str(), REGIONS.iter().map(|facts| facts.code))
}
