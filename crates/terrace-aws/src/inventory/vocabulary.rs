//! What arguments of the AWS provider mean by their names: which types of resource they name and by which attribute,
//! and whether they hold a JSON document, base64 or a secret.
//!
//! A plan tells of what an expression is made, and not how; a state tells values, and not whose they are. Both are
//! mended by the argument's name: what stands in `subnet_ids` is the ids of subnets.

/// What an argument names.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// The types that it may name; any where none is listed.
    pub types: &'static [&'static str],
    /// By which attribute, unless the expression says so.
    pub attribute: &'static str,
    /// Whether it is a list.
    pub list: bool,
}

impl Expected {
    /// Whether nothing but what is listed is taken as it is: such an argument is as often made with a template.
    pub fn strict(argument: &str) -> bool {
        matches!(
            argument,
            "id" | "version"
                | "name"
                | "domain_name"
                | "service_name"
                | "log_destination"
                | "secret_string_wo"
        )
    }

    /// Whether something of a type may stand here.
    pub fn fits(&self, type_name: &str) -> bool {
        self.types.is_empty() || self.types.contains(&type_name)
    }
}

type Row = (&'static [&'static str], &'static [&'static str], &'static str);

const SUBNETS: &[&str] = &["aws_subnet", "aws_default_subnet", "aws_subnets", "aws_subnet_ids"];
const GROUPS: &[&str] = &["aws_security_group", "aws_default_security_group", "aws_security_groups"];
const TABLES: &[&str] = &["aws_route_table", "aws_default_route_table", "aws_route_tables"];
const BALANCERS: &[&str] = &["aws_lb", "aws_alb"];
const TARGETS: &[&str] = &["aws_lb_target_group", "aws_alb_target_group"];
const LISTENERS: &[&str] = &["aws_lb_listener", "aws_alb_listener"];
const LISTS: &[&str] = &["aws_ec2_managed_prefix_list", "aws_vpc_endpoint", "aws_prefix_list"];

/// Arguments that hold one value.
const ONE: &[Row] = &[
    (&["vpc_id", "peer_vpc_id"], &["aws_vpc", "aws_default_vpc"], "id"),
    (&["subnet_id"], SUBNETS, "id"),
    (
        &[
            "security_group_id",
            "source_security_group_id",
            "referenced_security_group_id",
            "cluster_security_group_id",
        ],
        GROUPS,
        "id",
    ),
    (&["route_table_id", "default_route_table_id"], TABLES, "id"),
    (&["gateway_id"], &["aws_internet_gateway", "aws_vpn_gateway"], "id"),
    (&["internet_gateway_id"], &["aws_internet_gateway"], "id"),
    (&["vpn_gateway_id"], &["aws_vpn_gateway"], "id"),
    (&["nat_gateway_id"], &["aws_nat_gateway"], "id"),
    (&["egress_only_gateway_id"], &["aws_egress_only_internet_gateway"], "id"),
    (&["transit_gateway_id"], &["aws_ec2_transit_gateway"], "id"),
    (
        &["transit_gateway_attachment_id"],
        &["aws_ec2_transit_gateway_vpc_attachment", "aws_ec2_transit_gateway_peering_attachment"],
        "id",
    ),
    (
        &["vpc_peering_connection_id"],
        &["aws_vpc_peering_connection", "aws_vpc_peering_connection_accepter"],
        "id",
    ),
    (&["vpc_endpoint_id"], &["aws_vpc_endpoint"], "id"),
    (&["network_interface_id"], &["aws_network_interface", "aws_instance"], "id"),
    (&["network_acl_id"], &["aws_network_acl", "aws_default_network_acl"], "id"),
    (&["allocation_id"], &["aws_eip"], "id"),
    (&["instance", "instance_id"], &["aws_instance", "aws_spot_instance_request"], "id"),
    (&["prefix_list_id", "destination_prefix_list_id"], LISTS, "id"),
    (&["role", "role_name"], &["aws_iam_role"], "name"),
    (&["user"], &["aws_iam_user"], "name"),
    (&["group"], &["aws_iam_group"], "name"),
    (&["iam_instance_profile"], &["aws_iam_instance_profile"], "name"),
    (&["policy_arn", "permissions_boundary"], &["aws_iam_policy"], "arn"),
    (
        &[
            "role_arn",
            "execution_role_arn",
            "task_role_arn",
            "iam_role_arn",
            "service_role_arn",
            "monitoring_role_arn",
        ],
        &["aws_iam_role"],
        "arn",
    ),
    (&["db_subnet_group_name"], &["aws_db_subnet_group", "aws_rds_cluster", "aws_db_instance"], "name"),
    (&["subnet_group_name"], &["aws_elasticache_subnet_group"], "name"),
    (&["cluster_identifier"], &["aws_rds_cluster"], "id"),
    (&["bucket"], &["aws_s3_bucket"], "id"),
    (&["load_balancer_arn"], BALANCERS, "arn"),
    (&["target_group_arn", "lb_target_group_arn"], TARGETS, "arn"),
    (&["listener_arn"], LISTENERS, "arn"),
    (&["cluster", "cluster_arn"], &["aws_ecs_cluster"], "id"),
    (&["task_definition"], &["aws_ecs_task_definition"], "arn"),
    (&["target_id"], &["aws_instance", "aws_lb", "aws_alb", "aws_lambda_function", "aws_lambda_alias"], "id"),
    (&["autoscaling_group_name"], &["aws_autoscaling_group"], "name"),
    (&["function_name"], &["aws_lambda_function"], "function_name"),
    (&["secret_id", "secret_arn"], &["aws_secretsmanager_secret"], "id"),
    (
        &[
            "kms_key_id",
            "kms_key_arn",
            "kms_master_key_id",
            "target_key_id",
            "kms_key",
            "key_id",
            "performance_insights_kms_key_id",
            "master_user_secret_kms_key_id",
        ],
        &["aws_kms_key", "aws_kms_alias", "aws_kms_replica_key"],
        "arn",
    ),
    (&["origin_access_control_id"], &["aws_cloudfront_origin_access_control"], "id"),
    (&["vpc_origin_id"], &["aws_cloudfront_vpc_origin"], "id"),
    (&["zone_id"], &["aws_route53_zone", "aws_lb", "aws_alb", "aws_cloudfront_distribution"], "zone_id"),
    (
        &["domain_name"],
        &["aws_lb", "aws_alb", "aws_s3_bucket", "aws_instance", "aws_apigatewayv2_api"],
        "dns_name",
    ),
    (&["web_acl_id", "web_acl_arn"], &["aws_wafv2_web_acl"], "arn"),
    (
        &["certificate_arn", "acm_certificate_arn"],
        &["aws_acm_certificate", "aws_acm_certificate_validation"],
        "arn",
    ),
    (&["queue_url"], &["aws_sqs_queue"], "id"),
    (&["topic_arn"], &["aws_sns_topic"], "arn"),
    (&["repository"], &["aws_ecr_repository"], "name"),
    (&["key_name"], &["aws_key_pair"], "key_name"),
    (&["log_group_name"], &["aws_cloudwatch_log_group"], "name"),
    (&["service_name"], &["aws_ecs_service", "aws_vpc_endpoint_service"], "name"),
    (&["log_destination"], &["aws_cloudwatch_log_group", "aws_kinesis_firehose_delivery_stream"], "arn"),
    (&["arn"], &[], "arn"),
    (&["secret_string_wo"], &["aws_secretsmanager_random_password"], "random_password"),
    (&["id"], &["aws_launch_template"], "id"),
    (&["version"], &["aws_launch_template"], "latest_version"),
    (
        &["name"],
        &[
            "aws_iam_instance_profile",
            "aws_launch_template",
            "aws_lb",
            "aws_alb",
            "aws_cloudfront_distribution",
        ],
        "name",
    ),
];

