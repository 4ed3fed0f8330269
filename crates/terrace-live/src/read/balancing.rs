//! Load balancers with listeners, rules and target groups. Elastic Load Balancing API Reference, 2015-12-01.

use super::Items;
use super::fields::Fields;
use crate::asking::Account;
use terrace_account::service::ELB;
use terrace_account::{Call, Xml};

const VERSION: &str = "2015-12-01";
const TOKEN: (&str, &str) = ("NextMarker", "Marker");

async fn all(account: &Account, action: &str, list: &str, fields: &[(&str, &str)]) -> Vec<Xml> {
    let pages = account.pages(ELB, VERSION, action, fields, TOKEN).await;
    pages.iter().filter_map(|page| page.find(list)).flat_map(|list| list.children().to_vec()).collect()
}

pub(super) async fn read(account: &Account) -> Items {
    let (balancers, groups) = tokio::join!(
        all(account, "DescribeLoadBalancers", "LoadBalancers", &[]),
        all(account, "DescribeTargetGroups", "TargetGroups", &[]),
    );
    let mut items = Items::new();
    for one in &balancers {
        let arn = one.word("LoadBalancerArn").unwrap_or_default();
        let settings = attributes(account, "DescribeLoadBalancerAttributes", "LoadBalancerArn", arn).await;
        items.push(balancer(one, &settings));
        for door in all(account, "DescribeListeners", "Listeners", &[("LoadBalancerArn", arn)]).await {
            let name = one.word("LoadBalancerName").unwrap_or_default();
            items.push(listener(&door, name));
            let of = door.word("ListenerArn").unwrap_or_default();
            for found in all(account, "DescribeRules", "Rules", &[("ListenerArn", of)]).await {
                if !found.is("IsDefault") {
                    items.push(rule(&found, of, name, door.word("Port").unwrap_or_default()));
                }
            }
        }
    }
    for one in &groups {
        let arn = one.word("TargetGroupArn").unwrap_or_default();
        let name = one.word("TargetGroupName").unwrap_or_default();
        let settings = attributes(account, "DescribeTargetGroupAttributes", "TargetGroupArn", arn).await;
        items.push(group(one, &settings));
        let targets =
            all(account, "DescribeTargetHealth", "TargetHealthDescriptions", &[("TargetGroupArn", arn)])
                .await;
        for target in targets.iter().filter_map(|target| target.get("Target")) {
            let (id, port) = (target.word("Id").unwrap_or_default(), target.word("Port").unwrap_or_default());
            let fields = Fields::new()
                .text("target_group_arn", Some(arn))
                .words(target, &[("target_id", "Id"), ("availability_zone", "AvailabilityZone")])
                .numbers(target, &[("port", "Port")]);
            items.push(fields.item("aws_lb_target_group_attachment", format!("{name} to {id}:{port}")));
        }
    }
    items
}

type Settings = Vec<(String, String)>;

async fn attributes(account: &Account, action: &str, field: &str, arn: &str) -> Settings {
    let answer = account.ask(&Call::query(ELB, VERSION, action).with(field, arn)).await;
    let answer = answer.unwrap_or_default();
    let list = answer.find("Attributes").map(|list| list.children().to_vec()).unwrap_or_default();
    let pair = |one: &Xml| Some((one.word("Key")?.to_owned(), one.word("Value")?.to_owned()));
    list.iter().filter_map(pair).collect()
}

fn setting<'a>(of: &'a Settings, name: &str) -> Option<&'a str> {
    of.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn truth(of: &Settings, name: &str) -> Option<bool> {
    setting(of, name)?.parse().ok()
}

fn balancer(one: &Xml, settings: &Settings) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let subnets =
        one.list("AvailabilityZones").filter_map(|zone| zone.word("SubnetId")).map(str::to_owned).collect();
    let logs = truth(settings, "access_logs.s3.enabled").map(|enabled| {
        Fields::new()
            .truth("enabled", Some(enabled))
            .text("bucket", setting(settings, "access_logs.s3.bucket"))
            .text("prefix", setting(settings, "access_logs.s3.prefix"))
    });
    Fields::new()
        .words(
            one,
            &[
                ("arn", "LoadBalancerArn"),
                ("name", "LoadBalancerName"),
                ("dns_name", "DNSName"),
                ("load_balancer_type", "Type"),
                ("vpc_id", "VpcId"),
                ("ip_address_type", "IpAddressType"),
            ],
        )
        .truth("internal", one.word("Scheme").map(|scheme| scheme == "internal"))
        .texts("subnets", subnets)
        .texts("security_groups", one.words("SecurityGroups"))
        .truth("enable_deletion_protection", truth(settings, "deletion_protection.enabled"))
        .truth(
            "drop_invalid_header_fields",
            truth(settings, "routing.http.drop_invalid_header_fields.enabled"),
        )
        .text("desync_mitigation_mode", setting(settings, "routing.http.desync_mitigation_mode"))
        .blocks("access_logs", logs.into_iter().collect())
        .item("aws_lb", one.word("LoadBalancerName").unwrap_or_default())
}

