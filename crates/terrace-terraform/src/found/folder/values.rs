//! Values of root variables, and where fetched modules are.

use std::collections::BTreeMap;

use hcl_edit::expr::Expression;
use terrace_aws::inventory::Tree;
use terrace_diag::Diagnostics;

use super::{Given, source};

/// Files of values that Terraform reads by itself, the given ones, and the given values; the last one counts.
pub(super) fn given(
    tree: &Tree,
    root: &str,
    given: &Given,
    found: &mut Diagnostics,
) -> BTreeMap<String, Expression> {
    let mut paths: Vec<&str> = Vec::new();
    for rank in [
        |name: &str| name == "terraform.tfvars",
        |name: &str| name == "terraform.tfvars.json",
        |name: &str| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json"),
    ] {
        let name = |path: &str| path.rsplit('/').next().map(str::to_owned).unwrap_or_default();
        paths.extend(tree.folder(root).map(|(path, _)| path).filter(|path| rank(&name(path))));
    }
    paths.extend(given.files.iter().map(String::as_str));
    let mut all = BTreeMap::new();
    for path in paths {
        let Some(text) = tree.get(path) else {
            let why = format!("{path}: this file of values is not among the files that were read");
            found.push(terrace_diag::Diagnostic::error(super::SYNTAX, why));
            continue;
        };
        match source::values(path, text) {
            Ok(values) => all.extend(values),
            Err(wrong) => found.push(super::misread(path, &wrong)),
        }
    }
    for (name, text) in &given.variables {
        all.insert(name.clone(), value(text));
    }
    all
}

/// A number, a truth, a list or an object is what it looks like; anything else is text, as on Terraform's command line.
fn value(text: &str) -> Expression {
    match text.trim().parse::<Expression>() {
        Ok(
            parsed @ (Expression::Array(_)
            | Expression::Object(_)
            | Expression::Number(_)
            | Expression::Bool(_)
            | Expression::Null(_)
            | Expression::String(_)
            | Expression::UnaryOp(_)
            | Expression::HeredocTemplate(_)),
        ) => parsed,
        _ => Expression::from(text),
    }
}

#[derive(serde::Deserialize)]
struct Manifest {
    #[serde(rename = "Modules")]
    modules: Vec<Fetched>,
}

#[derive(serde::Deserialize)]
struct Fetched {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Dir")]
    folder: String,
}

/// Folders of the modules that `terraform init` fetched, by their dotted path.
pub(super) fn fetched(tree: &Tree, root: &str) -> BTreeMap<String, String> {
    let path = Tree::resolve(root, ".terraform/modules/modules.json");
    let manifest = path.and_then(|path| serde_json::from_str::<Manifest>(tree.get(&path)?).ok());
    let all = manifest.map(|manifest| manifest.modules).unwrap_or_default();
    all.into_iter().filter_map(|module| Some((module.key, Tree::resolve(root, &module.folder)?))).collect()
}
