//! Machines: what they are started from, and the groups that keep as many of them as are needed.

use crate::define::{block, resource, words};
use crate::{Arn, Base64Text, Block, Blocks, LatestVersion, Milli, Name, Ref, Text};

use super::{InstanceProfile, SecurityGroup, Subnet, Tags, TargetGroup};

words! {
    /// Whether the metadata service is there at all.
    MetadataEndpoint {
        Enabled = "enabled",
        Disabled = "disabled",
    }
    /// Whether the metadata service wants a session token (IMDSv2).
    MetadataTokens {
        Required = "required",
        Optional = "optional",
    }
    /// Whether a machine reads its own tags there.
    MetadataTags {
        Enabled = "enabled",
        Disabled = "disabled",
    }
    /// Kinds of volumes.
    VolumeType {
        Gp3 = "gp3",
        Gp2 = "gp2",
        Io1 = "io1",
        Io2 = "io2",
        St1 = "st1",
        Sc1 = "sc1",
        Standard = "standard",
    }
    /// What tags of a launch template are for.
    TaggedType {
        Instance = "instance",
        Volume = "volume",
        NetworkInterface = "network-interface",
    }
    /// What a burstable machine does beyond its share of processors: cost more, or be slowed.
    CpuCredits {
        Standard = "standard",
        Unlimited = "unlimited",
    }
    /// Who says that a machine of a group is well.
    GroupHealthCheck {
        Ec2 = "EC2",
        Elb = "ELB",
    }
    /// How a group's machines are replaced.
    RefreshStrategy {
        Rolling = "Rolling",
    }
    /// How a policy scales.
    ScalingPolicyType {
        TargetTracking = "TargetTrackingScaling",
        Step = "StepScaling",
        Simple = "SimpleScaling",
        Predictive = "PredictiveScaling",
    }
    /// What is measured of a group.
    GroupMetric {
        AverageCpuUtilization = "ASGAverageCPUUtilization",
        AverageNetworkIn = "ASGAverageNetworkIn",
        AverageNetworkOut = "ASGAverageNetworkOut",
        RequestCountPerTarget = "ALBRequestCountPerTarget",
    }
}

block! {
    /// How the metadata service of a machine is reached.
    MetadataOptions {
        http_endpoint: MetadataEndpoint,
        http_tokens: MetadataTokens,
        http_put_response_hop_limit: u32,
        instance_metadata_tags: Option<MetadataTags>,
    }

    /// The profile that a machine carries.
    TemplateProfile {
        arn: Option<Ref<InstanceProfile, Arn>>,
        name: Option<Ref<InstanceProfile, Name>>,
    }

    /// Whether a machine is measured each minute.
    Monitoring {
        enabled: bool,
    }

    /// What a burstable machine may use.
    CreditSpecification {
        cpu_credits: CpuCredits,
    }

    /// A volume.
    TemplateVolume {
        volume_type: VolumeType,
        volume_size: u32,
        encrypted: bool,
        delete_on_termination: bool,
    }

    /// A volume by the name that the machine sees.
    TemplateDevice {
        device_name: Text,
        ebs: Block<TemplateVolume>,
    }

    /// Tags of what is made from a template.
    TagSpecification {
        resource_type: TaggedType,
        tags: Tags,
    }

    /// A version of a template.
    GroupTemplate {
        id: Ref<LaunchTemplate>,
        version: Ref<LaunchTemplate, LatestVersion>,
    }

    /// How carefully machines are replaced.
    RefreshPreferences {
        min_healthy_percentage: u32,
        max_healthy_percentage: Option<u32>,
        instance_warmup: Option<u32>,
        auto_rollback: bool,
    }

    /// How a group's machines are replaced when their template changes.
    InstanceRefresh {
        strategy: RefreshStrategy,
        preferences: Block<RefreshPreferences>,
    }

    /// How many machines of a group are there while some are replaced for any reason.
    MaintenancePolicy {
        min_healthy_percentage: u32,
        max_healthy_percentage: u32,
    }

    /// A tag of a group.
    GroupTag {
        key: Text,
        value: Text,
        propagate_at_launch: bool,
    }

    /// What is measured.
    PredefinedGroupMetric {
        predefined_metric_type: GroupMetric,
    }

    /// A measure, and the value it is kept at.
    GroupTargetTracking {
        target_value: Milli,
        predefined_metric_specification: Block<PredefinedGroupMetric>,
    }
}

resource! {
    /// What machines are started from.
    LaunchTemplate(Managed "aws_launch_template") {
        name: Text,
        description: Option<Text>,
        update_default_version: bool,
        image_id: Text,
        instance_type: Text,
        vpc_security_group_ids: Vec<Ref<SecurityGroup>>,
        user_data: Base64Text,
        iam_instance_profile: Block<TemplateProfile>,
        metadata_options: Block<MetadataOptions>,
        monitoring: Block<Monitoring>,
        credit_specification: Option<Block<CreditSpecification>>,
        block_device_mappings: Blocks<TemplateDevice>,
        tag_specifications: Blocks<TagSpecification>,
        tags: Tags,
    }

    /// As many machines as are needed, spread over subnets.
    AutoScalingGroup(Managed "aws_autoscaling_group") {
        name: Text,
        min_size: u32,
        max_size: u32,
        vpc_zone_identifier: Vec<Ref<Subnet>>,
        target_group_arns: Vec<Ref<TargetGroup, Arn>>,
        health_check_type: GroupHealthCheck,
        health_check_grace_period: u32,
        default_instance_warmup: Option<u32>,
        termination_policies: Vec<Text>,
        max_instance_lifetime: Option<u32>,
        wait_for_capacity_timeout: Option<Text>,
        enabled_metrics: Vec<Text>,
        launch_template: Block<GroupTemplate>,
        instance_maintenance_policy: Option<Block<MaintenancePolicy>>,
        instance_refresh: Option<Block<InstanceRefresh>>,
        tag: Blocks<GroupTag>,
    }

    /// When a group grows and shrinks.
    ScalingPolicy(Managed "aws_autoscaling_policy") {
        name: Text,
        autoscaling_group_name: Ref<AutoScalingGroup, Name>,
        policy_type: ScalingPolicyType,
        estimated_instance_warmup: Option<u32>,
        target_tracking_configuration: Option<Block<GroupTargetTracking>>,
    }
}
