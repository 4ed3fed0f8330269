//! Nodes to values: the intrinsic functions.
//!
//! GUARANTEE: a function whose arguments are not all told gives a value of its own for that, never a guess.

use std::collections::BTreeSet;

use terrace_aws::inventory::{ItemId, UnknownName};
use terrace_aws::{Mode, Reference, Target, Text};

use crate::condition::Truth;
use crate::datum::{Content, Datum};
use crate::node::{At, Node, Scalar, What};
use crate::scope::Scope;

/// How many keys a map in a resource may have: each is looked for among the others.
const KEYS: usize = 1024;

impl Scope<'_> {
    /// What a node comes to.
    pub(crate) fn evaluate(&self, node: &Node) -> Datum {
        if !self.reading.spend(32) {
            return self.spent(node.at);
        }
        let value = self.deeper(node.at, || self.evaluate_here(node));
        value.unwrap_or_else(|| Datum::unknown(node.at.line, "a value that is nested too deeply"))
    }

    fn evaluate_here(&self, node: &Node) -> Datum {
        let line = node.at.line;
        match &node.what {
            What::Scalar { .. } => self.scalar(node),
            What::List(items) => {
                let items = items.iter().map(|item| self.evaluate(item)).filter(|item| !item.is_nothing());
                Datum::new(line, Content::List(items.collect()))
            }
            What::Map(entries) => {
                if let Some((name, argument)) = node.sole().filter(|(name, argument)| is_call(name, argument))
                {
                    return self.call(name, argument, node.at);
                }
                if entries.len() > KEYS {
                    self.pass_over("a map", format!("has more than {KEYS} keys"), node.at);
                    return Datum::unknown(line, format!("a map with more than {KEYS} keys"));
                }
                let entries = entries.iter().map(|entry| (entry, self.evaluate(&entry.value)));
                let told = entries.filter(|(_, value)| !value.is_nothing());
                // A value that is written over several lines begins with its key.
                let placed = told.map(|(entry, mut value)| {
                    value.line = entry.at.line;
                    (entry.key.clone(), value)
                });
                Datum::new(line, Content::Map(placed.collect()))
            }
        }
    }

    fn scalar(&self, node: &Node) -> Datum {
        let line = node.at.line;
        match node.scalar() {
            None | Some(Scalar::Null) => Datum::new(line, Content::Nothing),
            Some(Scalar::Bool(truth)) => Datum::new(line, Content::Bool(truth)),
            Some(Scalar::Int(number)) => Datum::new(line, Content::Int(number)),
            Some(Scalar::Text(text)) => self.plain(text, node.at),
            Some(Scalar::Ambiguous(text)) => {
                self.pass_over(
                    format!("the value {text}"),
                    "means one thing in YAML 1.1 and another in YAML 1.2: write it in quotes, or as a plain number",
                    node.at,
                );
                Datum::unknown(line, format!("{text} without quotes"))
            }
        }
    }

    fn plain(&self, text: &str, at: At) -> Datum {
        if !self.reading.spend(text.len()) {
            return self.spent(at);
        }
        Datum::text(at.line, crate::dynamic::resolved(Text::from(text)))
    }

    fn call(&self, name: &str, argument: &Node, at: At) -> Datum {
        let result = match name {
            "Ref" => argument.text().map(|name| self.name(name, at)),
            "Condition" => {
                argument.text().map(|name| Datum::new(at.line, self.condition(name, at).content()))
            }
            "Fn::GetAtt" => self.get_att(argument, at),
            "Fn::Sub" => crate::substitute::sub(self, argument, at),
            "Fn::If" => self.choice(argument, at),
            "Fn::Join" => self.join(argument, at),
            "Fn::Select" => self.select(argument, at),
            "Fn::Split" => self.split(argument, at),
            "Fn::FindInMap" => self.find_in_map(argument, at),
            "Fn::ImportValue" => {
                let export = self.evaluate(argument).to_text();
                Some(Datum::named(at.line, format!("export {export}")))
            }
            "Fn::Base64" => Some(Datum::new(at.line, Content::Base64(self.evaluate(argument).to_text()))),
            "Fn::Cidr" => Some(crate::cidr::cidr(self, argument, at)),
            "Fn::GetAZs" => Some(zones(at)),
            "Fn::Length" => self.length(argument, at),
            "Fn::ToJsonString" => {
                Some(self.unknown_of(&self.evaluate(argument), "the function Fn::ToJsonString", at))
            }
            "Fn::Transform" => {
                let named = argument.get("Name").and_then(Node::text).unwrap_or("a macro");
                self.leave_out(format!("Fn::Transform {named}"), "is a macro, which only AWS can run", at);
                Some(Datum::unknown(at.line, format!("the macro {named}")))
            }
            "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" | "Fn::Contains" => {
                let node = Node::call(name, at, argument.clone());
                Some(Datum::new(at.line, self.truth(&node).content()))
            }
            _ => {
                self.pass_over(name, "is a function that is not known", at);
                Some(Datum::unknown(at.line, format!("the function {name}")))
            }
        };
        let value = result.unwrap_or_else(|| {
            self.pass_over(name, "has arguments of a form that is not known", at);
            Datum::unknown(at.line, format!("the function {name} in line {}", at.line))
        });
        if self.reading.spend(value.weight()) { value } else { self.spent(at) }
    }

    /// Unknown, of what the arguments are made of; by the function's name if they are made of nothing.
    pub(crate) fn unknown_of(&self, argument: &Datum, function: &str, at: At) -> Datum {
        let mut of = argument.references();
        if of.is_empty() {
            of.insert(Reference::unknown(UnknownName::new(function)));
        }
        Datum::new(at.line, Content::Unknown(of))
    }

    fn get_att(&self, argument: &Node, at: At) -> Option<Datum> {
        if let Some(path) = argument.text() {
            let (name, attribute) = path.split_once('.')?;
            return Some(self.attribute(name, attribute, at));
        }
        let (name, rest) = argument.items().split_first()?;
        let name = self.evaluate(name).literal()?;
        let attribute: Option<Vec<String>> = rest.iter().map(|part| self.evaluate(part).literal()).collect();
        let attribute = attribute.filter(|parts| !parts.is_empty())?.join(".");
        Some(self.attribute(&name, &attribute, at))
    }

    fn choice(&self, argument: &Node, at: At) -> Option<Datum> {
        let [condition, yes, no] = argument.items() else { return None };
        Some(match self.holds(condition) {
            Truth::Yes => self.evaluate(yes),
            Truth::No => self.evaluate(no),
            Truth::Depends(names) => {
                let (yes, no) = (self.evaluate(yes), self.evaluate(no));
                if yes.same(&no) {
                    return Some(yes);
                }
                Datum::new(at.line, Content::Either(names, Box::new(yes), Box::new(no)))
            }
        })
    }

    fn join(&self, argument: &Node, at: At) -> Option<Datum> {
        let [delimiter, list] = argument.items() else { return None };
        let delimiter = self.evaluate(delimiter).literal()?;
        let list = self.evaluate(list);
        let Content::List(items) = &list.content else {
            return Some(self.unknown_of(&list, "the function Fn::Join", at));
        };
        let joined = items.iter().enumerate().fold(Text::new(), |all, (index, item)| {
            let all = if index > 0 { all.then(delimiter.as_str()) } else { all };
            all.then(item.to_text())
        });
        Some(Datum::text(at.line, crate::dynamic::resolved(joined)))
    }

    fn select(&self, argument: &Node, at: At) -> Option<Datum> {
        let [index, list] = argument.items() else { return None };
        let index = self.evaluate(index);
        let list = self.evaluate(list);
        let Some(place) = index.literal().and_then(|index| index.trim().parse::<usize>().ok()) else {
            return Some(self.unknown_of(&index, "the function Fn::Select", at));
        };
        match list.content {
            Content::List(items) => {
                let found = items.into_iter().nth(place);
                if found.is_none() {
                    self.pass_over(
                        format!("Fn::Select {place}"),
                        "names an element that the list does not have",
                        at,
                    );
                }
                Some(
                    found.unwrap_or_else(|| {
                        Datum::unknown(at.line, format!("element {place} of a shorter list"))
                    }),
                )
            }
            Content::Members(of) => {
                let attribute = format!("{}[{place}]", of.attribute());
                Some(Datum::text(at.line, Reference::new(of.target().clone(), attribute)))
            }
            Content::Unknown(of) => {
                // Elements of one list differ from each other, and are the same wherever they are named.
                let sole = of.iter().next().filter(|_| of.len() == 1);
                if let Some(Target::Unknown(name)) = sole.map(Reference::target) {
                    return Some(Datum::named(at.line, format!("element {place} of {name}")));
                }
                Some(Datum::new(at.line, Content::Unknown(of)))
            }
            content => Some(self.unknown_of(&Datum::new(at.line, content), "the function Fn::Select", at)),
        }
    }

    fn split(&self, argument: &Node, at: At) -> Option<Datum> {
        let [delimiter, text] = argument.items() else { return None };
        let delimiter = self.evaluate(delimiter).literal().filter(|delimiter| !delimiter.is_empty())?;
        let text = self.evaluate(text);
        let Some(parts) = crate::datum::split(&text.to_text(), &delimiter) else {
            return Some(self.unknown_of(&text, "the function Fn::Split", at));
        };
        let parts = parts.into_iter().map(|part| Datum::text(at.line, part));
        Some(Datum::new(at.line, Content::List(parts.collect())))
    }

    fn find_in_map(&self, argument: &Node, at: At) -> Option<Datum> {
        let [map, top, second, options @ ..] = argument.items() else { return None };
        let keys = [map, top, second].map(|node| self.evaluate(node));
        let default = options.first().and_then(|options| options.get("DefaultValue"));
        let [Some(map), Some(top), Some(second)] = [0, 1, 2].map(|index| keys.get(index)?.literal()) else {
            let of: BTreeSet<Reference> = keys.iter().flat_map(Datum::references).collect();
            return Some(Datum::new(at.line, Content::Unknown(of)));
        };
        let sections = [Some(&self.template.mappings), self.template.mappings.get(&map)];
        let looked_at: usize = sections.iter().flatten().map(|section| section.entries().len()).sum();
        if !self.reading.spend(looked_at) {
            return Some(self.spent(at));
        }
        let found = self.template.mappings.get(&map).and_then(|map| map.get(&top)?.get(&second));
        if let Some(node) = found.or(default) {
            return Some(self.evaluate(node).on(at.line));
        }
        self.pass_over(format!("Fn::FindInMap {map}, {top}, {second}"), "names nothing in the mappings", at);
        Some(Datum::unknown(at.line, format!("mapping {map}.{top}.{second}")))
    }

    fn length(&self, argument: &Node, at: At) -> Option<Datum> {
        let list = self.evaluate(argument);
        Some(match &list.content {
            Content::List(items) => Datum::new(at.line, Content::Int(i64::try_from(items.len()).ok()?)),
            _ => self.unknown_of(&list, "the function Fn::Length", at),
        })
    }
}

/// Whether a map of one key is a function with its argument.
fn is_call(name: &str, argument: &Node) -> bool {
    name == "Ref" || name.starts_with("Fn::") || (name == "Condition" && argument.text().is_some())
}

/// The zones of a region are known by their order only.
fn zones(at: At) -> Datum {
    let id = ItemId::new("aws_availability_zones", "data.aws_availability_zones.this").with_mode(Mode::Data);
    Datum::new(at.line, Content::Members(Reference::to_item(id, "names")))
}
