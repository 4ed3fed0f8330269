//! From what is written to what is meant: every environment checked, one chosen.

use std::collections::BTreeSet;

use terrace_diag::{Diagnostic, Diagnostics, Severity, Span};
use terrace_topology::{EnvironmentName, Topology};

use crate::decode::{Decoded, Origin};
use crate::manifest::Settings;
use crate::refuse::shown;
use crate::unknown::listed;
use crate::{Places, checks, code, environments, meaning, missing, suggest};

/// What one environment means.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) topology: Option<Topology>,
    pub(crate) places: Places,
}

/// Checks the file's settings and those of every environment, and returns the meaning of the chosen one.
pub(crate) fn choose(decoded: &Decoded, wanted: Option<&str>, diagnostics: &mut Diagnostics) -> Chosen {
    let base = &decoded.manifest.settings;
    let mut found = Diagnostics::new();
    let plain = lower(base, &decoded.base, None, decoded.end, &mut found);
    diagnostics.append(found.clone());

    let mut chosen =
        Chosen { topology: plain.filter(|_| wanted.is_none()), places: decoded.base.places.clone() };
    for (name, own) in &decoded.manifest.environments {
        let Some(origin) = decoded.environments.get(name) else { continue };
        let together = Origin {
            places: decoded.base.places.under(&origin.places),
            sound: decoded.base.sound && origin.sound,
        };
        let mut here = Diagnostics::new();
        let topology = lower(&own.over(base), &together, Some(name), decoded.end, &mut here);
        diagnostics.append(of_environment(name, &origin.places, &found, here));
        if wanted == Some(name.as_str()) {
            chosen = Chosen { topology, places: together.places };
        }
    }
    environments::report(decoded, diagnostics);
    if let Some(wanted) = wanted
        && !decoded.named.iter().any(|name| name == wanted)
    {
        diagnostics.push(no_such_environment(wanted, decoded));
    }
    chosen
}

/// What is wrong in an environment and not already without it.
fn of_environment(
    name: &EnvironmentName,
    own: &Places,
    already: &Diagnostics,
    here: Diagnostics,
) -> Diagnostics {
    fn key(found: &Diagnostic) -> (Option<Span>, terrace_diag::Code, &str) {
        (found.primary().map(|label| label.span()), found.code(), found.message())
    }
    let already: BTreeSet<_> = already.iter().map(key).collect();
    let own: BTreeSet<Span> = own.spans().collect();
    let is_own = |d: &Diagnostic| d.primary().is_some_and(|label| own.contains(&label.span()));
    here.into_iter()
        .filter(|found| !already.contains(&key(found)))
        .filter(|found| found.severity() == Severity::Error || is_own(found))
        .map(|found| {
            if is_own(&found) { found } else { found.help(format!("this is so in the environment `{name}`")) }
        })
        .collect()
}

fn no_such_environment(wanted: &str, decoded: &Decoded) -> Diagnostic {
    let found = Diagnostic::error(code::UNKNOWN_ENVIRONMENT, format!("no environment `{}`", shown(wanted)));
    let names = || decoded.named.iter().map(String::as_str);
    if decoded.named.is_empty() {
        return found
            .help(format!("the manifest has none; `[environments.{}]` would begin one", shown(wanted)));
    }
    let found = match suggest::nearest(wanted, names()) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found,
    };
    let verb = if decoded.named.len() == 1 { "is" } else { "are" };
    found.help(format!("there {verb} {}", listed(names().map(|name| format!("`{}`", shown(name))))))
}

fn lower(
    settings: &Settings,
    origin: &Origin,
    environment: Option<&EnvironmentName>,
    end: usize,
    diagnostics: &mut Diagnostics,
) -> Option<Topology> {
    missing::report(&origin.places, end, diagnostics);
    checks::report(settings, &origin.places, diagnostics);
    let right = origin.sound && !diagnostics.has_errors();
    if right { meaning::topology(settings, environment) } else { None }
}

/// The place of a whole text's end, for what is missing from it.
pub(crate) fn at_end(end: usize) -> Span {
    Span::new(end, end)
}
