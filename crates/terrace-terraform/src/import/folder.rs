//! The `.tf` files of one folder as a graph: flat blocks, as `emit` writes them.
//!
//! Modules, locals, `count` and `for_each` are refused with their place.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, Body, Structure};
use terrace_aws::{
    Address, Kind, Label, Lifecycle, Mode, Node, Output, Record, ResourceGraph, Value, Variable,
};
use terrace_diag::{Code, Diagnostic, Diagnostics};
use terrace_topology::Region;

use super::expression::{self, Refused};
use super::reference;
use crate::file::{FileName, Files};

const SYNTAX: Code = Code::new("terraform::syntax");
const NOT_READ: Code = Code::new("terraform::not-read");

/// The graph that these files describe.
///
/// # Errors
/// All places that are no HCL, or that say something which the graph has no place for.
pub fn text(files: &Files) -> Result<ResourceGraph, Diagnostics> {
    let mut found = Diagnostics::new();
    let mut bodies = Vec::with_capacity(files.len());
    for (name, source) in files {
        match source.parse::<Body>() {
            Ok(body) => bodies.push((Source { name, text: source }, body)),
            Err(error) => {
                let place = error.location();
                found.push(Diagnostic::error(
                    SYNTAX,
                    format!("{name}:{}:{}: {}", place.line(), place.column(), error.message().trim()),
                ));
            }
        }
    }
    if found.has_errors() {
        return Err(found);
    }
    let providers = providers(&bodies, &mut found);
    let Some(home) = providers.get("") else {
        let missing = "no `provider \"aws\"` block says in which region things are built";
        found.push(
            Diagnostic::error(NOT_READ, missing).help("add `provider \"aws\" { region = \"us-east-1\" }`"),
        );
        return Err(found.sorted());
    };
    let mut reader = Reader { graph: ResourceGraph::new(home.region.clone()), providers: &providers, found };
    reader.graph.default_tags.clone_from(&home.default_tags);
    for (source, body) in &bodies {
        for structure in body {
            match structure {
                Structure::Block(block) => reader.block(source, block),
                Structure::Attribute(attribute) => {
                    reader.refuse(source, attribute.span(), "an argument may not stand outside of a block");
                }
            }
        }
    }
    if reader.found.has_errors() { Err(reader.found) } else { Ok(reader.graph) }
}

/// One file.
struct Source<'a> {
    name: &'a FileName,
    text: &'a str,
}

impl Source<'_> {
    fn place(&self, at: Option<Range<usize>>) -> String {
        let before = at.and_then(|at| self.text.get(..at.start)).unwrap_or_default();
        format!("{}:{}", self.name, before.bytes().filter(|b| *b == b'\n').count() + 1)
    }
}

struct Provider {
    region: Region,
    default_tags: BTreeMap<String, String>,
}