fn listener(one: &Xml, of: &str) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let encrypted = matches!(one.word("Protocol"), Some("HTTPS" | "TLS"));
    let certificate = one.list("Certificates").find_map(|one| one.word("CertificateArn"));
    Fields::new()
        .words(
            one,
            &[("arn", "ListenerArn"), ("load_balancer_arn", "LoadBalancerArn"), ("protocol", "Protocol")],
        )
        .numbers(one, &[("port", "Port")])
        .text("ssl_policy", one.word("SslPolicy").filter(|_| encrypted))
        .text("certificate_arn", certificate)
        .blocks("default_action", one.list("DefaultActions").map(action).collect())
        .item("aws_lb_listener", format!("{of}:{}", one.word("Port").unwrap_or_default()))
}

fn action(one: &Xml) -> Fields {
    let forward = one.get("ForwardConfig").map(|all| {
        let groups = all.list("TargetGroups").map(|group| {
            Fields::new().words(group, &[("arn", "TargetGroupArn")]).numbers(group, &[("weight", "Weight")])
        });
        Fields::new().blocks("target_group", groups.collect())
    });
    // The one group stands in both places.
    let forward = forward.filter(|forward| !forward.is_empty() && one.word("TargetGroupArn").is_none());
    let redirect = one.get("RedirectConfig").map(|to| {
        Fields::new().words(
            to,
            &[
                ("protocol", "Protocol"),
                ("port", "Port"),
                ("host", "Host"),
                ("path", "Path"),
                ("query", "Query"),
                ("status_code", "StatusCode"),
            ],
        )
    });
    let fixed = one.get("FixedResponseConfig").map(|answer| {
        Fields::new().words(
            answer,
            &[
                ("status_code", "StatusCode"),
                ("content_type", "ContentType"),
                ("message_body", "MessageBody"),
            ],
        )
    });
    Fields::new()
        .words(one, &[("type", "Type"), ("target_group_arn", "TargetGroupArn")])
        .numbers(one, &[("order", "Order")])
        .blocks("forward", forward.into_iter().collect())
        .blocks("redirect", redirect.into_iter().collect())
        .blocks("fixed_response", fixed.into_iter().collect())
}

fn rule(
    one: &Xml,
    listener: &str,
    of: &str,
    port: &str,
) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let priority = one.word("Priority").unwrap_or_default();
    Fields::new()
        .words(one, &[("arn", "RuleArn")])
        .text("listener_arn", Some(listener))
        .numbers(one, &[("priority", "Priority")])
        .blocks("action", one.list("Actions").map(action).collect())
        .blocks("condition", one.list("Conditions").map(condition).collect())
        .item("aws_lb_listener_rule", format!("{of}:{port} rule {priority}"))
}

fn condition(one: &Xml) -> Fields {
    let kind = one.word("Field").unwrap_or_default();
    let (config, block) = match kind {
        "path-pattern" => ("PathPatternConfig", "path_pattern"),
        "host-header" => ("HostHeaderConfig", "host_header"),
        "http-header" => ("HttpHeaderConfig", "http_header"),
        "http-request-method" => ("HttpRequestMethodConfig", "http_request_method"),
        "source-ip" => ("SourceIpConfig", "source_ip"),
        "query-string" => ("QueryStringConfig", "query_string"),
        _ => return Fields::new().text("field", Some(kind)),
    };
    let own = one.get(config);
    if block == "query_string" {
        let pairs = own.into_iter().flat_map(|own| own.list("Values"));
        let pairs = pairs.map(|pair| Fields::new().words(pair, &[("key", "Key"), ("value", "Value")]));
        return Fields::new().blocks(block, pairs.collect());
    }
    let mut values = own.map(|own| own.words("Values")).unwrap_or_default();
    if values.is_empty() {
        values = one.words("Values");
    }
    let header = own.and_then(|own| own.word("HttpHeaderName"));
    Fields::new().block(block, Fields::new().text("http_header_name", header).texts("values", values))
}

fn group(one: &Xml, settings: &Settings) -> (terrace_aws::inventory::ItemId, terrace_aws::Record) {
    let health = Fields::new().words(
        one,
        &[("protocol", "HealthCheckProtocol"), ("port", "HealthCheckPort"), ("path", "HealthCheckPath")],
    );
    Fields::new()
        .words(
            one,
            &[
                ("arn", "TargetGroupArn"),
                ("name", "TargetGroupName"),
                ("protocol", "Protocol"),
                ("vpc_id", "VpcId"),
                ("target_type", "TargetType"),
            ],
        )
        .numbers(one, &[("port", "Port")])
        .truth("preserve_client_ip", truth(settings, "preserve_client_ip.enabled"))
        .block("health_check", health)
        .item("aws_lb_target_group", one.word("TargetGroupName").unwrap_or_default())
}
