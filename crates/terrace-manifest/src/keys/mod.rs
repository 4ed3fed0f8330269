//! Every key of the manifest: what it is called, what it takes, what holds if it is not written.
//!
//! The order is the order in which a manifest is written.

pub(crate) mod app;
mod forms;
pub(crate) mod web;

use terrace_topology::{Egress, Engine, Entrance, Shape};

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

pub(crate) const ZONES: Key = Key {
    name: "zones",
    about: "Over how many availability zones each tier is spread.",
    kind: Kind::Whole(Bounds { least: 2, most: 3 }),
    required: false,
    default: Some("2"),
    examples: &["2", "3"],
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

pub(crate) const ENGINE: Key = Key {
    name: "engine",
    about: "Which database.",
    kind: Kind::Choice(Engine::CHOICES),
    required: true,
    default: None,
    examples: &["\"postgres\"", "\"mysql\""],
};

pub(crate) const VERSION: Key = Key {
    name: "version",
    about: "Its version, as far as it matters: `\"16\"` is any 16.x. If not written: PostgreSQL 16; MySQL 8.4 in shape `ec2` and 8.0 in `fargate`, which is Aurora's.",
    kind: Kind::Text(&forms::VERSION),
    required: false,
    default: None,
    examples: &["\"16\"", "\"8.4\""],
};

pub(crate) const STANDBY: Key = Key {
    name: "standby",
    about: "Whether a second database stands by in another zone and takes over when the first fails.",
    kind: Kind::Flag,
    required: false,
    default: Some("true"),
    examples: &["true"],
};

pub(crate) static DATA_FIELDS: Fields = Fields { keys: &[ENGINE, VERSION, STANDBY], needs: Needs::Nothing };

pub(crate) const DATA: Key = Key {
    name: "data",
    about: "The data tier: the database. It never has a way out.",
    kind: Kind::Table(&DATA_FIELDS),
    required: true,
    default: None,
    examples: &[],
};

pub(crate) const EGRESS_APP: Key = Key {
    name: "app",
    about: "Whether the app may open connections to the internet.",
    kind: Kind::Choice(Egress::CHOICES),
    required: false,
    default: Some("\"none\""),
    examples: &["\"none\"", "\"nat\""],
};

pub(crate) static EGRESS_FIELDS: Fields = Fields { keys: &[EGRESS_APP], needs: Needs::Nothing };

pub(crate) const EGRESS: Key = Key {
    name: "egress",
    about: "Ways out to the internet. The data tier never has any.",
    kind: Kind::Table(&EGRESS_FIELDS),
    required: false,
    default: None,
    examples: &[],
};

/// What an environment may say otherwise: everything.
pub(crate) static SETTINGS: Fields = Fields {
    keys: &[NAME, SHAPE, REGION, ZONES, EDGE, DOMAIN, WEB, APP, DATA, EGRESS],
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
    keys: &[NAME, SHAPE, REGION, ZONES, EDGE, DOMAIN, WEB, APP, DATA, EGRESS, ENVIRONMENTS],
    needs: Needs::Nothing,
};

/// The form of a setting's name, of which Terrace keeps some to itself.
pub(crate) fn setting_name() -> &'static Text {
    &forms::SETTING_NAME
}
