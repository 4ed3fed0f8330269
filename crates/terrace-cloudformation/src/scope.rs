//! What names mean inside one template: parameters, pseudo parameters, resources, attributes.
//!
//! GUARANTEE: every way from name to name has an end. A name that leads back to itself is unknown, and listed.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::inventory::{ItemId, Place, Tree, UnknownName, Unread};
use terrace_aws::{Mode, Reference, Text};

use crate::Given;
use crate::condition::Truth;
use crate::datum::{Content, Datum};
use crate::model::Model;
use crate::node::{At, Node};
use crate::template::Template;

/// How much text and how many values all templates together may come to.
const BUDGET: usize = 256 << 20;

/// What all templates of one reading share.
pub(crate) struct Reading<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) given: &'a Given,
    left: Cell<usize>,
    is_spent: Cell<bool>,
    unread: RefCell<BTreeSet<Unread>>,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(tree: &'a Tree, given: &'a Given) -> Self {
        Self { tree, given, left: Cell::new(BUDGET), is_spent: Cell::new(false), unread: RefCell::default() }
    }

    /// Takes from what may still be made; false if nothing is left.
    pub(crate) fn spend(&self, weight: usize) -> bool {
        let left = self.left.get().checked_sub(weight);
        self.left.set(left.unwrap_or_default());
        left.is_some()
    }

    pub(crate) fn pass_over(&self, unread: Unread) {
        self.unread.borrow_mut().insert(unread);
    }

    pub(crate) fn unread(self) -> BTreeSet<Unread> {
        self.unread.into_inner()
    }
}

/// One template with what its names mean.
pub(crate) struct Scope<'a> {
    pub(crate) reading: &'a Reading<'a>,
    pub(crate) file: &'a str,
    /// What stands before the names of its items: `` or `Child/`.
    pub(crate) prefix: String,
    pub(crate) template: &'a Template,
    pub(crate) parameters: BTreeMap<String, Datum>,
    /// What is known of conditions; none while one is being looked at.
    pub(crate) conditions: RefCell<BTreeMap<String, Option<Truth>>>,
    attributes: RefCell<BTreeMap<(String, String), Option<Datum>>>,
    /// Outputs of nested stacks by the stack's name.
    pub(crate) stacks: RefCell<BTreeMap<String, BTreeMap<String, Datum>>>,
    resources: BTreeMap<&'a str, &'a Node>,
    expressions: BTreeMap<&'a str, &'a Node>,
    definitions: BTreeMap<&'a str, &'a Node>,
    depth: Cell<usize>,
}

/// How deep evaluation may go, over all names that lead to other names.
const DEEP: usize = 128;

