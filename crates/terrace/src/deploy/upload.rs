//! The built code on its way: images to the registry, archives to the foundation's bucket.

use std::collections::BTreeMap;

use terrace_cloud::deployed::Party;
use terrace_cloud::foundation::{Foundation, repository};
use terrace_cloud::release::machines;
use terrace_cloud::release::record::{App, Contents, Digest, Fetched};
use terrace_topology::Shape;

use super::{Asked, show_events};
use crate::aws::{Session, told};
use crate::failure::Failure;
use crate::product::{self, Code, Product};
use crate::progress::{End, Steps};

const STEP: &str = "upload";

/// Brings the code of a product where a release finds it, unless it is that of the release in force. `look`: the repositories are
/// looked at, and made if they are not there.
pub(super) async fn upload(
    session: &Session,
    foundation: &Foundation,
    product: &Product,
    in_force: Option<&Contents>,
    look: bool,
    asked: &Asked,
    steps: &Steps,
) -> Result<(), Failure> {
    let app = named(product)?;
    if !look && in_force.is_some_and(|contents| contents.app.as_ref() == Some(&app)) {
        steps.end(STEP, End::Nothing, "the code is the same");
        return Ok(());
    }
    steps.begin(STEP, "looking at what is there");
    match session.designed.topology.shape {
        Shape::Containers => asked.or(images(session, product, look, steps)).await?,
        Shape::Machines => asked.or(archives(session, foundation, product, steps)).await?,
    }
    steps.end(STEP, End::Done, "the code is where the release finds it");
    Ok(())
}

/// By which digests a product's code is known.
pub(super) fn named(product: &Product) -> Result<App, Failure> {
    let mut artifacts = BTreeMap::new();
    for (party, code) in &product.code {
        match code {
            Code::Image(image) => {
                let digest: Digest = image
                    .manifest()
                    .digest()
                    .to_string()
                    .parse()
                    .map_err(|error: terrace_cloud::release::record::ValueError| Failure::of(&error))?;
                return Ok(App::Image(digest));
            }
            Code::Artifact(artifact) => {
                let fetched = Fetched { digest: artifact.digest(), code: artifact.code() };
                artifacts.insert(name(party.as_str())?, fetched);
            }
        }
    }
    Ok(App::Artifacts(artifacts))
}

async fn images(session: &Session, product: &Product, look: bool, steps: &Steps) -> Result<(), Failure> {
    let (account, place) = (&session.account, &session.place);
    for (party, code) in &product.code {
        let Code::Image(image) = code else { continue };
        let repository_name = terrace_aws::repository(&session.designed.topology, party);
        if look {
            let events = |event| show_events::foundation(&event, STEP, steps);
            let made = repository(account, (place, &session.system), &repository_name, events).await;
            made.map_err(|error| told::foundation(&error))?;
        }
        let events = |event| show_events::product(&event, steps);
        product::push(account, place, &repository_name, image, &events).await?;
    }
    Ok(())
}

async fn archives(
    session: &Session,
    foundation: &Foundation,
    product: &Product,
    steps: &Steps,
) -> Result<(), Failure> {
    for (party, code) in &product.code {
        let Code::Artifact(artifact) = code else { continue };
        let party: Party = name(party.as_str())?;
        let events = |event| show_events::machines(&event, steps);
        let put = machines::put(foundation.bucket(), &session.system, &party, artifact, &events).await;
        put.map_err(|why| told::release(&why))?;
    }
    Ok(())
}

/// A name as what touches a deployed system takes it.
pub(super) fn name<T: std::str::FromStr<Err: std::error::Error + 'static>>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|error: T::Err| Failure::of(&error))
}
