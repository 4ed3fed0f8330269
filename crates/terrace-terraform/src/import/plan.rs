//! The JSON of a plan as a graph.
//!
//! Values come from `configuration` where they are constants and from `planned_values` where a function made
//! them; references only from `configuration`, as `terraform show` tells them: the attributes that an
//! expression is made of, in order, each followed by its prefixes. What that leaves out is written in
//! [`forget`](fn@super::forget).
//!
//! Format: "JSON Output Format", Terraform documentation, `format_version` 1.x.

use serde_json::{Map, Value as Printed};
use terrace_aws::{Kind, Mode, Node, Output, Record, Reference, ResourceGraph, Step, Value, Variable};
use terrace_topology::Region;

use super::gather::{ImportError, Imported, Losses, Strange, Unmodelled, fit, path};
use super::json::{self, Blocks};
use super::reference;
use crate::printed::agrees;

type Object = Map<String, Printed>;

/// The graph that a plan builds: what `terraform show -json PLAN` prints.
///
/// # Errors
/// If the text is something else. Whatever the graph has no place for is listed in the result.
pub fn plan(text: &str) -> Result<Imported, ImportError> {
    let document = json::document(text)?;
    let configuration = object(&document, "configuration").ok_or(ImportError::Missing("configuration"))?;
    let root = get(configuration, "root_module").ok_or(ImportError::Missing("configuration.root_module"))?;
    let providers = get(configuration, "provider_config");
    let home = region(providers, "aws").ok_or(ImportError::Region)?;
    let planned = object(&document, "planned_values");
    let mut reader = Reader {
        graph: ResourceGraph::new(home),
        unmodelled: Vec::new(),
        providers,
        planned: planned.and_then(|planned| get(planned, "root_module")),
        read: object(&document, "prior_state")
            .and_then(|state| get(state, "values"))
            .and_then(|values| get(values, "root_module")),
    };
    reader.default_tags();
    for (name, variable) in entries(root, "variables") {
        reader.variable(name, variable);
    }
    let outputs = planned.and_then(|planned| get(planned, "outputs"));
    for (name, output) in entries(root, "outputs") {
        reader.output(name, output, outputs.and_then(|all| all.get(name)));
    }
    for resource in root.get("resources").and_then(Printed::as_array).into_iter().flatten() {
        if let Some(resource) = resource.as_object() {
            reader.resource(resource);
        }
    }
    for (name, _) in entries(root, "module_calls") {
        let address = format!("module.{name}");
        Losses { address: &address, all: &mut reader.unmodelled }.whole("is a module; only the root is read");
    }
    Ok(Imported { graph: reader.graph, unmodelled: reader.unmodelled })
}

fn object<'a>(printed: &'a Printed, name: &str) -> Option<&'a Object> {
    printed.get(name)?.as_object()
}

fn get<'a>(fields: &'a Object, name: &str) -> Option<&'a Object> {
    fields.get(name)?.as_object()
}

fn entries<'a>(fields: &'a Object, name: &str) -> impl Iterator<Item = (&'a String, &'a Printed)> {
    get(fields, name).into_iter().flatten()
}

fn word<'a>(fields: &'a Object, name: &str) -> &'a str {
    fields.get(name).and_then(Printed::as_str).unwrap_or_default()
}

fn region(providers: Option<&Object>, key: &str) -> Option<Region> {
    let expressions = get(get(providers?, key)?, "expressions")?;
    get(expressions, "region")?.get("constant_value")?.as_str()?.parse().ok()
}

struct Reader<'a> {
    graph: ResourceGraph,
    unmodelled: Vec<Unmodelled>,
    providers: Option<&'a Object>,
    planned: Option<&'a Object>,
    read: Option<&'a Object>,
}

