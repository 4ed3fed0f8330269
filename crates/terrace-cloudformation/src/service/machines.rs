//! Machines: instances, what they are launched from, interfaces, Auto Scaling groups.

use terrace_aws::{Record, Value};

use crate::build::Build;
use crate::datum::{Content, Datum};
use crate::model::{Field, How, Model, TAGS, model};

const TEMPLATE: Field = Field(
    "LaunchTemplate",
    "launch_template",
    How::Blocks(&[
        Field("LaunchTemplateId", "id", How::Same),
        Field("LaunchTemplateName", "name", How::Same),
        Field("Version", "version", How::Same),
    ]),
);
const EBS: Field = Field("Ebs", "", How::Lift(&[Field("Iops", "iops", How::Same)]));
const DISKS: Field = Field("BlockDeviceMappings", "ebs_block_device", How::Blocks(&[EBS]));

const TEMPLATE_DATA: &[Field] = &[
    Field("SecurityGroupIds", "vpc_security_group_ids", How::List),
    Field("SecurityGroups", "security_group_names", How::List),
    Field("UserData", "user_data", How::Base64),
    Field(
        "NetworkInterfaces",
        "network_interfaces",
        How::Blocks(&[Field("Groups", "security_groups", How::List)]),
    ),
    Field("TagSpecifications", "tag_specifications", How::Blocks(&[TAGS])),
];

pub(super) const MODELS: &[Model] = &[
    model(
        "AWS::EC2::Instance",
        "aws_instance",
        "id",
        &[
            TAGS,
            Field("ImageId", "ami", How::Same),
            Field("SecurityGroupIds", "vpc_security_group_ids", How::List),
            Field("SecurityGroups", "security_groups", How::List),
            Field("UserData", "user_data", How::Base64),
            Field("PrivateIpAddress", "private_ip", How::Same),
            DISKS,
            TEMPLATE,
        ],
    )
    .attributes(&[
        ("PrivateIp", "private_ip"),
        ("PublicIp", "public_ip"),
        ("PrivateDnsName", "private_dns"),
        ("PublicDnsName", "public_dns"),
        ("InstanceId", "id"),
        ("VpcId", "vpc_id"),
    ])
    .shape(instance),
    model(
        "AWS::EC2::LaunchTemplate",
        "aws_launch_template",
        "id",
        &[
            Field("LaunchTemplateName", "name", How::Same),
            Field("LaunchTemplateData", "", How::Lift(TEMPLATE_DATA)),
            Field("TagSpecifications", "", How::Drop),
        ],
    )
    .attributes(&[
        ("LatestVersionNumber", "latest_version"),
        ("DefaultVersionNumber", "default_version"),
        ("LaunchTemplateId", "id"),
        ("LaunchTemplateName", "name"),
    ]),
    model(
        "AWS::AutoScaling::LaunchConfiguration",
        "aws_launch_configuration",
        "name",
        &[
            Field("LaunchConfigurationName", "name", How::Same),
            Field("UserData", "user_data", How::Base64),
            Field("SecurityGroups", "security_groups", How::List),
            Field("InstanceMonitoring", "enable_monitoring", How::Same),
            DISKS,
        ],
    ),
    model(
        "AWS::AutoScaling::AutoScalingGroup",
        "aws_autoscaling_group",
        "name",
        &[
            Field("AutoScalingGroupName", "name", How::Same),
            Field("VPCZoneIdentifier", "vpc_zone_identifier", How::List),
            Field("LaunchConfigurationName", "launch_configuration", How::Same),
            Field("TargetGroupARNs", "target_group_arns", How::List),
            Field("LoadBalancerNames", "load_balancers", How::List),
            Field("AvailabilityZones", "availability_zones", How::List),
            Field("Tags", "tag", How::Blocks(&[])),
            Field("InstanceId", "instance_id", How::Same),
            TEMPLATE,
            Field(
                "MixedInstancesPolicy",
                "mixed_instances_policy",
                How::Blocks(&[Field(
                    "LaunchTemplate",
                    "launch_template",
                    How::Blocks(&[Field("Overrides", "override", How::Blocks(&[]))]),
                )]),
            ),
        ],
    ),
    model(
        "AWS::AutoScaling::ScalingPolicy",
        "aws_autoscaling_policy",
        "arn",
        &[
            Field("AutoScalingGroupName", "autoscaling_group_name", How::Same),
            Field("PolicyName", "name", How::Same),
        ],
    ),
    model(
        "AWS::AutoScaling::ScheduledAction",
        "aws_autoscaling_schedule",
        "scheduled_action_name",
        &[Field("AutoScalingGroupName", "autoscaling_group_name", How::Same)],
    ),
    model(
        "AWS::AutoScaling::LifecycleHook",
        "aws_autoscaling_lifecycle_hook",
        "name",
        &[Field("AutoScalingGroupName", "autoscaling_group_name", How::Same)],
    ),
    model(
        "AWS::EC2::NetworkInterface",
        "aws_network_interface",
        "id",
        &[
            TAGS,
            Field("GroupSet", "security_groups", How::List),
            Field("PrivateIpAddress", "private_ip", How::Same),
        ],
    )
    .attributes(&[("PrimaryPrivateIpAddress", "private_ip"), ("Id", "id")]),
    model("AWS::EC2::NetworkInterfaceAttachment", "aws_network_interface_attachment", "id", &[]),
    model("AWS::EC2::Volume", "aws_ebs_volume", "id", &[TAGS, Field("VolumeType", "type", How::Same)]),
    model(
        "AWS::EC2::VolumeAttachment",
        "aws_volume_attachment",
        "id",
        &[Field("Device", "device_name", How::Same)],
    ),
    model(
        "AWS::EC2::KeyPair",
        "aws_key_pair",
        "key_name",
        &[TAGS, Field("PublicKeyMaterial", "public_key", How::Same)],
    ),
    model("AWS::EC2::PlacementGroup", "aws_placement_group", "name", &[]),
    model(
        "AWS::ImageBuilder::InfrastructureConfiguration",
        "aws_imagebuilder_infrastructure_configuration",
        "arn",
        &[Field("ResourceTags", "resource_tags", How::Map), Field("Tags", "tags", How::Map)],
    ),
    model("AWS::EC2::InstanceConnectEndpoint", "aws_ec2_instance_connect_endpoint", "id", &[TAGS]),
];

