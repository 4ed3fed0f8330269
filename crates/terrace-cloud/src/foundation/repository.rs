//! The registry's repositories: tags that stay what they are, a scan on push, the end of what is left of broken pushes.
//!
//! "CreateRepository", "PutLifecyclePolicy", "BatchDeleteImage", "GetAuthorizationToken", Amazon ECR API Reference.
//! Images that no kept release has are deleted by [`prune`] and not by a rule that counts: the release in force may be an old
//! image. An index's own images have no tag; ECR expires none that an index still names.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use terrace_account::service::ECR;
use terrace_account::{Account, Call, Refusal};
use zeroize::Zeroizing;

use crate::foundation::{Event, FoundationError, Piece, Place, System};

const TARGET: (&str, &str) = ("AmazonEC2ContainerRegistry_V20150921", "1.1");
/// One call deletes as many.
const AT_ONCE: usize = 100;

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// Its name.
    pub name: String,
    /// As ARNs have it.
    pub arn: String,
    /// What images are pushed to: host and name.
    pub uri: String,
}

/// What the registry takes instead of a password, for twelve hours.
#[derive(Clone)]
pub struct Login {
    /// The user: `AWS`.
    pub user: String,
    /// The password.
    pub password: Zeroizing<String>,
    /// The registry: `https://….dkr.ecr.….amazonaws.com`.
    pub endpoint: String,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// Finds a repository of a system's, or makes it whole.
///
/// # Errors
/// If somebody else has made one under the name, or AWS refuses. Run again, it goes on.
pub async fn repository(
    account: &Account,
    (place, system): (&Place, &System),
    name: &str,
    events: impl Fn(Event),
) -> Result<Repository, FoundationError> {
    let registry = Registry { account, place, name };
    let piece = Piece::Repository(name.to_owned());
    let found = match registry.look().await? {
        Some(found) => found,
        None => {
            events(Event::Making(piece.clone()));
            let made = registry.make(system).await?;
            events(Event::Made(piece.clone()));
            made
        }
    };
    let word = |name: &str| found.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let this = Repository { name: name.to_owned(), arn: word("repositoryArn"), uri: word("repositoryUri") };
    registry.ours(&this.arn, system).await?;
    let part = |called| Piece::RepositoryPart(name.to_owned(), called);
    if word("imageTagMutability") != "IMMUTABLE" {
        let fields = json!({"imageTagMutability": "IMMUTABLE"});
        registry.call("PutImageTagMutability", fields).await?;
        events(Event::Made(part("immutability")));
    }
    if found.pointer("/imageScanningConfiguration/scanOnPush") != Some(&Json::Bool(true)) {
        let fields = json!({"imageScanningConfiguration": {"scanOnPush": true}});
        registry.call("PutImageScanningConfiguration", fields).await?;
        events(Event::Made(part("scan on push")));
    }
    if registry.policy().await?.is_none() {
        registry.call("PutLifecyclePolicy", json!({"lifecyclePolicyText": lifecycle()})).await?;
        events(Event::Made(part("end of broken pushes")));
    }
    events(Event::There(piece));
    Ok(this)
}

/// Deletes the tagged images whose digests (`sha256:…`) no kept release has; gives how many.
///
/// # Errors
/// If AWS refuses.
pub async fn prune(
    account: &Account,
    place: &Place,
    name: &str,
    kept: &BTreeSet<String>,
) -> Result<usize, FoundationError> {
    let registry = Registry { account, place, name };
    let fields = registry.fields(json!({"filter": {"tagStatus": "TAGGED"}}));
    let call = Call::json(ECR, TARGET, "ListImages", fields).within(&place.region);
    let pages = account.sheets(&call, ("nextToken", "nextToken")).await.whole();
    let pages = pages.map_err(FoundationError::refused(format!("listing the images of {name}")))?;
    let images = pages.iter().filter_map(|page| page.get("imageIds")?.as_array()).flatten();
    let digests = images.filter_map(|image| image.get("imageDigest")?.as_str()).map(str::to_owned);
    let gone: Vec<String> = digests.collect::<BTreeSet<_>>().difference(kept).cloned().collect();
    for some in gone.chunks(AT_ONCE) {
        let ids: Vec<Json> = some.iter().map(|digest| json!({"imageDigest": digest})).collect();
        registry.call("BatchDeleteImage", json!({"imageIds": ids})).await?;
    }
    Ok(gone.len())
}

/// Whether a repository has an image of this digest (`sha256:…`). "DescribeImages", Amazon ECR API Reference.
///
/// # Errors
/// If AWS refuses.
pub async fn has_image(
    account: &Account,
    place: &Place,
    name: &str,
    digest: &str,
) -> Result<bool, FoundationError> {
    let registry = Registry { account, place, name };
    let fields = registry.fields(json!({"imageIds": [{"imageDigest": digest}]}));
    match registry.asked("DescribeImages", fields).await {
        Ok(_) => Ok(true),
        Err(refusal) if refusal.code().contains("NotFound") => Ok(false),
        Err(refusal) => Err(FoundationError::refused(format!("looking for an image in {name}"))(refusal)),
    }
}

/// What the registry takes instead of a password.
///
/// # Errors
/// If AWS refuses, or its answer is none.
pub async fn login(account: &Account, place: &Place) -> Result<Login, FoundationError> {
    let refused = FoundationError::refused("asking for the registry's password");
    let call = Call::json(ECR, TARGET, "GetAuthorizationToken", json!({})).within(&place.region);
    let answer = account.json(&call).await.map_err(refused)?;
    let word = |name: &str| answer.pointer(&format!("/authorizationData/0/{name}")).and_then(Json::as_str);
    let token = word("authorizationToken").unwrap_or_default();
    let token = Zeroizing::new(STANDARD.decode(token).unwrap_or_default());
    let token = std::str::from_utf8(&token).unwrap_or_default();
    let Some((user, password)) = token.split_once(':') else {
        let doing = "asking for the registry's password".to_owned();
        return Err(FoundationError::Odd { doing, why: "a user and a password were expected".to_owned() });
    };
    let endpoint =
        word("proxyEndpoint").map_or_else(|| format!("https://{}", place.registry()), str::to_owned);
    Ok(Login { user: user.to_owned(), password: Zeroizing::new(password.to_owned()), endpoint })
}

/// A repository that is asked.
struct Registry<'a> {
    account: &'a Account,
    place: &'a Place,
    name: &'a str,
}

