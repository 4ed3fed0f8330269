//! The graph in the making.

use std::collections::BTreeSet;

use terrace_topology::{PartyName, Region, Topology};

use super::foundation::Foundation;
use super::naming::Naming;
use super::refusal::{Refusal, Warning};
use crate::resource::Tags;
use crate::{
    Address, Concern, Design, Label, Lifecycle, Node, Note, Notes, Output, Ref, ResourceGraph, ResourceType,
    Text, Value, Variable,
};

/// What every part of the lowering writes into.
pub(crate) struct Draft<'a> {
    pub(crate) topology: &'a Topology,
    pub(crate) foundation: Foundation,
    pub(crate) naming: Naming,
    graph: ResourceGraph,
    notes: Notes,
    refusals: Vec<Refusal>,
}

/// A resource on its way into the graph.
pub(crate) struct Place<'d, 'a> {
    draft: &'d mut Draft<'a>,
    concern: Concern,
    label: Label,
    why: Vec<String>,
    region: Option<Region>,
    depends_on: BTreeSet<Address>,
    lifecycle: Lifecycle,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(topology: &'a Topology, foundation: Foundation) -> Self {
        let naming = Naming::new(&topology.name, topology.environment.as_ref());
        let mut graph = ResourceGraph::new(topology.region.clone());
        graph.default_tags.insert("terrace:system".to_owned(), topology.name.to_string());
        if let Some(environment) = &topology.environment {
            graph.default_tags.insert("terrace:environment".to_owned(), environment.to_string());
        }
        let (notes, refusals) = (Notes::default(), Vec::new());
        let mut draft = Self { topology, foundation, naming, graph, notes, refusals };
        draft.place(Concern::Network, &["current"]).put(crate::resource::CallerIdentity {});
        draft
    }

    /// Begins to place a resource; `put` ends it.
    pub(crate) fn place(&mut self, concern: Concern, label: &[&str]) -> Place<'_, 'a> {
        Place {
            draft: self,
            concern,
            label: Label::from_words(label),
            why: Vec::new(),
            region: None,
            depends_on: BTreeSet::new(),
            lifecycle: Lifecycle::default(),
        }
    }

    /// Whether something was put there already.
    pub(crate) fn has<T: ResourceType>(&self, reference: &Ref<T>) -> bool {
        reference.address().is_some_and(|address| self.graph.node(&address).is_some())
    }

    /// AWS would not have it.
    pub(crate) fn refuse(&mut self, refusal: Refusal) {
        self.refusals.push(refusal);
    }

    /// AWS would have it, and somebody should know.
    pub(crate) fn warn(&mut self, about: Refusal) {
        self.notes.warn(Warning(about));
    }

    /// What whoever applies the graph is told afterwards.
    pub(crate) fn output(&mut self, label: &str, description: &str, value: impl Into<Text>) {
        self.graph.outputs.insert(Label::from_words(&[label]), Output::new(description, value));
    }

    /// The same, of several values.
    pub(crate) fn list_output<T: Into<Text>>(
        &mut self,
        label: &str,
        description: &str,
        values: impl IntoIterator<Item = T>,
    ) {
        let values = values.into_iter().map(|value| Value::Text(value.into())).collect();
        let output = Output { description: description.to_owned(), value: Value::List(values) };
        self.graph.outputs.insert(Label::from_words(&[label]), output);
    }

    /// What whoever applies the graph may set.
    pub(crate) fn variable(
        &mut self,
        label: &str,
        description: &str,
        default: Option<&str>,
    ) -> crate::Reference {
        let label = Label::from_words(&[label]);
        let variable = Variable { description: description.to_owned(), default: default.map(str::to_owned) };
        self.graph.variables.insert(label.clone(), variable);
        crate::Reference::variable(label)
    }

    /// The tag that consoles show as a thing's name.
    pub(crate) fn name_tag(&self, part: &str) -> Tags {
        Tags::from([("Name".to_owned(), Text::from(self.naming.of(part, 255)))])
    }

    /// The name tag, and the tag that says whose it is.
    pub(crate) fn party_tags(&self, part: &str, party: &PartyName) -> Tags {
        let mut tags = self.name_tag(part);
        tags.insert("terrace:party".to_owned(), Text::from(party.as_str()));
        tags
    }

    pub(crate) fn finish(self) -> Result<Design, Vec<Refusal>> {
        if self.refusals.is_empty() {
            Ok(Design { graph: self.graph, notes: self.notes })
        } else {
            Err(self.refusals)
        }
    }
}

impl Place<'_, '_> {
    /// Why it is there or as it is: a line of comment for people.
    pub(crate) fn why(mut self, line: impl Into<String>) -> Self {
        self.why.push(line.into());
        self
    }

    /// In a region other than the system's.
    pub(crate) fn in_region(mut self, region: Region) -> Self {
        self.region = (region != self.draft.topology.region).then_some(region);
        self
    }

    /// Something has to be there first that it does not refer to.
    pub(crate) fn after(mut self, address: Option<Address>) -> Self {
        self.depends_on.extend(address);
        self
    }

    /// The new one before the old one goes.
    pub(crate) fn before_destroy(mut self) -> Self {
        self.lifecycle.create_before_destroy = true;
        self
    }

    /// Arguments that something else changes after creation.
    pub(crate) fn ignoring(mut self, arguments: &[&str]) -> Self {
        self.lifecycle.ignore_changes.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        self
    }

    /// Puts it into the graph. A label taken twice is a mistake of the lowering, which a test over every shape finds.
    pub(crate) fn put<T: ResourceType>(self, resource: T) -> Ref<T> {
        let address = Address::new(T::KIND, self.label.clone());
        let node = Node {
            resource: resource.wrap(),
            region: self.region,
            depends_on: self.depends_on,
            lifecycle: self.lifecycle,
        };
        let before = self.draft.graph.insert(self.label.clone(), node);
        debug_assert!(before.is_none(), "{address} is there twice");
        self.draft.notes.push(address, Note { concern: self.concern, why: self.why });
        Ref::new(self.label)
    }
}