/// The provider's settings by alias; the one without has the empty name.
fn providers(bodies: &[(Source<'_>, Body)], found: &mut Diagnostics) -> BTreeMap<String, Provider> {
    let mut all = BTreeMap::new();
    for (source, body) in bodies {
        for block in body.blocks().filter(|block| block.ident.as_str() == "provider") {
            match provider(block) {
                Ok((alias, provider)) => {
                    all.insert(alias, provider);
                }
                Err(refused) => found.push(told(source, block, NOT_READ, refused)),
            }
        }
    }
    all
}

fn provider(block: &Block) -> Result<(String, Provider), Refused> {
    let wrong = |why: &str| Refused { at: block.span(), why: why.to_owned() };
    if block.labels.iter().map(|label| label.as_str()).ne(["aws"]) {
        return Err(wrong("only the provider `aws` is known"));
    }
    let (record, _) = record(&block.body, &[])?;
    let literal = |name: &str| match record.get(name) {
        Some(Value::Text(text)) => text.literal().map(str::to_owned),
        _ => None,
    };
    let region = literal("region").ok_or_else(|| wrong("the provider needs a literal `region`"))?;
    let region = region.parse().map_err(|_| wrong("the `region` is none"))?;
    let mut default_tags = BTreeMap::new();
    if let Some(Value::Blocks(blocks)) = record.get("default_tags") {
        let tags = blocks.iter().filter_map(|block| match block.get("tags") {
            Some(Value::Map(tags)) => Some(tags),
            _ => None,
        });
        for (key, tag) in tags.flatten() {
            match tag {
                Value::Text(text) => {
                    let text = text.literal().ok_or_else(|| wrong("default tags have to be literal"))?;
                    default_tags.insert(key.clone(), text.to_owned());
                }
                _ => return Err(wrong("a tag is text")),
            }
        }
    }
    Ok((literal("alias").unwrap_or_default(), Provider { region, default_tags }))
}

fn told(source: &Source<'_>, block: &Block, code: Code, refused: Refused) -> Diagnostic {
    let place = source.place(refused.at.or_else(|| block.span()));
    Diagnostic::error(code, format!("{place}: {}", refused.why))
}

/// The arguments and nested blocks of a body, and apart from them those whose names are in `own`.
fn record<'a>(body: &'a Body, own: &[&str]) -> Result<(Record, Vec<&'a Structure>), Refused> {
    let mut record = Record::new();
    let mut apart = Vec::new();
    let mut blocks: Vec<(&str, Vec<Record>)> = Vec::new();
    for structure in body {
        let name = match structure {
            Structure::Attribute(attribute) => attribute.key.as_str(),
            Structure::Block(block) => block.ident.as_str(),
        };
        if own.contains(&name) {
            apart.push(structure);
            continue;
        }
        match structure {
            Structure::Attribute(attribute) => {
                if let Some(value) = expression::value(&attribute.value)? {
                    record.set(name, value);
                }
            }
            Structure::Block(block) if block.labels.is_empty() && name != "dynamic" => {
                let (inner, _) = self::record(&block.body, &[])?;
                match blocks.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, all)) => all.push(inner),
                    None => blocks.push((name, vec![inner])),
                }
            }
            Structure::Block(block) => {
                return Err(Refused {
                    at: block.span(),
                    why: format!("`{name}` with labels is not known here"),
                });
            }
        }
    }
    for (name, all) in blocks {
        record.set(name, Value::Blocks(all));
    }
    Ok((record, apart))
}

struct Reader<'a> {
    graph: ResourceGraph,
    providers: &'a BTreeMap<String, Provider>,
    found: Diagnostics,
}

/// What a resource's block may hold beside the resource's own arguments.
const META: &[&str] =
    &["provider", "depends_on", "lifecycle", "count", "for_each", "provisioner", "connection"];

