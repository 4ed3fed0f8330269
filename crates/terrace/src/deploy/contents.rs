//! What a release would be made of, and in what it differs from the one in force.

use serde_json::{Value as Json, json};
use terrace_account::Sha256;
use terrace_cloud::release::page::{ASSETS, Built};
use terrace_cloud::release::record::{App, Contents, Digest, Migration, Page, Record};
use terrace_topology::{Assets, Shape};

use super::{Emitted, migrations, upload};
use crate::aws::{Session, told};
use crate::failure::Failure;
use crate::product::Product;

/// A product as the contents of a release, and its page's files where there are any to send.
pub(super) async fn of(
    session: &Session,
    product: &Product,
    emitted: &Emitted,
) -> Result<(Contents, Option<Built>), Failure> {
    let topology = &session.designed.topology;
    let read = async || Built::of(&product.page).await.map_err(|why| told::release(&why));
    let built = match (topology.shape, topology.web.assets) {
        (Shape::Containers, _) => Some(read().await?),
        (Shape::Machines, Assets::Cdn) => Some(read().await?.below(ASSETS)),
        // It is on the machines.
        (Shape::Machines, Assets::Machines) => None,
    };
    let app = upload::named(product)?;
    let migration = product
        .migrate
        .clone()
        .map(|command| Migration { command, digest: migrations::digest(session, &app) });
    let contents = Contents {
        page: built.as_ref().map(|built| built.page.clone()),
        app: Some(app),
        migration,
        configuration: Some(configuration(session)),
        infrastructure: Some(emitted.digest.into()),
    };
    Ok((contents, built))
}

/// Of the plain settings of the services, and of the names of the secret ones.
fn configuration(session: &Session) -> Digest {
    let mut text = String::new();
    for (party, service) in &session.designed.topology.services {
        text.push_str(&format!("{party}\n"));
        for (name, value) in &service.variables {
            text.push_str(&format!("{name}={}\n", value.as_str()));
        }
        for name in service.secrets.keys() {
            text.push_str(&format!("{name}\n"));
        }
    }
    Sha256::of(text.as_bytes()).into()
}

/// The release that a deployment would bring out.
#[derive(Clone, Debug)]
pub(crate) enum Ahead {
    /// Nobody built it.
    Unknown,
    /// It is what is in force.
    Same(Box<Record>),
    /// In these words it differs from what is in force.
    New(Vec<String>),
}

/// The release that a product would become.
pub(crate) async fn ahead_of(
    session: &Session,
    product: &Product,
    emitted: &Emitted,
    in_force: Option<&Record>,
) -> Result<Ahead, Failure> {
    let (contents, _) = of(session, product, emitted).await?;
    Ok(match in_force {
        Some(record) if record.contents == contents => Ahead::Same(Box::new(record.clone())),
        Some(record) => Ahead::New(differences(&record.contents, &contents)),
        None => Ahead::New(vec!["it is the first".to_owned()]),
    })
}

/// In what a release differs from another, a line each.
pub(crate) fn differences(before: &Contents, after: &Contents) -> Vec<String> {
    let mut all = Vec::new();
    match (&before.app, &after.app) {
        (Some(App::Artifacts(before)), Some(App::Artifacts(after))) => {
            let other = after.iter().filter(|(party, digest)| before.get(party) != Some(digest));
            all.extend(other.map(|(party, _)| format!("{party}: new code; its machines are replaced")));
        }
        (before, after) if before != after => all.push("app: new code; its tasks are replaced".to_owned()),
        _ => {}
    }
    if let (before, Some(after)) = (&before.page, &after.page)
        && before.as_ref() != Some(after)
    {
        all.push(format!("page: {}", files(before.as_ref(), after)));
    }
    if before.configuration != after.configuration {
        all.push("settings: changed; they are in force with the new tasks or machines".to_owned());
    }
    if let Some(migration) = after.migration.as_ref().filter(|_| before.app != after.app) {
        let digest = before.migration.as_ref().map(|one| one.digest);
        let new = if digest == Some(migration.digest) { "as before" } else { "new" };
        all.push(format!("migration ({new}): {}", migration.command.join(" ")));
    }
    if before.infrastructure != after.infrastructure {
        all.push("infrastructure: changed".to_owned());
    }
    all
}

fn files(before: Option<&Page>, after: &Page) -> String {
    let known = |path: &str| before.and_then(|page| page.file(path));
    let (mut new, mut changed) = (0, 0);
    for file in &after.files {
        match known(&file.path) {
            None => new += 1,
            Some(other) if other != file => changed += 1,
            Some(_) => {}
        }
    }
    let gone =
        before.map_or(0, |page| page.files.iter().filter(|file| after.file(&file.path).is_none()).count());
    let said = [(new, "new"), (changed, "changed"), (gone, "gone")];
    let said = said.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    format!("{} (of {} files)", said.collect::<Vec<_>>().join(", "), after.files.len())
}

impl Ahead {
    /// Whether there would be a new one.
    pub(crate) fn is_new(&self) -> bool {
        matches!(self, Self::New(_))
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        use crate::style::{QUIET, STRONG, paint};
        let head = paint(STRONG, "release");
        match self {
            Self::Unknown => format!("\n{head}\n  {}", paint(QUIET, "not told: it was not built")),
            Self::Same(record) => {
                format!(
                    "\n{head}\n  {}",
                    paint(QUIET, format!("nothing new: release {} is in force", record.number))
                )
            }
            Self::New(lines) => {
                let lines = lines.iter().map(|line| format!("\n  {line}")).collect::<String>();
                format!("\n{head}{lines}")
            }
        }
    }

    /// For programs.
    pub(crate) fn json(&self) -> Json {
        match self {
            Self::Unknown => Json::Null,
            Self::Same(record) => json!({ "new": false, "in_force": record.number, "differences": [] }),
            Self::New(lines) => json!({ "new": true, "differences": lines }),
        }
    }
}
