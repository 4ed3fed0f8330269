//! What Terraform is given: the design's text, and which release is in force.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use terrace_account::Sha256;
use terrace_cloud::deployed::Shape as Runs;
use terrace_cloud::release::containers::Service;
use terrace_cloud::release::record::{App, Contents};
use terrace_terraform::Files;
use terrace_topology::Shape;

use crate::aws::{Deployed, Session};
use crate::design::Designed;
use crate::failure::Failure;

/// A design as text.
pub(crate) struct Emitted {
    /// The files.
    pub(crate) files: Files,
    /// Of the files: whether infrastructure has changed is told by it. Which release is in force is no part of it.
    pub(crate) digest: Sha256,
}

impl Emitted {
    /// The text of a design.
    pub(crate) fn of(designed: &Designed) -> Result<Self, Failure> {
        let files = terrace_terraform::emit(&designed.design).map_err(|error| Failure::of(&error))?;
        let whole: String = files.iter().map(|(name, text)| format!("{name}\0{text}\0")).collect();
        Ok(Self { digest: Sha256::of(whole.as_bytes()), files })
    }
}

/// What the text's variables say where something is deployed: what is in force. Of tasks it is what the newest definition has, which
/// Terraform compares: a release that failed or that was gone back upon is no change of the infrastructure either, and which
/// definition the service runs is no concern of the text's.
pub(crate) async fn standing(
    session: &Session,
    deployed: Option<&Deployed>,
    in_force: Option<&Contents>,
) -> Option<Contents> {
    let mut standing = in_force?.clone();
    let names = &deployed?.names;
    let Runs::Containers(containers) = &names.shape else { return Some(standing) };
    let service = Service { account: &session.account, names, containers };
    // Where it cannot be told, Terraform cannot compare it either, and says why.
    if let Ok(Some(newest)) = service.newest().await {
        standing.app = Some(App::Image(newest.image));
        let own = standing.configuration.iter_mut();
        for (_, settings) in own.filter(|(party, _)| party.as_str() == containers.container.as_str()) {
            settings.plain = newest.plain.clone();
        }
    }
    Some(standing)
}

/// The text's variables: what of each party is in force. Before there is anything, something that nobody has: enough for a
/// plan, and nothing is ever applied with it. The settings in force are among them: what a release put into a task definition is
/// no change of the infrastructure.
pub(crate) fn variables(designed: &Designed, in_force: Option<&Contents>) -> BTreeMap<String, Json> {
    let topology = &designed.topology;
    let app = in_force.and_then(|contents| contents.app.as_ref());
    let value = |party: &str| match (app, topology.shape) {
        (Some(App::Image(digest)), Shape::Containers) => digest.to_string(),
        (Some(App::Artifacts(all)), Shape::Machines) => {
            let own = all.iter().find(|(name, _)| name.as_str() == party);
            own.map(|(_, one)| one.digest.sha256().hex()).unwrap_or_default()
        }
        (_, Shape::Containers) => format!("sha256:{}", "0".repeat(64)),
        (_, Shape::Machines) => String::new(),
    };
    let all = terrace_aws::release_variables(topology).into_iter();
    let code = all.map(|(party, name)| (name, value(party.as_str())));
    let settings = |party: &str| in_force.map(|contents| contents.settings(party)).unwrap_or_default().text();
    let all = terrace_aws::settings_variables(topology).into_iter();
    let plain = all.map(|(party, name)| (name, settings(party.as_str())));
    code.chain(plain).map(|(name, value)| (name.as_str().to_owned(), Json::String(value))).collect()
}
