//! Called modules: where their files are, and with which providers they run.

use std::rc::Rc;

use terrace_aws::inventory::{Tree, Unread};

use super::files::Declarations;
use super::scope::Scope;
use super::source::Placed;
use super::val::Val;
use super::world::{Module, Own, World};

/// Calls inside of each other.
const NESTED: usize = 24;

impl World<'_> {
    /// What a called module declares; one that cannot be read is listed.
    pub(super) fn called(
        &self,
        module: &Rc<Module>,
        name: &str,
        placed: &Placed,
        address: &str,
    ) -> Option<Rc<Declarations>> {
        let refused = |why: String| {
            self.not_read(Unread::part(address, why, Some(placed.place())));
            None
        };
        let source = placed.block.body.attribute("source").and_then(|found| {
            let own = Own::single();
            let value = self.told(&found.value, Scope::of(module, &own)).ok()?;
            super::convert::literal(&value).ok()
        });
        let Some(source) = source else { return refused("has no `source` that is told".to_owned()) };
        let path = if source.starts_with("./") || source.starts_with("../") || source == "." || source == ".."
        {
            match Tree::resolve(&module.declared.path, &source) {
                Some(path) => path,
                None => {
                    return refused(format!(
                        "module source `{source}` leads out of the folder that was read"
                    ));
                }
            }
        } else {
            match self.fetched.get(&dotted(module, name)) {
                Some(path) => path.clone(),
                None => {
                    return refused(format!("module source `{source}` is not here; run `terraform init`"));
                }
            }
        };
        let mut outer = Some(module);
        let mut depth = 0;
        while let Some(at) = outer {
            if at.declared.path == path {
                return refused(format!("module source `{source}` is one of the modules that call it"));
            }
            depth += 1;
            outer = at.caller.as_ref().map(|caller| &caller.module);
        }
        if depth > NESTED {
            return refused("is called by too many modules inside of each other".to_owned());
        }
        match self.folder(&path) {
            Some(declared) => Some(declared),
            None => refused(format!("module source `{source}` has no Terraform files at `{path}`")),
        }
    }
}

/// The path of a module in `modules.json`: names without keys.
fn dotted(module: &Module, name: &str) -> String {
    let mut names = vec![name.to_owned()];
    let mut at = module;
    while let Some(caller) = &at.caller {
        names.extend(caller.call.block.labels.first().cloned());
        at = &caller.module;
    }
    names.reverse();
    names.join(".")
}

/// Settings of a provider.
#[derive(Clone, Default)]
pub(super) struct Provider {
    pub(super) region: Option<Val>,
    pub(super) default_tags: Option<Val>,
}

impl World<'_> {
    /// The settings of a provider (`aws`, or `aws.west`) as a module sees it.
    pub(super) fn provider(&self, module: &Module, provider: &str) -> Provider {
        let mut name = provider.to_owned();
        let mut at = module;
        loop {
            if let Some(own) = at.declared.providers.iter().find(|placed| self.is_called(at, placed, &name)) {
                return self.settings(at, own);
            }
            let Some(caller) = &at.caller else { return Provider::default() };
            if let Some(passed) = caller.call.block.body.attribute("providers")
                && let hcl_edit::expr::Expression::Object(object) = &passed.value
            {
                let given = object.iter().find(|(key, _)| key_of(key).is_some_and(|key| key == name));
                if let Some(outer) = given.and_then(|(_, value)| spelled(value.expr())) {
                    name = outer;
                }
            }
            at = &caller.module;
        }
    }

    fn is_called(&self, module: &Module, placed: &Placed, name: &str) -> bool {
        let label = placed.block.labels.first().map_or("", String::as_str);
        let own = Own::single();
        let alias = placed.block.body.attribute("alias").and_then(|found| {
            let value = self.complete(|| self.told(&found.value, Scope::of(module, &own))).ok()?;
            super::convert::literal(&value).ok()
        });
        match (alias, name.split_once('.')) {
            (Some(alias), Some((of, wanted))) => of == label && alias == wanted,
            (None, None) => name == label,
            _ => false,
        }
    }

    fn settings(&self, module: &Module, placed: &Placed) -> Provider {
        let own = Own::single();
        let scope = Scope::of(module, &own);
        let body = &placed.block.body;
        let value = |of: &hcl_edit::expr::Expression| self.complete(|| self.told(of, scope)).ok();
        let in_block = body.blocks("default_tags").next().and_then(|block| block.body.attribute("tags"));
        let default_tags = match (in_block, body.attribute("default_tags")) {
            (Some(tags), _) => value(&tags.value),
            (None, Some(written)) => {
                value(&written.value).and_then(|tags| self.attribute(&tags, "tags").ok())
            }
            (None, None) => None,
        };
        let region = body.attribute("region").and_then(|region| value(&region.value));
        Provider { region, default_tags }
    }
}

fn key_of(key: &hcl_edit::expr::ObjectKey) -> Option<String> {
    match key {
        hcl_edit::expr::ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
        hcl_edit::expr::ObjectKey::Expression(expression) => spelled(expression),
    }
}

/// `aws` or `aws.west`, also in quotes as JSON and old files have it.
pub(super) fn spelled(expression: &hcl_edit::expr::Expression) -> Option<String> {
    use hcl_edit::expr::{Expression, TraversalOperator};
    match expression {
        Expression::Variable(name) => Some(name.as_str().to_owned()),
        Expression::String(name) => Some(name.value().clone()),
        Expression::Traversal(traversal) => {
            let mut all = spelled(&traversal.expr)?;
            for operator in &traversal.operators {
                match operator.value() {
                    TraversalOperator::GetAttr(name) => {
                        all.push('.');
                        all.push_str(name.as_str());
                    }
                    _ => return Some(all),
                }
            }
            Some(all)
        }
        _ => None,
    }
}
