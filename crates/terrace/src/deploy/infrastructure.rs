//! Terraform's part: a plan that can be weighed, and then done; its progress in the steps, its failures in words.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use serde_json::Value as Json;
use terrace_change::Change;
use terrace_cloud::foundation::{Applied, Foundation};
use terrace_cloud::terraform::{
    Backend, Event, Folder, InBucket, LockId, Plan, Program, Searched, Stop, Surroundings, Terraform, Text,
    Wanted,
};
use terrace_terraform::lines::Step;

use super::{Emitted, folders, variables, weigh};
use crate::aws::{Session, told};
use crate::failure::Failure;
use crate::progress::Steps;

/// The name of its step.
pub(crate) const STEP: &str = "infrastructure";
/// A lock of somebody else's is waited for so long.
const LOCK: Duration = Duration::from_secs(120);
/// A first deployment takes some twenty minutes; credentials that end sooner are worth a word.
const LONG: Duration = Duration::from_secs(30 * 60);

/// Terraform, ready to work on a system.
pub(crate) struct Infrastructure<'a> {
    session: &'a Session,
    program: Program,
    folder: Folder,
    backend: Backend,
    stop: Stop,
}

impl<'a> Infrastructure<'a> {
    /// With the state in the foundation's bucket; where there is none, with an empty state, which is enough for a plan.
    pub(crate) async fn open(
        session: &'a Session,
        foundation: Option<&Foundation>,
        stop: Stop,
        steps: &Steps,
    ) -> Result<Self, Failure> {
        let program = Program::find(&Searched::from_env()).await.map_err(|error| Failure::of(&error))?;
        let path = folders::work(&session.place, &session.system)?;
        let waits = |process: Option<u32>| {
            let who = process.map(|id| format!(" (process {id})")).unwrap_or_default();
            steps.goes(STEP, &format!("waiting for the Terraform of the last run{who} to end what it began"));
        };
        let folder = Folder::when_free(&path, Duration::from_millis(500), waits).await;
        let folder = folder.map_err(|error| Failure::of(&error))?;
        let backend = match foundation {
            Some(foundation) => {
                let (bucket, key) = (foundation.bucket().name().to_string(), session.system.state_key());
                let (region, endpoint) = (session.place.region.as_str(), session.account.endpoint());
                let place = InBucket::new(&bucket, &key, region, endpoint);
                Backend::S3(place.map_err(|error| Failure::of(&error))?)
            }
            None => Backend::File(path.join("nothing.tfstate")),
        };
        let this = Self { session, program, folder, backend, stop };
        if let Some(end) = this.credentials_end().await
            && let Ok(left) = end.duration_since(SystemTime::now())
            && left < LONG
        {
            let minutes = left.as_secs() / 60;
            steps.say(&format!(
                "these credentials end in {minutes} minutes, and a first deployment takes some twenty: if it is cut off, the same command goes on"
            ));
        }
        Ok(this)
    }

    async fn credentials_end(&self) -> Option<SystemTime> {
        self.session.account.keys().await.ok()?.end()
    }

    async fn terraform(&self, emitted: &Emitted, values: &Values) -> Result<Terraform<'_>, Failure> {
        let text = Text { files: &emitted.files, backend: &self.backend, variables: values };
        let surroundings = Surroundings::of(std::env::vars_os()).asking(&self.session.account).await;
        let surroundings = surroundings.map_err(|refusal| Failure::new(refusal.text()))?;
        let surroundings = surroundings.keeping_providers(&folders::providers()?);
        let terraform = Terraform::new(&self.program, &self.folder, &text, surroundings);
        Ok(terraform.map_err(|error| told::terraform(&error))?.listening(self.stop.clone()))
    }

    /// What would change, weighed.
    pub(crate) async fn plan(
        &self,
        emitted: &Emitted,
        values: &Values,
        destroy: bool,
        steps: &Steps,
    ) -> Result<(Plan, Change), Failure> {
        let terraform = self.terraform(emitted, values).await?;
        let wanted = Wanted { destroy, lock_wait: LOCK, ..Wanted::default() };
        let shown = Shown::default();
        let plan = terraform.plan(&wanted, |event| shown.take(&event, steps)).await;
        let plan = plan.map_err(|error| told::terraform(&error))?;
        steps.goes(STEP, "weighing what would change");
        let printed = terraform.show(&plan).await.map_err(|error| told::terraform(&error))?;
        let change = weigh(&self.session.designed, &printed)?;
        Ok((plan, change))
    }

    /// Does what was planned; what the system then says of itself (name → value, nothing sensitive).
    pub(crate) async fn apply(
        &self,
        emitted: &Emitted,
        values: &Values,
        plan: Plan,
        steps: &Steps,
    ) -> Result<Json, Failure> {
        let terraform = self.terraform(emitted, values).await?;
        let summary = plan.summary();
        let planned = summary.add + summary.change + summary.remove;
        let shown = Shown { counts: Mutex::new((0, planned)) };
        let done = terraform.apply(plan, |event| shown.take(&event, steps)).await;
        done.map_err(|error| told::terraform(&error))?;
        let outputs = terraform.outputs(|_| {}).await.map_err(|error| told::terraform(&error))?;
        let open = outputs.into_iter().filter(|(_, output)| !output.sensitive);
        Ok(Json::Object(open.map(|(name, output)| (name, output.value)).collect()))
    }

    /// Remembers what was applied.
    pub(crate) async fn applied(
        &self,
        foundation: &Foundation,
        emitted: &Emitted,
        outputs: Json,
    ) -> Result<Applied, Failure> {
        let applied = Applied {
            digest: emitted.digest.hex(),
            outputs,
            at: super::turn::now().to_string(),
            by: self.session.who.arn.clone(),
        };
        let written = foundation.write_applied(&self.session.system, &applied).await;
        written.map_err(|error| told::foundation(&error))?;
        Ok(applied)
    }

    /// Ends a lock that nobody holds any more.
    pub(crate) async fn unlock(&self, emitted: &Emitted, lock: &LockId) -> Result<(), Failure> {
        let terraform = self.terraform(emitted, &variables(&self.session.designed, None)).await?;
        terraform.unlock(lock, |_| {}).await.map_err(|error| told::terraform(&error))
    }
}

/// Values of the text's variables.
pub(crate) type Values = std::collections::BTreeMap<String, Json>;

/// How far it is, for one line.
#[derive(Default)]
struct Shown {
    counts: Mutex<(u64, u64)>,
}

impl Shown {
    fn take(&self, event: &Event, steps: &Steps) {
        let mut counts = self.counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let far = |(done, planned): (u64, u64)| match planned {
            0 => String::new(),
            planned => format!("{done} of {planned}: "),
        };
        match event {
            Event::Planned(planned) => {
                counts.1 = *planned;
                steps.goes(STEP, &event.to_string());
            }
            Event::Done(_, step, _) if step.changes() => {
                counts.0 += 1;
                steps.goes(STEP, &format!("{}{event}", far(*counts)));
            }
            Event::Started(_, Step::Refresh | Step::Read) => {}
            Event::Started(..) | Event::Goes(..) => steps.hint(STEP, &format!("{}{event}", far(*counts))),
            Event::Failed(..) | Event::Kept(_) | Event::Unknown(_) | Event::Warned(_) => {
                steps.say(&event.to_string());
            }
            // Told with the failure, all together.
            Event::Because(_) => {}
            Event::Stopping => steps.goes(STEP, &event.to_string()),
            Event::Said(_) => steps.hint(STEP, &event.to_string()),
            _ => steps.goes(STEP, &event.to_string()),
        }
    }
}