impl Reader<'_> {
    fn default_tags(&mut self) {
        let expressions =
            self.providers.and_then(|all| get(all, "aws")).and_then(|aws| get(aws, "expressions"));
        let blocks = expressions.and_then(|all| all.get("default_tags")).and_then(Printed::as_array);
        for tags in blocks.into_iter().flatten().filter_map(|block| object(block, "tags")) {
            let mut losses = Losses { address: "provider.aws", all: &mut self.unmodelled };
            match get(tags, "constant_value") {
                None => losses.argument("default_tags".to_owned(), "are not constant"),
                Some(tags) => {
                    let text =
                        |(key, tag): (&String, &Printed)| Some((key.clone(), tag.as_str()?.to_owned()));
                    self.graph.default_tags.extend(tags.iter().filter_map(text));
                }
            }
        }
    }

    fn variable(&mut self, name: &str, printed: &Printed) {
        let address = format!("var.{name}");
        let mut losses = Losses { address: &address, all: &mut self.unmodelled };
        let default = match printed.get("default") {
            None | Some(Printed::Null) => None,
            Some(Printed::String(text)) => Some(text.clone()),
            Some(value @ (Printed::Bool(_) | Printed::Number(_))) => Some(value.to_string()),
            Some(_) => {
                losses.argument("default".to_owned(), "is no text");
                None
            }
        };
        let description = printed.get("description").and_then(Printed::as_str).unwrap_or_default();
        match name.parse() {
            Ok(label) => {
                let variable = Variable { description: description.to_owned(), default };
                self.graph.variables.insert(label, variable);
            }
            Err(error) => losses.whole(format!("{error}")),
        }
    }

    fn output(&mut self, name: &str, printed: &Printed, planned: Option<&Printed>) {
        let address = format!("output.{name}");
        let mut losses = Losses { address: &address, all: &mut self.unmodelled };
        let description = printed.get("description").and_then(Printed::as_str).unwrap_or_default();
        let known = planned.and_then(|output| output.get("value"));
        let value = object(printed, "expression").and_then(|expression| {
            match told(expression, known, Blocks::Never) {
                Told::Value(value) => value,
                Told::Strange(_, Some(known)) => Some(known),
                Told::Strange(names, None) => {
                    losses.argument("value".to_owned(), strange(&names));
                    None
                }
            }
        });
        match (name.parse(), value) {
            (Ok(label), Some(value)) => {
                let output = Output { description: description.to_owned(), value };
                self.graph.outputs.insert(label, output);
            }
            (Ok(_), None) => losses.whole("has no value that the plan tells"),
            (Err(error), _) => losses.whole(format!("{error}")),
        }
    }

    fn resource(&mut self, resource: &Object) {
        let address = word(resource, "address");
        let mut losses = Losses { address, all: &mut self.unmodelled };
        let mode = match word(resource, "mode") {
            "managed" => Mode::Managed,
            "data" => Mode::Data,
            "ephemeral" => Mode::Ephemeral,
            other => return losses.whole(format!("is of the mode `{other}`, which is not known")),
        };
        let Some(kind) = Kind::find(mode, word(resource, "type")) else {
            return losses.whole("is of a type that is not modelled");
        };
        if resource.contains_key("count_expression") || resource.contains_key("for_each_expression") {
            return losses.whole("has `count` or `for_each`; only single resources are read");
        }
        if resource.contains_key("provisioners") {
            losses.argument("provisioner".to_owned(), "is not modelled");
        }
        let label = match word(resource, "name").parse() {
            Ok(label) => label,
            Err(error) => return losses.whole(format!("{error}")),
        };
        let values = values_of(self.planned, address).or_else(|| values_of(self.read, address));
        let mut body = Body { losses: &mut losses, steps: Vec::new() };
        let (told, known) = body.read(get(resource, "expressions"), values);
        let Some(fitted) = fit(kind, told, &known, Strange::Named, &mut losses) else { return };
        let mut node = Node::plain(fitted);
        let provider = word(resource, "provider_config_key");
        if provider != "aws" {
            match region(self.providers, provider) {
                Some(region) => node.region = Some(region),
                None => losses.argument("provider".to_owned(), "has no region that the plan tells"),
            }
        }
        for name in resource.get("depends_on").and_then(Printed::as_array).into_iter().flatten() {
            match name.as_str().and_then(reference::address) {
                Some(address) => drop(node.depends_on.insert(address)),
                None => {
                    losses.argument("depends_on".to_owned(), format!("names {name}, which is not modelled"))
                }
            }
        }
        self.graph.insert(label, node);
    }
}

fn values_of<'a>(module: Option<&'a Object>, address: &str) -> Option<&'a Object> {
    let all = module?.get("resources")?.as_array()?;
    all.iter()
        .filter_map(Printed::as_object)
        .find(|r| word(r, "address") == address)
        .and_then(|r| get(r, "values"))
}

/// What an expression came to.
enum Told {
    /// A value, or `null`.
    Value(Option<Value>),
    /// It is made of names that are not modelled; with the value that it has in this plan, if that is known.
    Strange(Vec<String>, Option<Value>),
}

fn strange(names: &[String]) -> String {
    format!("is made of {}, which is not modelled", names.join(", "))
}

