//! Fixes in CloudFormation's words: rules speak of arguments as Terraform names them, and a template has properties.
//!
//! Logical ids have no underscores, so that a word in backticks that has one is an argument. What has no property by
//! another name is written as CloudFormation writes names: `StorageEncrypted: true`.

/// Arguments and types whose property is not just their name in capitals.
const NAMES: [(&str, &str); 32] = [
    ("origin", "Origins"),
    ("ordered_cache_behavior", "CacheBehaviors"),
    ("password", "MasterUserPassword"),
    ("master_password", "MasterUserPassword"),
    ("subnets", "Subnets"),
    ("multi_az", "MultiAZ"),
    ("multi_az_enabled", "MultiAZEnabled"),
    ("vpc_zone_identifier", "VPCZoneIdentifier"),
    ("vpc_security_group_ids", "SecurityGroupIds"),
    ("cidr_blocks", "CidrIp"),
    ("ipv6_cidr_blocks", "CidrIpv6"),
    ("cidr_ipv4", "CidrIp"),
    ("cidr_ipv6", "CidrIpv6"),
    ("ingress", "SecurityGroupIngress"),
    ("egress", "SecurityGroupEgress"),
    ("referenced_security_group_id", "SourceSecurityGroupId"),
    ("security_groups", "SourceSecurityGroupId"),
    ("prefix_list_id", "SourcePrefixListId"),
    ("prefix_list_ids", "SourcePrefixListId"),
    ("logging_config", "Logging"),
    ("associate_public_ip_address", "AssociatePublicIpAddress"),
    ("root_block_device.encrypted", "BlockDeviceMappings[0].Ebs.Encrypted"),
    ("policy", "PolicyDocument"),
    ("metadata_options { http_tokens = \"required\" }", "MetadataOptions: { HttpTokens: required }"),
    (
        "point_in_time_recovery { enabled = true }",
        "PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }",
    ),
    ("aws_flow_log", "AWS::EC2::FlowLog"),
    ("aws_rds_cluster_instance", "AWS::RDS::DBInstance"),
    ("aws_s3_bucket_public_access_block", "PublicAccessBlockConfiguration"),
    ("aws_efs_backup_policy", "BackupPolicy: { Status: ENABLED }"),
    ("recovery_window_in_days = 0", "RecoveryWindowInDays: 0"),
    ("secret_string_wo", "GenerateSecretString"),
    ("origin_ssl_protocols", "OriginSSLProtocols"),
];

/// Beginnings of fixes that a template has in another way.
const WHOLE: [(&str, &str); 2] = [
    (
        "add an `aws_default_security_group` without rules for ",
        "take the rules out of the default group once the network is there, which no template can, for ",
    ),
    (
        "add `access_logs` with `enabled = true` to ",
        "set the attribute `access_logs.s3.enabled` to `true` in `LoadBalancerAttributes` of ",
    ),
];

/// A fix as it is done in a template.
pub(super) fn fix(words: &str) -> String {
    for (before, instead) in WHOLE {
        if let Some(rest) = words.strip_prefix(before) {
            return format!("{instead}{rest}");
        }
    }
    let mut all = String::with_capacity(words.len());
    let mut parameter = false;
    for (at, part) in words.split('`').enumerate() {
        if at > 0 {
            all.push('`');
        }
        if at % 2 == 0 {
            parameter = part.ends_with("parameter ");
            all.push_str(part);
        } else if parameter {
            all.push_str(part);
        } else {
            all.push_str(&said(part));
        }
    }
    all
}

fn said(code: &str) -> String {
    if let Some((_, property)) = NAMES.iter().find(|(name, _)| *name == code) {
        return (*property).to_owned();
    }
    match code.split_once(" = ") {
        Some((path, value)) if is_path(path) => format!("{}: {value}", property(path)),
        None if is_path(code) && (code.contains('_') || code == "policy") => property(code),
        _ => code.to_owned(),
    }
}

/// `origin[1].custom_origin_config`: nothing but small letters, and what holds them together.
fn is_path(code: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | '[' | ']');
    !code.is_empty() && code.chars().all(fits)
}

fn property(path: &str) -> String {
    if let Some((_, property)) = NAMES.iter().find(|(name, _)| *name == path) {
        return (*property).to_owned();
    }
    let steps = path.split('.').map(|step| {
        let (name, index) = step.find('[').map_or((step, ""), |at| step.split_at(at));
        match NAMES.iter().find(|(known, _)| *known == name) {
            // One rule of a group has one block.
            Some((_, property)) if property.starts_with("Cidr") || property.starts_with("Source") => {
                (*property).to_owned()
            }
            Some((_, property)) => format!("{property}{index}"),
            None => format!("{}{index}", capitals(name)),
        }
    });
    steps.collect::<Vec<_>>().join(".")
}

fn capitals(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    name.split('_').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::fix;

    #[test]
    fn fixes_name_properties() {
        let cases = [
            ("set `storage_encrypted = true` in `Database`", "set `StorageEncrypted: true` in `Database`"),
            ("set `multi_az = true` in `Database`", "set `MultiAZ: true` in `Database`"),
            (
                "narrow or remove `ingress[0].cidr_blocks[0]` of `Group`: ingress tcp 22 from 0.0.0.0/0",
                "narrow or remove `SecurityGroupIngress[0].CidrIp` of `Group`: ingress tcp 22 from 0.0.0.0/0",
            ),
            (
                "set the parameter `rds.force_ssl` to `1` in the parameter group of `Database`",
                "set the parameter `rds.force_ssl` to `1` in the parameter group of `Database`",
            ),
            (
                "set `origin[0].custom_origin_config.origin_protocol_policy = \"https-only\"` in `Page`",
                "set `Origins[0].CustomOriginConfig.OriginProtocolPolicy: \"https-only\"` in `Page`",
            ),
            (
                "in `policy` of `Role/policies[0]`: name the actions",
                "in `PolicyDocument` of `Role/policies[0]`: name the actions",
            ),
        ];
        for (terraform, template) in cases {
            assert_eq!(fix(terraform), template);
        }
    }
}
