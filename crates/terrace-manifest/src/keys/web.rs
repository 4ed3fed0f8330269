//! The keys of `[web]`.

use terrace_topology::WebServer;

use super::forms;
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

pub(crate) static FIELDS: Fields = Fields { keys: &[ROOT, BUILD, DIST, SPA, SERVER], needs: Needs::Nothing };
