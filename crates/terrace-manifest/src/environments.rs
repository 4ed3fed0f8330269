//! What the environments of one manifest would have in common: names on AWS, and a domain.
//!
//! Everything that is made is called `SYSTEM-ENVIRONMENT-PART`, or `SYSTEM-PART` without an environment, so an
//! environment called `web` would be given names of the system's own web tier. GUARANTEE: of a manifest without
//! errors, no two environments share a name (`terrace-aws` holds this to the names that it gives).

use terrace_diag::{Diagnostic, Diagnostics, Span};
use terrace_topology::EnvironmentName;

use crate::decode::Decoded;
use crate::manifest::Settings;
use crate::{code, keys};

/// The words with which the names of a system's parts begin.
const PARTS: &[&str] = &[
    "alarms",
    "app",
    "artifacts",
    "assets",
    "builder",
    "cdn",
    "data",
    "default",
    "deploy",
    "deployer",
    "ec2messages",
    "ecr",
    "ecs",
    "endpoints",
    "exec",
    "failed",
    "flows",
    "headers",
    "https",
    "imagebuilder",
    "internal",
    "internet",
    "kms",
    "logs",
    "main",
    "migrate",
    "nat",
    "network",
    "page",
    "performance",
    "platform",
    "private",
    "public",
    "release",
    "releases",
    "requests",
    "s3",
    "setup",
    "ssm",
    "ssmmessages",
    "web",
];

/// One of the systems that a manifest stands for.
struct Variant<'d> {
    /// `None` is what the file says without an environment.
    name: Option<&'d EnvironmentName>,
    settings: Settings,
    place: Option<Span>,
}

impl Variant<'_> {
    /// What all its names begin with.
    fn stem(&self) -> Option<String> {
        let system = self.settings.name.as_ref()?.value();
        Some(self.name.map_or_else(|| system.to_string(), |name| format!("{system}-{name}")))
    }

    fn shown(&self) -> String {
        self.name.map_or_else(|| "the system without an environment".to_owned(), |name| format!("`{name}`"))
    }

    /// Whether both are known to belong into accounts of their own.
    fn is_apart_from(&self, other: &Self) -> bool {
        let account = |variant: &Self| variant.settings.account.as_ref().map(|a| a.value().clone());
        matches!((account(self), account(other)), (Some(one), Some(two)) if one != two)
    }
}

/// Reports environments that are not apart.
pub(crate) fn report(decoded: &Decoded, diagnostics: &mut Diagnostics) {
    let base = &decoded.manifest.settings;
    let mut all = vec![Variant { name: None, settings: base.clone(), place: None }];
    all.extend(decoded.manifest.environments.iter().map(|(name, own)| Variant {
        name: Some(name),
        settings: own.over(base),
        place: decoded.base.places.of(&format!("{}.{name}", keys::ENVIRONMENTS.name)),
    }));
    for (at, one) in all.iter().enumerate() {
        for other in all.iter().skip(at + 1).filter(|other| !one.is_apart_from(other)) {
            names(one, other, diagnostics);
            domains(one, other, diagnostics);
        }
    }
}

fn names(one: &Variant<'_>, other: &Variant<'_>, diagnostics: &mut Diagnostics) {
    let (Some(first), Some(second)) = (one.stem(), other.stem()) else { return };
    let Some(shared) = shared(&first, &second).or_else(|| shared(&second, &first)) else { return };
    // The one without a name of its own cannot be called otherwise.
    let Some(place) = other.place.or(one.place) else { return };
    let found = Diagnostic::error(
        code::CONTRADICTION,
        format!("{} and {} would share names on AWS", other.shown(), one.shown()),
    )
    .at(place, format!("both would have something called `{shared}`"));
    let found = match one.place.filter(|_| other.place.is_some()) {
        Some(first) => found.with(first, "the other one"),
        None => found,
    };
    diagnostics.push(found.help("call the environment something else, such as `prod`, `staging` or `test`"));
}

/// A name that both have: their names begin the same, or the longer one's begin like those of a part.
fn shared(short: &str, long: &str) -> Option<String> {
    let rest = long.strip_prefix(short)?;
    if rest.is_empty() {
        return Some(long.to_owned());
    }
    let word = rest.strip_prefix('-')?.split('-').next()?;
    PARTS.contains(&word).then(|| long.to_owned())
}

/// The file's own domain is there for environments to have it, so only two environments are compared.
fn domains(one: &Variant<'_>, other: &Variant<'_>, diagnostics: &mut Diagnostics) {
    let (Some(first), Some(second)) = (one.name, other.name) else { return };
    let (Some(domain), Some(same)) = (&one.settings.domain, &other.settings.domain) else { return };
    if domain.value() != same.value() {
        return;
    }
    let place = other.place.filter(|_| same.span() == domain.span()).unwrap_or(same.span());
    diagnostics.push(
        Diagnostic::warning(
            code::CONTRADICTION,
            format!("`{second}` and `{first}` answer on the same domain, `{}`", domain.value()),
        )
        .at(place, "the name can lead to one of them only")
        .with(domain.span(), "the domain")
        .help(format!("write a `domain` of its own in `[environments.{second}]`")),
    );
}
