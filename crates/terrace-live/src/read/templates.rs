//! Launch templates, as their latest versions say.

use terrace_aws::{Text, Value};

use super::Items;
use super::fields::{Fields, decoded, tags};
use super::machines::{last, metadata};
use super::network::{all, all_with, id};
use crate::asking::Account;
use terrace_account::Xml;

pub(super) async fn read(account: &Account) -> Items {
    let mut items = Items::new();
    for one in all(account, "DescribeLaunchTemplates", "launchTemplates").await {
        let of = id(&one, "launchTemplateId");
        let fields = [("LaunchTemplateId", of.as_str()), ("LaunchTemplateVersion.1", "$Latest")];
        let versions =
            all_with(account, "DescribeLaunchTemplateVersions", "launchTemplateVersionSet", &fields).await;
        let data = versions.iter().find_map(|version| version.get("launchTemplateData"));
        items.push(template(&one, data));
    }
    items
}

fn template(one: &Xml, data: Option<&Xml>) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let name = id(one, "launchTemplateId");
    let fields = Fields::new()
        .words(one, &[("id", "launchTemplateId"), ("name", "launchTemplateName")])
        .numbers(
            one,
            &[("latest_version", "latestVersionNumber"), ("default_version", "defaultVersionNumber")],
        )
        .tags(tags(one, "tagSet"));
    let Some(data) = data else { return fields.item("aws_launch_template", name) };
    let script = data.word("userData").map(|text| match decoded(text) {
        Some(script) => Value::Base64(Text::from(script)),
        None => Value::Text(Text::from(text)),
    });
    let fields = match script {
        Some(script) => fields.set("user_data", script),
        None => fields,
    };
    let interfaces = data.list("networkInterfaceSet").map(|interface| {
        Fields::new()
            .truths(interface, &[("associate_public_ip_address", "associatePublicIpAddress")])
            .numbers(interface, &[("device_index", "deviceIndex")])
            .words(interface, &[("subnet_id", "subnetId"), ("network_interface_id", "networkInterfaceId")])
            .texts("security_groups", interface.words("groupSet"))
    });
    let disks = data.list("blockDeviceMappingSet").map(|disk| {
        let ebs = disk.get("ebs").map(|ebs| {
            Fields::new()
                .truths(ebs, &[("encrypted", "encrypted")])
                .words(ebs, &[("kms_key_id", "kmsKeyId"), ("volume_type", "volumeType")])
        });
        Fields::new().words(disk, &[("device_name", "deviceName")]).blocks("ebs", ebs.into_iter().collect())
    });
    let profile = data.get("iamInstanceProfile").map(|profile| {
        let of = profile.word("name").or_else(|| profile.word("arn").and_then(last));
        Fields::new().named("name", "aws_iam_instance_profile", of, "name").words(profile, &[("arn", "arn")])
    });
    let tagged = data
        .list("tagSpecificationSet")
        .map(|of| Fields::new().words(of, &[("resource_type", "resourceType")]).tags(tags(of, "tagSet")));
    fields
        .words(data, &[("image_id", "imageId"), ("instance_type", "instanceType"), ("key_name", "keyName")])
        .texts("vpc_security_group_ids", data.words("securityGroupIdSet"))
        .blocks("network_interfaces", interfaces.collect())
        .blocks("block_device_mappings", disks.collect())
        .blocks("iam_instance_profile", profile.into_iter().collect())
        .blocks("metadata_options", data.get("metadataOptions").map(metadata).into_iter().collect())
        .blocks("tag_specifications", tagged.collect())
        .item("aws_launch_template", name)
}