impl<'a> Scope<'a> {
    pub(crate) fn new(
        reading: &'a Reading<'a>,
        file: &'a str,
        prefix: String,
        template: &'a Template,
        parameters: BTreeMap<String, Datum>,
    ) -> Self {
        let by_name = |section: &'a Node| {
            section.entries().iter().map(|entry| (entry.key.as_str(), &entry.value)).collect()
        };
        Self {
            reading,
            file,
            prefix,
            template,
            parameters,
            conditions: RefCell::default(),
            attributes: RefCell::default(),
            stacks: RefCell::default(),
            resources: by_name(&template.resources),
            expressions: by_name(&template.conditions),
            definitions: by_name(&template.parameters),
            depth: Cell::new(0),
        }
    }

    /// Does something one level deeper; none if that is too deep.
    pub(crate) fn deeper<T>(&self, at: At, inner: impl FnOnce() -> T) -> Option<T> {
        let depth = self.depth.get();
        if depth >= DEEP {
            self.pass_over("a value", format!("is nested deeper than {DEEP} levels"), at);
            return None;
        }
        self.depth.set(depth + 1);
        let result = inner();
        self.depth.set(depth);
        Some(result)
    }

    pub(crate) fn place(&self, line: u32) -> Place {
        Place::new(self.file, line)
    }

    /// Lists something that was not read.
    pub(crate) fn pass_over(&self, what: impl Into<String>, why: impl Into<String>, at: At) {
        self.reading.pass_over(Unread::detail(what, why, self.shown(at)));
    }

    /// Lists a part of the design that was not read, whatever is in it.
    pub(crate) fn leave_out(&self, what: impl Into<String>, why: impl Into<String>, at: At) {
        self.reading.pass_over(Unread::part(what, why, self.shown(at)));
    }

    fn shown(&self, at: At) -> Option<Place> {
        (at.line > 0).then(|| self.place(at.line))
    }

    pub(crate) fn resource(&self, name: &str) -> Option<&'a Node> {
        self.resources.get(name).copied()
    }

    /// The expression of a condition.
    pub(crate) fn expression(&self, name: &str) -> Option<&'a Node> {
        self.expressions.get(name).copied()
    }

    /// The definition of a parameter.
    pub(crate) fn definition(&self, name: &str) -> Option<&'a Node> {
        self.definitions.get(name).copied()
    }

    /// How the type of a resource is read; none if it is not modelled.
    pub(crate) fn model(&self, name: &str) -> Option<&'static Model> {
        self.resource(name).and_then(crate::model::of)
    }

    /// The id of the item that a resource becomes.
    pub(crate) fn item(&self, name: &str) -> Option<ItemId> {
        let node = self.resource(name)?;
        let type_name = match crate::model::of(node) {
            Some(model) => model.terraform,
            None => node.get("Type").and_then(Node::text)?,
        };
        Some(ItemId::new(type_name, format!("{}{name}", self.prefix)))
    }

    /// What `Ref` gives.
    pub(crate) fn name(&self, name: &str, at: At) -> Datum {
        if let Some(value) = self.parameters.get(name) {
            let value = value.clone().on(at.line);
            return if self.reading.spend(value.weight()) { value } else { self.spent(at) };
        }
        if let Some(value) = self.pseudo(name, at.line) {
            return value;
        }
        if let Some(item) = self.item(name) {
            let attribute = self.model(name).map_or("id", |model| model.reference);
            if let Some(property) = attribute.strip_prefix('=') {
                let node = self.resource(name).and_then(|node| node.get("Properties")?.get(property));
                return node.map_or_else(
                    || Datum::new(at.line, Content::Nothing),
                    |node| self.evaluate(node).on(at.line),
                );
            }
            return Datum::text(at.line, Reference::to_item(item, attribute));
        }
        self.pass_over(format!("Ref {name}"), "names nothing in this template", at);
        Datum::unknown(at.line, format!("{name}, which the template does not define"))
    }

    pub(crate) fn spent(&self, at: At) -> Datum {
        if !self.reading.is_spent.replace(true) {
            self.leave_out("values", "are too many or too long from here on", at);
        }
        Datum::unknown(at.line, "a template that grows too large")
    }

    fn pseudo(&self, name: &str, line: u32) -> Option<Datum> {
        let given = self.reading.given;
        let region = given.region.as_deref();
        let lookup = |type_name: &str, attribute: &str| {
            let id = ItemId::new(type_name, format!("data.{type_name}.this")).with_mode(Mode::Data);
            Text::from(Reference::to_item(id, attribute))
        };
        let text = match name {
            "AWS::NoValue" => return Some(Datum::new(line, Content::Nothing)),
            "AWS::Region" => region.map_or_else(|| lookup("aws_region", "region"), Text::from),
            "AWS::AccountId" => given
                .account
                .as_deref()
                .map_or_else(|| lookup("aws_caller_identity", "account_id"), Text::from),
            "AWS::Partition" => Text::from(match region {
                Some(region) if region.starts_with("cn-") => "aws-cn",
                Some(region) if region.starts_with("us-gov-") => "aws-us-gov",
                _ => "aws",
            }),
            "AWS::URLSuffix" => Text::from(match region {
                Some(region) if region.starts_with("cn-") => "amazonaws.com.cn",
                _ => "amazonaws.com",
            }),
            "AWS::StackName" => match given.stack.as_deref() {
                Some(stack) if self.prefix.is_empty() => Text::from(stack),
                _ => Text::from(Reference::unknown(UnknownName::new("AWS::StackName"))),
            },
            "AWS::StackId" => Text::from(Reference::unknown(UnknownName::new(name))),
            "AWS::NotificationARNs" => return Some(Datum::unknown(line, name)),
            _ => return None,
        };
        Some(Datum::text(line, text))
    }

    /// What `Fn::GetAtt` gives.
    pub(crate) fn attribute(&self, name: &str, attribute: &str, at: At) -> Datum {
        if let Some(outputs) = self.stacks.borrow().get(name) {
            let known = attribute.strip_prefix("Outputs.").and_then(|output| outputs.get(output));
            return match known {
                Some(value) => value.clone().on(at.line),
                None => Datum::named(at.line, format!("{name}.{attribute}")),
            };
        }
        let Some(item) = self.item(name) else {
            self.pass_over(format!("GetAtt {name}.{attribute}"), "names nothing in this template", at);
            return Datum::unknown(
                at.line,
                format!("{name}.{attribute}, which the template does not define"),
            );
        };
        let model = self.model(name);
        let repeated = model.and_then(|model| model.told(attribute));
        if let Some(value) = repeated.and_then(|property| self.property(name, property)) {
            return value.on(at.line);
        }
        let known = model.and_then(|model| model.attribute(attribute));
        let path = known.map_or_else(|| crate::model::snake(attribute), str::to_owned);
        if let Some(path) = path.strip_suffix("[one]") {
            let only = Datum::text(at.line, Reference::to_item(item, path));
            return Datum::new(at.line, Content::List(vec![only]));
        }
        if let Some((path, more)) = path.split_once('+') {
            return Datum::text(at.line, Text::from(Reference::to_item(item, path)).then(more));
        }
        match path.strip_suffix("[]") {
            Some(path) => Datum::new(at.line, Content::Members(Reference::to_item(item, path))),
            None => Datum::text(at.line, Reference::to_item(item, path)),
        }
    }

    /// A property of a resource where it is literal, for attributes that repeat it.
    fn property(&self, name: &str, property: &str) -> Option<Datum> {
        let key = (name.to_owned(), property.to_owned());
        if let Some(known) = self.attributes.borrow().get(&key) {
            return known.clone();
        }
        // Until it is known, it leads to itself.
        self.attributes.borrow_mut().insert(key.clone(), None);
        let node = self.resource(name)?.get("Properties")?.get(property)?;
        let value = Some(self.evaluate(node)).filter(|value| value.literal().is_some());
        self.attributes.borrow_mut().insert(key, value.clone());
        value
    }
}
