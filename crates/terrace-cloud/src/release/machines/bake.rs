//! An image, built by the party's pipeline, where what machines are set up with has changed.
//!
//! "StartImagePipelineExecution" and "GetImage", EC2 Image Builder API Reference: the same token starts the same build, so that
//! a run that was broken off finds its own again.

use serde_json::{Value as Json, json};
use terrace_account::service::IMAGEBUILDER;
use terrace_account::{Account, Call, encoded};

use super::{Event, explain};
use crate::deployed::{MachineParty, Names};
use crate::release::record::Digest;
use crate::release::{Failure, Pace};

/// Builds a party's image, and gives its AMI. `inputs` is the digest of all that goes into it: the same twice is built once.
///
/// # Errors
/// If it has no pipeline, the build fails (with the last lines of its log), AWS refuses, or nobody answers.
pub async fn bake(
    account: &Account,
    names: &Names,
    party: &MachineParty,
    inputs: Digest,
    pace: Pace,
    events: &(dyn Fn(Event) + Send + Sync),
) -> Result<String, Failure> {
    let name = &party.party;
    let what = format!("the image of {name} could not be built");
    let Some(pipeline) = &party.pipeline else {
        let why = "nothing is known that builds it";
        return Err(Failure::found(
            what,
            why,
            "type `terrace deploy --infrastructure`, which makes the pipeline",
        ));
    };
    let refused = |refusal| Failure::refused(what.as_str(), &refusal);
    let fields = json!({ "imagePipelineArn": pipeline.as_str(), "clientToken": inputs.sha256().hex() });
    let path = ("/StartImagePipelineExecution", "");
    let call = Call::rest(IMAGEBUILDER, "StartImagePipelineExecution", "PUT", path);
    let call = call.sent("application/json", &fields.to_string());
    let started = account.json(&call).await.map_err(refused)?;
    let image = started.get("imageBuildVersionArn").and_then(Json::as_str).unwrap_or_default().to_owned();
    let query = format!("imageBuildVersionArn={}", encoded(&image));
    let mut told = String::new();
    for _ in 0..pace.most {
        let call = Call::path(IMAGEBUILDER, "GetImage", "/GetImage", &query);
        let answer = account.json(&call).await.map_err(refused)?;
        let word = |pointer: &str| answer.pointer(pointer).and_then(Json::as_str).unwrap_or_default();
        let state = word("/image/state/status").to_owned();
        if state != told {
            events(Event::Baking { party: name.clone(), state: state.to_ascii_lowercase() });
            told.clone_from(&state);
        }
        match state.as_str() {
            "AVAILABLE" => {
                let amis = answer.pointer("/image/outputResources/amis").and_then(Json::as_array);
                let here =
                    |one: &&Json| one.get("region").and_then(Json::as_str) == Some(names.region.as_str());
                let ami = amis.into_iter().flatten().find(here).and_then(|one| one.get("image")?.as_str());
                let odd =
                    || Failure::found(what.clone(), format!("{image} has no AMI in {}", names.region), NEXT);
                return ami.map(str::to_owned).ok_or_else(odd);
            }
            "FAILED" | "CANCELLED" | "DEPRECATED" | "DELETED" | "DISABLED" => {
                let reason = word("/image/state/reason");
                let reason = if reason.is_empty() { state.to_ascii_lowercase() } else { reason.to_owned() };
                let mut failure = Failure::found(what.clone(), reason, NEXT);
                failure.why.extend(lines(account, word("/image/name"), &image).await);
                return Err(failure.in_force("the image before"));
            }
            _ => pace.wait().await,
        }
    }
    let failure = Failure::found(
        what,
        format!("{image} is still {}", told.to_ascii_lowercase()),
        "type the same again: it is followed from where it is",
    );
    Err(Failure { passing: true, ..failure }.in_force("the image before"))
}

const NEXT: &str = "correct `setup` in terrace.toml, then type the same again";

/// The last lines of a build: log group `/aws/imagebuilder/NAME`, stream `VERSION/BUILD`.
async fn lines(account: &Account, name: &str, image: &str) -> Vec<String> {
    let mut parts = image.rsplit('/');
    let (build, version) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (group, stream) = (format!("/aws/imagebuilder/{name}"), format!("{version}/{build}"));
    match explain::log(account, (&group, &stream)).await {
        Ok(lines) => lines,
        Err(refusal) if refusal.is_absent() => Vec::new(),
        Err(refusal) => vec![format!("its log could not be read: {}", refusal.text())],
    }
}