fn told(expression: &Object, known: Option<&Printed>, blocks: Blocks) -> Told {
    if let Some(constant) = expression.get("constant_value") {
        return Told::Value(json::value(constant, Blocks::Never));
    }
    let known = || known.and_then(|known| json::value(known, blocks));
    let listed = expression.get("references").and_then(Printed::as_array);
    let names = longest(listed.into_iter().flatten().filter_map(Printed::as_str));
    if names.is_empty() {
        return Told::Value(known());
    }
    let references: Option<Vec<Reference>> = names.iter().map(|name| reference::parse(name)).collect();
    match references {
        Some(references) => Told::Value(Some(Value::Opaque(references))),
        None => Told::Strange(names.into_iter().map(|name| format!("`{name}`")).collect(), known()),
    }
}

/// Each reference without the prefixes of it that follow.
fn longest<'a>(listed: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut all: Vec<&str> = Vec::new();
    for name in listed {
        let prefix = |last: &&str| last.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', '[']));
        if !all.last().is_some_and(prefix) {
            all.push(name);
        }
    }
    all
}

/// Reads the arguments of a resource or of a nested block.
struct Body<'a, 'b> {
    losses: &'a mut Losses<'b>,
    steps: Vec<Step>,
}

impl Body<'_, '_> {
    /// What was written, and beside it the values that it has in this plan.
    fn read(&mut self, expressions: Option<&Object>, values: Option<&Object>) -> (Record, Record) {
        let (mut written, mut known) = (Record::new(), Record::new());
        for (name, expression) in expressions.into_iter().flatten() {
            let value = values.and_then(|values| values.get(name));
            self.steps.push(Step::Name(name.clone()));
            match expression {
                Printed::Array(blocks) => {
                    let (all, beside) = self.blocks(blocks, value);
                    written.set(name, Value::Blocks(all));
                    known.set(name, Value::Blocks(beside));
                }
                Printed::Object(one) if is_expression(one) => {
                    let now = value.and_then(|value| json::value(value, Blocks::Nested));
                    match told(one, value, Blocks::Nested) {
                        Told::Value(Some(told)) => {
                            self.count(&told, value);
                            written.set(name, told);
                        }
                        Told::Value(None) => {}
                        Told::Strange(_, Some(value)) => written.set(name, value),
                        Told::Strange(names, None) => {
                            self.losses.argument(path(&self.steps), strange(&names))
                        }
                    }
                    if let Some(now) = now {
                        known.set(name, now);
                    }
                }
                Printed::Object(block) => {
                    let (one, beside) = self.read(Some(block), value.and_then(Printed::as_object));
                    written.set(name, Value::Blocks(vec![one]));
                    known.set(name, Value::Blocks(vec![beside]));
                }
                _ => self.losses.argument(path(&self.steps), "is told in a way that is not known"),
            }
            self.steps.pop();
        }
        (written, known)
    }

    /// Of a list with references only these are told. Where the plan knows its items, others do not go unnoticed.
    fn count(&mut self, told: &Value, known: Option<&Printed>) {
        let (Value::Opaque(references), Some(Printed::Array(items))) = (told, known) else { return };
        if items.len() != references.len() {
            let (items, told) = (items.len(), references.len());
            let reason =
                format!("has {items} items, of which the plan tells {told} as references and no others");
            self.losses.argument(path(&self.steps), reason);
        }
    }

    fn blocks(&mut self, blocks: &[Printed], values: Option<&Printed>) -> (Vec<Record>, Vec<Record>) {
        let values = values.and_then(Printed::as_array).map_or(&[][..], Vec::as_slice);
        let mut taken = vec![false; values.len()];
        let mut all = (Vec::new(), Vec::new());
        for (at, block) in blocks.iter().enumerate() {
            let Some(block) = block.as_object() else { continue };
            // Blocks of a set stand in another order there: the first one that agrees is taken.
            let agreeing = |to: &usize| {
                taken.get(*to) == Some(&false)
                    && values.get(*to).is_some_and(|value| value.is_object() && agrees(block, value))
            };
            let beside = std::iter::once(at).chain(0..values.len()).find(agreeing);
            if let Some(mark) = beside.and_then(|beside| taken.get_mut(beside)) {
                *mark = true;
            }
            self.steps.push(Step::Item(at));
            let value = beside.and_then(|beside| values.get(beside)).and_then(Printed::as_object);
            let (one, known) = self.read(Some(block), value);
            self.steps.pop();
            all.0.push(one);
            all.1.push(known);
        }
        all
    }
}

/// An expression has these keys and no others; anything else is a nested block that may stand once.
fn is_expression(fields: &Object) -> bool {
    fields.keys().all(|key| key == "constant_value" || key == "references")
}
