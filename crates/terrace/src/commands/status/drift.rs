//! Whether what is there is still what was applied: a plan of Terraform's, of which nothing is done.

use serde::Serialize;
use serde_json::Value as Json;
use terrace_change::{Outcome, report};

use crate::aws::{Deployed, Session};
use crate::deploy::{
    Asked, Emitted, Infrastructure, in_force, in_steps, infrastructure, show, standing, variables,
};
use crate::failure::Failure;
use crate::printer::Printer;
use crate::progress::{End, Steps};

/// What a plan says.
#[derive(Serialize)]
pub(super) struct Drift {
    /// Whether something differs.
    pub(super) differs: bool,
    /// Whether the manifest was changed since, so that what differs is not somebody else's doing alone.
    pub(super) manifest_changed: bool,
    change: Json,
    #[serde(skip)]
    text: String,
}

impl Drift {
    /// In words.
    pub(super) fn words(&self) -> String {
        match (self.differs, self.manifest_changed) {
            (false, _) => "no drift: what is there is what was applied\n".to_owned(),
            (true, false) => format!("drift: somebody changed what was applied\n{}", self.text),
            (true, true) => format!(
                "the manifest has changed since it was applied, so that this is drift and what `terrace deploy` would do\n{}",
                self.text
            ),
        }
    }
}

/// Compares, which takes a minute.
pub(super) async fn look(session: &Session, deployed: &Deployed, printer: Printer) -> Result<Drift, Failure> {
    let looked = in_steps(printer, "looking for drift", &[infrastructure::STEP], async |asked, steps| {
        compare(session, deployed, asked, steps).await
    });
    looked.await
}

async fn compare(
    session: &Session,
    deployed: &Deployed,
    asked: &Asked,
    steps: &Steps,
) -> Result<Drift, Failure> {
    steps.begin(infrastructure::STEP, "preparing Terraform");
    let emitted = Emitted::of(&session.designed)?;
    let before = asked.or(in_force(&deployed.book)).await?;
    let terraform = Infrastructure::open(session, Some(&deployed.foundation), asked.stop(), steps).await?;
    let before = before.as_ref().map(|record| &record.contents);
    let stands = standing(session, Some(deployed), before).await;
    let values = variables(&session.designed, stands.as_ref());
    let (_, change) = terraform.plan(&emitted, &values, false, steps).await?;
    steps.end(infrastructure::STEP, End::Done, "compared");
    Ok(Drift {
        differs: change.outcome != Outcome::Nothing,
        manifest_changed: emitted.digest.hex() != deployed.applied.digest,
        change: report::json(&change),
        text: show(&change, false),
    })
}
