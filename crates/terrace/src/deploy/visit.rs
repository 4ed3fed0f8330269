//! A look from outside, as a visitor: the page, and what says that the API is well.

use std::time::Duration;

use terrace_cloud::deployed::Names;
use terrace_cloud::outside::{self, Seen};
use terrace_cloud::release::Pace;

use super::Asked;
use crate::aws::Session;
use crate::failure::Failure;
use crate::progress::{End, Steps};

const STEP: &str = "outside";
/// A name that is new, and a distribution, take a while to be known everywhere.
const PACE: Pace = Pace { every: Duration::from_secs(3), most: 40 };

/// Looks until it is well. What is in force stays so: whoever deployed decides what to do.
pub(super) async fn visit(
    session: &Session,
    names: &Names,
    asked: &Asked,
    steps: &Steps,
) -> Result<(), Failure> {
    let Some(url) = &names.url else {
        steps.end(STEP, End::Nothing, "it has no address");
        return Ok(());
    };
    steps.begin(STEP, &format!("asking {url}"));
    for path in paths(session) {
        let tells = |seen: &Seen| steps.hint(STEP, &format!("{path}: {}", seen.words()));
        let look = async { Ok(outside::visit(url, &path, PACE, tells).await) };
        let seen = asked.or(look).await?;
        if !seen.is_well() {
            steps.end(STEP, End::Failed, &format!("{path}: {}", seen.words()));
            let env = session.env_flag();
            return Err(Failure::new(format!("{url}{} was asked from here: {}", path.trim_start_matches('/'), seen.words()))
                .cause("the release is in force, and its tasks or machines were healthy")
                .help(format!("`terrace logs --aws{env} --since 10m` tells what they say; `terrace status --aws{env}` how they are"))
                .help(format!("`terrace rollback{env}` goes back to the release before"))
                .help("a name that is new may take a few minutes: `terrace open --aws` tries again"));
        }
    }
    steps.end(STEP, End::Done, "a visitor is served");
    Ok(())
}

/// The page, and what says that a service is well if the public reaches it.
fn paths(session: &Session) -> Vec<String> {
    let services = session.designed.topology.services.values();
    let healths = services.filter_map(|service| {
        let health = service.health.to_string();
        let public = service.paths.iter().any(|path| {
            let path = path.to_string();
            let prefix = path.trim_end_matches('*').trim_end_matches('/');
            health == prefix || health.starts_with(&format!("{prefix}/"))
        });
        public.then_some(health)
    });
    std::iter::once("/".to_owned()).chain(healths).collect()
}