/// Arguments that hold several.
const SEVERAL: &[Row] = &[
    (&["subnet_ids", "subnets", "vpc_zone_identifier"], SUBNETS, "id"),
    (&["security_groups", "security_group_ids", "vpc_security_group_ids"], GROUPS, "id"),
    (&["route_table_ids"], TABLES, "id"),
    (&["prefix_list_ids"], LISTS, "id"),
    (&["target_group_arns"], TARGETS, "arn"),
    (&["roles"], &["aws_iam_role"], "name"),
    (&["users"], &["aws_iam_user"], "name"),
    (&["groups"], &["aws_iam_group"], "name"),
    (&["load_balancers"], &["aws_elb"], "name"),
    (&["managed_policy_arns"], &["aws_iam_policy"], "arn"),
    (&["alarm_actions", "ok_actions", "insufficient_data_actions"], &[], "arn"),
    (&["identifiers"], &[], "arn"),
    (&["validation_record_fqdns"], &["aws_route53_record"], "fqdn"),
    (&["network_interface_ids"], &["aws_network_interface"], "id"),
];

/// What an argument names, if it names resources and nothing is added to what it takes from them.
pub fn expected(argument: &str) -> Option<Expected> {
    let find = |rows: &'static [Row], list| {
        let row = rows.iter().find(|(names, ..)| names.contains(&argument))?;
        Some(Expected { types: row.1, attribute: row.2, list })
    };
    find(ONE, false).or_else(|| find(SEVERAL, true)).or_else(|| {
        // `source_arn` of a permission is as often a pattern made of an ARN.
        let (attribute, list) = match argument {
            "source_arn" => return None,
            _ if argument.ends_with("_ids") => ("id", true),
            _ if argument.ends_with("_arns") => ("arn", true),
            _ if argument.ends_with("_id") => ("id", false),
            _ if argument.ends_with("_arn") => ("arn", false),
            _ => return None,
        };
        Some(Expected { types: &[], attribute, list })
    })
}

/// Whether an argument is a JSON document as text.
pub fn is_json(argument: &str) -> bool {
    matches!(
        argument,
        "policy"
            | "assume_role_policy"
            | "inline_policy"
            | "access_policies"
            | "access_policy"
            | "policy_document"
            | "resource_policy"
            | "container_definitions"
            | "event_pattern"
            | "redrive_policy"
            | "redrive_allow_policy"
            | "json"
            | "minified_json"
            | "source_policy_documents"
            | "override_policy_documents"
    )
}

/// Whether an argument of a type is text in base64.
pub fn is_base64(type_name: &str, argument: &str) -> bool {
    match argument {
        "user_data_base64" => true,
        "user_data" => type_name == "aws_launch_template",
        _ => false,
    }
}

/// Whether an argument is a secret by its name, for documents that do not mark it.
pub fn is_secret(argument: &str) -> bool {
    matches!(
        argument,
        "password"
            | "master_password"
            | "secret_string"
            | "secret_binary"
            | "auth_token"
            | "random_password"
            | "private_key"
            | "private_key_pem"
            | "private_key_openssh"
            | "secret"
            | "encrypted_password"
            | "access_token"
            | "oauth_token"
            | "ses_smtp_password_v4"
    )
}

/// Attributes that say which one something is: never replaced by what they are known to be.
pub fn is_identity(attribute: &str) -> bool {
    matches!(
        attribute,
        "id" | "arn" | "name" | "bucket" | "dns_name" | "key_id" | "key_name" | "function_name" | "json"
    )
}
