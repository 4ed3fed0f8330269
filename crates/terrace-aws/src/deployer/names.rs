//! What a resource is called in AWS, as far as the graph tells.
//!
//! GUARANTEE: a name is the resource's own and whole; what only AWS knows is `*`, and nothing else is.

use std::collections::BTreeMap;

use terrace_topology::AccountId;

use super::calls::Subject;
use crate::{Address, Kind, Node, Part, Reference, ResourceGraph, Target, Text, Value};

/// Resolves the arguments of a graph's resources.
pub(super) struct Names<'g> {
    pub(super) graph: &'g ResourceGraph,
    pub(super) account: &'g AccountId,
    pub(super) partition: &'static str,
    /// Which argument is the name, by kind.
    pub(super) arguments: BTreeMap<String, &'static str>,
}

/// How the table calls a kind.
pub(super) fn called(kind: Kind) -> String {
    format!("{}{}", kind.mode().prefix(), kind.type_name())
}

impl<'g> Names<'g> {
    pub(super) fn new(
        graph: &'g ResourceGraph,
        account: &'g AccountId,
        partition: &'static str,
        subjects: &[Subject],
    ) -> Self {
        let arguments = subjects.iter().map(|subject| (subject.name.to_owned(), subject.argument)).collect();
        Self { graph, account, partition, arguments }
    }

    /// An argument of a resource; none if it has no such argument.
    pub(super) fn argument(&self, node: &Node, name: &str) -> Option<String> {
        match node.resource.fields().get(name)? {
            Value::Text(text) => Some(self.text(text, 0)),
            _ => Some("*".to_owned()),
        }
    }

    /// Every argument in braces put in; none if the resource lacks one. `${…}` is IAM's own and stays.
    pub(super) fn filled(&self, pattern: &str, node: &Node) -> Option<String> {
        let mut filled = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            filled.push_str(before);
            if before.ends_with('$') {
                filled.push_str(&format!("{{{name}}}"));
            } else {
                filled.push_str(&self.argument(node, name)?);
            }
            rest = after;
        }
        filled.push_str(rest);
        Some(filled)
    }

    /// An ARN of the table, whole: `arn:ec2:region:account:vpc/*`.
    pub(super) fn arn(&self, short: &str, region: &str) -> String {
        let Some(rest) = short.strip_prefix("arn:") else { return short.to_owned() };
        let mut parts: Vec<&str> = rest.splitn(4, ':').collect();
        for (at, part) in parts.iter_mut().enumerate() {
            match (at, *part) {
                (1, "region") => *part = region,
                (2, "account") => *part = self.account.as_str(),
                _ => {}
            }
        }
        format!("arn:{}:{}", self.partition, parts.join(":"))
    }

    fn text(&self, text: &Text, depth: usize) -> String {
        text.parts()
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text.clone(),
                Part::Reference(reference) => self.reference(reference, depth),
                Part::Opaque(_) => "*".to_owned(),
            })
            .collect()
    }

    /// A reference to a resource stands for its name, whichever of its ways to be named is referred to.
    fn reference(&self, reference: &Reference, depth: usize) -> String {
        let unknown = || "*".to_owned();
        let Target::Resource(address) = reference.target() else { return unknown() };
        if address.kind() == Kind::CallerIdentity && reference.attribute() == "account_id" {
            return self.account.to_string();
        }
        let own = self.arguments.get(&called(address.kind())).copied();
        let attribute = reference.attribute();
        let named = matches!(attribute, "id" | "arn" | "name") || Some(attribute) == own;
        if !named || reference.member().is_some() || depth > 4 {
            return unknown();
        }
        self.name(address, depth).unwrap_or_else(unknown)
    }

    fn name(&self, address: &Address, depth: usize) -> Option<String> {
        let argument = self.arguments.get(&called(address.kind()))?;
        match self.graph.node(address)?.resource.fields().get(argument)? {
            Value::Text(text) => Some(self.text(text, depth + 1)),
            _ => None,
        }
    }
}
