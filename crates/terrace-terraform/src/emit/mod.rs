//! A design as the files of a Terraform folder.
//!
//! GUARANTEES: the same design gives the same bytes; `terraform fmt` changes none of them; reading them with
//! [`crate::import::text`] gives the design's graph. Nothing is decided here: every argument comes from the graph, every
//! comment, the order and the file from the notes.

mod block;
mod expression;
mod quote;

use std::collections::{BTreeMap, BTreeSet};

use terrace_aws::{Address, Concern, Design, Node, Record, ResourceGraph, Text, Value};

use self::block::quoted_line;
use self::expression::{Page, alias};
use crate::file::{FileName, Files, usual_concern};

/// Why a graph cannot be written: it was read from something that did not tell everything.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{place}` is known by its references only; write it from the text, not from a plan or a state")]
pub struct NotWritable {
    /// The address of the resource, or the name of the output.
    pub place: String,
}

/// The oldest Terraform that knows all that is written here (1.11: arguments that are never stored).
const TERRAFORM: &str = ">= 1.11";
/// The provider's versions that all arguments are right for.
const PROVIDER: &str = ">= 5.100, < 7";

/// The files: `network.tf` and so on by concern, those that would be empty left out; `terraform.tf`,
/// `variables.tf` and `outputs.tf` beside them.
///
/// # Errors
/// If the graph holds something opaque; one that was lowered never does.
pub fn emit(design: &Design) -> Result<Files, NotWritable> {
    let graph = &design.graph;
    let mut pages: BTreeMap<Concern, Page> = BTreeMap::new();
    for (concern, address, node, why) in in_order(design) {
        let page = pages.entry(concern).or_default();
        page.part(!page.out.is_empty());
        page.resource(address, node, why);
        check(page, address)?;
    }
    let mut files: Files =
        pages.into_iter().map(|(concern, page)| (FileName::of(concern.name()), page.out)).collect();
    files.insert(FileName::of("terraform"), terraform(graph));
    if !graph.variables.is_empty() {
        files.insert(FileName::of("variables"), variables(graph));
    }
    if !graph.outputs.is_empty() {
        files.insert(FileName::of("outputs"), outputs(graph)?);
    }
    Ok(files)
}

fn check(page: &Page, place: &impl ToString) -> Result<(), NotWritable> {
    if page.opaque { Err(NotWritable { place: place.to_string() }) } else { Ok(()) }
}

/// Every resource once: first in the order of the notes, then by address what has none.
fn in_order(design: &Design) -> impl Iterator<Item = (Concern, &Address, &Node, &[String])> {
    let mut told = BTreeSet::new();
    let mut order = Vec::with_capacity(design.graph.len());
    for (address, note) in design.notes.iter() {
        if let Some(node) = design.graph.node(address)
            && told.insert(address)
        {
            order.push((note.concern, address, node, note.why.as_slice()));
        }
    }
    for (address, node) in design.graph.nodes() {
        if !told.contains(address) {
            let nothing: &[String] = &[];
            order.push((usual_concern(address.kind()), address, node, nothing));
        }
    }
    order.into_iter()
}

fn terraform(graph: &ResourceGraph) -> String {
    let mut page = Page::default();
    page.out.push_str("terraform {\n");
    quoted_line(&mut page, 2, "required_version", 0, TERRAFORM);
    page.out.push_str("\n  required_providers {\n    aws = {\n");
    quoted_line(&mut page, 6, "source", 7, "hashicorp/aws");
    quoted_line(&mut page, 6, "version", 7, PROVIDER);
    page.out.push_str("    }\n  }\n}\n\n");
    provider(&mut page, graph, graph.region.as_str(), false);
    let others: BTreeSet<&str> =
        graph.nodes().filter_map(|(_, node)| node.region.as_ref().map(|region| region.as_str())).collect();
    for region in others {
        page.out.push('\n');
        provider(&mut page, graph, region, true);
    }
    page.out
}

fn provider(page: &mut Page, graph: &ResourceGraph, region: &str, other: bool) {
    page.out.push_str("provider \"aws\" {\n");
    if other {
        page.out.push_str("  alias  = \"");
        alias(&mut page.out, region);
        page.out.push_str("\"\n");
    }
    quoted_line(page, 2, "region", 0, region);
    if !graph.default_tags.is_empty() {
        let tags: BTreeMap<String, Value> = graph
            .default_tags
            .iter()
            .map(|(key, tag)| (key.clone(), Value::Text(Text::from(tag.as_str()))))
            .collect();
        let block = Record::of(vec![("tags", Some(Value::Map(tags)))]);
        let blocks = Record::of(vec![("default_tags", Some(Value::Blocks(vec![block])))]);
        page.body(&blocks, 2, true);
    }
    page.out.push_str("}\n");
}

fn variables(graph: &ResourceGraph) -> String {
    let mut page = Page::default();
    for (label, variable) in &graph.variables {
        page.part(!page.out.is_empty());
        page.out.push_str("variable \"");
        page.out.push_str(label.as_str());
        page.out.push_str("\" {\n");
        quoted_line(&mut page, 2, "description", 11, &variable.description);
        page.out.push_str("  type        = string\n");
        if let Some(default) = &variable.default {
            quoted_line(&mut page, 2, "default", 11, default);
        }
        page.out.push_str("}\n");
    }
    page.out
}

fn outputs(graph: &ResourceGraph) -> Result<String, NotWritable> {
    let mut page = Page::default();
    for (label, output) in &graph.outputs {
        page.part(!page.out.is_empty());
        page.out.push_str("output \"");
        page.out.push_str(label.as_str());
        page.out.push_str("\" {\n");
        let description = Value::Text(Text::from(output.description.as_str()));
        page.attributes(&[("description", &description), ("value", &output.value)], 2, false);
        page.out.push_str("}\n");
        check(&page, label)?;
    }
    Ok(page.out)
}
