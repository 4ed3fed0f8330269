//! The keys of `[network]` and `[egress]`.

use terrace_topology::Egress;

use super::forms;
use crate::describe::{Bounds, Fields, Key, Kind, Needs};
use crate::words::Word;

pub(crate) const CIDR: Key = Key {
    name: "cidr",
    about: "The private block of addresses that all subnets are cut out of (RFC 1918, RFC 6598), a /16 to /20.",
    kind: Kind::Text(&forms::NETWORK_BLOCK),
    required: false,
    default: Some("\"10.0.0.0/16\""),
    examples: &["\"10.0.0.0/16\"", "\"172.20.0.0/16\""],
};

pub(crate) const PUBLIC: Key = Key {
    name: "public",
    about: "The blocks of the load balancers and ways out, one a zone, within `cidr`. If not written they are cut out of it.",
    kind: Kind::List(&forms::SUBNET_BLOCK, 3),
    required: false,
    default: None,
    examples: &["[\"10.0.0.0/24\", \"10.0.1.0/24\"]"],
};

pub(crate) const WEB: Key = Key {
    name: "web",
    about: "The blocks of the web tier, one a zone, within `cidr`. If not written they are cut out of it.",
    kind: Kind::List(&forms::SUBNET_BLOCK, 3),
    required: false,
    default: None,
    examples: &["[\"10.0.16.0/20\", \"10.0.32.0/20\"]"],
};

pub(crate) const APP: Key = Key {
    name: "app",
    about: "The blocks of the app tier, one a zone, within `cidr`. If not written they are cut out of it.",
    kind: Kind::List(&forms::SUBNET_BLOCK, 3),
    required: false,
    default: None,
    examples: &["[\"10.0.64.0/20\", \"10.0.80.0/20\"]"],
};

pub(crate) const DATA: Key = Key {
    name: "data",
    about: "The blocks of the data tier, one a zone, within `cidr`. If not written they are cut out of it.",
    kind: Kind::List(&forms::SUBNET_BLOCK, 3),
    required: false,
    default: None,
    examples: &["[\"10.0.8.0/24\", \"10.0.9.0/24\"]"],
};

pub(crate) static SUBNETS_FIELDS: Fields = Fields { keys: &[PUBLIC, WEB, APP, DATA], needs: Needs::Nothing };

pub(crate) const SUBNETS: Key = Key {
    name: "subnets",
    about: "The blocks of single tiers, where a plan of addresses prescribes them.",
    kind: Kind::Table(&SUBNETS_FIELDS),
    required: false,
    default: None,
    examples: &[],
};

pub(crate) static FIELDS: Fields = Fields { keys: &[CIDR, SUBNETS], needs: Needs::Nothing };

pub(crate) const EGRESS_APP: Key = Key {
    name: "app",
    about: "Whether the app may open connections to the internet.",
    kind: Kind::Choice(Egress::CHOICES),
    required: false,
    default: Some("\"none\""),
    examples: &["\"none\"", "\"nat\""],
};

pub(crate) const EGRESS_PORTS: Key = Key {
    name: "ports",
    about: "On which ports of the internet, where the app has a way out.",
    kind: Kind::Wholes(Bounds { least: 1, most: 65535 }, 50),
    required: false,
    default: Some("[443]"),
    examples: &["[443]", "[443, 587]"],
};

pub(crate) static EGRESS_FIELDS: Fields = Fields { keys: &[EGRESS_APP, EGRESS_PORTS], needs: Needs::Nothing };
