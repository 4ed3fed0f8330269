//! Which secrets a system has, by its manifest: their settings, and where each value is.

use terrace_aws::Resource;
use terrace_cloud::deployed::SecretId;
use terrace_cloud::secrets::Reference;
use terrace_topology::SecretSource;

use super::typed;
use crate::aws::Session;
use crate::failure::Failure;
use crate::machine::nearest;

/// What the database's password is called.
pub(super) const DATA: &str = "data";

/// All settings that are secrets.
pub(crate) fn all(session: &Session) -> Vec<Reference> {
    let designed = &session.designed;
    let own = |party: &str, setting: &str| {
        let end = format!("/{party}/{setting}");
        designed.design.graph.nodes().find_map(|(_, node)| match &node.resource {
            Resource::Secret(secret) => {
                secret.name.literal().filter(|name| name.ends_with(&end)).map(str::to_owned)
            }
            _ => None,
        })
    };
    let mut all = Vec::new();
    for (party, service) in &designed.topology.services {
        for (setting, source) in &service.secrets {
            let (secret, generated) = match source {
                SecretSource::Generated(_) => (own(party.as_str(), setting.as_str()), true),
                SecretSource::Existing(name) => (Some(name.as_str().to_owned()), false),
            };
            let reference = secret.and_then(|secret| {
                Some(Reference {
                    party: party.as_str().parse().ok()?,
                    setting: setting.to_string(),
                    secret: secret.parse().ok()?,
                    generated,
                })
            });
            all.extend(reference);
        }
    }
    all
}

/// Those that have a name: one value, which several settings may read.
pub(super) fn named<'a>(name: &str, all: &'a [Reference]) -> Result<Vec<&'a Reference>, Failure> {
    let is = |one: &&Reference| {
        one.setting == name || one.secret.as_str() == name || format!("{}.{}", one.party, one.setting) == name
    };
    let found: Vec<&Reference> = all.iter().filter(is).collect();
    let Some(first) = found.first() else { return Err(unknown(name, all)) };
    let other = found.iter().find(|one| one.secret != first.secret);
    if let Some(other) = other {
        return Err(Failure::input(format!("two secrets are called `{name}`"))
            .help(format!("`{}.{name}` or `{}.{name}` says which", first.party, other.party)));
    }
    Ok(all.iter().filter(|one| one.secret == first.secret).collect())
}

fn unknown(name: &str, all: &[Reference]) -> Failure {
    // `NAME=VALUE`: what follows is a value that has been typed, and is not repeated.
    if name.contains('=') {
        return typed::argument();
    }
    let failure = Failure::input(format!("the manifest has no secret `{name}`"));
    let known: Vec<&str> = all.iter().map(|one| one.setting.as_str()).collect();
    match nearest(name, known.iter().copied().chain([DATA])) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => failure
            .help(format!("in `[app.secrets]`: `{name} = {{ secret = \"…\" }}`, or `{{ generate = 32 }}`")),
        None => failure.help(format!("there are `{}`", known.join("`, `"))),
    }
}

/// Who reads a value, in words: `app (MAIL_KEY)`.
pub(super) fn readers(of: &[&Reference]) -> String {
    of.iter().map(|one| format!("{} ({})", one.party, one.setting)).collect::<Vec<_>>().join(", ")
}

/// The secret of some that read the same.
pub(super) fn secret<'a>(of: &[&'a Reference]) -> Option<&'a SecretId> {
    of.first().map(|one| &one.secret)
}
