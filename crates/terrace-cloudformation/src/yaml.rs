//! YAML text as [`Node`]s with places.
//!
//! Aliases become copies, as many as [`COPIES`] nodes; merge keys (`<<`) are resolved. A tag `!Name` becomes a map of one
//! key: `Ref` and `Condition` as they are, every other as `Fn::Name`.

use std::collections::{BTreeMap, BTreeSet};

use granit_parser::{ErrorKind, Event, Options, Parser, Span, Tag};
use terrace_diag::Diagnostic;

use crate::node::{At, COPIES, DEPTH, Entry, Node, Read, SYNTAX, TOO_LARGE, What, duplicate, too_deep};

/// Reads a document.
pub(crate) fn read(text: &str) -> Read<Node> {
    let mut builder = Builder::default();
    let mut options = granit_parser::options! { flow_nesting_limit: DEPTH, block_nesting_limit: DEPTH };
    Options::set_emit_comments(&mut options, false);
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| {
            let marker = error.marker();
            if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
                let start = marker.byte_offset().unwrap_or_default();
                return too_deep(At::new(marker.line(), start, start));
            }
            let start = marker.byte_offset().unwrap_or_default().min(text.len());
            // A place at the end of the text has no character: show the one before it.
            let start = if start == text.len() { start.saturating_sub(1) } else { start };
            let start = (0..=start).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
            let end = (start + 1..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(start);
            let hint = if error.info().contains("tab") {
                "YAML is indented by spaces, not by tabs"
            } else {
                "look at this line and the one before: the indentation, a quote, a bracket or a colon is amiss"
            };
            Box::new(
                Diagnostic::error(SYNTAX, format!("this is no YAML: {}", error.info()))
                .at(At::new(marker.line(), start, end).span(), "here it cannot go on")
                .help(hint),
            )
        })?;
        builder.event(event, at(&span))?;
    }
    builder.root.ok_or_else(|| {
        Box::new(Diagnostic::error(SYNTAX, "the text is empty").help("a template has `Resources`"))
    })
}

fn at(span: &Span) -> At {
    let start = span.start.byte_offset().unwrap_or_default();
    At::new(span.start.line(), start, span.end.byte_offset().unwrap_or(start))
}

/// A list or a map that is not yet complete.
struct Open {
    at: At,
    tag: Option<String>,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, key: Option<(String, At)>, merged: Vec<Node> },
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Node, Size)>,
    copies: usize,
    root: Option<Node>,
}

