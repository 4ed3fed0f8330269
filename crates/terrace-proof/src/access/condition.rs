//! Conditions of statements, after AWS's page "IAM JSON policy elements: Condition operators".
//!
//! A condition holds if one of its values matches; a negated one if none does. Without the key, a condition fails, and a
//! negated one holds. `…IfExists` holds without the key; `ForAllValues` holds of no values, `ForAnyValue` does not.

use std::cmp::Ordering;

use terrace_aws::{Condition, Text};

use super::context::{Context, Known};
use super::glob::{Glob, Token};
use super::pattern::{self, Reading};
use super::truth::{Truth, Unknown};
use super::values;

#[derive(Clone, Copy)]
enum Test {
    Equal,
    EqualWithoutCase,
    Like,
    Arn,
    Bool,
    Binary,
    Number(fn(Ordering) -> bool),
    Moment(fn(Ordering) -> bool),
    Block,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    All,
    Any,
}

/// The test of an operator, and whether it is negated.
fn test(name: &str) -> Option<(Test, bool)> {
    let plain = |test| Some((test, false));
    let not = |test| Some((test, true));
    match name.to_ascii_lowercase().as_str() {
        "stringequals" => plain(Test::Equal),
        "stringnotequals" => not(Test::Equal),
        "stringequalsignorecase" => plain(Test::EqualWithoutCase),
        "stringnotequalsignorecase" => not(Test::EqualWithoutCase),
        "stringlike" => plain(Test::Like),
        "stringnotlike" => not(Test::Like),
        "arnequals" | "arnlike" => plain(Test::Arn),
        "arnnotequals" | "arnnotlike" => not(Test::Arn),
        "bool" => plain(Test::Bool),
        "binaryequals" => plain(Test::Binary),
        "ipaddress" => plain(Test::Block),
        "notipaddress" => not(Test::Block),
        "numericnotequals" => not(Test::Number(Ordering::is_eq)),
        "datenotequals" => not(Test::Moment(Ordering::is_eq)),
        other => {
            if let Some(ordering) = other.strip_prefix("numeric") {
                plain(Test::Number(order(ordering)?))
            } else {
                plain(Test::Moment(order(other.strip_prefix("date")?)?))
            }
        }
    }
}

fn order(name: &str) -> Option<fn(Ordering) -> bool> {
    Some(match name {
        "equals" => Ordering::is_eq,
        "lessthan" => Ordering::is_lt,
        "lessthanequals" => Ordering::is_le,
        "greaterthan" => Ordering::is_gt,
        "greaterthanequals" => Ordering::is_ge,
        _ => return None,
    })
}

/// Whether a condition holds in a context.
pub fn holds(condition: &Condition, context: &Context) -> Truth {
    let known = context.get(&condition.key);
    let mut name = condition.operator.as_str();
    let set = name.split_once(':').and_then(|(set, rest)| {
        let set = match set.to_ascii_lowercase().as_str() {
            "forallvalues" => Set::All,
            "foranyvalue" => Set::Any,
            _ => return None,
        };
        name = rest;
        Some(set)
    });
    if name.eq_ignore_ascii_case("Null") {
        return null(condition, known);
    }
    let lower = name.to_ascii_lowercase();
    let if_exists = lower.ends_with("ifexists");
    let Some((test, negated)) = test(lower.strip_suffix("ifexists").unwrap_or(&lower)) else {
        return Truth::unknown(Unknown::Operator(condition.operator.clone()));
    };
    let one = |value: &Text| {
        let any = Truth::any(condition.values.iter().map(|wanted| compare(test, value, wanted, context)));
        if negated { any.negated() } else { any }
    };
    match (known, set) {
        (None, _) => Truth::unknown(Unknown::Key(condition.key.to_ascii_lowercase())),
        (Some(Known::Absent), _) if if_exists => Truth::Yes,
        (Some(Known::Absent), None) => Truth::from(negated),
        (Some(Known::Absent), Some(set)) => Truth::from(set == Set::All),
        (Some(Known::One(value)), _) => one(value),
        (Some(Known::Many(values)), Some(Set::All)) => Truth::all(values.iter().map(one)),
        (Some(Known::Many(values)), Some(Set::Any)) => Truth::any(values.iter().map(one)),
        // AWS: a key of several values needs a set operator; what happens without is not said.
        (Some(Known::Many(_)), None) => Truth::unknown(Unknown::Operator(condition.operator.clone())),
    }
}

fn null(condition: &Condition, known: Option<&Known>) -> Truth {
    let Some(known) = known else {
        return Truth::unknown(Unknown::Key(condition.key.to_ascii_lowercase()));
    };
    let absent = match known {
        Known::Absent => true,
        Known::Many(values) => values.is_empty(),
        Known::One(_) => false,
    };
    Truth::any(condition.values.iter().map(|value| match value.literal() {
        Some(wanted) if wanted.eq_ignore_ascii_case("true") => Truth::from(absent),
        Some(wanted) if wanted.eq_ignore_ascii_case("false") => Truth::from(!absent),
        Some(_) => Truth::No,
        None => holes(&pattern::tokens(value, Reading::Literal)),
    }))
}

fn holes(tokens: &[Token]) -> Truth {
    Truth::all(tokens.iter().filter_map(|token| match token {
        Token::Hole(hole) => Some(Truth::unknown(hole.clone())),
        _ => None,
    }))
}

fn compare(test: Test, value: &Text, wanted: &Text, context: &Context) -> Truth {
    let subject = pattern::tokens(value, Reading::Literal);
    let reading = match test {
        Test::Like | Test::Arn => Reading::Wild,
        _ => Reading::Literal,
    };
    // AWS replaces variables in texts, ARNs and booleans only.
    let variables =
        matches!(test, Test::Equal | Test::EqualWithoutCase | Test::Like | Test::Arn | Test::Bool);
    let wanted = if variables {
        match pattern::in_policy(wanted, reading, context) {
            Some(tokens) => tokens,
            None => return Truth::No,
        }
    } else {
        pattern::tokens(wanted, reading)
    };
    let with =
        |read: &dyn Fn(&str, &str) -> Option<bool>| match (pattern::plain(&subject), pattern::plain(&wanted))
        {
            (Some(one), Some(two)) => Truth::from(read(&one, &two).unwrap_or(false)),
            _ => holes(&subject).and(holes(&wanted)),
        };
    match test {
        Test::Equal | Test::Like => pattern::matches(&subject, &wanted),
        Test::EqualWithoutCase => pattern::matches(&Glob(subject).lowercase().0, &Glob(wanted).lowercase().0),
        Test::Bool => with(&|one, two| {
            let flag = |text: &str| text.to_ascii_lowercase().parse::<bool>().ok();
            Some(flag(one)? == flag(two)?)
        }),
        Test::Arn => pattern::matches(&subject, &pattern::arn(wanted, false)),
        Test::Binary => with(&|one, two| Some(one == two)),
        Test::Number(accepts) => with(&|one, two| values::compare_decimals(one, two).map(accepts)),
        Test::Moment(accepts) => with(&|one, two| values::compare_moments(one, two).map(accepts)),
        Test::Block => with(&|one, two| values::in_block(one, two)),
    }
}
