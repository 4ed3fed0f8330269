//! Secrets in texts whose references are structured: in a value under a name, and in a script.

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::inventory::{Inventory, UnknownName};
use terrace_aws::{Json, Mode, Part, Reference, Target, Text};

use super::formats::{self, Seen};
use super::names;

/// A secret that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Secret {
    /// As it is.
    Literal(Seen),
    /// The value of an attribute that is a secret.
    Of(String),
    /// Under a secret's name, made of something that nobody has told.
    Maybe(BTreeSet<UnknownName>),
}

/// Secrets of one script that are told.
const MANY: usize = 20;

/// Stands for what a text takes from elsewhere.
const HOLE: char = '\u{fffc}';

/// A text as one string, and what stands where there is a hole.
struct Flat<'a> {
    text: String,
    holes: BTreeMap<usize, Vec<&'a Reference>>,
}

fn flat(text: &Text) -> Flat<'_> {
    let mut all = Flat { text: String::new(), holes: BTreeMap::new() };
    for part in text.parts() {
        let references: Vec<&Reference> = match part {
            Part::Literal(literal) => {
                all.text.push_str(literal);
                continue;
            }
            Part::Reference(reference) => vec![reference],
            Part::Opaque(references) => references.iter().collect(),
        };
        all.holes.insert(all.text.len(), references);
        all.text.push(HOLE);
    }
    all
}

/// Whether an attribute's value is a secret, whatever it is used for.
fn is_secret_of(inventory: &Inventory, reference: &Reference) -> bool {
    let Target::Item(id) = reference.target() else { return false };
    let attribute = reference.attribute();
    match (id.type_name(), attribute) {
        ("random_password", "result" | "")
        | ("aws_secretsmanager_secret_version", "secret_string" | "secret_binary" | "")
        | ("aws_secretsmanager_random_password", _)
        | ("aws_iam_access_key", "secret" | "ses_smtp_password_v4")
        | ("aws_kms_secrets", "plaintext")
        | ("aws_ecr_authorization_token", "password" | "authorization_token") => true,
        ("tls_private_key", attribute) => attribute.starts_with("private_key"),
        (_, "password" | "master_password" | "master_user_password" | "auth_token") => true,
        ("aws_ssm_parameter", "value" | "insecure_value") => {
            let view = inventory.get(id).map(|item| item.view());
            // A lookup decrypts; what it reads is only told by the name.
            let kept = view
                .is_some_and(|view| view.literal("type").known().is_some_and(|kind| kind == "SecureString"));
            let name = view.and_then(|view| view.literal("name").known());
            kept || (id.mode() == Mode::Data && name.is_some_and(|name| names::is_secret(&name)))
        }
        (kind, attribute) => kind.starts_with("vault_") && attribute.starts_with("data"),
    }
}

/// What is not told and is a secret by its own name: `var.db_password`.
fn is_secret_unknown(reference: &Reference) -> bool {
    let Target::Unknown(name) = reference.target() else { return false };
    let name = name.as_str();
    names::is_secret(name.rsplit('.').next().unwrap_or(name))
}

/// Whether something not told may be a secret where a secret is expected: not what is only an id, a name or an ARN.
fn may_be_secret(reference: &Reference) -> bool {
    match reference.target() {
        Target::Unknown(name) => {
            let last =
                name.as_str().rsplit(['.', '_', '-', ' ']).next().unwrap_or_default().to_ascii_lowercase();
            !matches!(last.as_str(), "arn" | "id" | "name" | "path" | "url" | "endpoint")
        }
        Target::Item(_) => matches!(reference.attribute(), "result" | "value" | ""),
        Target::Resource(_) | Target::Variable(_) => false,
    }
}

/// The secret that a value under a name is, if it is one.
pub(super) fn named(inventory: &Inventory, name: &str, value: &Text) -> Option<Secret> {
    if let Some(reference) = value.references().find(|reference| is_secret_of(inventory, reference)) {
        return Some(Secret::Of(reference.to_string()));
    }
    let all = flat(value);
    if let Some(seen) = formats::find(&all.text).into_iter().next() {
        return Some(Secret::Literal(seen));
    }
    let secret = names::is_secret(name);
    if let Some(literal) = value.literal() {
        return (secret && !names::is_stand_in(literal)).then(|| Secret::Literal(Seen::value(literal)));
    }
    let suspects = value.references().filter(|one| is_secret_unknown(one) || (secret && may_be_secret(one)));
    let names: BTreeSet<UnknownName> = crate::named(suspects).into_iter().collect();
    (!names.is_empty()).then_some(Secret::Maybe(names))
}

