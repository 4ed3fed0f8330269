//! Images, baked ahead by EC2 Image Builder: a component of generated steps, a recipe, and the image itself.
//!
//! Components and recipes cannot be changed once they are there. Their versions are made of what is in them, so that
//! something else is something new, and the same is the same.

use terrace_topology::{Architecture, PartyName, Tier};

use super::super::network::Network;
use super::super::{Draft, arns};
use super::artifacts::Artifacts;
use super::{fetched, kinds};
use crate::catalog::limits;
use crate::resource::{
    AmiDistribution, BuildInfrastructure, BuilderLogging, BuilderMetadata, BuilderS3Logs, ComponentParameter,
    FoundImage, ImageComponent, ImageDistribution, ImageFilter, ImagePipeline, ImagePlatform, ImageRecipe,
    ImageRegion, ImageTests, InstanceProfile, MachineImage, MetadataTokens, RecipeComponent, RecipeDevice,
    RecipeVolume, SecurityGroup, VolumeType,
};
use crate::{Address, Arn, Block, Blocks, BucketName, Concern, Name, Ref, Text};

/// The name under which Amazon Linux sees its first volume.
pub(super) const ROOT_DEVICE: &str = "/dev/xvda";
/// GiB: the system takes 2, releases and logs the rest.
pub(super) const ROOT_SIZE: u32 = 10;

/// How an image comes by a release.
pub(super) enum Source {
    /// It is in it, from a bucket.
    Artifacts(Artifacts),
    /// Its machines fetch it.
    Fetched {
        /// What makes them.
        component: Ref<ImageComponent>,
        /// What that consists of.
        document: String,
    },
}

impl Source {
    /// The bucket, if the release is in the image.
    pub(super) const fn artifacts(&self) -> Option<&Artifacts> {
        match self {
            Self::Artifacts(artifacts) => Some(artifacts),
            Self::Fetched { .. } => None,
        }
    }

    /// The component by which machines fetch.
    pub(super) fn fetched(draft: &mut Draft<'_>) -> Self {
        let name = draft.naming.of("release", limits::IAM_POLICY);
        let document = fetched::component(&name);
        let tags = draft.name_tag("release");
        let component = draft
            .place(Concern::App, &["main"])
            .why("Makes a machine fetch the release that its tag names, when it starts.")
            .before_destroy()
            .put(ImageComponent {
                name: Text::from(name),
                description: Text::from("Fetches releases"),
                platform: ImagePlatform::Linux,
                version: Text::from(version(&[&document])),
                data: Text::from(document.as_str()),
                tags,
            });
        Self::Fetched { component, document }
    }
}

/// The image of a tier.
pub(super) struct Image {
    /// The AMI.
    pub(super) ami: Text,
}

/// On what all images are built.
pub(super) fn infrastructure(
    draft: &mut Draft<'_>,
    network: &Network,
    group: Option<&Ref<SecurityGroup>>,
    profile: &Ref<InstanceProfile>,
    artifacts: Option<&Artifacts>,
) -> Option<Ref<BuildInfrastructure>> {
    let subnet = network.subnets(Tier::App).into_iter().next()?;
    let name = draft.naming.of("builder", limits::IAM_POLICY);
    let tags = draft.name_tag("builder");
    let kind = kinds::builder(draft.topology.architecture);
    let made = draft
        .place(Concern::App, &["main"])
        .why("Images are built where the service runs: what cannot be reached from there cannot be needed there.")
        .put(BuildInfrastructure {
            name: Text::from(name),
            description: Text::from("The machines on which images are built"),
            instance_profile_name: profile.attribute::<Name>(),
            instance_types: vec![Text::from(kind)],
            subnet_id: subnet,
            security_group_ids: group.cloned().into_iter().collect(),
            terminate_instance_on_failure: true,
            instance_metadata_options: Block(BuilderMetadata {
                http_tokens: MetadataTokens::Required,
                http_put_response_hop_limit: 1,
            }),
            // Image Builder writes to its own log group in any case.
            logging: artifacts.map(|artifacts| {
                Block(BuilderLogging {
                    s3_logs: Block(BuilderS3Logs {
                        s3_bucket_name: artifacts.bucket.clone(),
                        s3_key_prefix: Text::from("builds"),
                    }),
                })
            }),
            resource_tags: tags.clone(),
            tags,
        });
    Some(made)
}

/// What an image is made by.
pub(super) struct Baking<'a> {
    pub(super) concern: Concern,
    pub(super) party: &'a PartyName,
    pub(super) document: String,
    pub(super) infrastructure: &'a Ref<BuildInfrastructure>,
    pub(super) source: &'a Source,
    /// What has to be there before the machine that builds reaches anything.
    pub(super) ways: Vec<Address>,
}

