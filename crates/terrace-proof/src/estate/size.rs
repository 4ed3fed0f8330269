//! How long a policy can be.

use terrace_aws::{Part, PolicyDocument, Scope, Statement, Text};

/// Characters of a policy. The longest that AWS takes is a key's, with 32,768 (KMS Developer Guide, "Quotas").
const POLICY: usize = 65_536;

/// Characters of a pattern: no ARN has more than 2,048 (IAM API, `arnType`).
const PATTERN: usize = 2_048;

/// Wildcards of a pattern that nobody needs, and that make comparing it slow.
const WILDCARDS: usize = 24;

/// Whether no policy on AWS is as long, or a pattern has more wildcards than are compared.
pub(super) fn is_absurd(document: &PolicyDocument) -> bool {
    let PolicyDocument::Statements(all) = document else { return false };
    let mut left = POLICY;
    !all.iter().all(|statement| fits(statement, &mut left))
}

fn fits(statement: &Statement, left: &mut usize) -> bool {
    let mut take = |text: &str| {
        let wild = text.bytes().filter(|byte| matches!(byte, b'*' | b'?')).count();
        // A policy has some twenty characters of JSON around each text, too; they are not counted.
        *left = left.saturating_sub(text.len().max(1));
        *left > 0 && text.len() <= PATTERN && wild <= WILDCARDS
    };
    let mut text = |text: &Text| {
        text.parts().iter().all(|part| match part {
            Part::Literal(literal) => take(literal),
            Part::Reference(_) | Part::Opaque(_) => take("."),
        })
    };
    let (Scope::Only(actions) | Scope::AllBut(actions)) = &statement.actions;
    let resources = match &statement.resources {
        None => &[],
        Some(Scope::Only(all) | Scope::AllBut(all)) => all.as_slice(),
    };
    let principals = match &statement.principals {
        None => Vec::new(),
        Some(Scope::Only(all) | Scope::AllBut(all)) => all.values().flatten().collect(),
    };
    let values = statement.conditions.iter().flat_map(|condition| &condition.values);
    resources.iter().chain(principals).chain(values).all(&mut text) && actions.iter().all(|one| take(one))
}