impl Registry<'_> {
    fn fields(&self, more: Json) -> Json {
        let mut fields = json!({"registryId": self.place.account.as_str(), "repositoryName": self.name});
        if let (Some(fields), Json::Object(more)) = (fields.as_object_mut(), more) {
            fields.extend(more);
        }
        fields
    }

    async fn asked(&self, action: &str, fields: Json) -> Result<Json, Refusal> {
        self.account.json(&Call::json(ECR, TARGET, action, fields).within(&self.place.region)).await
    }

    async fn call(&self, action: &'static str, more: Json) -> Result<Json, FoundationError> {
        let answer = self.asked(action, self.fields(more)).await;
        answer.map_err(FoundationError::refused(format!("ecr:{action} for {}", self.name)))
    }

    async fn look(&self) -> Result<Option<Json>, FoundationError> {
        let names = json!({"registryId": self.place.account.as_str(), "repositoryNames": [self.name]});
        match self.asked("DescribeRepositories", names).await {
            Ok(answer) => Ok(answer.pointer("/repositories/0").cloned()),
            Err(refusal) if refusal.code() == "RepositoryNotFoundException" => Ok(None),
            Err(refusal) => {
                Err(FoundationError::refused(format!("looking for the repository {}", self.name))(refusal))
            }
        }
    }

    /// Makes it; one that is there by now (a run that was cut off, another at the same time) is taken.
    async fn make(&self, system: &System) -> Result<Json, FoundationError> {
        let tags: Vec<Json> =
            tags(system).iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        let fields = self.fields(json!({
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": true},
            "tags": tags,
        }));
        let refused = FoundationError::refused(format!("making the repository {}", self.name));
        match self.asked("CreateRepository", fields).await {
            Ok(answer) => Ok(answer.get("repository").cloned().unwrap_or_default()),
            Err(refusal) if refusal.code() == "RepositoryAlreadyExistsException" => {
                self.look().await?.ok_or_else(|| refused(refusal))
            }
            Err(refusal) => Err(refused(refusal)),
        }
    }

    async fn ours(&self, arn: &str, system: &System) -> Result<(), FoundationError> {
        let name = self.name;
        let answer = self.asked("ListTagsForResource", json!({"resourceArn": arn})).await;
        let answer = answer.map_err(FoundationError::refused(format!("reading the tags of {name}")))?;
        let found = answer.get("tags").and_then(Json::as_array).cloned().unwrap_or_default();
        let has = |(key, value): &(&str, &str)| found.contains(&json!({"Key": key, "Value": value}));
        let tags = tags(system);
        let Some((key, value)) = tags.iter().find(|tag| !has(tag)) else { return Ok(()) };
        let other = found.iter().find(|tag| tag.get("Key").and_then(Json::as_str) == Some("terrace:system"));
        let other = other.and_then(|tag| tag.get("Value")?.as_str());
        let of = other.map(|other| format!(" of the system {other}")).unwrap_or_default();
        let all: Vec<String> = tags.iter().map(|(key, value)| format!("Key={key},Value={value}")).collect();
        Err(FoundationError::Stranger {
            what: format!("the repository {name}{of}"),
            tag: format!("{key} = {value}"),
            adopt: format!("aws ecr tag-resource --resource-arn {arn} --tags {}", all.join(" ")),
        })
    }

    async fn policy(&self) -> Result<Option<Json>, FoundationError> {
        match self.asked("GetLifecyclePolicy", self.fields(json!({}))).await {
            Ok(answer) => Ok(Some(answer)),
            Err(refusal) if refusal.code() == "LifecyclePolicyNotFoundException" => Ok(None),
            Err(refusal) => {
                Err(FoundationError::refused(format!("reading the lifecycle of {}", self.name))(refusal))
            }
        }
    }
}

/// What tells whose a repository is.
fn tags(system: &System) -> [(&str, &str); 2] {
    [("terrace:system", system.name()), ("terrace:environment", system.environment())]
}

fn lifecycle() -> String {
    json!({"rules": [{
        "rulePriority": 1,
        "description": "what is left of pushes that broke",
        "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 7},
        "action": {"type": "expire"},
    }]})
    .to_string()
}
