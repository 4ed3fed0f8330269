//! Ways to the services of AWS that do not leave the network.
//!
//! Where the app has no way out, these are its only ones; each says in its policy that only this account's
//! principals may use it, so that it carries nothing to somebody else's bucket or secret.

use terrace_topology::{Shape, Tier};

use super::network::{Network, platform_goes_out};
use super::{Draft, guards};
use crate::resource::{CallerIdentity, EndpointType, SecurityGroup, VpcEndpoint};
use crate::{Concern, PolicyDocument, PrincipalKind, Ref, Statement, Text};

/// The services that are called through interface endpoints, by the last word of the service's name.
///
/// The web tier never has a way out, so with machines some stay even where the app has one: their private names
/// hold for the whole network.
pub(crate) fn interfaces(draft: &Draft<'_>) -> Vec<&'static str> {
    match (draft.topology.shape, platform_goes_out(draft)) {
        (Shape::Containers, true) => Vec::new(),
        (Shape::Containers, false) => {
            vec!["ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm", "ssmmessages"]
        }
        (Shape::Machines, true) => vec!["ec2messages", "logs", "ssm", "ssmmessages"],
        (Shape::Machines, false) => {
            vec!["ec2messages", "imagebuilder", "logs", "secretsmanager", "ssm", "ssmmessages"]
        }
    }
}

pub(crate) fn lower(draft: &mut Draft<'_>, network: &Network, group: Option<&Ref<SecurityGroup>>) {
    let region = draft.topology.region.clone();
    for service in interfaces(draft) {
        let tags = draft.name_tag(&service.replace('.', "-"));
        let place = draft.place(Concern::Network, &[service]);
        let place = match why(service) {
            Some(why) => place.why(why),
            None => place,
        };
        place.put(VpcEndpoint {
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
    }
    let mut tables = network.tables(Tier::App);
    if draft.topology.shape == Shape::Machines {
        tables.extend(network.tables(Tier::Web));
    }
    let policy = PolicyDocument::Statements(buckets(draft));
    let tags = draft.name_tag("s3");
    draft
        .place(Concern::Network, &[guards::S3])
        .why("Free, and the only way to the buckets: this account's, and those from which AWS itself delivers.")
        .put(VpcEndpoint {
            vpc_id: network.vpc.clone(),
            service_name: Text::from(format!("com.amazonaws.{region}.s3")),
            vpc_endpoint_type: EndpointType::Gateway,
            route_table_ids: tables,
            subnet_ids: Vec::new(),
            security_group_ids: Vec::new(),
            private_dns_enabled: None,
            policy,
            tags,
        });
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
