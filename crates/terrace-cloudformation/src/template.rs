//! The sections of a template.

use std::collections::BTreeMap;

use terrace_diag::{Code, Diagnostic};

use crate::datum::Datum;
use crate::node::{At, Entry, Node, Read, What};

/// The document is no template.
pub(crate) const NO_TEMPLATE: Code = Code::new("cloudformation::no-template");

/// The document's sections, as far as they are there.
pub(crate) struct Template {
    pub(crate) parameters: Node,
    pub(crate) mappings: Node,
    pub(crate) conditions: Node,
    pub(crate) resources: Node,
    pub(crate) outputs: Node,
    pub(crate) globals: Node,
    pub(crate) transforms: Vec<(String, At)>,
    /// Sections that nobody knows.
    pub(crate) strange: Vec<(String, At)>,
}

const KNOWN: [&str; 12] = [
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Mappings",
    "Conditions",
    "Resources",
    "Outputs",
    "Rules",
    "Transform",
    "Globals",
    "Hooks",
];

impl Template {
    /// Takes a document apart.
    pub(crate) fn of(root: Node) -> Read<Self> {
        let at = root.at;
        let What::Map(entries) = root.what else {
            return Err(Box::new(
                Diagnostic::error(NO_TEMPLATE, "this is no template")
                    .at(at.span(), "a map with the section `Resources` is expected")
                    .help("hand over a CloudFormation template in YAML or JSON"),
            ));
        };
        let empty = || Node::new(At::default(), What::Map(Vec::new()));
        let mut template = Self {
            parameters: empty(),
            mappings: empty(),
            conditions: empty(),
            resources: empty(),
            outputs: empty(),
            globals: empty(),
            transforms: Vec::new(),
            strange: Vec::new(),
        };
        let mut has_resources = false;
        for entry in entries {
            let slot = match entry.key.as_str() {
                "Parameters" => &mut template.parameters,
                "Mappings" => &mut template.mappings,
                "Conditions" => &mut template.conditions,
                "Resources" => {
                    has_resources = true;
                    &mut template.resources
                }
                "Outputs" => &mut template.outputs,
                "Globals" => &mut template.globals,
                "Transform" => {
                    template.transforms = transforms(&entry.value);
                    continue;
                }
                key if KNOWN.contains(&key) => continue,
                _ => {
                    template.strange.push((entry.key, entry.at));
                    continue;
                }
            };
            *slot = section(entry)?;
        }
        if !has_resources {
            return Err(Box::new(
                Diagnostic::error(NO_TEMPLATE, "the section `Resources` is missing")
                    .at(at.span(), "every template has it")
                    .help("hand over a CloudFormation template in YAML or JSON"),
            ));
        }
        Ok(template)
    }
}

impl Template {
    /// Whether a transform is asked for.
    pub(crate) fn transforms(&self, name: &str) -> bool {
        self.transforms.iter().any(|(known, _)| known == name)
    }

    /// Writes loops out, where the language extensions are asked for.
    pub(crate) fn write_out(&mut self, parameters: &BTreeMap<String, Datum>) {
        for section in [&mut self.conditions, &mut self.resources, &mut self.outputs] {
            let nothing = Node::new(section.at, What::Map(Vec::new()));
            let written = std::mem::replace(section, nothing);
            *section = crate::repeat::written_out(written, parameters);
        }
    }
}

/// A section is a map; one without a value is an empty one.
fn section(entry: Entry) -> Read<Node> {
    match &entry.value.what {
        What::Map(_) => Ok(entry.value),
        What::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null") => {
            Ok(Node::new(entry.value.at, What::Map(Vec::new())))
        }
        _ => Err(Box::new(
            Diagnostic::error(NO_TEMPLATE, format!("`{}` is no map", entry.key))
                .at(entry.value.at.span(), "names with their definitions are expected here"),
        )),
    }
}

fn transforms(node: &Node) -> Vec<(String, At)> {
    let name = |node: &Node| {
        let name = node.text().or_else(|| node.get("Name").and_then(Node::text));
        name.map(|name| (name.to_owned(), node.at))
    };
    match &node.what {
        What::List(items) => items.iter().filter_map(name).collect(),
        _ => name(node).into_iter().collect(),
    }
}
