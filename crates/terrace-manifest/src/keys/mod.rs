//! Every key of the manifest: what it is called, what it takes, what holds if it is not written.
//!
//! The order is the order in which a manifest is written.

pub(crate) mod app;
pub(crate) mod data;
mod forms;
pub(crate) mod network;
pub(crate) mod upkeep;
pub(crate) mod web;

use terrace_topology::{Architecture, Entrance, Shape};

use crate::describe::{Bounds, Fields, Key, Kind, Needs, Text};
use crate::words::Word;

use forms::ENVIRONMENT_NAME;

pub(crate) const NAME: Key = Key {
    name: "name",
    about: "The name of the system: at most 20 lower-case letters, digits and hyphens. Everything that is made for it is named after it.",
    kind: Kind::Text(&forms::SYSTEM_NAME),
    required: true,
    default: None,
    examples: &["\"items\""],
};

pub(crate) const SHAPE: Key = Key {
    name: "shape",
    about: "How the tiers are realised on AWS.",
    kind: Kind::Choice(Shape::CHOICES),
    required: true,
    default: None,
    examples: &["\"ec2\"", "\"fargate\""],
};

pub(crate) const REGION: Key = Key {
    name: "region",
    about: "The AWS region that it is deployed to.",
    kind: Kind::Text(&forms::REGION),
    required: false,
    default: Some("\"us-east-1\""),
    examples: &["\"us-east-1\"", "\"eu-central-1\""],
};

pub(crate) const ACCOUNT: Key = Key {
    name: "account",
    about: "The AWS account that it belongs into. If written, nothing is deployed to another.",
    kind: Kind::Text(&forms::ACCOUNT),
    required: false,
    default: None,
    examples: &["\"123456789012\""],
};

pub(crate) const ZONES: Key = Key {
    name: "zones",
    about: "Over how many availability zones each tier is spread; or over which, by their letters.",
    kind: Kind::WholeOrList(Bounds { least: 2, most: 3 }, &forms::ZONE_LETTER),
    required: false,
    default: Some("2"),
    examples: &["2", "3", "[\"a\", \"b\"]"],
};

pub(crate) const PRODUCTION: Key = Key {
    name: "production",
    about: "Whether real users depend on it: the database is protected and its backups are kept longer, and each zone has its own way out. If not written, `true` in an environment called `prod` or `production`.",
    kind: Kind::Flag,
    required: false,
    default: None,
    examples: &["true"],
};

pub(crate) const ARCHITECTURE: Key = Key {
    name: "architecture",
    about: "What machines and containers are built for, and so what `build` has to make.",
    kind: Kind::Choice(Architecture::CHOICES),
    required: false,
    default: Some("\"x86_64\""),
    examples: &["\"x86_64\"", "\"arm64\""],
};

pub(crate) const EDGE: Key = Key {
    name: "edge",
    about: "What the public meets first: `alb` unless the shape is `fargate`, which always has `cloudfront`.",
    kind: Kind::Choice(Entrance::CHOICES),
    required: false,
    default: None,
    examples: &["\"alb\"", "\"cloudfront\""],
};

pub(crate) const DOMAIN: Key = Key {
    name: "domain",
    about: "Your own name in the DNS, served with HTTPS. Without it the system answers on a name of AWS's.",
    kind: Kind::Text(&forms::DOMAIN),
    required: false,
    default: None,
    examples: &["\"items.example.com\""],
};

pub(crate) const ZONE: Key = Key {
    name: "zone",
    about: "The Route 53 hosted zone that `domain` is in: `domain` itself, or what stands after one of its dots. Records and the certificate's proof are made there.",
    kind: Kind::Text(&forms::DOMAIN),
    required: false,
    default: None,
    examples: &["\"example.com\""],
};

pub(crate) const WEB: Key = Key {
    name: "web",
    about: "The presentation tier: the page, built once and served as files.",
    kind: Kind::Table(&web::FIELDS),
    required: true,
    default: None,
    examples: &[],
};

pub(crate) const APP: Key = Key {
    name: "app",
    about: "The application tier: the service behind the page.",
    kind: Kind::Table(&app::FIELDS),
    required: true,
    default: None,
    examples: &[],
};

pub(crate) const DATA: Key = Key {
    name: "data",
    about: "The data tier: the database. It never has a way out.",
    kind: Kind::Table(&data::FIELDS),
    required: true,
    default: None,
    examples: &[],
};

pub(crate) const EGRESS: Key = Key {
    name: "egress",
    about: "Ways out to the internet. The data tier never has any.",
    kind: Kind::Table(&network::EGRESS_FIELDS),
    required: false,
    default: None,
    examples: &[],
};

pub(crate) const NETWORK: Key = Key {
    name: "network",
    about: "The addresses of the system's own network.",
    kind: Kind::Table(&network::FIELDS),
    required: false,
    default: None,
    examples: &[],
};

pub(crate) const ALERTS: Key = Key {
    name: "alerts",
    about: "Who is told when something is wrong.",
    kind: Kind::Table(&upkeep::ALERTS_FIELDS),
    required: false,
    default: None,
    examples: &[],
};

pub(crate) const BUDGET: Key = Key {
    name: "budget",
    about: "What the system may cost before somebody is told.",
    kind: Kind::Table(&upkeep::BUDGET_FIELDS),
    required: false,
    default: None,
    examples: &[],
};

pub(crate) const LOGS: Key = Key {
    name: "logs",
    about: "What becomes of the logs.",
    kind: Kind::Table(&upkeep::LOGS_FIELDS),
    required: false,
    default: None,
    examples: &[],
};

pub(crate) const RELEASES: Key = Key {
    name: "releases",
    about: "What becomes of former releases.",
    kind: Kind::Table(&upkeep::RELEASES_FIELDS),
    required: false,
    default: None,
    examples: &[],
};

/// What an environment may say otherwise: everything.
pub(crate) static SETTINGS: Fields = Fields {
    keys: &[
        NAME,
        SHAPE,
        REGION,
        ACCOUNT,
        ZONES,
        PRODUCTION,
        ARCHITECTURE,
        EDGE,
        DOMAIN,
        ZONE,
        WEB,
        APP,
        DATA,
        EGRESS,
        NETWORK,
        ALERTS,
        BUDGET,
        LOGS,
        RELEASES,
    ],
    needs: Needs::Nothing,
};

pub(crate) const ENVIRONMENTS: Key = Key {
    name: "environments",
    about: "What differs from place to place: each environment may override any other key, also by dotted keys such as `app.count.min = 3`.",
    kind: Kind::Named(&ENVIRONMENT_NAME, &Kind::Table(&SETTINGS), 32),
    required: false,
    default: None,
    examples: &[],
};

/// The whole file.
pub(crate) static MANIFEST: Fields = Fields {
    keys: &[
        NAME,
        SHAPE,
        REGION,
        ACCOUNT,
        ZONES,
        PRODUCTION,
        ARCHITECTURE,
        EDGE,
        DOMAIN,
        ZONE,
        WEB,
        APP,
        DATA,
        EGRESS,
        NETWORK,
        ALERTS,
        BUDGET,
        LOGS,
        RELEASES,
        ENVIRONMENTS,
    ],
    needs: Needs::Nothing,
};

/// The form of a setting's name, of which Terrace keeps some to itself.
pub(crate) fn setting_name() -> &'static Text {
    &forms::SETTING_NAME
}
