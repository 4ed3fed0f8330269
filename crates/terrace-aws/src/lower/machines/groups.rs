//! Launch templates, and the groups that keep as many machines as are needed.

use terrace_topology::{Capacity, PartyName, Tier};

use super::super::Draft;
use super::super::network::Network;
use super::images::{Image, ROOT_DEVICE, ROOT_SIZE};
use super::kinds::Kind;
use crate::catalog::limits;
use crate::resource::{
    AutoScalingGroup, CpuCredits, CreditSpecification, GroupHealthCheck, GroupMetric, GroupTag,
    GroupTargetTracking, GroupTemplate, InstanceProfile, InstanceRefresh, LaunchTemplate, MaintenancePolicy,
    MetadataEndpoint, MetadataOptions, MetadataTags, MetadataTokens, Monitoring, PredefinedGroupMetric,
    RefreshPreferences, RefreshStrategy, ScalingPolicy, ScalingPolicyType, SecurityGroup, TagSpecification,
    TaggedType, Tags, TargetGroup, TemplateDevice, TemplateProfile, TemplateVolume, VolumeType,
};
use crate::{Address, Arn, Base64Text, Block, Blocks, Concern, Label, LatestVersion, Milli, Name, Ref, Text};

/// The tag of a machine that names the release it fetches.
const RELEASE: &str = "terrace:release";
/// Seconds from a machine's start to the first answer, with some to spare.
const WARM_UP: u32 = 120;

/// What a group is made of.
pub(super) struct Wish<'a> {
    pub(super) concern: Concern,
    pub(super) party: &'a PartyName,
    pub(super) tier: Tier,
    pub(super) kind: Kind,
    pub(super) image: Image,
    pub(super) group: Option<Ref<SecurityGroup>>,
    pub(super) profile: Ref<InstanceProfile>,
    pub(super) user_data: Base64Text,
    pub(super) capacity: Capacity,
    /// What its machines read when they start.
    pub(super) before: Vec<Address>,
    /// The release that they fetch, if it is not in the image.
    pub(super) release: Option<Text>,
}

pub(super) fn lower(draft: &mut Draft<'_>, network: &Network, wish: Wish<'_>) {
    let part = wish.party.as_str();
    let template = template(draft, &wish);
    let name = draft.naming.of(part, limits::AUTO_SCALING_GROUP);
    let whole = RefreshPreferences {
        min_healthy_percentage: 100,
        max_healthy_percentage: Some(200),
        instance_warmup: Some(WARM_UP),
        auto_rollback: true,
    };
    let tags = machine_tags(draft, wish.party);
    let place = draft.place(wish.concern, &[part]);
    let place = wish.before.iter().fold(place, |place, address| place.after(Some(address.clone())));
    let group = place
        .why("A new template replaces the machines one after the other, a new one in service before an old one goes;")
        .why("if a new one does not become healthy, the old ones stay.")
        .put(AutoScalingGroup {
            name: Text::from(name),
            min_size: wish.capacity.min().into(),
            max_size: wish.capacity.max().into(),
            vpc_zone_identifier: network.subnets(wish.tier),
            target_group_arns: vec![Ref::<TargetGroup, Arn>::new(Label::from_words(&[part]))],
            health_check_type: GroupHealthCheck::Elb,
            health_check_grace_period: WARM_UP,
            default_instance_warmup: Some(WARM_UP),
            termination_policies: vec![Text::from("OldestLaunchTemplate"), Text::from("OldestInstance")],
            max_instance_lifetime: None,
            wait_for_capacity_timeout: Some(Text::from("15m")),
            enabled_metrics: METRICS.iter().map(|metric| Text::from(*metric)).collect(),
            launch_template: Block(GroupTemplate {
                id: template.clone(),
                version: template.attribute::<LatestVersion>(),
            }),
            instance_maintenance_policy: Some(Block(MaintenancePolicy {
                min_healthy_percentage: 100,
                max_healthy_percentage: 200,
            })),
            instance_refresh: Some(Block(InstanceRefresh {
                strategy: RefreshStrategy::Rolling,
                preferences: Block(whole),
            })),
            tag: Blocks(
                tags.into_iter()
                    .map(|(key, value)| GroupTag { key: Text::from(key), value, propagate_at_launch: false })
                    .collect(),
            ),
        });
    if let Some(cpu) = wish.capacity.cpu() {
        let name = draft.naming.of(&format!("{part}-cpu"), limits::AUTO_SCALING_GROUP);
        draft.place(wish.concern, &[part, "cpu"]).put(ScalingPolicy {
            name: Text::from(name),
            autoscaling_group_name: group.attribute::<Name>(),
            policy_type: ScalingPolicyType::TargetTracking,
            estimated_instance_warmup: None,
            target_tracking_configuration: Some(Block(GroupTargetTracking {
                target_value: Milli(i64::from(cpu.percent()).saturating_mul(1000)),
                predefined_metric_specification: Block(PredefinedGroupMetric {
                    predefined_metric_type: GroupMetric::AverageCpuUtilization,
                }),
            })),
        });
    }
    draft.output(
        &format!("{part}_scaling_group"),
        &format!("The group of the machines of {part}."),
        group.attribute::<Name>(),
    );
    draft.output(
        &format!("{part}_launch_template"),
        &format!("What the machines of {part} start from."),
        &template,
    );
}