#[derive(Clone, Copy, Default)]
struct Size {
    nodes: usize,
    depth: usize,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, at: At) -> Read<()> {
        match event {
            Event::DocumentStart(..) if self.root.is_some() => Err(Box::new(
                Diagnostic::error(SYNTAX, "there is a second document")
                    .at(at.span(), "a template is one document")
                    .help("put each template into a file of its own"),
            )),
            Event::Scalar(text, style, anchor, tag) => {
                let quoted = tag.as_ref().is_some_and(|tag| is_text(tag));
                let plain = style == granit_parser::ScalarStyle::Plain && !quoted;
                let node = Node::new(at, What::Scalar { text: text.into_owned(), plain });
                self.put(tagged(node, tag.and_then(|tag| function(&tag))), anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.start(at, anchor, tag.and_then(|tag| function(&tag)), Content::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                let content = Content::Map { entries: Vec::new(), key: None, merged: Vec::new() };
                self.start(at, anchor, tag.and_then(|tag| function(&tag)), content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(at),
            Event::Alias(anchor) => self.alias(anchor, at),
            _ => Ok(()),
        }
    }

    fn start(&mut self, at: At, anchor: usize, tag: Option<String>, content: Content) -> Read<()> {
        if self.open.len() >= DEPTH {
            return Err(too_deep(at));
        }
        if let Some(Open { content: Content::Map { key: None, .. }, .. }) = self.open.last() {
            return Err(Box::new(
                Diagnostic::error(SYNTAX, "a key must be a word").at(at.span(), "this is a list or a map"),
            ));
        }
        self.open.push(Open { at, tag, anchor, content });
        Ok(())
    }

    fn end(&mut self, end: At) -> Read<()> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let at = At::new(open.at.line as usize, open.at.span().start(), end.span().end());
        let what = match open.content {
            Content::List(items) => What::List(items),
            Content::Map { mut entries, merged, .. } => {
                duplicate(&entries).map_or(Ok(()), Err)?;
                merge(&mut entries, merged)?;
                What::Map(entries)
            }
        };
        self.put(tagged(Node::new(at, what), open.tag), open.anchor)
    }

    fn alias(&mut self, anchor: usize, at: At) -> Read<()> {
        let Some((node, size)) = self.anchors.get(&anchor) else {
            return Err(Box::new(
                Diagnostic::error(SYNTAX, "an alias of something that it is a part of")
                    .at(at.span(), "this would contain itself"),
            ));
        };
        self.copies = self.copies.saturating_add(size.nodes);
        if self.copies > COPIES {
            return Err(Box::new(
                Diagnostic::error(TOO_LARGE, format!("aliases add more than {COPIES} values"))
                    .at(at.span(), "with this one it is too many")
                    .help("aliases of aliases grow fast: write the values out, or use fewer"),
            ));
        }
        if self.open.len() + size.depth > DEPTH {
            return Err(too_deep(at));
        }
        // What is copied stands where it was written; that it is used here says only the alias.
        let node = node.clone();
        self.put(node, 0)
    }

    fn put(&mut self, node: Node, anchor: usize) -> Read<()> {
        if anchor != 0 {
            let size = size(&node);
            self.copies = self.copies.saturating_add(size.nodes);
            if self.copies > COPIES {
                return Err(Box::new(
                    Diagnostic::error(TOO_LARGE, format!("anchors hold more than {COPIES} values"))
                        .at(node.at.span(), "with this one it is too many"),
                ));
            }
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { entries, key, merged }) => match key.take() {
                Some((name, _)) if name == "<<" => merged.push(node),
                Some((name, at)) => entries.push(Entry { key: name, at, value: node }),
                None => match node.what {
                    What::Scalar { text, .. } => *key = Some((text, node.at)),
                    _ => {
                        return Err(Box::new(
                            Diagnostic::error(SYNTAX, "a key must be a word")
                                .at(node.at.span(), "this is no word"),
                        ));
                    }
                },
            },
        }
        Ok(())
    }
}

fn size(node: &Node) -> Size {
    let children: Vec<Size> = match &node.what {
        What::Scalar { .. } => Vec::new(),
        What::List(items) => items.iter().map(size).collect(),
        What::Map(entries) => entries.iter().map(|entry| size(&entry.value)).collect(),
    };
    Size {
        nodes: 1 + children.iter().map(|size| size.nodes).sum::<usize>(),
        depth: 1 + children.iter().map(|size| size.depth).max().unwrap_or_default(),
    }
}

/// Adds what `<<` names; what the map says itself counts more.
fn merge(entries: &mut Vec<Entry>, merged: Vec<Node>) -> Read<()> {
    if merged.is_empty() {
        return Ok(());
    }
    let mut known: BTreeSet<String> = entries.iter().map(|entry| entry.key.clone()).collect();
    for node in merged {
        let sources = match node.what {
            What::List(items) => items,
            _ => vec![node],
        };
        for source in sources {
            let What::Map(more) = source.what else {
                return Err(Box::new(
                    Diagnostic::error(SYNTAX, "`<<` takes a map or a list of maps")
                        .at(source.at.span(), "this is no map"),
                ));
            };
            entries.extend(more.into_iter().filter(|entry| known.insert(entry.key.clone())));
        }
    }
    Ok(())
}

fn is_text(tag: &Tag) -> bool {
    tag.core_suffix() == Some("str")
        || (tag.handle().is_empty() && tag.suffix() == "!")
        || tag.original() == "!"
}

/// The function that a tag stands for; none for YAML's own tags.
fn function(tag: &Tag) -> Option<String> {
    if tag.core_suffix().is_some() || is_text(tag) {
        return None;
    }
    let name = tag.suffix();
    Some(match name {
        "Ref" | "Condition" => name.to_owned(),
        _ => format!("Fn::{name}"),
    })
}

fn tagged(node: Node, function: Option<String>) -> Node {
    match function {
        Some(name) => Node::call(&name, node.at, node),
        None => node,
    }
}
