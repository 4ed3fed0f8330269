//! ECS, ECR, and how services scale.

use terrace_aws::{Text, Value};

use super::functions::NETWORK;
use crate::build::Build;
use crate::datum::Names;
use crate::model::{Field, How, Model, TAGS, model};

pub(super) const MODELS: &[Model] = &[
    model(
        "AWS::ECS::Cluster",
        "aws_ecs_cluster",
        "name",
        &[
            TAGS,
            Field("ClusterName", "name", How::Same),
            Field("ClusterSettings", "setting", How::Blocks(&[])),
            Field("Configuration", "configuration", How::Blocks(&[])),
        ],
    ),
    model(
        "AWS::ECS::Service",
        "aws_ecs_service",
        "id",
        &[
            TAGS,
            Field("ServiceName", "name", How::Same),
            Field(
                "LoadBalancers",
                "load_balancer",
                How::Blocks(&[Field("LoadBalancerName", "elb_name", How::Same)]),
            ),
            Field("Role", "iam_role", How::Same),
            Field("EnableECSManagedTags", "enable_ecs_managed_tags", How::Same),
            Field("ServiceRegistries", "service_registries", How::Blocks(&[])),
            Field("CapacityProviderStrategy", "capacity_provider_strategy", How::Blocks(&[])),
            Field(
                "NetworkConfiguration",
                "network_configuration",
                How::Blocks(&[Field(
                    "AwsvpcConfiguration",
                    "",
                    How::Lift(&[
                        Field("AssignPublicIp", "assign_public_ip", How::Enabled),
                        Field("SecurityGroups", "security_groups", How::List),
                        Field("Subnets", "subnets", How::List),
                    ]),
                )]),
            ),
            Field(
                "DeploymentConfiguration",
                "",
                How::Lift(&[
                    Field("MaximumPercent", "deployment_maximum_percent", How::Same),
                    Field("MinimumHealthyPercent", "deployment_minimum_healthy_percent", How::Same),
                    Field("DeploymentCircuitBreaker", "deployment_circuit_breaker", How::Blocks(&[])),
                    Field("Alarms", "alarms", How::Blocks(&[])),
                ]),
            ),
        ],
    )
    .attributes(&[("Name", "name"), ("ServiceArn", "id")]),
    model(
        "AWS::ECS::TaskDefinition",
        "aws_ecs_task_definition",
        "arn",
        &[
            TAGS,
            Field("ContainerDefinitions", "container_definitions", How::Camel),
            Field("RequiresCompatibilities", "requires_compatibilities", How::List),
            Field(
                "Volumes",
                "volume",
                How::Blocks(&[
                    Field("Host", "", How::Lift(&[Field("SourcePath", "host_path", How::Same)])),
                    Field(
                        "EFSVolumeConfiguration",
                        "efs_volume_configuration",
                        How::Blocks(&[Field("FilesystemId", "file_system_id", How::Same)]),
                    ),
                ]),
            ),
        ],
    )
    .attributes(&[("TaskDefinitionArn", "arn")]),
    model(
        "AWS::ECS::ClusterCapacityProviderAssociations",
        "aws_ecs_cluster_capacity_providers",
        "id",
        &[Field("Cluster", "cluster_name", How::Same)],
    ),
    model("AWS::ECS::CapacityProvider", "aws_ecs_capacity_provider", "name", &[TAGS]),
    model(
        "AWS::ECR::Repository",
        "aws_ecr_repository",
        "name",
        &[
            TAGS,
            Field("RepositoryName", "name", How::Same),
            Field("EmptyOnDelete", "force_delete", How::Same),
        ],
    )
    .attributes(&[("RepositoryUri", "repository_url")])
    .shape(repository),
    model("AWS::ApplicationAutoScaling::ScalableTarget", "aws_appautoscaling_target", "id", &[]),
    model(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "aws_appautoscaling_policy",
        "arn",
        &[Field("PolicyName", "name", How::Same)],
    ),
    model(
        "AWS::ServiceDiscovery::PrivateDnsNamespace",
        "aws_service_discovery_private_dns_namespace",
        "id",
        &[TAGS],
    ),
    model("AWS::ServiceDiscovery::Service", "aws_service_discovery_service", "id", &[TAGS]),
    model(
        "AWS::EKS::Cluster",
        "aws_eks_cluster",
        "name",
        &[TAGS, Field("ResourcesVpcConfig", "vpc_config", NETWORK)],
    )
    .attributes(&[("ClusterSecurityGroupId", "vpc_config[0].cluster_security_group_id")]),
];

fn repository(build: &mut Build<'_, '_>) {
    for (property, terraform, name) in [
        ("RepositoryPolicyText", "aws_ecr_repository_policy", "Policy"),
        ("LifecyclePolicy", "aws_ecr_lifecycle_policy", "Lifecycle"),
    ] {
        let Some(mut value) = build.take(property) else { continue };
        let value = value.take("LifecyclePolicyText").unwrap_or(value);
        let own = ("repository", Value::Text(Text::from(build.own("name"))));
        let fields = &[Field("Policy", "policy", How::Json)];
        build.beside(terraform, name, value.under("Policy"), fields, vec![own], &Names::new());
    }
    build.finish();
}
