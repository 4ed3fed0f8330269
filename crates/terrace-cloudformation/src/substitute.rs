//! `Fn::Sub`: `${Name}`, `${Resource.Attribute}`, `${!literal}`, and names of its own.

use std::collections::BTreeMap;

use terrace_aws::Text;

use crate::datum::Datum;
use crate::node::{At, Node};
use crate::scope::Scope;

/// The text with every name replaced; none if the arguments have another form.
pub(crate) fn sub(scope: &Scope<'_>, argument: &Node, at: At) -> Option<Datum> {
    let (pattern, own) = match argument.items() {
        [pattern, own] => (pattern, own.entries()),
        [pattern] => (pattern, &[][..]),
        _ => (argument, &[][..]),
    };
    let pattern = pattern.text()?;
    let own: BTreeMap<&str, Datum> =
        own.iter().map(|entry| (entry.key.as_str(), scope.evaluate(&entry.value))).collect();
    let mut text = Text::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        text = text.then(before);
        let Some((name, after)) = after.split_once('}') else {
            text = text.then("${");
            rest = after;
            continue;
        };
        rest = after;
        if let Some(literal) = name.strip_prefix('!') {
            text = text.then(format!("${{{literal}}}"));
            continue;
        }
        let value = replaced(scope, name.trim(), &own, at);
        if !scope.reading.spend(value.weight()) {
            return Some(scope.spent(at));
        }
        text = text.then(value.to_text());
    }
    Some(Datum::text(at.line, crate::dynamic::resolved(text.then(rest))))
}

fn replaced(scope: &Scope<'_>, name: &str, own: &BTreeMap<&str, Datum>, at: At) -> Datum {
    if let Some(value) = own.get(name) {
        return value.clone();
    }
    match name.split_once('.') {
        Some((resource, attribute)) => scope.attribute(resource, attribute, at),
        None => scope.name(name, at),
    }
}
