//! Whom a statement of a resource's policy lets in.
//!
//! After what S3 calls public: a statement for anyone is open unless a condition holds it to values that are fixed
//! (Amazon S3 User Guide, "The meaning of \"public\"").

use terrace_aws::{Condition, Part, PrincipalKind, Reference, Scope, Statement, Target, Text};

use crate::rules::answer::Answer;

/// Keys that hold a statement to somebody, if their values are fixed.
const KEYS: [&str; 21] = [
    "aws:sourceip",
    "aws:vpcsourceip",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:userid",
    "aws:username",
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:accesspointnetworkorigin",
];

/// Keys that are fixed by being true.
const TRUTHS: [&str; 3] =
    ["aws:principalisawsservice", "elasticfilesystem:accessedviamounttarget", "aws:viaawsservice"];

/// Whether a statement that allows is closed to strangers: good if it names somebody, or is held to somebody.
pub(super) fn closed(statement: &Statement) -> Answer {
    let named = match &statement.principals {
        None => return Answer::Good,
        Some(Scope::AllBut(_)) => Answer::Bad,
        Some(Scope::Only(all)) => {
            let aws = all.get(&PrincipalKind::Aws).into_iter().flatten();
            aws.map(is_somebody).fold(Answer::Good, Answer::and)
        }
    };
    named.or(held(&statement.conditions))
}

/// Whether a principal is not anyone.
fn is_somebody(name: &Text) -> Answer {
    if let Some(literal) = name.literal() {
        return Answer::when(literal != "*" && !literal.starts_with("arn:aws:iam::*"));
    }
    // An ARN with a hole in it, or the ARN of an item, is somebody's.
    let unknown: Vec<&Reference> = match name.parts() {
        [Part::Reference(reference)] if matches!(reference.target(), Target::Unknown(_)) => vec![reference],
        [Part::Opaque(references)] => {
            references.iter().filter(|one| matches!(one.target(), Target::Unknown(_))).collect()
        }
        _ => Vec::new(),
    };
    if unknown.is_empty() { Answer::Good } else { Answer::open(crate::named(unknown)) }
}

/// Whether some condition holds a statement to fixed callers.
pub(super) fn held(conditions: &[Condition]) -> Answer {
    conditions.iter().map(fixes).fold(Answer::Bad, Answer::or)
}

fn fixes(condition: &Condition) -> Answer {
    let key = condition.key.to_ascii_lowercase();
    let operator = condition.operator.to_ascii_lowercase();
    if operator.starts_with("forallvalues:") || operator.contains("not") || operator == "null" {
        return Answer::Bad;
    }
    let operator = operator.trim_start_matches("foranyvalue:");
    let (operator, optional) = match operator.strip_suffix("ifexists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    // A key that is absent is let through: an address is always there, others are not for strangers.
    if optional && key != "aws:sourceip" {
        return Answer::Bad;
    }
    if operator == "bool" {
        let on = condition
            .values
            .iter()
            .any(|value| value.literal().is_some_and(|v| v.eq_ignore_ascii_case("true")));
        return Answer::when(on && TRUTHS.contains(&key.as_str()));
    }
    if !KEYS.contains(&key.as_str()) {
        return Answer::Bad;
    }
    let wild = operator.ends_with("like") || operator.starts_with("arn");
    let each = condition.values.iter().map(|value| is_fixed(value, operator == "ipaddress", wild));
    each.fold(Answer::Good, Answer::and)
}

fn is_fixed(value: &Text, address: bool, wild: bool) -> Answer {
    let unknown: Vec<&Reference> =
        value.references().filter(|one| matches!(one.target(), Target::Unknown(_))).collect();
    let Some(literal) = value.literal() else {
        // Something of ours is fixed; a whole value that nobody told may be a wildcard or everywhere.
        let whole = !value.parts().iter().any(|part| matches!(part, Part::Literal(_)));
        let matters = whole && (wild || address) && !unknown.is_empty();
        return if matters { Answer::open(crate::named(unknown)) } else { Answer::Good };
    };
    if address {
        let prefix = literal.rsplit_once('/').and_then(|(_, prefix)| prefix.parse::<u8>().ok());
        return Answer::when(prefix.is_none_or(|prefix| prefix >= 8));
    }
    if !wild || !literal.contains(['*', '?']) {
        return Answer::Good;
    }
    let fields: Vec<&str> = literal.splitn(6, ':').collect();
    Answer::when(match fields.as_slice() {
        // An account that is named holds whatever stands behind it; a bucket's name is nobody else's.
        ["arn", _, _, _, account, rest] => {
            let named = !account.is_empty() && !account.contains(['*', '?']);
            named || (account.is_empty() && !rest.starts_with(['*', '?']))
        }
        _ => literal.find(['*', '?']).is_some_and(|at| at >= 8),
    })
}

/// Whether one of the actions of a statement is any of these (lower case).
pub(super) fn speaks_of(statement: &Statement, actions: &[&str]) -> bool {
    let matches = |pattern: &String| {
        let glob = terrace_proof::access::Glob::new(pattern).lowercase();
        actions.iter().any(|action| glob.matches(action))
    };
    match &statement.actions {
        Scope::Only(all) => all.iter().any(matches),
        Scope::AllBut(all) => !all.iter().any(matches),
    }
}
