//! The keys of `[alerts]`, `[budget]`, `[logs]` and `[releases]`.

use terrace_topology::{KeptReleases, LogDays, MonthlyBudget};

use super::forms;
use crate::describe::{Bounds, Fields, Key, Kind, Needs};

pub(crate) const EMAIL: Key = Key {
    name: "email",
    about: "Where mail about alarms and the budget goes; AWS asks there first whether it is wanted.",
    kind: Kind::Text(&forms::EMAIL),
    required: true,
    default: None,
    examples: &["\"ops@example.com\""],
};

pub(crate) static ALERTS_FIELDS: Fields = Fields { keys: &[EMAIL], needs: Needs::Nothing };

pub(crate) const MONTHLY: Key = Key {
    name: "monthly",
    about: "Whole US dollars a month.",
    kind: Kind::Whole(Bounds { least: MonthlyBudget::LEAST as i64, most: MonthlyBudget::MOST as i64 }),
    required: true,
    default: None,
    examples: &["200"],
};

pub(crate) static BUDGET_FIELDS: Fields = Fields { keys: &[MONTHLY], needs: Needs::Nothing };

pub(crate) const DAYS: Key = Key {
    name: "days",
    about: "For how many days logs are kept: one of the numbers that CloudWatch Logs takes.",
    kind: Kind::Number(&LogDays::ALL),
    required: false,
    default: Some("30"),
    examples: &["30", "365"],
};

pub(crate) static LOGS_FIELDS: Fields = Fields { keys: &[DAYS], needs: Needs::Nothing };

pub(crate) const KEEP: Key = Key {
    name: "keep",
    about: "How many releases are kept, the one in force among them. One can go back to the others.",
    kind: Kind::Whole(Bounds { least: KeptReleases::LEAST as i64, most: KeptReleases::MOST as i64 }),
    required: false,
    default: Some("10"),
    examples: &["10", "30"],
};

pub(crate) static RELEASES_FIELDS: Fields = Fields { keys: &[KEEP], needs: Needs::Nothing };