impl Reader<'_> {
    fn refuse(&mut self, source: &Source<'_>, at: Option<Range<usize>>, why: &str) {
        self.found.push(Diagnostic::error(NOT_READ, format!("{}: {why}", source.place(at))));
    }

    fn block(&mut self, source: &Source<'_>, block: &Block) {
        let labels: Vec<&str> = block.labels.iter().map(|label| label.as_str()).collect();
        let result = match (block.ident.as_str(), labels.as_slice()) {
            // Which versions are asked for is no part of what is built; providers were read before.
            ("terraform", []) | ("provider", [_]) => Ok(()),
            ("variable", [label]) => self.variable(block, label),
            ("output", [label]) => self.output(block, label),
            ("resource", [kind, label]) => self.resource(block, Mode::Managed, kind, label),
            ("data", [kind, label]) => self.resource(block, Mode::Data, kind, label),
            ("ephemeral", [kind, label]) => self.resource(block, Mode::Ephemeral, kind, label),
            (other, _) => Err(Refused { at: None, why: format!("`{other}` blocks are not read") }),
        };
        if let Err(refused) = result {
            self.found.push(told(source, block, NOT_READ, refused));
        }
    }

    fn variable(&mut self, block: &Block, label: &str) -> Result<(), Refused> {
        let (record, _) = record(&block.body, &["type", "sensitive", "nullable", "validation", "ephemeral"])?;
        let literal = |name: &str| match record.get(name) {
            None => Ok(None),
            Some(Value::Text(text)) if text.literal().is_some() => Ok(text.literal().map(str::to_owned)),
            Some(_) => Err(Refused { at: block.span(), why: format!("`{name}` has to be literal text") }),
        };
        let variable = Variable {
            description: literal("description")?.unwrap_or_default(),
            default: literal("default")?,
        };
        match self.graph.variables.insert(name(block, label)?, variable) {
            None => Ok(()),
            Some(_) => Err(Refused { at: None, why: format!("the variable `{label}` is declared twice") }),
        }
    }

    fn output(&mut self, block: &Block, label: &str) -> Result<(), Refused> {
        let (record, _) = record(&block.body, &["sensitive", "depends_on", "ephemeral"])?;
        let description = match record.get("description") {
            Some(Value::Text(text)) => text.literal().unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        let missing = || Refused { at: None, why: format!("the output `{label}` has no `value`") };
        let value = record.get("value").cloned().ok_or_else(missing)?;
        match self.graph.outputs.insert(name(block, label)?, Output { description, value }) {
            None => Ok(()),
            Some(_) => Err(Refused { at: None, why: format!("the output `{label}` is declared twice") }),
        }
    }

    fn resource(&mut self, block: &Block, mode: Mode, type_name: &str, label: &str) -> Result<(), Refused> {
        let unknown = || Refused { at: None, why: format!("`{type_name}` is not modelled") };
        let kind = Kind::find(mode, type_name).ok_or_else(unknown)?;
        let label = name(block, label)?;
        let (record, meta) = record(&block.body, META)?;
        let address = Address::new(kind, label.clone());
        let resource = kind
            .read(&record)
            .map_err(|misfit| Refused { at: None, why: format!("`{address}`: {misfit}") })?;
        let mut node = Node::plain(resource);
        for structure in meta {
            self.meta(&mut node, structure)?;
        }
        match self.graph.insert(label, node) {
            None => Ok(()),
            Some(_) => Err(Refused { at: None, why: format!("`{address}` is there twice") }),
        }
    }

    fn meta(&self, node: &mut Node, structure: &Structure) -> Result<(), Refused> {
        match structure {
            Structure::Attribute(attribute) if attribute.key.as_str() == "provider" => {
                let spelled = expression::name(&attribute.value)?;
                let provider = spelled.strip_prefix("aws.").and_then(|alias| self.providers.get(alias));
                let unknown =
                    || Refused { at: attribute.span(), why: format!("there is no provider `{spelled}`") };
                node.region = Some(provider.ok_or_else(unknown)?.region.clone());
            }
            Structure::Attribute(attribute) if attribute.key.as_str() == "depends_on" => {
                node.depends_on = names(attribute)?
                    .into_iter()
                    .map(|(name, at)| {
                        let unknown =
                            || Refused { at, why: format!("`{name}` is no address that is modelled") };
                        reference::address(&name).ok_or_else(unknown)
                    })
                    .collect::<Result<BTreeSet<_>, _>>()?;
            }
            Structure::Block(block) if block.ident.as_str() == "lifecycle" => {
                node.lifecycle = lifecycle(&block.body)?;
            }
            other => {
                let why = "this is not read: every block has to stand for one resource".to_owned();
                return Err(Refused { at: other.span(), why });
            }
        }
        Ok(())
    }
}

fn name(block: &Block, label: &str) -> Result<Label, Refused> {
    label.parse().map_err(|error| Refused { at: block.span(), why: format!("{error}") })
}

/// A name, and where it stands.
type Named = (String, Option<Range<usize>>);

fn names(attribute: &Attribute) -> Result<Vec<Named>, Refused> {
    match &attribute.value {
        Expression::Array(items) => {
            items.iter().map(|item| Ok((expression::name(item)?, item.span()))).collect()
        }
        other => Err(Refused { at: other.span(), why: "a list of names was expected".to_owned() }),
    }
}

fn lifecycle(body: &Body) -> Result<Lifecycle, Refused> {
    let mut lifecycle = Lifecycle::default();
    for structure in body {
        let unknown = || Refused { at: structure.span(), why: "this is not known in `lifecycle`".to_owned() };
        let Structure::Attribute(attribute) = structure else { return Err(unknown()) };
        match (attribute.key.as_str(), &attribute.value) {
            ("create_before_destroy", Expression::Bool(value)) => {
                lifecycle.create_before_destroy = *value.value()
            }
            ("prevent_destroy", Expression::Bool(value)) => lifecycle.prevent_destroy = *value.value(),
            ("ignore_changes", _) => {
                lifecycle.ignore_changes = names(attribute)?.into_iter().map(|(name, _)| name).collect();
            }
            _ => return Err(unknown()),
        }
    }
    Ok(lifecycle)
}
