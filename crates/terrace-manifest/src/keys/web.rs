//! The keys of `[web]`.

use terrace_topology::{Assets, WebServer};

use super::{app, forms};
use crate::describe::{Fields, Key, Kind, Needs};
use crate::words::Word;

pub(crate) const ROOT: Key = Key {
    name: "root",
    about: "The page's folder, from this file.",
    kind: Kind::Text(&forms::PROJECT_PATH),
    required: false,
    default: Some("\".\""),
    examples: &["\"frontend\""],
};

pub(crate) const BUILD: Key = Key {
    name: "build",
    about: "The command that builds the page, run in `root`. Without it the files are served as they are.",
    kind: Kind::Text(&forms::COMMAND),
    required: false,
    default: None,
    examples: &["\"npm ci && npm run build\""],
};

pub(crate) const DIST: Key = Key {
    name: "dist",
    about: "The folder of the built files, from `root`. All of it is public.",
    kind: Kind::Text(&forms::PROJECT_PATH),
    required: false,
    default: Some("\"dist\""),
    examples: &["\"dist\"", "\"build\"", "\"out\""],
};

pub(crate) const SPA: Key = Key {
    name: "spa",
    about: "Whether unknown paths serve `index.html`, as a single-page application needs; otherwise they are 404.",
    kind: Kind::Flag,
    required: false,
    default: Some("true"),
    examples: &["false"],
};

pub(crate) const SERVER: Key = Key {
    name: "server",
    about: "What serves the page in shape `ec2`.",
    kind: Kind::Choice(WebServer::CHOICES),
    required: false,
    default: Some("\"terrace\""),
    examples: &["\"terrace\"", "\"nginx\""],
};

pub(crate) const MACHINE: Key = Key {
    name: "machine",
    about: "On which kind of EC2 machine it is served, in shape `ec2`; a small one if not written.",
    kind: Kind::Text(&forms::MACHINE),
    required: false,
    default: None,
    examples: &["\"t3.small\"", "\"t4g.small\""],
};

pub(crate) const COUNT: Key = Key {
    name: "count",
    about: "How many machines serve it, in shape `ec2`: a number, or bounds to scale between. Two if not written.",
    kind: Kind::WholeOrTable(app::REPLICAS, &app::COUNT_FIELDS),
    required: false,
    default: Some("2"),
    examples: &["2", "{ min = 2, max = 4, cpu = 60 }"],
};

pub(crate) const SETUP: Key = Key {
    name: "setup",
    about: "Further steps when its machines' image is made, in shape `ec2`, as root in a shell.",
    kind: Kind::Text(&forms::COMMAND),
    required: false,
    default: None,
    examples: &["\"dnf install -y amazon-cloudwatch-agent\""],
};

pub(crate) const ASSETS: Key = Key {
    name: "assets",
    about: "What serves its hashed assets in shape `ec2`: the web tier, or with `edge = \"cloudfront\"` a bucket behind that.",
    kind: Kind::Choice(Assets::CHOICES),
    required: false,
    default: Some("\"web\""),
    examples: &["\"web\"", "\"cdn\""],
};

pub(crate) static FIELDS: Fields =
    Fields { keys: &[ROOT, BUILD, DIST, SPA, SERVER, MACHINE, COUNT, SETUP, ASSETS], needs: Needs::Nothing };
