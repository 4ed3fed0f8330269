//! The keys of `[data]`.

use terrace_topology::{BackupDays, Engine, Gibibytes};

use super::forms;
use crate::describe::{Bounds, Fields, Key, Kind, Needs};
use crate::words::Word;

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

pub(crate) const CLASS: Key = Key {
    name: "class",
    about: "On which class of RDS or Aurora servers it runs; a small one if not written.",
    kind: Kind::Text(&forms::DATABASE_CLASS),
    required: false,
    default: None,
    examples: &["\"db.t4g.medium\"", "\"db.m7g.large\""],
};

pub(crate) const STORAGE: Key = Key {
    name: "storage",
    about: "Its room in GiB, in shape `ec2`. Aurora's grows by itself.",
    kind: Kind::Whole(Bounds { least: Gibibytes::LEAST as i64, most: Gibibytes::MOST as i64 }),
    required: false,
    default: None,
    examples: &["20", "100"],
};

pub(crate) const BACKUPS: Key = Key {
    name: "backups",
    about: "For how many days its backups are kept; 0 for none. If not written: 7, and 14 in production.",
    kind: Kind::Whole(Bounds { least: BackupDays::LEAST as i64, most: BackupDays::MOST as i64 }),
    required: false,
    default: None,
    examples: &["7", "35"],
};

pub(crate) const PROTECT: Key = Key {
    name: "protect",
    about: "Whether it is kept from being deleted. If not written: in production it is.",
    kind: Kind::Flag,
    required: false,
    default: None,
    examples: &["true"],
};

pub(crate) const MIGRATE: Key = Key {
    name: "migrate",
    about: "The command that brings the tables to what the app expects, run once for each release before it serves: in the app's folder, with the app's environment. Where it fails, the release does not happen and the one before goes on.",
    kind: Kind::Text(&forms::COMMAND),
    required: false,
    default: None,
    examples: &["\".venv/bin/alembic upgrade head\"", "\"npx prisma migrate deploy\""],
};

pub(crate) static FIELDS: Fields = Fields {
    keys: &[ENGINE, VERSION, STANDBY, CLASS, STORAGE, BACKUPS, PROTECT, MIGRATE],
    needs: Needs::Nothing,
};