/// The first interface of an instance is the instance's own network in Terraform's words.
fn instance(build: &mut Build<'_, '_>) {
    let interfaces = build.take("NetworkInterfaces").map(Datum::elements).unwrap_or_default();
    let mut others = Vec::new();
    for (index, mut interface) in interfaces.into_iter().enumerate() {
        let place = interface.get("DeviceIndex").and_then(Datum::literal);
        let is_first = place.map_or(index == 0, |place| place == "0");
        if !is_first
            || !matches!(interface.content, Content::Map(_))
            || interface.get("NetworkInterfaceId").is_some()
        {
            others.push(interface);
            continue;
        }
        for (property, argument, how) in [
            ("SubnetId", "subnet_id", How::Same),
            ("GroupSet", "vpc_security_group_ids", How::List),
            ("AssociatePublicIpAddress", "associate_public_ip_address", How::Same),
            ("PrivateIpAddress", "private_ip", How::Same),
            ("Ipv6AddressCount", "ipv6_address_count", How::Same),
        ] {
            if let Some(value) = interface.take(property) {
                build.argument(argument, value, how);
            }
        }
    }
    if !others.is_empty() {
        let list = Datum::new(build.at.line, Content::List(others));
        let fields = How::Blocks(&[Field("GroupSet", "security_groups", How::List)]);
        build.argument("network_interface", list, fields);
    }
    build.tell();
    root_disk(&mut build.record);
    build.add();
}

/// AWS's images have their root on one of these names: Terraform calls that disk the root's.
fn root_disk(record: &mut Record) {
    let Some(Value::Blocks(disks)) = record.remove("ebs_block_device") else { return };
    let is_root = |disk: &Record| match disk.get("device_name") {
        Some(Value::Text(name)) => matches!(name.literal(), Some("/dev/xvda" | "/dev/sda1")),
        _ => false,
    };
    let (root, others): (Vec<Record>, Vec<Record>) = disks.into_iter().partition(is_root);
    for (name, disks) in [("root_block_device", root), ("ebs_block_device", others)] {
        if !disks.is_empty() {
            record.set(name, Value::Blocks(disks));
        }
    }
}