/// Every secret in a script or a document.
pub(super) fn script(inventory: &Inventory, text: &Text) -> Vec<Secret> {
    let mut found: Vec<Secret> = Vec::new();
    let of = text.references().filter(|reference| is_secret_of(inventory, reference));
    found.extend(of.map(|reference| Secret::Of(reference.to_string())));
    let all = flat(text);
    found.extend(formats::find(&all.text).into_iter().map(Secret::Literal));
    let mut at = 0;
    for line in all.text.split_inclusive('\n') {
        for (name, value, start) in assignments(line) {
            if !names::is_secret(name) {
                continue;
            }
            let range = at + start..at + start + value.len();
            let holes: Vec<&Reference> =
                all.holes.range(range).flat_map(|(_, all)| all.iter().copied()).collect();
            if holes.is_empty() {
                if !names::is_stand_in(value) {
                    let seen = Seen::value(value.trim_matches(['"', '\'']));
                    found.push(Secret::Literal(Seen(format!("`{name}` with {}", seen.0))));
                }
            } else {
                // What surely is a secret was told above.
                let maybe = |one: &&Reference| may_be_secret(one) && !is_secret_of(inventory, one);
                let names: BTreeSet<UnknownName> =
                    crate::named(holes.into_iter().filter(maybe)).into_iter().collect();
                if !names.is_empty() {
                    found.push(Secret::Maybe(names));
                }
            }
        }
        at += line.len();
    }
    let suspects = text.references().filter(|one| is_secret_unknown(one) && !is_secret_of(inventory, one));
    let unknown: BTreeSet<UnknownName> = crate::named(suspects).into_iter().collect();
    if !unknown.is_empty() && !found.iter().any(|one| matches!(one, Secret::Maybe(_))) {
        found.push(Secret::Maybe(unknown));
    }
    found.dedup();
    found.truncate(MANY);
    found
}

/// `NAME=value` and `name: value` of one line: the name, the value, and where the value begins.
fn assignments(line: &str) -> Vec<(&str, &str, usize)> {
    if line.trim_start().starts_with(['#', ';']) || line.trim_start().starts_with("//") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (at, mark) in line.match_indices(['=', ':']) {
        let before = line.get(..at).unwrap_or_default().trim_end_matches([' ', '"', '\'']);
        let begin = before
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
            .map_or(0, |at| {
                at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
            });
        let name = before.get(begin..).unwrap_or_default().trim_start_matches('-');
        // `\nNAME=value`, as `printf` has it.
        let escaped = before.get(..begin).unwrap_or_default().ends_with('\\');
        let name = if escaped { name.get(1..).unwrap_or_default() } else { name };
        let rest = line.get(at + mark.len()..).unwrap_or_default();
        // A colon with nothing behind it is no value; `==`, `:=` and `::` are other things.
        if name.is_empty()
            || rest.starts_with(['=', ':', '~'])
            || (mark == ":" && !rest.starts_with([' ', '"']))
        {
            continue;
        }
        let space = rest.len() - rest.trim_start().len();
        let value = formats::cut(rest.trim_start());
        let end = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                value.get(1..).and_then(|inner| inner.find(quote)).map(|end| end + 2)
            }
            _ => value.find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"' | '\'' | ')' | '}')),
        };
        let value = value.get(..end.unwrap_or(value.len())).unwrap_or_default();
        if !is_code(value, mark == "=" && space > 0) {
            found.push((name, value, at + mark.len() + space));
        }
    }
    found
}

/// Whether what stands behind a name is an expression of a program, not a value. Behind a spaced `=` a word may be the
/// name of a variable: there only one with a digit is taken for a value.
fn is_code(value: &str, spaced: bool) -> bool {
    if value.starts_with(['"', '\'']) {
        return false;
    }
    let called = value.contains(['(', '[', '{', '!', '|', '&', '>']);
    called || (spaced && !value.contains(HOLE) && !value.contains(|c: char| c.is_ascii_digit()))
}

/// Every text of a document, with the name that it stands under.
pub(super) fn leaves<'j>(name: &'j str, json: &'j Json, found: &mut Vec<(&'j str, &'j Text)>) {
    match json {
        Json::Text(text) => found.push((name, text)),
        Json::List(items) => items.iter().for_each(|item| leaves(name, item, found)),
        Json::Object(fields) => fields.iter().for_each(|(name, value)| leaves(name, value, found)),
        Json::Null | Json::Bool(_) | Json::Int(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use terrace_aws::Text;
    use terrace_aws::inventory::Inventory;

    #[test]
    fn a_text_of_marks_alone_is_read_to_its_end() {
        for part in ["a=", "AKIA", "a://b:", "password=", "password: ", "\u{fffc}=", "x\u{e4}="] {
            let text = Text::from(part.repeat(4_000));
            super::script(&Inventory::new(), &text);
        }
    }
}
