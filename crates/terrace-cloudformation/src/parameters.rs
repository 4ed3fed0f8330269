//! Parameters: given, by default, or unknown by name.

use std::collections::BTreeMap;

use terrace_aws::inventory::UnknownName;
use terrace_aws::{Reference, Text};
use terrace_diag::{Code, Diagnostic, Diagnostics};

use crate::datum::{Content, Datum};
use crate::node::{Entry, Node};
use crate::template::Template;

/// A value that was given for a parameter is not one that it takes.
const PARAMETER: Code = Code::new("cloudformation::parameter");

/// Every parameter's value. `given` are those of whoever uses the template.
pub(crate) fn values(
    template: &Template,
    given: &BTreeMap<String, Datum>,
) -> Result<BTreeMap<String, Datum>, Diagnostics> {
    let mut all = BTreeMap::new();
    let mut wrong = Diagnostics::new();
    for entry in template.parameters.entries() {
        match value(entry, given.get(&entry.key)) {
            Ok(value) => {
                all.insert(entry.key.clone(), value);
            }
            Err(diagnostic) => wrong.push(*diagnostic),
        }
    }
    for name in given.keys().filter(|name| template.parameters.get(name).is_none()) {
        let at = template.parameters.at.span();
        wrong.push(
            Diagnostic::error(PARAMETER, format!("the template has no parameter `{name}`"))
                .at(at, "these are its parameters"),
        );
    }
    if wrong.is_empty() { Ok(all) } else { Err(wrong) }
}

fn value(entry: &Entry, given: Option<&Datum>) -> Result<Datum, Box<Diagnostic>> {
    let (definition, line) = (&entry.value, entry.at.line);
    let kind = definition.get("Type").and_then(Node::text).unwrap_or("String");
    let is_list =
        kind == "CommaDelimitedList" || kind.starts_with("List<") || kind.ends_with("<CommaDelimitedList>");
    let is_looked_up = kind.starts_with("AWS::SSM::Parameter::Value<");
    let value = match (given, definition.get("Default")) {
        // Another stack's value may itself be unknown.
        (Some(value), _) if value.literal().is_none() => return Ok(handed_over(value, is_list)),
        (Some(value), _) => value.literal(),
        (None, Some(default)) => default.text().map(str::to_owned),
        (None, None) => None,
    };
    let Some(value) = value.filter(|_| !is_looked_up) else {
        let name = UnknownName::new(format!("parameter {}", entry.key));
        return Ok(if is_list {
            Datum::unknown(line, name.as_str())
        } else {
            Datum::text(line, Reference::unknown(name))
        });
    };
    let allowed: Vec<&str> = definition
        .get("AllowedValues")
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .filter_map(Node::text)
        .collect();
    if given.is_some() && !allowed.is_empty() && !allowed.contains(&value.as_str()) {
        return Err(Box::new(
            Diagnostic::error(PARAMETER, format!("`{value}` is no value for `{}`", entry.key))
                .at(entry.at.span(), format!("it is one of {}", allowed.join(", "))),
        ));
    }
    if !is_list {
        return Ok(Datum::text(line, crate::dynamic::resolved(Text::from(value))));
    }
    let parts = value.split(',').map(str::trim).filter(|part| !part.is_empty());
    Ok(Datum::new(line, Content::List(parts.map(|part| Datum::text(line, part)).collect())))
}

/// What another stack hands over: text with commas is a list where one is expected.
fn handed_over(value: &Datum, is_list: bool) -> Datum {
    let parts = match &value.content {
        Content::Text(text) if is_list => crate::datum::split(text, ","),
        _ => None,
    };
    let Some(parts) = parts else { return value.clone() };
    let parts = parts.into_iter().map(|part| Datum::text(value.line, part));
    Datum::new(value.line, Content::List(parts.collect()))
}
