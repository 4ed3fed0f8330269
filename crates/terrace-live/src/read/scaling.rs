//! Auto Scaling groups and launch configurations. Amazon EC2 Auto Scaling API Reference, 2011-01-01.

use std::collections::BTreeMap;

use super::Items;
use super::fields::{Fields, decoded};
use super::machines::last;
use crate::asking::Account;
use terrace_account::Xml;
use terrace_account::service::AUTOSCALING;

const VERSION: &str = "2011-01-01";
const TOKEN: (&str, &str) = ("NextToken", "NextToken");

pub(super) async fn read(account: &Account) -> Items {
    let (groups, configurations) = tokio::join!(
        account.pages(AUTOSCALING, VERSION, "DescribeAutoScalingGroups", &[], TOKEN),
        account.pages(AUTOSCALING, VERSION, "DescribeLaunchConfigurations", &[], TOKEN),
    );
    let found = |pages: &[Xml], list: &str| -> Vec<Xml> {
        pages.iter().filter_map(|page| page.find(list)).flat_map(|list| list.children().to_vec()).collect()
    };
    let mut items: Items = found(&groups, "AutoScalingGroups").iter().map(group).collect();
    items.extend(found(&configurations, "LaunchConfigurations").iter().map(configuration));
    items
}

fn template(one: &Xml) -> Fields {
    Fields::new().words(one, &[("id", "LaunchTemplateId"), ("version", "Version")])
}

fn group(one: &Xml) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let name = one.word("AutoScalingGroupName").unwrap_or_default();
    let subnets = one.word("VPCZoneIdentifier").unwrap_or_default();
    let subnets = subnets.split(',').map(str::trim).filter(|subnet| !subnet.is_empty()).map(str::to_owned);
    let mixed = one.get("MixedInstancesPolicy").and_then(|mixed| mixed.get("LaunchTemplate")).map(|mixed| {
        let own = mixed.get("LaunchTemplateSpecification").map(|one| {
            Fields::new().words(one, &[("launch_template_id", "LaunchTemplateId"), ("version", "Version")])
        });
        let template = Fields::new().blocks("launch_template_specification", own.into_iter().collect());
        Fields::new().block("launch_template", template)
    });
    let tags = one.list("Tags").map(|tag| {
        Fields::new()
            .words(tag, &[("key", "Key"), ("value", "Value")])
            .truths(tag, &[("propagate_at_launch", "PropagateAtLaunch")])
    });
    let named: BTreeMap<String, String> = one
        .list("Tags")
        .filter_map(|tag| Some((tag.word("Key")?.to_owned(), tag.word("Value")?.to_owned())))
        .collect();
    Fields::new()
        .words(
            one,
            &[
                ("name", "AutoScalingGroupName"),
                ("arn", "AutoScalingGroupARN"),
                ("health_check_type", "HealthCheckType"),
            ],
        )
        .numbers(
            one,
            &[("min_size", "MinSize"), ("max_size", "MaxSize"), ("desired_capacity", "DesiredCapacity")],
        )
        .texts("vpc_zone_identifier", subnets.collect())
        .texts("target_group_arns", one.words("TargetGroupARNs"))
        .texts("load_balancers", one.words("LoadBalancerNames"))
        .blocks("launch_template", one.get("LaunchTemplate").map(template).into_iter().collect())
        .blocks("mixed_instances_policy", mixed.into_iter().collect())
        .named(
            "launch_configuration",
            "aws_launch_configuration",
            one.word("LaunchConfigurationName"),
            "name",
        )
        .blocks("tag", tags.collect())
        .tags(named)
        .item("aws_autoscaling_group", name)
}

fn configuration(one: &Xml) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let profile = one.word("IamInstanceProfile").and_then(last);
    Fields::new()
        .words(
            one,
            &[
                ("name", "LaunchConfigurationName"),
                ("arn", "LaunchConfigurationARN"),
                ("image_id", "ImageId"),
                ("instance_type", "InstanceType"),
            ],
        )
        .truths(one, &[("associate_public_ip_address", "AssociatePublicIpAddress")])
        .texts("security_groups", one.words("SecurityGroups"))
        .named("iam_instance_profile", "aws_iam_instance_profile", profile, "name")
        .text("user_data", one.word("UserData").and_then(decoded))
        .item("aws_launch_configuration", one.word("LaunchConfigurationName").unwrap_or_default())
}
