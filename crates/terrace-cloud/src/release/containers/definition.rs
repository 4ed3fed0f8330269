//! Task definitions: the family's newest with another image, and with other settings.
//!
//! The plain settings of a release are one variable of the container, [`SETTINGS`], a JSON object that `terrace-boot` takes apart.
//! A release replaces it, so what is gone from the manifest is gone from the task, and what Terraform wrote there stands whatever
//! the settings are called.
//!
//! "DescribeTaskDefinition" and "RegisterTaskDefinition", Amazon ECS API Reference.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{Service, refused};
use crate::release::Failure;
use crate::release::record::{Digest, Settings};

/// The variable with the plain settings of a release; `terrace-boot` and the text of the infrastructure know it by this name.
const SETTINGS: &str = "TERRACE_SETTINGS";
/// What an answer tells and a request may not.
const ANSWERED: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
    "deleteRequestedAt",
];
/// As often is looked whether a registration whose answer was lost came through.
const TRIES: usize = 3;

/// A task definition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Definition {
    pub(crate) arn: String,
    /// As ECS describes it.
    told: Json,
}

impl Definition {
    /// Of an answer.
    fn of(answer: &Json) -> Option<Self> {
        let told = answer.get("taskDefinition")?.clone();
        let arn = told.get("taskDefinitionArn")?.as_str()?.to_owned();
        Some(Self { arn, told })
    }

    fn container(&self, name: &str) -> Option<&Json> {
        let all = self.told.get("containerDefinitions")?.as_array()?;
        all.iter().find(|one| one.get("name").and_then(Json::as_str) == Some(name))
    }

    /// The log group and the stream of a task's container, if it logs to CloudWatch.
    pub(crate) fn log(&self, container: &str, task: &str) -> Option<(String, String)> {
        let options = self.container(container)?.pointer("/logConfiguration/options")?;
        let word = |name: &str| options.get(name).and_then(Json::as_str);
        let (group, prefix) = (word("awslogs-group")?, word("awslogs-stream-prefix")?);
        Some((group.to_owned(), format!("{prefix}/{container}/{task}")))
    }
}

/// What a release put into a task definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// The image, by its digest in the registry.
    pub image: Digest,
    /// The plain settings, by name.
    pub plain: BTreeMap<String, String>,
}

impl Service<'_> {
    /// What the release brought that made the family's newest task definition: one that failed, or that was gone back upon, it may
    /// be. None if it is of no release's making.
    ///
    /// # Errors
    /// If ECS refuses or does not answer.
    pub async fn newest(&self) -> Result<Option<Brought>, Failure> {
        let (newest, _) = self.definition(self.containers.family.as_str()).await?;
        Ok(newest.container(self.containers.container.as_str()).and_then(brought))
    }

    /// A task definition by ARN, or a family's newest.
    pub(crate) async fn definition(&self, name: &str) -> Result<(Definition, Json), Failure> {
        let fields = json!({ "taskDefinition": name, "include": ["TAGS"] });
        let answer = self.ecs("DescribeTaskDefinition", fields).await;
        let what = || format!("task definition `{name}` could not be read");
        let answer = answer.map_err(|refusal| refused(what(), &refusal))?;
        let next = "type `terrace deploy`: it makes what is missing";
        let odd = || Failure::found(what(), "ECS tells of none", next);
        let definition = Definition::of(&answer).ok_or_else(odd)?;
        let tags = answer.get("tags").cloned().unwrap_or_default();
        Ok((definition, tags))
    }

    /// The family's newest task definition with this image and these settings: registered, unless it has them already.
    /// Everything else stays as it is, whatever it is.
    pub(crate) async fn registered(
        &self,
        digest: Digest,
        settings: &Settings,
    ) -> Result<Definition, Failure> {
        let (image, settings) = (self.image(digest), settings.text());
        let container = self.containers.container.as_str();
        let what = "the task definition of the release could not be registered";
        let mut tries = 0;
        loop {
            let (newest, tags) = self.definition(self.containers.family.as_str()).await?;
            let Some(there) = newest.container(container) else {
                let why = format!("{} has no container `{container}`", newest.arn);
                return Err(Failure::found(
                    what,
                    why,
                    "type `terrace plan`: it tells what was changed by others",
                ));
            };
            if has(there, &image, &settings) {
                return Ok(newest);
            }
            let fields = with(&newest.told, tags, container, (&image, &settings));
            match self.ecs("RegisterTaskDefinition", fields).await {
                Ok(answer) => {
                    let odd = || Failure::found(what, "ECS tells of none", "type the same again");
                    return Definition::of(&answer).ok_or_else(odd);
                }
                // It may have come through: looked up before it is repeated.
                Err(refusal) if refusal.is_cut() && tries < TRIES => tries += 1,
                Err(refusal) => return Err(refused(what, &refusal)),
            }
        }
    }

    fn image(&self, digest: Digest) -> String {
        let crate::deployed::Names { account, region, .. } = self.names;
        let suffix = if region.as_str().starts_with("cn-") { ".cn" } else { "" };
        let repository = &self.containers.repository;
        format!("{account}.dkr.ecr.{region}.amazonaws.com{suffix}/{repository}@{digest}")
    }
}

fn is_settings(variable: &Json) -> bool {
    variable.get("name").and_then(Json::as_str) == Some(SETTINGS)
}

fn brought(container: &Json) -> Option<Brought> {
    let (_, image) = container.get("image")?.as_str()?.rsplit_once('@')?;
    let environment = container.get("environment")?.as_array()?;
    let settings = environment.iter().find(|one| is_settings(one))?.get("value")?.as_str()?;
    Some(Brought { image: image.parse().ok()?, plain: serde_json::from_str(settings).ok()? })
}

/// Whether a container has this image and these settings.
fn has(container: &Json, image: &str, settings: &str) -> bool {
    let environment = container.get("environment").and_then(Json::as_array);
    let value =
        environment.into_iter().flatten().find(|one| is_settings(one)).and_then(|one| one.get("value"));
    let image_of = container.get("image").and_then(Json::as_str);
    image_of == Some(image) && value.and_then(Json::as_str) == Some(settings)
}

fn with(told: &Json, tags: Json, container: &str, (image, settings): (&str, &str)) -> Json {
    let mut fields = told.clone();
    if let Some(fields) = fields.as_object_mut() {
        fields.retain(|name, _| !ANSWERED.contains(&name.as_str()));
        if tags.as_array().is_some_and(|tags| !tags.is_empty()) {
            fields.insert("tags".to_owned(), tags);
        }
    }
    let all = fields.get_mut("containerDefinitions").and_then(Json::as_array_mut);
    for one in all.into_iter().flatten().filter_map(Json::as_object_mut) {
        if one.get("name").and_then(Json::as_str) == Some(container) {
            one.insert("image".to_owned(), image.into());
            let environment = one.entry("environment").or_insert_with(|| json!([]));
            if let Some(environment) = environment.as_array_mut() {
                let at = environment.iter().position(is_settings).unwrap_or(environment.len());
                environment.retain(|one| !is_settings(one));
                environment.insert(at, json!({ "name": SETTINGS, "value": settings }));
            }
        }
    }
    fields
}
