//! The keys of `[app]`.

use terrace_topology::{Capacity, CpuUnits};

use super::forms;
use crate::describe::{Bounds, Fields, Key, Kind, Needs};

pub(crate) const ROOT: Key = Key {
    name: "root",
    about: "The app's folder, from this file.",
    kind: Kind::Text(&forms::PROJECT_PATH),
    required: false,
    default: Some("\".\""),
    examples: &["\"backend\""],
};

pub(crate) const BUILD: Key = Key {
    name: "build",
    about: "The command that builds the app, run in `root`.",
    kind: Kind::Text(&forms::COMMAND),
    required: false,
    default: None,
    examples: &["\"cargo build --release\"", "\"npm ci\""],
};

pub(crate) const RUN: Key = Key {
    name: "run",
    about: "The command that starts the app, run in `root`. It listens on `$PORT` and finds the database in `$DATABASE_URL`.",
    kind: Kind::Text(&forms::COMMAND),
    required: false,
    default: None,
    examples: &["\"target/release/items-api\"", "\".venv/bin/uvicorn main:app --port $PORT\""],
};

pub(crate) const IMAGE: Key = Key {
    name: "image",
    about: "The Dockerfile of the container that the app runs in where it is deployed, from `root`. On this machine there is none and `run` starts the app.",
    kind: Kind::Text(&forms::PROJECT_PATH),
    required: false,
    default: None,
    examples: &["\"Dockerfile\""],
};

pub(crate) const PORT: Key = Key {
    name: "port",
    about: "The port that the app listens on where it is deployed; it finds it in `$PORT`.",
    kind: Kind::Whole(Bounds { least: 1, most: 65535 }),
    required: false,
    default: Some("8000"),
    examples: &["8000", "3000"],
};

pub(crate) const PATHS: Key = Key {
    name: "paths",
    about: "Which requests reach the app: exact paths, or all below one (`/api/*`). The others are the page's.",
    kind: Kind::List(&forms::PUBLIC_PATH, 50),
    required: false,
    default: Some("[\"/api/*\"]"),
    examples: &["[\"/api/*\"]", "[\"/api/*\", \"/docs\"]"],
};

pub(crate) const HEALTH: Key = Key {
    name: "health",
    about: "The path that answers 200 when the app is well. The load balancer asks it; the public need not reach it.",
    kind: Kind::Text(&forms::HEALTH_PATH),
    required: false,
    default: Some("\"/health\""),
    examples: &["\"/health\"", "\"/api/healthz\""],
};

pub(super) const REPLICAS: Bounds = Bounds { least: 1, most: Capacity::MOST as i64 };

pub(crate) const COUNT_MIN: Key = Key {
    name: "min",
    about: "The fewest replicas that run: 2 if not written, or `max` if that is less.",
    kind: Kind::Whole(REPLICAS),
    required: false,
    default: None,
    examples: &["2"],
};

pub(crate) const COUNT_MAX: Key = Key {
    name: "max",
    about: "The most replicas that run: `min` if not written.",
    kind: Kind::Whole(REPLICAS),
    required: false,
    default: None,
    examples: &["6"],
};

pub(crate) const COUNT_CPU: Key = Key {
    name: "cpu",
    about: "The CPU use in percent that scaling between `min` and `max` keeps to.",
    kind: Kind::Whole(Bounds { least: 1, most: 100 }),
    required: false,
    default: Some("60"),
    examples: &["60"],
};

pub(crate) static COUNT_FIELDS: Fields =
    Fields { keys: &[COUNT_MIN, COUNT_MAX, COUNT_CPU], needs: Needs::Nothing };

pub(crate) const COUNT: Key = Key {
    name: "count",
    about: "How many replicas run: a number, or bounds to scale between. Two if not written.",
    kind: Kind::WholeOrTable(REPLICAS, &COUNT_FIELDS),
    required: false,
    default: Some("2"),
    examples: &["2", "{ min = 2, max = 6, cpu = 60 }"],
};

pub(crate) const MACHINE: Key = Key {
    name: "machine",
    about: "On which kind of EC2 machine it runs, in shape `ec2`; a small one if not written.",
    kind: Kind::Text(&forms::MACHINE),
    required: false,
    default: None,
    examples: &["\"t3.small\"", "\"m7g.large\""],
};

