//! `terrace-audit.toml`: what a person corrects and accepts.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use terrace_audit::report::Accepted;

use crate::failure::Failure;
use crate::machine::nearest;

/// Its name, beside what is audited.
pub(crate) const FILE_NAME: &str = "terrace-audit.toml";

/// What a person says about a design.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditFile {
    /// Tiers by resource: `"aws_instance.jump" = "admin"`.
    #[serde(default)]
    pub(crate) tiers: BTreeMap<String, String>,
    /// Findings that are accepted.
    #[serde(default)]
    pub(crate) accept: Vec<Acceptance>,
    /// Values of variables and parameters.
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, toml::Value>,
}

/// A rule whose findings are accepted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Acceptance {
    /// The rule.
    pub(crate) rule: String,
    /// About which resource; without it, about any.
    pub(crate) resource: Option<String>,
    /// Why; shown in every report.
    pub(crate) reason: String,
}

impl AuditFile {
    /// What is accepted altogether: by the design, by this file, and by what was typed (rule, reason), of which the last counts.
    pub(crate) fn accepted<'a>(
        &self,
        mut accepted: Accepted,
        typed: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Accepted, Failure> {
        for one in &self.accept {
            accepted.add(&one.rule, one.resource.clone(), &one.reason);
        }
        for (rule, because) in typed {
            accepted.add(rule, None, because);
        }
        let Some(unknown) = accepted.unknown().next() else { return Ok(accepted) };
        let failure = Failure::input(format!("the audit has no rule `{unknown}`"));
        let names: Vec<&str> = terrace_audit::rules::ALL.iter().map(|rule| rule.name.as_str()).collect();
        Err(match nearest(unknown, names.iter().copied()) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure.help(format!("there are {}", names.join(", "))),
        })
    }
}

/// The file, if there is one; one that was named has to be there.
pub(crate) fn read(named: Option<&Path>, beside: &Path) -> Result<AuditFile, Failure> {
    let path = named.map_or_else(|| beside.join(FILE_NAME), Path::to_owned);
    if named.is_none() && !path.is_file() {
        return Ok(AuditFile::default());
    }
    let shown = path.display();
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Failure::input(format!("{shown} cannot be read")).because(&error))?;
    let file: AuditFile = toml::from_str(&text).map_err(|error| {
        Failure::input(format!("{shown} is no file of corrections")).cause(error.to_string()).help(
            "it has `[tiers]` (\"aws_instance.jump\" = \"admin\"), `[[accept]]` (rule, resource, reason) and `[variables]`",
        )
    })?;
    if let Some(silent) = file.accept.iter().find(|one| one.reason.trim().is_empty()) {
        return Err(Failure::input(format!("{shown} accepts `{}` without a reason", silent.rule))
            .help("say why in `reason`: it is shown in every report"));
    }
    Ok(file)
}
