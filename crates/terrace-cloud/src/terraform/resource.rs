//! A resource as people speak of it: `aws_db_instance.data` is "the database instance `data`".

use std::fmt;

/// Words for the types that Terrace builds, and some others that are common.
const NOUNS: &[(&str, &str)] = &[
    ("aws_acm_certificate", "certificate"),
    ("aws_acm_certificate_validation", "validation of the certificate"),
    ("aws_ami", "machine image"),
    ("aws_appautoscaling_policy", "scaling policy"),
    ("aws_appautoscaling_target", "scaling range"),
    ("aws_autoscaling_group", "group of machines"),
    ("aws_autoscaling_policy", "scaling policy"),
    ("aws_budgets_budget", "budget"),
    ("aws_caller_identity", "own identity"),
    ("aws_cloudfront_distribution", "CloudFront distribution"),
    ("aws_cloudfront_function", "CloudFront function"),
    ("aws_cloudfront_origin_access_control", "access of CloudFront to the bucket"),
    ("aws_cloudfront_response_headers_policy", "policy for response headers"),
    ("aws_cloudfront_vpc_origin", "way of CloudFront into the network"),
    ("aws_cloudwatch_event_rule", "rule for events"),
    ("aws_cloudwatch_event_target", "target of events"),
    ("aws_cloudwatch_log_delivery", "delivery of logs"),
    ("aws_cloudwatch_log_delivery_destination", "destination of logs"),
    ("aws_cloudwatch_log_delivery_source", "source of logs"),
    ("aws_cloudwatch_log_group", "log group"),
    ("aws_cloudwatch_metric_alarm", "alarm"),
    ("aws_db_instance", "database instance"),
    ("aws_db_parameter_group", "settings of the database"),
    ("aws_db_subnet_group", "subnets for the database"),
    ("aws_default_security_group", "default security group"),
    ("aws_ec2_managed_prefix_list", "prefix list"),
    ("aws_ecr_lifecycle_policy", "clearing of old images"),
    ("aws_ecr_repository", "image repository"),
    ("aws_ecs_cluster", "ECS cluster"),
    ("aws_ecs_service", "ECS service"),
    ("aws_ecs_task_definition", "task definition"),
    ("aws_eip", "public address"),
    ("aws_flow_log", "log of network flows"),
    ("aws_iam_instance_profile", "instance profile"),
    ("aws_iam_openid_connect_provider", "identity provider"),
    ("aws_iam_policy", "policy"),
    ("aws_iam_role", "role"),
    ("aws_iam_role_policy", "policy of the role"),
    ("aws_iam_role_policy_attachment", "managed policy of the role"),
    ("aws_imagebuilder_component", "part of the machine image"),
    ("aws_imagebuilder_distribution_configuration", "distribution of the machine image"),
    ("aws_imagebuilder_image", "machine image"),
    ("aws_imagebuilder_image_pipeline", "pipeline of machine images"),
    ("aws_imagebuilder_image_recipe", "recipe of the machine image"),
    ("aws_imagebuilder_infrastructure_configuration", "builder of machine images"),
    ("aws_instance", "machine"),
    ("aws_internet_gateway", "internet gateway"),
    ("aws_kms_alias", "name of the key"),
    ("aws_kms_key", "key"),
    ("aws_launch_template", "launch template"),
    ("aws_lb", "load balancer"),
    ("aws_lb_listener", "listener"),
    ("aws_lb_listener_rule", "rule of the listener"),
    ("aws_lb_target_group", "target group"),
    ("aws_nat_gateway", "NAT gateway"),
    ("aws_rds_cluster", "database cluster"),
    ("aws_rds_cluster_instance", "instance of the database cluster"),
    ("aws_rds_cluster_parameter_group", "settings of the database cluster"),
    ("aws_route", "route"),
    ("aws_route53_record", "DNS record"),
    ("aws_route53_zone", "DNS zone"),
    ("aws_route_table", "route table"),
    ("aws_route_table_association", "route table's subnet"),
    ("aws_s3_bucket", "bucket"),
    ("aws_s3_bucket_lifecycle_configuration", "lifecycle of the bucket"),
    ("aws_s3_bucket_ownership_controls", "ownership in the bucket"),
    ("aws_s3_bucket_policy", "policy of the bucket"),
    ("aws_s3_bucket_public_access_block", "block of public access to the bucket"),
    ("aws_s3_bucket_server_side_encryption_configuration", "encryption of the bucket"),
    ("aws_s3_bucket_versioning", "versions of the bucket"),
    ("aws_s3_object", "object"),
    ("aws_secretsmanager_random_password", "random password"),
    ("aws_secretsmanager_secret", "secret"),
    ("aws_secretsmanager_secret_version", "value of the secret"),
    ("aws_security_group", "security group"),
    ("aws_sns_topic", "topic"),
    ("aws_sns_topic_policy", "policy of the topic"),
    ("aws_sns_topic_subscription", "subscription to the topic"),
    ("aws_ssm_parameter", "parameter"),
    ("aws_subnet", "subnet"),
    ("aws_vpc", "network"),
    ("aws_vpc_endpoint", "endpoint"),
    ("aws_vpc_security_group_egress_rule", "rule for what goes out"),
    ("aws_vpc_security_group_ingress_rule", "rule for what comes in"),
];

/// A resource, by its address.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    address: String,
    type_name: String,
    name: String,
}

impl Resource {
    /// Of an address: `aws_subnet.app_a`, `module.net["a.b"].data.aws_ami.base[0]`.
    pub fn of(address: &str) -> Self {
        let parts = parts(address);
        let mut rest = parts.as_slice();
        while let [module, _, after @ ..] = rest
            && *module == "module"
        {
            rest = after;
        }
        if let [mode, after @ ..] = rest
            && after.len() > 1
            && matches!(*mode, "data" | "ephemeral")
        {
            rest = after;
        }
        let (type_name, name) = match rest {
            [type_name, name, ..] => ((*type_name).to_owned(), (*name).to_owned()),
            _ => (String::new(), String::new()),
        };
        Self { address: address.to_owned(), type_name, name }
    }

    /// The address, as Terraform has it.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The provider's name of its type; empty for what is no resource.
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// The word for its type: `database instance`; made from the type's name if there is none.
    pub fn noun(&self) -> String {
        let found = NOUNS.iter().find(|(type_name, _)| *type_name == self.type_name);
        found.map_or_else(
            || self.type_name.trim_start_matches("aws_").replace('_', " "),
            |(_, noun)| (*noun).to_owned(),
        )
    }

    /// Whether there is a word of its own for the type.
    pub fn is_known(type_name: &str) -> bool {
        NOUNS.iter().any(|(known, _)| *known == type_name)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.type_name.is_empty() {
            return write!(f, "`{}`", self.address);
        }
        write!(f, "the {} `{}`", self.noun(), self.name)
    }
}

/// The parts of an address between its dots; a dot within `["…"]` is none.
fn parts(address: &str) -> Vec<&str> {
    let (mut quoted, mut escaped, mut bracketed) = (false, false, false);
    address
        .split(move |c: char| {
            let was_escaped = std::mem::take(&mut escaped);
            match c {
                '"' if bracketed && !was_escaped => quoted = !quoted,
                '\\' if quoted && !was_escaped => escaped = true,
                '[' if !quoted => bracketed = true,
                ']' if !quoted => bracketed = false,
                _ => {}
            }
            c == '.' && !bracketed
        })
        .collect()
}
