//! Application load balancers.

use terrace_net::Port;

use crate::define::{block, resource, words};
use crate::{Arn, Block, Blocks, Ref, Text};

use super::{SecurityGroup, Subnet, Tags, Vpc};

words! {
    /// What a load balancer understands.
    LoadBalancerType {
        Application = "application",
        Network = "network",
    }
    /// What a listener or target group speaks.
    BalancedProtocol {
        Http = "HTTP",
        Https = "HTTPS",
        Tcp = "TCP",
        Tls = "TLS",
    }
    /// What the targets of a group are.
    TargetType {
        Instance = "instance",
        Ip = "ip",
    }
    /// What is done with a request.
    ActionType {
        Forward = "forward",
        Redirect = "redirect",
        FixedResponse = "fixed-response",
    }
    /// What a load balancer does with requests that are not clean.
    DesyncMitigation {
        Defensive = "defensive",
        Strictest = "strictest",
        Monitor = "monitor",
    }
}

block! {
    /// Where a load balancer writes a line for each request.
    AccessLogs {
        bucket: Text,
        prefix: Option<Text>,
        enabled: bool,
    }

    /// An answer that sends the client elsewhere.
    Redirect {
        port: Text,
        protocol: Text,
        status_code: Text,
    }

    /// An answer by the load balancer itself.
    FixedResponse {
        content_type: Text,
        message_body: Option<Text>,
        status_code: Text,
    }

    /// What is done with a request.
    Action {
        r#type: ActionType,
        target_group_arn: Option<Ref<TargetGroup, Arn>>,
        redirect: Option<Block<Redirect>>,
        fixed_response: Option<Block<FixedResponse>>,
    }

    /// Paths that a rule is about.
    PathPattern {
        values: Vec<Text>,
    }

    /// What a rule is about.
    RuleCondition {
        path_pattern: Option<Block<PathPattern>>,
    }

    /// How a target group asks whether a target is well.
    HealthCheck {
        path: Text,
        protocol: BalancedProtocol,
        matcher: Text,
        interval: u32,
        timeout: u32,
        healthy_threshold: u32,
        unhealthy_threshold: u32,
    }
}

resource! {
    /// A load balancer.
    LoadBalancer(Managed "aws_lb") {
        name: Text,
        load_balancer_type: LoadBalancerType,
        internal: bool,
        security_groups: Vec<Ref<SecurityGroup>>,
        subnets: Vec<Ref<Subnet>>,
        drop_invalid_header_fields: bool,
        desync_mitigation_mode: DesyncMitigation,
        enable_deletion_protection: bool,
        idle_timeout: u32,
        access_logs: Option<Block<AccessLogs>>,
        tags: Tags,
    }

    /// A port of a load balancer, and what it does with what no rule takes.
    Listener(Managed "aws_lb_listener") {
        load_balancer_arn: Ref<LoadBalancer, Arn>,
        port: Port,
        protocol: BalancedProtocol,
        ssl_policy: Option<Text>,
        certificate_arn: Option<Text>,
        default_action: Blocks<Action>,
        tags: Tags,
    }

    /// Requests of a listener that something else is done with.
    ListenerRule(Managed "aws_lb_listener_rule") {
        listener_arn: Ref<Listener, Arn>,
        priority: u32,
        condition: Blocks<RuleCondition>,
        action: Blocks<Action>,
        tags: Tags,
    }

    /// Targets that share a load.
    TargetGroup(Managed "aws_lb_target_group") {
        name: Text,
        vpc_id: Ref<Vpc>,
        target_type: TargetType,
        port: Port,
        protocol: BalancedProtocol,
        deregistration_delay: u32,
        load_balancing_algorithm_type: Option<Text>,
        health_check: Block<HealthCheck>,
        tags: Tags,
    }
}