/// What costs nothing and is looked for first.
const METRICS: [&str; 4] =
    ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupMaxSize", "GroupTotalInstances"];

fn template(draft: &mut Draft<'_>, wish: &Wish<'_>) -> Ref<LaunchTemplate> {
    let part = wish.party.as_str();
    let production = draft.topology.production;
    let name = draft.naming.of(part, limits::LAUNCH_TEMPLATE);
    let (mut tags, own) = (machine_tags(draft, wish.party), draft.party_tags(part, wish.party));
    let credits = if production { CpuCredits::Unlimited } else { CpuCredits::Standard };
    let place = draft
        .place(wish.concern, &[part])
        .why("No key pair and no public address: people come in by a session of Systems Manager.");
    let place = if let Some(release) = &wish.release {
        tags.insert(RELEASE.to_owned(), release.clone());
        place
            .why("The user data says where settings and releases are and holds no secret. The tag names the release, which machines")
            .why("read from their metadata and fetch when they start: releases make versions of their own, with another tag.")
    } else {
        place.why(
            "The user data says where settings are and holds no secret; everything else is in the image.",
        )
    };
    place.put(LaunchTemplate {
        name: Text::from(name),
        description: None,
        update_default_version: true,
        image_id: wish.image.ami.clone(),
        instance_type: Text::from(wish.kind.name.as_str()),
        vpc_security_group_ids: wish.group.clone().into_iter().collect(),
        user_data: wish.user_data.clone(),
        iam_instance_profile: Block(TemplateProfile {
            arn: Some(wish.profile.attribute::<Arn>()),
            name: None,
        }),
        metadata_options: Block(MetadataOptions {
            http_endpoint: MetadataEndpoint::Enabled,
            http_tokens: MetadataTokens::Required,
            http_put_response_hop_limit: 1,
            instance_metadata_tags: wish.release.is_some().then_some(MetadataTags::Enabled),
        }),
        monitoring: Block(Monitoring { enabled: true }),
        credit_specification: wish
            .kind
            .burstable
            .then_some(Block(CreditSpecification { cpu_credits: credits })),
        block_device_mappings: Blocks(vec![TemplateDevice {
            device_name: Text::from(ROOT_DEVICE),
            ebs: Block(TemplateVolume {
                volume_type: VolumeType::Gp3,
                volume_size: ROOT_SIZE,
                encrypted: true,
                delete_on_termination: true,
            }),
        }]),
        tag_specifications: Blocks(
            [TaggedType::Instance, TaggedType::Volume]
                .map(|resource_type| TagSpecification { resource_type, tags: tags.clone() })
                .into(),
        ),
        tags: own,
    })
}

/// The tags of what a group starts: the provider's default tags do not reach it.
fn machine_tags(draft: &Draft<'_>, party: &PartyName) -> Tags {
    let mut tags = draft.party_tags(party.as_str(), party);
    tags.insert("terrace:system".to_owned(), Text::from(draft.topology.name.as_str()));
    if let Some(environment) = &draft.topology.environment {
        tags.insert("terrace:environment".to_owned(), Text::from(environment.as_str()));
    }
    tags
}
