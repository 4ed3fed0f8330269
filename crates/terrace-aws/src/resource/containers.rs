//! Images of containers, the tasks that run them, and services that keep tasks running.

use terrace_net::Port;

use crate::define::{block, resource, words};
use crate::{Arn, Block, Blocks, Json, Milli, Name, Ref, ResourceId, Text};

use super::{KmsKey, Role, SecurityGroup, Subnet, Tags, TargetGroup};

/// The tag of a service that begins with no tasks: how many are meant.
pub const TASKS: &str = "terrace:tasks";

words! {
    /// Whether a tag can be moved to another image.
    TagMutability {
        Immutable = "IMMUTABLE",
        Mutable = "MUTABLE",
    }
    /// With which kind of key images are encrypted.
    RepositoryEncryptionType {
        Aes256 = "AES256",
        Kms = "KMS",
    }
    /// Where the output of shells goes.
    ExecLogging {
        Default = "DEFAULT",
        None = "NONE",
        Override = "OVERRIDE",
    }
    /// How tasks are on the network.
    NetworkMode {
        Awsvpc = "awsvpc",
        Bridge = "bridge",
        Host = "host",
        None = "none",
    }
    /// What tasks run on.
    LaunchType {
        Fargate = "FARGATE",
        Ec2 = "EC2",
    }
    /// For which processors an image is.
    CpuArchitecture {
        X86_64 = "X86_64",
        Arm64 = "ARM64",
    }
    /// For which system an image is.
    OperatingSystem {
        Linux = "LINUX",
    }
    /// Whether tasks move when a zone has too many.
    ZoneRebalancing {
        Enabled = "ENABLED",
        Disabled = "DISABLED",
    }
    /// Whose tags tasks get.
    TagSource {
        Service = "SERVICE",
        TaskDefinition = "TASK_DEFINITION",
        None = "NONE",
    }
    /// Whose capacity is scaled.
    ScalableNamespace {
        Ecs = "ecs",
        Rds = "rds",
    }
    /// Which number of it is scaled.
    ScalableDimension {
        EcsServiceDesiredCount = "ecs:service:DesiredCount",
        RdsReadReplicaCount = "rds:cluster:ReadReplicaCount",
    }
    /// How capacity is found.
    AppScalingPolicyType {
        TargetTracking = "TargetTrackingScaling",
        Step = "StepScaling",
    }
}

block! {
    /// Whether images are searched for known weaknesses.
    ImageScanning {
        scan_on_push: bool,
    }

    /// How images are encrypted.
    RepositoryEncryption {
        encryption_type: RepositoryEncryptionType,
        kms_key: Option<Ref<KmsKey, Arn>>,
    }

    /// A setting of a cluster.
    ClusterSetting {
        name: Text,
        value: Text,
    }

    /// Where what is said in shells is written.
    ExecLogConfiguration {
        cloud_watch_encryption_enabled: bool,
        cloud_watch_log_group_name: Text,
    }

    /// How shells are treated.
    ExecConfiguration {
        kms_key_id: Option<Ref<KmsKey, Arn>>,
        logging: ExecLogging,
        log_configuration: Option<Block<ExecLogConfiguration>>,
    }

    /// How a cluster treats its tasks.
    ClusterConfiguration {
        execute_command_configuration: Option<Block<ExecConfiguration>>,
    }

    /// What tasks run on.
    RuntimePlatform {
        cpu_architecture: CpuArchitecture,
        operating_system_family: OperatingSystem,
    }

    /// Room of a task.
    TaskVolume {
        name: Text,
    }

    /// Where tasks are on the network.
    ServiceNetwork {
        subnets: Vec<Ref<Subnet>>,
        security_groups: Vec<Ref<SecurityGroup>>,
        assign_public_ip: bool,
    }

    /// From where requests come to tasks.
    ServiceBalancer {
        target_group_arn: Ref<TargetGroup, Arn>,
        container_name: Text,
        container_port: Port,
    }

    /// What is done about a release that does not come up.
    CircuitBreaker {
        enable: bool,
        rollback: bool,
    }

    /// A number that AWS measures by itself.
    PredefinedScalingMetric {
        predefined_metric_type: Text,
    }

    /// A measure that capacity keeps to.
    TargetTracking {
        target_value: Milli,
        scale_in_cooldown: Option<u32>,
        scale_out_cooldown: Option<u32>,
        predefined_metric_specification: Block<PredefinedScalingMetric>,
    }
}

resource! {
    /// Images of one service.
    Repository(Managed "aws_ecr_repository") {
        name: Text,
        image_tag_mutability: TagMutability,
        force_delete: bool,
        image_scanning_configuration: Block<ImageScanning>,
        encryption_configuration: Block<RepositoryEncryption>,
        tags: Tags,
    }

    /// Which images go.
    RepositoryLifecycle(Managed "aws_ecr_lifecycle_policy") {
        repository: Ref<Repository, Name>,
        policy: Json,
    }

    /// What services run in.
    EcsCluster(Managed "aws_ecs_cluster") {
        name: Text,
        configuration: Option<Block<ClusterConfiguration>>,
        setting: Blocks<ClusterSetting>,
        tags: Tags,
    }

    /// What a task is made of.
    TaskDefinition(Managed "aws_ecs_task_definition") {
        family: Text,
        requires_compatibilities: Vec<LaunchType>,
        network_mode: NetworkMode,
        cpu: Text,
        memory: Text,
        /// Whether revisions that are no longer wanted stay.
        skip_destroy: Option<bool>,
        /// Whether the family's newest revision is looked at, whoever made it.
        track_latest: Option<bool>,
        execution_role_arn: Ref<Role, Arn>,
        task_role_arn: Ref<Role, Arn>,
        container_definitions: Json,
        runtime_platform: Block<RuntimePlatform>,
        volume: Blocks<TaskVolume>,
        tags: Tags,
    }

    /// Tasks that are kept running.
    EcsService(Managed "aws_ecs_service") {
        name: Text,
        cluster: Ref<EcsCluster>,
        task_definition: Ref<TaskDefinition, Arn>,
        desired_count: u32,
        launch_type: LaunchType,
        enable_execute_command: bool,
        enable_ecs_managed_tags: bool,
        propagate_tags: TagSource,
        availability_zone_rebalancing: ZoneRebalancing,
        deployment_minimum_healthy_percent: u32,
        deployment_maximum_percent: u32,
        health_check_grace_period_seconds: u32,
        network_configuration: Block<ServiceNetwork>,
        load_balancer: Blocks<ServiceBalancer>,
        deployment_circuit_breaker: Block<CircuitBreaker>,
        tags: Tags,
    }

    /// What is scaled, and how far.
    AppScalingTarget(Managed "aws_appautoscaling_target") {
        service_namespace: ScalableNamespace,
        scalable_dimension: ScalableDimension,
        resource_id: Text,
        min_capacity: u32,
        max_capacity: u32,
        tags: Tags,
    }

    /// By what it is scaled.
    AppScalingPolicy(Managed "aws_appautoscaling_policy") {
        name: Text,
        policy_type: AppScalingPolicyType,
        service_namespace: ScalableNamespace,
        scalable_dimension: ScalableDimension,
        resource_id: Ref<AppScalingTarget, ResourceId>,
        target_tracking_scaling_policy_configuration: Block<TargetTracking>,
    }
}
