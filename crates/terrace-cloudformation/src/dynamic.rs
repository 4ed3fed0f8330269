//! Dynamic references: `{{resolve:secretsmanager:…}}` is a value that AWS looks up, and no text.

use std::collections::BTreeSet;

use terrace_aws::inventory::UnknownName;
use terrace_aws::{Part, Reference, Text};

/// The text with every dynamic reference replaced by the name of what it looks up, or by what the name is made of.
pub(crate) fn resolved(text: Text) -> Text {
    let has_start = |part: &Part| matches!(part, Part::Literal(literal) if literal.contains("{{resolve:"));
    if !text.parts().iter().any(has_start) {
        return text;
    }
    let mut all = Text::new();
    let mut open: Option<Text> = None;
    for part in text.parts() {
        let Part::Literal(literal) = part else {
            let piece = piece(part);
            match open.take() {
                Some(inner) => open = Some(inner.then(piece)),
                None => all = all.then(piece),
            }
            continue;
        };
        let mut rest = literal.as_str();
        loop {
            if let Some(inner) = open.take() {
                let Some((end, after)) = rest.split_once("}}") else {
                    open = Some(inner.then(rest));
                    break;
                };
                all = all.then(lookup(&inner.then(end)));
                rest = after;
            } else {
                let Some((before, after)) = rest.split_once("{{resolve:") else {
                    all = all.then(rest);
                    break;
                };
                all = all.then(before);
                open = Some(Text::new());
                rest = after;
            }
        }
    }
    match open {
        Some(inner) => all.then("{{resolve:").then(inner),
        None => all,
    }
}

fn piece(part: &Part) -> Text {
    match part {
        Part::Literal(literal) => Text::from(literal.as_str()),
        Part::Reference(reference) => Text::from(reference.clone()),
        Part::Opaque(of) => Text::opaque(of.clone()),
    }
}

fn lookup(inner: &Text) -> Text {
    let name = Reference::unknown(UnknownName::new(format!("{{{{resolve:{inner}}}}}")));
    if inner.literal().is_some() {
        return Text::from(name);
    }
    let mut of: BTreeSet<Reference> = inner.references().cloned().collect();
    of.insert(name);
    Text::opaque(of)
}
