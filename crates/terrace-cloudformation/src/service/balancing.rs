//! Load balancers, their listeners and targets.

use terrace_aws::{Record, Text, Value};

use crate::build::Build;
use crate::datum::{Content, Datum, Names};
use crate::model::{Field, How, Model, TAGS, model};

const ACTION: &[Field] = &[
    Field(
        "ForwardConfig",
        "forward",
        How::Blocks(&[
            Field("TargetGroups", "target_group", How::Blocks(&[Field("TargetGroupArn", "arn", How::Same)])),
            Field("TargetGroupStickinessConfig", "stickiness", How::Blocks(&[])),
        ]),
    ),
    Field("RedirectConfig", "redirect", How::Blocks(&[])),
    Field("FixedResponseConfig", "fixed_response", How::Blocks(&[])),
    Field("AuthenticateCognitoConfig", "authenticate_cognito", How::Blocks(&[])),
    Field("AuthenticateOidcConfig", "authenticate_oidc", How::Blocks(&[])),
];

const VALUES: &[Field] = &[Field("Values", "values", How::List)];
const CONDITION: &[Field] = &[
    Field("PathPatternConfig", "path_pattern", How::Blocks(VALUES)),
    Field("HostHeaderConfig", "host_header", How::Blocks(VALUES)),
    Field("HttpHeaderConfig", "http_header", How::Blocks(VALUES)),
    Field("HttpRequestMethodConfig", "http_request_method", How::Blocks(VALUES)),
    Field("SourceIpConfig", "source_ip", How::Blocks(VALUES)),
    Field("QueryStringConfig", "query_string", How::Blocks(&[Field("Values", "value", How::Blocks(&[]))])),
];

pub(super) const MODELS: &[Model] = &[
    model(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "aws_lb",
        "arn",
        &[
            TAGS,
            Field("Type", "load_balancer_type", How::Same),
            Field("Subnets", "subnets", How::List),
            Field("SecurityGroups", "security_groups", How::List),
            Field(
                "SubnetMappings",
                "subnet_mapping",
                How::Blocks(&[
                    Field("PrivateIPv4Address", "private_ipv4_address", How::Same),
                    Field("IPv6Address", "ipv6_address", How::Same),
                ]),
            ),
        ],
    )
    .attributes(&[
        ("DNSName", "dns_name"),
        ("CanonicalHostedZoneID", "zone_id"),
        ("LoadBalancerFullName", "arn_suffix"),
        ("LoadBalancerName", "name"),
        ("LoadBalancerArn", "arn"),
        ("SecurityGroups", "security_groups[]"),
    ])
    .shape(balancer),
    model("AWS::ElasticLoadBalancingV2::TargetGroup", "aws_lb_target_group", "arn", &[TAGS])
        .attributes(&[
            ("TargetGroupFullName", "arn_suffix"),
            ("TargetGroupName", "name"),
            ("TargetGroupArn", "arn"),
            ("LoadBalancerArns", "load_balancer_arns[]"),
        ])
        .shape(target_group),
    model(
        "AWS::ElasticLoadBalancingV2::Listener",
        "aws_lb_listener",
        "arn",
        &[Field("DefaultActions", "default_action", How::Blocks(ACTION))],
    )
    .attributes(&[("ListenerArn", "arn")])
    .shape(listener),
    model(
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        "aws_lb_listener_rule",
        "arn",
        &[
            Field("Actions", "action", How::Blocks(ACTION)),
            Field("Conditions", "condition", How::Blocks(CONDITION)),
        ],
    )
    .attributes(&[("RuleArn", "arn")])
    .shape(rule),
    model("AWS::ElasticLoadBalancingV2::ListenerCertificate", "aws_lb_listener_certificate", "id", &[])
        .shape(listener_certificate),
    model(
        "AWS::ElasticLoadBalancing::LoadBalancer",
        "aws_elb",
        "name",
        &[
            TAGS,
            Field("LoadBalancerName", "name", How::Same),
            Field("Subnets", "subnets", How::List),
            Field("SecurityGroups", "security_groups", How::List),
            Field("Instances", "instances", How::List),
            Field("CrossZone", "cross_zone_load_balancing", How::Same),
            Field(
                "Listeners",
                "listener",
                How::Blocks(&[
                    Field("LoadBalancerPort", "lb_port", How::Same),
                    Field("Protocol", "lb_protocol", How::Same),
                    Field("SSLCertificateId", "ssl_certificate_id", How::Same),
                ]),
            ),
            Field(
                "AccessLoggingPolicy",
                "access_logs",
                How::Blocks(&[
                    Field("S3BucketName", "bucket", How::Same),
                    Field("S3BucketPrefix", "bucket_prefix", How::Same),
                    Field("EmitInterval", "interval", How::Same),
                ]),
            ),
        ],
    )
    .attributes(&[
        ("DNSName", "dns_name"),
        ("CanonicalHostedZoneNameID", "zone_id"),
        ("CanonicalHostedZoneName", "dns_name"),
        ("SourceSecurityGroup.GroupName", "source_security_group"),
        ("SourceSecurityGroup.OwnerAlias", "source_security_group_owner"),
    ])
    .shape(classic),
];

