//! Ways to the services of AWS that do not leave the network.
//!
//! Where the app has no way out, these are its only ones; each says in its policy that only this account's
//! principals may use it, so that it carries nothing to somebody else's bucket or secret.

use terrace_topology::{Shape, Tier};

use super::network::{Network, goes_out, platform_goes_out};
use super::{Draft, guards};
use crate::resource::{CallerIdentity, EndpointType, RouteTable, SecurityGroup, VpcEndpoint};
use crate::{Address, Concern, PolicyDocument, PrincipalKind, Ref, Statement, Text};

/// Where tasks on Fargate call ECS itself through endpoints: regions opened after 23 December 2023 ("Amazon ECS
/// interface VPC endpoints", considerations for Fargate).
const NEED_ECS: [&str; 6] =
    ["ap-east-2", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-west-1", "mx-central-1"];

/// The services that are called through interface endpoints, by the last word of the service's name.
///
/// The web tier never has a way out, so with machines some stay even where the app has one: their private names
/// hold for the whole network.
pub(crate) fn interfaces(draft: &Draft<'_>) -> Vec<&'static str> {
    match (draft.topology.shape, platform_goes_out(draft)) {
        (Shape::Containers, true) => Vec::new(),
        (Shape::Containers, false) => {
            let mut all = vec!["ecr.api", "ecr.dkr"];
            if NEED_ECS.contains(&draft.topology.region.as_str()) {
                all.extend(["ecs", "ecs-agent", "ecs-telemetry"]);
            }
            all.extend(["logs", "secretsmanager", "ssm", "ssmmessages"]);
            all
        }
        (Shape::Machines, true) => vec!["ec2messages", "logs", "ssm", "ssmmessages"],
        (Shape::Machines, false) => {
            vec!["ec2messages", "imagebuilder", "logs", "secretsmanager", "ssm", "ssmmessages"]
        }
    }
}

/// Gives back what has to be there before anything can be called.
pub(crate) fn lower(
    draft: &mut Draft<'_>,
    network: &Network,
    group: Option<&Ref<SecurityGroup>>,
) -> Vec<Address> {
    let mut made = Vec::new();
    let region = draft.topology.region.clone();
    for service in interfaces(draft) {
        let tags = draft.name_tag(&service.replace('.', "-"));
        let place = draft.place(Concern::Network, &[service]);
        let place = match why(service) {
            Some(why) => place.why(why),
            None => place,
        };
        let endpoint = place.put(VpcEndpoint {
            vpc_id: network.vpc.clone(),
            service_name: Text::from(format!("com.amazonaws.{region}.{service}")),
            vpc_endpoint_type: EndpointType::Interface,
            route_table_ids: Vec::new(),
            subnet_ids: network.subnets(Tier::App),
            security_group_ids: group.cloned().into_iter().collect(),
            private_dns_enabled: Some(true),
            policy: PolicyDocument::Statements(vec![own_account(service)]),
            tags,
        });
        made.extend(endpoint.address());
    }
    gateways(draft, network, &mut made);
    made
}

/// The gateway endpoints for S3. Where services may reach the internet, they may reach every bucket; the web tier,
/// which may not, has an endpoint of its own then.
fn gateways(draft: &mut Draft<'_>, network: &Network, made: &mut Vec<Address>) {
    let machines = draft.topology.shape == Shape::Machines;
    let narrow = PolicyDocument::Statements(buckets(draft));
    let mut tables = network.tables(Tier::App);
    if goes_out(draft) {
        let why = [
            "Free, where the NAT gateway charges for every gigabyte. It takes precedence over the NAT gateway, so its",
            "policy lets the services reach what they reach otherwise: every bucket.",
        ];
        let every = anyone(Statement::allow("EveryBucket", ["s3:*"])).on([Text::from("*")]);
        let policy = PolicyDocument::Statements(vec![every]);
        made.extend(gateway(draft, network, &[guards::S3], (tables, policy), &why));
        if machines {
            let why =
                ["The web tier reaches this account's buckets, and those from which AWS itself delivers."];
            let own = (network.tables(Tier::Web), narrow);
            made.extend(gateway(draft, network, &[guards::S3, "web"], own, &why));
        }
        return;
    }
    if machines {
        tables.extend(network.tables(Tier::Web));
    }
    let why =
        ["Free, and the only way to the buckets: this account's, and those from which AWS itself delivers."];
    made.extend(gateway(draft, network, &[guards::S3], (tables, narrow), &why));
}

fn gateway(
    draft: &mut Draft<'_>,
    network: &Network,
    label: &[&str],
    (tables, policy): (Vec<Ref<RouteTable>>, PolicyDocument),
    why: &[&str],
) -> Option<Address> {
    let tags = draft.name_tag(&label.join("-"));
    let service_name = Text::from(format!("com.amazonaws.{}.s3", draft.topology.region));
    let place = draft.place(Concern::Network, label);
    let place = why.iter().fold(place, |place, line| place.why(*line));
    let endpoint = place.put(VpcEndpoint {
        vpc_id: network.vpc.clone(),
        service_name,
        vpc_endpoint_type: EndpointType::Gateway,
        route_table_ids: tables,
        subnet_ids: Vec::new(),
        security_group_ids: Vec::new(),
        private_dns_enabled: None,
        policy,
        tags,
    });
    endpoint.address()
}

fn why(service: &str) -> Option<&'static str> {
    Some(match service {
        "ssm" => "Parameters, and the sessions by which people come in.",
        "ecr.dkr" => "Layers of images come from S3, through the gateway endpoint.",
        "imagebuilder" => "The machines on which images are built report here.",
        _ => return None,
    })
}

/// The account that the graph is applied to.
pub(crate) fn account() -> Text {
    let identity = Ref::<CallerIdentity>::new(crate::Label::from_words(&["current"]));
    identity.path("account_id").map(Text::from).unwrap_or_default()
}

fn anyone(statement: Statement) -> Statement {
    statement.to(PrincipalKind::Aws, "*")
}

fn own_account(service: &str) -> Statement {
    let prefix = match service {
        "ecr.api" | "ecr.dkr" => "ecr",
        "ecs-agent" | "ecs-telemetry" => "ecs",
        other => other,
    };
    let mut statement = anyone(Statement::allow("OwnAccountOnly", ["*"])).on([Text::from("*")]).when(
        "StringEquals",
        "aws:PrincipalAccount",
        [account()],
    );
    statement.actions = crate::Scope::Only(vec![format!("{prefix}:*")]);
    statement
}

/// What is reached through the gateway endpoint: own buckets, and those of AWS by their documented names.
fn buckets(draft: &Draft<'_>) -> Vec<Statement> {
    let region = &draft.topology.region;
    let own = anyone(Statement::allow("OwnBuckets", ["s3:*"])).on([Text::from("*")]).when(
        "StringEquals",
        "s3:ResourceAccount",
        [account()],
    );
    let objects: Vec<Text> = match draft.topology.shape {
        // https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
        Shape::Containers => vec![Text::from(format!("arn:aws:s3:::prod-{region}-starport-layer-bucket/*"))],
        // https://docs.aws.amazon.com/systems-manager/latest/userguide/ssm-agent-minimum-s3-permissions.html
        // https://docs.aws.amazon.com/imagebuilder/latest/userguide/vpc-interface-endpoints.html
        Shape::Machines => vec![
            Text::from(format!("arn:aws:s3:::al2023-repos-{region}-de612dc2/*")),
            Text::from(format!("arn:aws:s3:::amazon-ssm-{region}/*")),
            Text::from(format!("arn:aws:s3:::ec2imagebuilder-managed-resources-{region}-prod/components/*")),
            Text::from(format!("arn:aws:s3:::ec2imagebuilder-toe-{region}-prod/*")),
        ],
    };
    vec![own, anyone(Statement::allow("DeliveredByAws", ["s3:GetObject"])).on(objects)]
}
