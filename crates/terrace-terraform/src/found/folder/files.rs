//! The files of one folder as declarations by name.

use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::expr::Expression;
use terrace_aws::Mode;
use terrace_aws::inventory::{Place, Tree};

use super::keys::Declared;
use super::source::{self, Block, Body, Misread, Placed};

/// A local value.
#[derive(Debug)]
pub(super) struct Local {
    pub(super) value: Expression,
    pub(super) place: Place,
}

/// What a folder declares.
#[derive(Debug, Default)]
pub(super) struct Declarations {
    pub(super) path: String,
    pub(super) variables: BTreeMap<String, Placed>,
    pub(super) locals: BTreeMap<String, Local>,
    pub(super) outputs: BTreeMap<String, Placed>,
    pub(super) resources: BTreeMap<Rc<Declared>, Rc<Placed>>,
    pub(super) calls: BTreeMap<String, Rc<Placed>>,
    pub(super) providers: Vec<Placed>,
    /// `terraform { backend … }` and `cloud`.
    pub(super) backends: Vec<Placed>,
    /// Blocks of a kind that is not known, and names that are declared twice.
    pub(super) strange: Vec<(String, String, Place)>,
    /// Files that are none.
    pub(super) misread: Vec<(String, Misread)>,
}

fn is_override(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.strip_suffix(".tf").or_else(|| name.strip_suffix(".tf.json")).unwrap_or(name);
    stem == "override" || stem.ends_with("_override")
}

impl Declarations {
    /// Those of a folder of the tree; none if it has no such files.
    pub(super) fn of(tree: &Tree, path: &str) -> Option<Self> {
        let mut files: Vec<(&str, &str)> = tree
            .folder(path)
            .filter(|(name, _)| name.ends_with(".tf") || name.ends_with(".tf.json"))
            .collect();
        if files.is_empty() {
            return None;
        }
        files.sort_by_key(|(name, _)| is_override(name));
        let mut all = Self { path: path.to_owned(), ..Self::default() };
        for (name, text) in files {
            let body = if name.ends_with(".json") { super::json::file(text) } else { source::native(text) };
            match body {
                Ok(body) => all.add(&Rc::from(name), body, is_override(name)),
                Err(misread) => all.misread.push((name.to_owned(), misread)),
            }
        }
        Some(all)
    }

    fn add(&mut self, file: &Rc<str>, body: Body, over: bool) {
        for attribute in body.attributes {
            let place = Place::new(file.as_ref(), attribute.line);
            self.strange.push((attribute.name, "stands outside of a block".to_owned(), place));
        }
        for block in body.blocks {
            self.block(Placed { file: Rc::clone(file), block }, over);
        }
    }

    fn block(&mut self, placed: Placed, over: bool) {
        let mut labels = placed.block.labels.clone().into_iter();
        match (placed.block.kind.as_str(), labels.next(), labels.next()) {
            ("variable", Some(name), None) => put(&mut self.variables, name, placed, over, &mut self.strange),
            ("output", Some(name), None) => put(&mut self.outputs, name, placed, over, &mut self.strange),
            ("module", Some(name), None) => {
                self.shared_call(name, placed, over);
            }
            ("provider", Some(_), None) => self.providers.push(placed),
            ("locals", None, None) => {
                for attribute in placed.block.body.attributes {
                    let place = Place::new(placed.file.as_ref(), attribute.line);
                    self.locals.insert(attribute.name, Local { value: attribute.value, place });
                }
            }
            ("terraform", None, None) => {
                for inner in placed.block.body.blocks {
                    if matches!(inner.kind.as_str(), "backend" | "cloud") {
                        self.backends.push(Placed { file: Rc::clone(&placed.file), block: inner });
                    }
                }
            }
            ("resource" | "data" | "ephemeral", Some(type_name), Some(name)) => {
                let mode = if placed.block.kind == "data" { Mode::Data } else { Mode::Managed };
                self.resource(
                    Declared { mode, type_name: type_name.into(), name: name.into() },
                    placed,
                    over,
                );
            }
            // They say how a state is changed or checked, and describe no resource.
            ("moved" | "import" | "removed" | "check", ..) => {}
            (kind, ..) => {
                let why = "is a block of a kind that is not read".to_owned();
                let place = placed.place();
                let what = std::iter::once(kind).chain(placed.block.labels.iter().map(String::as_str));
                self.strange.push((what.collect::<Vec<_>>().join("."), why, place));
            }
        }
    }

    fn shared_call(&mut self, name: String, placed: Placed, over: bool) {
        match self.calls.remove(&name) {
            Some(old) if over => match Rc::try_unwrap(old) {
                Ok(old) => drop(self.calls.insert(name, Rc::new(overlaid(old, placed)))),
                Err(old) => drop(self.calls.insert(name, old)),
            },
            Some(old) => {
                self.strange.push((format!("module.{name}"), twice(&old), placed.place()));
                self.calls.insert(name, old);
            }
            None => drop(self.calls.insert(name, Rc::new(placed))),
        }
    }

    fn resource(&mut self, declared: Declared, placed: Placed, over: bool) {
        let declared = Rc::new(declared);
        match self.resources.remove(&declared) {
            Some(old) if over => match Rc::try_unwrap(old) {
                Ok(old) => drop(self.resources.insert(declared, Rc::new(overlaid(old, placed)))),
                Err(old) => drop(self.resources.insert(declared, old)),
            },
            Some(old) => {
                self.strange.push((declared.to_string(), twice(&old), placed.place()));
                self.resources.insert(declared, old);
            }
            None => drop(self.resources.insert(declared, Rc::new(placed))),
        }
    }
}

fn twice(old: &Placed) -> String {
    format!("is declared already at {}", old.place())
}

fn put(
    all: &mut BTreeMap<String, Placed>,
    name: String,
    placed: Placed,
    over: bool,
    strange: &mut Vec<(String, String, Place)>,
) {
    match all.remove(&name) {
        Some(old) if over => drop(all.insert(name, overlaid(old, placed))),
        Some(old) => {
            strange.push((format!("{}.{name}", placed.block.kind), twice(&old), placed.place()));
            all.insert(name, old);
        }
        None => drop(all.insert(name, placed)),
    }
}

/// What an override file makes of a block: arguments one by one, nested blocks kind by kind.
fn overlaid(mut old: Placed, new: Placed) -> Placed {
    let Block { body: Body { attributes, blocks }, .. } = new.block;
    let kinds: Vec<String> = blocks.iter().map(|block| block.kind.clone()).collect();
    let body = &mut old.block.body;
    body.attributes.retain(|known| !attributes.iter().any(|attribute| attribute.name == known.name));
    body.blocks.retain(|known| !kinds.contains(&known.kind));
    // Lines are those of the file overridden, which is where people look first.
    let line = old.block.line;
    body.attributes.extend(attributes.into_iter().map(|mut attribute| {
        attribute.line = line;
        attribute
    }));
    body.blocks.extend(blocks);
    old
}