pub(super) fn bake(draft: &mut Draft<'_>, baking: Baking<'_>) -> Image {
    let Baking { concern, party, document, infrastructure, source, ways } = baking;
    let artifacts = source.artifacts();
    let part = party.as_str();
    let name = draft.naming.of(part, limits::IAM_POLICY);
    let tags = draft.party_tags(part, party);
    let about = format!("The image of {part}");
    let parent = parent(draft);
    let component_version = version(&[&document]);
    let size = ROOT_SIZE.to_string();
    let mut contents = vec![document.as_str(), &parent, &size];
    let mut components = Vec::new();
    if let Source::Fetched { component, document } = source {
        contents.push(document);
        let component_arn = Text::from(component.attribute::<Arn>());
        components.push(RecipeComponent { component_arn, parameter: Blocks::default() });
    }
    let recipe_version = version(&contents);
    let component = draft
        .place(concern, &[part])
        .why("A component cannot be changed: its version is made of its text, and another text is another version.")
        .before_destroy()
        .put(ImageComponent {
            name: Text::from(name.as_str()),
            description: Text::from(about.as_str()),
            platform: ImagePlatform::Linux,
            version: Text::from(component_version),
            data: Text::from(document),
            tags: tags.clone(),
        });
    let recipe = draft.place(concern, &[part]).before_destroy().put(ImageRecipe {
        name: Text::from(name.as_str()),
        description: Text::from(about.as_str()),
        version: Text::from(recipe_version),
        parent_image: Text::from(parent),
        component: Blocks(
            components
                .into_iter()
                .chain([RecipeComponent {
                    component_arn: Text::from(component.attribute::<Arn>()),
                    parameter: Blocks(
                        artifacts
                            .map(|artifacts| ComponentParameter {
                                name: Text::from("Bucket"),
                                value: Text::from(artifacts.bucket.attribute::<BucketName>()),
                            })
                            .into_iter()
                            .collect(),
                    ),
                }])
                .collect(),
        ),
        block_device_mapping: Blocks(vec![RecipeDevice {
            device_name: Text::from(ROOT_DEVICE),
            ebs: Block(RecipeVolume {
                volume_type: VolumeType::Gp3,
                volume_size: ROOT_SIZE,
                encrypted: true,
                delete_on_termination: true,
            }),
        }]),
        tags: tags.clone(),
    });
    let region = Text::from(draft.topology.region.as_str());
    let distribution = draft.place(concern, &[part]).put(ImageDistribution {
        name: Text::from(name.as_str()),
        description: Text::from(about.as_str()),
        distribution: Blocks(vec![ImageRegion {
            region,
            ami_distribution_configuration: Block(AmiDistribution {
                name: Text::from(format!("{name}-{{{{ imagebuilder:buildDate }}}}")),
                description: Some(Text::from(about.as_str())),
                ami_tags: tags.clone(),
            }),
        }]),
        tags: tags.clone(),
    });
    // The steps say themselves what has to hold; a machine started only to be looked at again takes ten minutes.
    let tests = || Some(Block(ImageTests { image_tests_enabled: false, timeout_minutes: 60 }));
    let mut place = draft.place(concern, &[part]).why(match artifacts {
        Some(_) => "Built while the graph is applied, from the release in force; takes some ten minutes.",
        None => "Built while the graph is applied, without a release; takes some ten minutes.",
    });
    for address in artifacts.iter().flat_map(|artifacts| &artifacts.first) {
        place = place.after(address.clone());
    }
    for address in ways {
        place = place.after(Some(address));
    }
    let image = place.before_destroy().put(MachineImage {
        image_recipe_arn: recipe.attribute::<Arn>(),
        infrastructure_configuration_arn: infrastructure.attribute::<Arn>(),
        distribution_configuration_arn: distribution.attribute::<Arn>(),
        image_tests_configuration: tests(),
        tags: tags.clone(),
    });
    let pipeline = draft
        .place(concern, &[part])
        .why(match artifacts {
            Some(_) => "Builds the image again: for a release, or for the distribution's newest packages.",
            None => "Builds the image again, for the distribution's newest packages.",
        })
        .put(ImagePipeline {
            name: Text::from(name),
            description: Text::from(about),
            image_recipe_arn: recipe.attribute::<Arn>(),
            infrastructure_configuration_arn: infrastructure.attribute::<Arn>(),
            distribution_configuration_arn: distribution.attribute::<Arn>(),
            image_tests_configuration: tests(),
            schedule: None,
            tags: tags.clone(),
        });
    let tag = tags.get("Name").cloned().unwrap_or_default();
    let ami = draft
        .place(concern, &[part])
        .why("The newest AMI that the pipeline made, whoever asked it to: where somebody started it, Terraform must not")
        .why("lead the machines back behind it.")
        .after(image.address())
        .put(FoundImage {
            owners: vec![Text::from("self")],
            most_recent: Some(true),
            filter: Blocks(vec![
                ImageFilter { name: Text::from("tag:Name"), values: vec![tag] },
                ImageFilter { name: Text::from("state"), values: vec![Text::from("available")] },
            ]),
        });
    draft.output(&format!("{part}_image"), &format!("The image that {part} starts from."), &ami);
    draft.output(
        &format!("{part}_image_pipeline"),
        &format!("What builds the image of {part} again."),
        pipeline.attribute::<Arn>(),
    );
    Image { ami: Text::from(ami) }
}

/// The newest Amazon Linux 2023 ("Manage recipes in Image Builder": `x.x.x` is the newest).
fn parent(draft: &Draft<'_>) -> String {
    let name = match draft.topology.architecture {
        Architecture::X86_64 => "amazon-linux-2023-x86",
        Architecture::Arm64 => "amazon-linux-2023-arm64",
    };
    let partition = arns::partition(draft).as_str();
    format!("arn:{partition}:imagebuilder:{}:aws:image/{name}/x.x.x", draft.topology.region)
}

/// A version made of what is in a thing. Image Builder takes numbers up to 2^30 - 1 ("Semantic versioning").
fn version(contents: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for content in contents {
        hasher.update(content.as_bytes()).update(&[0]);
    }
    let [a, b, c, d, e, f, g, h, ..] = *hasher.finalize().as_bytes();
    let hash = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    let part = |shift: u32| (hash >> shift) & 0x3fff_ffff;
    format!("1.{}.{}", part(30), part(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_tell_contents_apart() {
        assert_eq!(version(&["a", "b"]), version(&["a", "b"]));
        assert_ne!(version(&["a", "b"]), version(&["ab", ""]));
        for part in version(&["a"]).split('.') {
            assert!(part.parse::<u64>().unwrap() < 1 << 30);
        }
    }
}
