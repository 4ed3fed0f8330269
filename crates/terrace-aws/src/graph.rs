//! The graph: every resource with its settings, and what whoever applies it may set and will be told.
//!
//! A [`ResourceGraph`] says what is built and nothing about how it is told; a [`Design`] adds the words for
//! people ([`Notes`]): in which file a resource belongs, and why it is there.

use std::collections::{BTreeMap, BTreeSet};

use terrace_topology::Region;

use crate::{Address, Label, Ref, Resource, ResourceType, Text, Value};

/// What is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceGraph {
    /// Where, unless a node says otherwise.
    pub region: Region,
    /// Tags on everything that takes them.
    pub default_tags: BTreeMap<String, String>,
    /// What whoever applies it may set.
    pub variables: BTreeMap<Label, Variable>,
    /// What whoever applied it is told.
    pub outputs: BTreeMap<Label, Output>,
    nodes: BTreeMap<Address, Node>,
}

/// A resource and how it is treated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The resource.
    pub resource: Resource,
    /// In which region, if not the graph's.
    pub region: Option<Region>,
    /// What has to be there first, beyond what it references.
    pub depends_on: BTreeSet<Address>,
    /// How it is replaced and what is left alone.
    pub lifecycle: Lifecycle,
}

/// How a resource is replaced, and which arguments others may change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// The new one before the old one goes.
    pub create_before_destroy: bool,
    /// A plan that would destroy it fails.
    pub prevent_destroy: bool,
    /// Arguments that something else changes after creation.
    pub ignore_changes: Vec<String>,
}

/// A setting of the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// What it is for.
    pub description: String,
    /// Its value unless set; none means that it has to be set.
    pub default: Option<String>,
}

/// A value that commands and people need after the graph was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// What it is.
    pub description: String,
    /// Its value.
    pub value: Value,
}

/// Where a resource belongs in what people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Concern {
    /// The network, its routes and ways out.
    Network,
    /// What the public meets: load balancer, CDN, names and certificates.
    Edge,
    /// The page's tier.
    Web,
    /// The services.
    App,
    /// The database.
    Data,
    /// Keys, secrets and parameters.
    Secrets,
    /// Logs, alarms, budgets.
    Observability,
}

impl Concern {
    /// All, in the order in which a person would read them.
    pub const ALL: [Self; 7] =
        [Self::Network, Self::Edge, Self::Web, Self::App, Self::Data, Self::Secrets, Self::Observability];

    /// Its name; that of its file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Edge => "edge",
            Self::Web => "web",
            Self::App => "app",
            Self::Data => "data",
            Self::Secrets => "secrets",
            Self::Observability => "observability",
        }
    }
}

/// What people are told about one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Where it belongs.
    pub concern: Concern,
    /// Why it is there or as it is, one line an entry; empty where the text speaks for itself.
    pub why: Vec<String>,
}

/// The words for people, and the order in which resources were thought of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    order: Vec<(Address, Note)>,
    warnings: Vec<crate::Warning>,
}

/// A graph and its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Design {
    /// What is built.
    pub graph: ResourceGraph,
    /// How it is told.
    pub notes: Notes,
}

impl Notes {
    /// Adds a note.
    pub fn push(&mut self, address: Address, note: Note) {
        self.order.push((address, note));
    }

    /// Adds something that whoever asked for the graph should know.
    pub fn warn(&mut self, warning: crate::Warning) {
        self.warnings.push(warning);
    }

    /// What whoever asked for the graph should know.
    pub fn warnings(&self) -> &[crate::Warning] {
        &self.warnings
    }

    /// All notes, in the order in which a person would read the resources.
    pub fn iter(&self) -> impl Iterator<Item = &(Address, Note)> {
        self.order.iter()
    }
}

impl Node {
    /// A resource without anything special.
    pub fn plain(resource: impl Into<Resource>) -> Self {
        Self {
            resource: resource.into(),
            region: None,
            depends_on: BTreeSet::new(),
            lifecycle: Lifecycle::default(),
        }
    }
}

impl ResourceGraph {
    /// Without resources.
    pub const fn new(region: Region) -> Self {
        Self {
            region,
            default_tags: BTreeMap::new(),
            variables: BTreeMap::new(),
            outputs: BTreeMap::new(),
            nodes: BTreeMap::new(),
        }
    }

    /// Puts a node where its label says; gives back the one that stood there.
    pub fn insert(&mut self, label: Label, node: Node) -> Option<Node> {
        self.nodes.insert(Address::new(node.resource.kind(), label), node)
    }

    /// Every node by its address.
    pub fn nodes(&self) -> impl Iterator<Item = (&Address, &Node)> {
        self.nodes.iter()
    }

    /// How many resources and lookups there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing at all.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The node at an address.
    pub fn node(&self, address: &Address) -> Option<&Node> {
        self.nodes.get(address)
    }

    /// The node at an address, to change it.
    pub fn node_mut(&mut self, address: &Address) -> Option<&mut Node> {
        self.nodes.get_mut(address)
    }

    /// Every resource of one kind, by label.
    pub fn all<T: ResourceType + 'static>(&self) -> impl Iterator<Item = (&Label, &T)> {
        let of_kind = self.nodes.iter().filter(|(address, _)| address.kind() == T::KIND);
        of_kind.filter_map(|(address, node)| T::of(&node.resource).map(|found| (address.label(), found)))
    }

    /// The resource that a reference names.
    pub fn get<T: ResourceType, A>(&self, reference: &Ref<T, A>) -> Option<&T>
    where
        A: crate::Attribute,
    {
        T::of(&self.nodes.get(&reference.address()?)?.resource)
    }

    /// References that point at nothing in this graph, with where they stand.
    pub fn dangling(&self) -> Vec<(Address, crate::Reference)> {
        let mut found = Vec::new();
        for (address, node) in &self.nodes {
            let mut references = Vec::new();
            node.resource.fields().iter().for_each(|(_, value)| value.references(&mut references));
            for reference in references {
                let there = match reference.target() {
                    crate::Target::Resource(to) => self.nodes.contains_key(to),
                    crate::Target::Variable(label) => self.variables.contains_key(label),
                    crate::Target::Item(_) | crate::Target::Unknown(_) => false,
                };
                if !there {
                    found.push((address.clone(), reference));
                }
            }
        }
        found
    }
}

impl Output {
    /// An output.
    pub fn new(description: &str, value: impl Into<Text>) -> Self {
        Self { description: description.to_owned(), value: Value::Text(value.into()) }
    }
}
