//! `Fn::ForEach` (AWS::LanguageExtensions): entries of a map that are written once and meant once for each value.
//!
//! Done on the document, before anything is evaluated. One whose values are not told stays as it is, and is listed
//! where it is met.

use std::collections::BTreeMap;

use crate::datum::{Content, Datum};
use crate::node::{COPIES, DEPTH, Entry, Node, What};

/// Writes every loop out in which the values are told. `parameters` are the template's.
pub(crate) fn written_out(node: Node, parameters: &BTreeMap<String, Datum>) -> Node {
    let mut copies = COPIES;
    Repeat { parameters, copies: &mut copies }.node(node, 0)
}

struct Repeat<'a> {
    parameters: &'a BTreeMap<String, Datum>,
    copies: &'a mut usize,
}

impl Repeat<'_> {
    fn node(&mut self, node: Node, depth: usize) -> Node {
        if depth > 2 * DEPTH {
            return node;
        }
        let what = match node.what {
            What::List(items) => {
                What::List(items.into_iter().map(|item| self.node(item, depth + 1)).collect())
            }
            What::Map(entries) => What::Map(self.entries(entries, depth)),
            scalar @ What::Scalar { .. } => scalar,
        };
        Node::new(node.at, what)
    }

    fn entries(&mut self, entries: Vec<Entry>, depth: usize) -> Vec<Entry> {
        let mut all = Vec::with_capacity(entries.len());
        for entry in entries {
            let repeated =
                entry.key.starts_with("Fn::ForEach::").then(|| self.repeated(&entry, depth)).flatten();
            match repeated {
                Some(more) => all.extend(more),
                None => all.push(Entry { value: self.node(entry.value, depth + 1), ..entry }),
            }
        }
        all
    }

    fn repeated(&mut self, entry: &Entry, depth: usize) -> Option<Vec<Entry>> {
        let [name, values, body] = entry.value.items() else { return None };
        let (name, values) = (name.text()?, self.values(values)?);
        let size = size(body);
        let mut all = Vec::new();
        for value in values.into_iter().filter(|value| value.len() <= 256) {
            *self.copies = self.copies.checked_sub(size)?;
            let What::Map(entries) = given(body.clone(), name, &value).what else { return None };
            all.extend(self.entries(entries, depth + 1));
        }
        Some(all)
    }

    fn values(&self, node: &Node) -> Option<Vec<String>> {
        if let Some(("Ref", name)) = node.sole() {
            let Content::List(items) = &self.parameters.get(name.text()?)?.content else { return None };
            return items.iter().map(Datum::literal).collect();
        }
        match &node.what {
            What::List(items) => {
                let values = items
                    .iter()
                    .map(|item| self.values(item).or_else(|| Some(vec![item.text()?.to_owned()])));
                values.collect::<Option<Vec<_>>>().map(|all| all.into_iter().flatten().collect())
            }
            _ => None,
        }
    }
}

/// How much a copy adds: nodes, and text by the line.
fn size(node: &Node) -> usize {
    1 + node.text().map_or(0, |text| text.len() / 16)
        + node.items().iter().map(size).sum::<usize>()
        + node.entries().iter().map(|entry| size(&entry.value)).sum::<usize>()
}

/// The node with a value in the place of a name: `${Name}`, `&{Name}` without what is not a letter or digit, `Ref: Name`.
fn given(node: Node, name: &str, value: &str) -> Node {
    let plain: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    let fill =
        |text: &str| text.replace(&format!("${{{name}}}"), value).replace(&format!("&{{{name}}}"), &plain);
    let at = node.at;
    if node.sole().is_some_and(|(function, referred)| function == "Ref" && referred.text() == Some(name)) {
        return Node::new(at, What::Scalar { text: value.to_owned(), plain: false });
    }
    let what = match node.what {
        What::Scalar { text, plain } => What::Scalar { text: fill(&text), plain },
        What::List(items) => What::List(items.into_iter().map(|item| given(item, name, value)).collect()),
        What::Map(entries) => What::Map(
            entries
                .into_iter()
                .map(|entry| Entry {
                    key: fill(&entry.key),
                    at: entry.at,
                    value: given(entry.value, name, value),
                })
                .collect(),
        ),
    };
    Node::new(at, what)
}