pub(crate) const CPU: Key = Key {
    name: "cpu",
    about: "Each container's share of processors, in shape `fargate`: 1024 units are one.",
    kind: Kind::Number(&CpuUnits::ALL),
    required: false,
    default: Some("256"),
    examples: &["256", "1024"],
};

pub(crate) const MEMORY: Key = Key {
    name: "memory",
    about: "Each container's memory in MiB, in shape `fargate`. If not written, the least that goes with `cpu`.",
    kind: Kind::Whole(Bounds { least: 512, most: 122_880 }),
    required: false,
    default: Some("512"),
    examples: &["512", "2048"],
};

pub(crate) const SETUP: Key = Key {
    name: "setup",
    about: "Further steps when its machines' image is made, in shape `ec2`, as root in a shell.",
    kind: Kind::Text(&forms::COMMAND),
    required: false,
    default: None,
    examples: &["\"dnf install -y ffmpeg\""],
};

pub(crate) const FILES: Key = Key {
    name: "files",
    about: "What of `root` is shipped to its machines, in shape `ec2`. If not written, what `run` needs as far as that can be told.",
    kind: Kind::List(&forms::PROJECT_PATH, 100),
    required: false,
    default: None,
    examples: &["[\"target/release/items-api\"]", "[\"src\", \"package.json\", \"node_modules\"]"],
};

pub(crate) const RUNTIME: Key = Key {
    name: "runtime",
    about: "What has to be on its machines, in shape `ec2`; `native` for a program that runs by itself.",
    kind: Kind::Text(&forms::RUNTIME),
    required: false,
    default: None,
    examples: &["\"python3.12\"", "\"nodejs22\"", "\"java21\"", "\"native\""],
};

pub(crate) const EXEC: Key = Key {
    name: "exec",
    about: "Whether people with the right to it may open a shell beside the app.",
    kind: Kind::Flag,
    required: false,
    default: Some("true"),
    examples: &["false"],
};

pub(crate) const CONCURRENCY: Key = Key {
    name: "concurrency",
    about: "Requests in flight per replica before others wait; no limit if not written. 15 suits a default SQLAlchemy pool.",
    kind: Kind::Whole(Bounds { least: 1, most: 100_000 }),
    required: false,
    default: None,
    examples: &["64"],
};

pub(crate) const VARIABLES: Key = Key {
    name: "variables",
    about: "Plain settings that the app finds in its environment. Anyone who reads this file reads them.",
    kind: Kind::Named(&forms::SETTING_NAME, &Kind::Text(&forms::VARIABLE), 256),
    required: false,
    default: None,
    examples: &["{ LOG_LEVEL = \"info\" }"],
};

pub(crate) const GENERATE: Key = Key {
    name: "generate",
    about: "Makes the secret once, of so many random bytes, and never shows it.",
    kind: Kind::Whole(Bounds { least: 16, most: 256 }),
    required: false,
    default: None,
    examples: &["32"],
};

pub(crate) const SECRET: Key = Key {
    name: "secret",
    about: "The name of a secret that exists, on AWS in Secrets Manager.",
    kind: Kind::Text(&forms::SECRET_NAME),
    required: false,
    default: None,
    examples: &["\"items/mail\""],
};

pub(crate) static SECRET_FIELDS: Fields =
    Fields { keys: &[GENERATE, SECRET], needs: Needs::OneOf(&["generate", "secret"]) };

pub(crate) const SECRETS: Key = Key {
    name: "secrets",
    about: "Secret settings that the app finds in its environment. Their values are never in this file.",
    kind: Kind::Named(&forms::SETTING_NAME, &Kind::Table(&SECRET_FIELDS), 256),
    required: false,
    default: None,
    examples: &["{ SESSION_KEY = { generate = 32 } }"],
};

pub(crate) static FIELDS: Fields = Fields {
    keys: &[
        ROOT,
        BUILD,
        RUN,
        IMAGE,
        PORT,
        PATHS,
        HEALTH,
        COUNT,
        CONCURRENCY,
        MACHINE,
        CPU,
        MEMORY,
        SETUP,
        FILES,
        RUNTIME,
        EXEC,
        VARIABLES,
        SECRETS,
    ],
    needs: Needs::AnyOf(&["run", "image"]),
};