/// Whether the scheme says that the balancer is internal.
fn scheme(build: &mut Build<'_, '_>) {
    let Some(scheme) = build.take("Scheme") else { return };
    let internal = match scheme.literal().as_deref() {
        Some("internal") => Datum::new(scheme.line, Content::Bool(true)),
        Some(_) => Datum::new(scheme.line, Content::Bool(false)),
        None => scheme,
    };
    build.argument("internal", internal, How::Same);
}

fn classic(build: &mut Build<'_, '_>) {
    scheme(build);
    build.finish();
}

/// Attributes by key that have arguments of their own in Terraform.
const BALANCER_ATTRIBUTES: &[(&str, &str)] = &[
    ("deletion_protection.enabled", "enable_deletion_protection"),
    ("routing.http.drop_invalid_header_fields.enabled", "drop_invalid_header_fields"),
    ("routing.http.desync_mitigation_mode", "desync_mitigation_mode"),
    ("routing.http.preserve_host_header.enabled", "preserve_host_header"),
    ("routing.http.xff_header_processing.mode", "xff_header_processing_mode"),
    ("routing.http2.enabled", "enable_http2"),
    ("waf.fail_open.enabled", "enable_waf_fail_open"),
    ("idle_timeout.timeout_seconds", "idle_timeout"),
    ("load_balancing.cross_zone.enabled", "enable_cross_zone_load_balancing"),
];
const LOG_ATTRIBUTES: &[(&str, &str)] = &[
    ("access_logs.s3.enabled", "enabled"),
    ("access_logs.s3.bucket", "bucket"),
    ("access_logs.s3.prefix", "prefix"),
];
const TARGET_ATTRIBUTES: &[(&str, &str)] = &[
    ("preserve_client_ip.enabled", "preserve_client_ip"),
    ("proxy_protocol_v2.enabled", "proxy_protocol_v2"),
    ("deregistration_delay.timeout_seconds", "deregistration_delay"),
    ("slow_start.duration_seconds", "slow_start"),
    ("load_balancing.algorithm.type", "load_balancing_algorithm_type"),
];

/// Takes `[{Key, Value}]` apart: known keys become arguments; gives the rest.
fn attributes(build: &mut Build<'_, '_>, property: &str, known: &[(&str, &str)]) -> Vec<(String, Datum)> {
    let all = build.take(property).map(Datum::elements).unwrap_or_default();
    let mut rest = Vec::new();
    for mut pair in all {
        let (Some(key), Some(value)) = (pair.get("Key").and_then(Datum::literal), pair.take("Value")) else {
            continue;
        };
        match known.iter().find(|(name, _)| *name == key) {
            Some((_, argument)) => build.argument(argument, value, How::Same),
            None => rest.push((key, value)),
        }
    }
    rest
}

