//! Blocks: a header, arguments in runs, nested blocks, each apart from the next by an empty line.

use std::fmt::Write as _;

use terrace_aws::{Address, Lifecycle, Mode, Node, Record, Value};

use super::expression::{Expression as _, Page, Shape, alias};
use super::quote;

impl Page {
    /// `resource "aws_vpc" "main" { … }`, with the comment lines above it.
    pub(super) fn resource(&mut self, address: &Address, node: &Node, why: &[String]) {
        self.comment(why);
        let keyword = match address.kind().mode() {
            Mode::Managed => "resource",
            Mode::Data => "data",
            Mode::Ephemeral => "ephemeral",
        };
        let _ = writeln!(self.out, "{keyword} \"{}\" \"{}\" {{", address.kind().type_name(), address.label());
        let mut something = false;
        if let Some(region) = &node.region {
            self.out.push_str("  provider = aws.");
            alias(&mut self.out, region.as_str());
            self.out.push('\n');
            something = true;
        }
        something |= self.body(&node.resource.fields(), 2, something);
        something |= self.lifecycle(&node.lifecycle, something);
        if !something && node.depends_on.is_empty() {
            self.out.truncate(self.out.trim_end().len());
        } else if !node.depends_on.is_empty() {
            self.part(something);
            let names: Vec<Bare> = node.depends_on.iter().map(|a| Bare(a.to_string())).collect();
            self.out.push_str("  depends_on = ");
            self.bare_list(&names, 2);
            self.out.push('\n');
        }
        self.out.push_str("}\n");
    }

    /// Lines of a comment.
    pub(super) fn comment(&mut self, lines: &[String]) {
        for line in lines.iter().flat_map(|line| line.split('\n')) {
            self.out.push('#');
            if !line.is_empty() {
                self.out.push(' ');
                self.out.extend(line.chars().map(|c| if c.is_control() { ' ' } else { c }));
            }
            while self.out.ends_with(' ') {
                self.out.pop();
            }
            self.out.push('\n');
        }
    }

    /// All arguments and nested blocks of a record; whether there were any.
    pub(super) fn body(&mut self, record: &Record, indent: usize, after_something: bool) -> bool {
        let attributes: Vec<(&str, &Value)> =
            record.iter().filter(|(_, value)| !matches!(value, Value::Blocks(_))).collect();
        let mut something = self.attributes(&attributes, indent, after_something);
        for (name, value) in record.iter() {
            let Value::Blocks(blocks) = value else { continue };
            for block in blocks {
                self.part(after_something || something);
                something = true;
                self.block(name, block, indent);
            }
        }
        something
    }

    fn block(&mut self, name: &str, record: &Record, indent: usize) {
        self.spaces(indent);
        self.out.push_str(name);
        if record.is_empty() {
            self.out.push_str(" {}\n");
            return;
        }
        self.out.push_str(" {\n");
        self.body(record, indent + 2, false);
        self.spaces(indent);
        self.out.push_str("}\n");
    }

    /// `name = value` lines. What takes more than a line stands apart from the rest.
    pub(super) fn attributes(
        &mut self,
        attributes: &[(&str, &Value)],
        indent: usize,
        mut something: bool,
    ) -> bool {
        let shape = |(name, value): &(&str, &Value)| value.shape(indent + name.len() + 3);
        let mut rest = attributes;
        while let [first, more @ ..] = rest {
            let count = if shape(first) == Shape::Line {
                rest.iter().take_while(|attribute| shape(attribute) == Shape::Line).count()
            } else {
                1
            };
            let (run, after) = rest.split_at_checked(count).unwrap_or((rest, more));
            self.part(something);
            something = true;
            let width = run.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
            for (name, value) in run {
                self.spaces(indent);
                self.out.push_str(name);
                self.spaces(width.saturating_sub(name.len()));
                self.out.push_str(" = ");
                value.print(self, indent, indent + name.len() + 3);
                self.out.push('\n');
            }
            rest = after;
        }
        something
    }

    fn lifecycle(&mut self, lifecycle: &Lifecycle, after_something: bool) -> bool {
        let Lifecycle { create_before_destroy, prevent_destroy, ignore_changes } = lifecycle;
        if *lifecycle == Lifecycle::default() {
            return false;
        }
        self.part(after_something);
        self.out.push_str("  lifecycle {\n");
        let width = [
            (*create_before_destroy, "create_before_destroy"),
            (*prevent_destroy, "prevent_destroy"),
            (!ignore_changes.is_empty(), "ignore_changes"),
        ];
        let width = width.iter().filter(|(is, _)| *is).map(|(_, name)| name.len()).max().unwrap_or(0);
        if *create_before_destroy {
            let _ = writeln!(self.out, "    {:width$} = true", "create_before_destroy");
        }
        if *prevent_destroy {
            let _ = writeln!(self.out, "    {:width$} = true", "prevent_destroy");
        }
        if !ignore_changes.is_empty() {
            let names: Vec<Bare> = ignore_changes.iter().map(|name| Bare(name.clone())).collect();
            let _ = write!(self.out, "    {:width$} = ", "ignore_changes");
            self.bare_list(&names, 4);
            self.out.push('\n');
        }
        self.out.push_str("  }\n");
        true
    }

    fn bare_list(&mut self, names: &[Bare], indent: usize) {
        let long = names.iter().map(|name| name.0.len() + 2).sum::<usize>() > 80;
        self.out.push('[');
        for (at, Bare(name)) in names.iter().enumerate() {
            if long {
                self.new_line(indent + 2);
            } else if at > 0 {
                self.out.push_str(", ");
            }
            self.out.push_str(name);
            if long {
                self.out.push(',');
            }
        }
        if long {
            self.new_line(indent);
        }
        self.out.push(']');
    }

    /// An empty line, if something stands before.
    pub(super) fn part(&mut self, something: bool) {
        if something {
            self.out.push('\n');
        }
    }
}

/// A name that stands without quotes.
struct Bare(String);

/// An argument of a name, for the blocks that are no resources.
pub(super) fn quoted_line(page: &mut Page, indent: usize, name: &str, width: usize, text: &str) {
    page.spaces(indent);
    page.out.push_str(name);
    page.spaces(width.saturating_sub(name.len()));
    page.out.push_str(" = ");
    quote::quoted(&mut page.out, text);
    page.out.push('\n');
}
