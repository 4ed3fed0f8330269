//! Files of the tree: their text, templates, and which there are.

use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::template::Template;
use terrace_aws::inventory::Tree;

use super::super::convert;
use super::super::scope::Scope;
use super::super::template::Blanks;
use super::super::val::{Val, refs_of};
use super::super::world::{Known, Stop, World};
use super::Args;

impl World<'_> {
    pub(super) fn files(&self, args: Args<'_>, scope: Scope<'_>) -> Option<Known> {
        Some(match args.name {
            "file" => self.text_of(args).map(|text| Val::text(text.as_str())),
            "filebase64" => self.text_of(args).map(|text| Val::Base64(Rc::new(text.as_str().into()))),
            "fileexists" => args
                .text(0)
                .map(|path| Val::Bool(self.found(&path).is_some_and(|path| self.tree.get(&path).is_some()))),
            "templatefile" => self.template_file(args, scope),
            "templatestring" => args.text(0).and_then(|text| self.rendered(&text, args, scope)),
            "fileset" => self.file_set(args),
            "abspath" | "pathexpand" => args.get(0).cloned(),
            "dirname" => {
                args.text(0).map(|path| Val::text(path.rsplit_once('/').map_or(".", |(folder, _)| folder)))
            }
            "basename" => args.text(0).map(|path| Val::text(path.rsplit('/').next().unwrap_or_default())),
            _ => return None,
        })
    }

    fn text_of(&self, args: Args<'_>) -> Known<String> {
        let path = args.text(0)?;
        match self.found(&path).and_then(|path| self.tree.get(&path)) {
            Some(text) => Ok(text.to_owned()),
            // Others than text are not in the tree, and some are made before a run.
            None => Err(Stop::Unknown(refs_of(format!("the file {path}")))),
        }
    }

    fn template_file(&self, args: Args<'_>, scope: Scope<'_>) -> Known {
        let text = self.text_of(args)?;
        self.rendered(&text, args, scope)
    }

    fn rendered(&self, text: &str, args: Args<'_>, scope: Scope<'_>) -> Known {
        let template: Template = text.parse().map_err(|error: hcl_edit::parser::Error| {
            Stop::Wrong(error.message().trim().replace('\n', "; "))
        })?;
        let none = BTreeMap::new();
        let values = match args.get(1) {
            Ok(values) => convert::map(values)?,
            Err(_) => &none,
        };
        self.deeper(|| {
            let value = self.template(template.iter(), Blanks::Line { indent: 0 }, scope.only(values))?;
            super::super::template::as_text(&value)
        })
    }

    /// A path as the tree has it: `path.module` is one already, others begin at the root. What stands outside of the
    /// tree is not there.
    fn found(&self, path: &str) -> Option<String> {
        if path.starts_with('/') {
            return None;
        }
        let beside = |path: &str| {
            let before = format!("{path}/");
            self.tree.get(path).is_some() || self.tree.iter().any(|(known, _)| known.starts_with(&before))
        };
        let whole = Tree::resolve("", path);
        whole.filter(|path| beside(path)).or_else(|| Tree::resolve(&self.root, path))
    }

    fn file_set(&self, args: Args<'_>) -> Known {
        let (folder, pattern) = (args.text(0)?, args.text(1)?);
        let Some(folder) = self.found(&folder) else { return Ok(Val::set(Vec::new())) };
        let pattern = super::strings::pattern(&glob(&pattern))?;
        let before = if folder.is_empty() { folder } else { format!("{folder}/") };
        let mut all = Vec::new();
        for (path, _) in self.tree.iter() {
            self.spend(1)?;
            if let Some(inner) = path.strip_prefix(before.as_str()).filter(|inner| pattern.is_match(inner)) {
                all.push(Val::text(inner));
            }
        }
        Ok(Val::set(all))
    }
}

/// `**`, `*`, `?`, `{a,b}` as a pattern.
fn glob(text: &str) -> String {
    let mut all = String::from("^");
    let mut chars = text.chars().peekable();
    let mut braces = 0_u32;
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                if chars.next_if_eq(&'/').is_some() {
                    all.push_str("(?:.*/)?");
                } else {
                    all.push_str(".*");
                }
            }
            '*' => all.push_str("[^/]*"),
            '?' => all.push_str("[^/]"),
            '{' => {
                braces += 1;
                all.push_str("(?:");
            }
            '}' if braces > 0 => {
                braces -= 1;
                all.push(')');
            }
            ',' if braces > 0 => all.push('|'),
            c => all.push_str(&regex::escape(&c.to_string())),
        }
    }
    all.push('$');
    all
}