fn balancer(build: &mut Build<'_, '_>) {
    scheme(build);
    let rest = attributes(build, "LoadBalancerAttributes", BALANCER_ATTRIBUTES);
    let mut logs = Record::new();
    for (key, value) in rest {
        if let Some((_, argument)) = LOG_ATTRIBUTES.iter().find(|(name, _)| *name == key) {
            build.converter.argument(argument, value, How::Same, "access_logs[0].", &mut logs);
        }
    }
    if !logs.is_empty() {
        build.set("access_logs", Value::Blocks(vec![logs]));
    }
    build.finish();
}

const CHECK: &[(&str, &str)] = &[
    ("HealthCheckEnabled", "enabled"),
    ("HealthCheckPath", "path"),
    ("HealthCheckPort", "port"),
    ("HealthCheckProtocol", "protocol"),
    ("HealthCheckIntervalSeconds", "interval"),
    ("HealthCheckTimeoutSeconds", "timeout"),
    ("HealthyThresholdCount", "healthy_threshold"),
    ("UnhealthyThresholdCount", "unhealthy_threshold"),
];

fn target_group(build: &mut Build<'_, '_>) {
    attributes(build, "TargetGroupAttributes", TARGET_ATTRIBUTES);
    let mut check = Record::new();
    for (property, argument) in CHECK {
        if let Some(value) = build.take(property) {
            build.converter.argument(argument, value, How::Same, "health_check[0].", &mut check);
        }
    }
    let codes =
        build.take("Matcher").and_then(|mut matcher| matcher.take("HttpCode").or(matcher.take("GrpcCode")));
    if let Some(codes) = codes {
        build.converter.argument("matcher", codes, How::Same, "health_check[0].", &mut check);
    }
    let targets = build.take("Targets").map(Datum::elements).unwrap_or_default();
    build.tell();
    if !check.is_empty() {
        build.set("health_check", Value::Blocks(vec![check]));
    }
    let arn = Value::Text(Text::from(build.own("arn")));
    for (index, target) in targets.into_iter().enumerate() {
        let fields = &[Field("Id", "target_id", How::Same)];
        let group = vec![("target_group_arn", arn.clone())];
        let name = format!("targets[{index}]");
        build.beside("aws_lb_target_group_attachment", &name, target, fields, group, &Names::new());
    }
    build.add();
}

/// The first certificate is the listener's own; Terraform has no list there.
fn listener(build: &mut Build<'_, '_>) {
    if let Some(certificates) = build.take("Certificates") {
        match certificates.content {
            Content::List(_) | Content::Map(_) => {
                let first = certificates.elements().into_iter().next();
                if let Some(arn) = first.and_then(|mut first| first.take("CertificateArn").or(Some(first))) {
                    build.argument("certificate_arn", arn, How::Same);
                }
            }
            _ => build.argument("certificate_arn", certificates, How::Same),
        }
    }
    build.finish();
}

/// A condition may name its field and have values at once: `Field: path-pattern`.
fn rule(build: &mut Build<'_, '_>) {
    build.tell();
    if let Some(Value::Blocks(conditions)) = build.record.remove("condition") {
        let told = conditions.into_iter().map(|mut condition| {
            let field = match condition.remove("field") {
                Some(Value::Text(text)) => text.literal().map(crate::model::snake),
                _ => None,
            };
            let values = condition.remove("values");
            if let (Some(field), Some(values)) = (field, values)
                && condition.get(&field).is_none()
            {
                condition.set(&field, Value::Blocks(vec![Record::of(vec![("values", Some(values))])]));
            }
            condition
        });
        let told = Value::Blocks(told.collect());
        build.set("condition", told);
    }
    build.add();
}

fn listener_certificate(build: &mut Build<'_, '_>) {
    let first = build.take("Certificates").and_then(|all| all.elements().into_iter().next());
    if let Some(arn) = first.and_then(|mut first| first.take("CertificateArn")) {
        build.argument("certificate_arn", arn, How::Same);
    }
    build.finish();
}
