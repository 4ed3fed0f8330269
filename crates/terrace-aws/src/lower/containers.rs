//! Services as containers: images, the cluster, tasks and what keeps them running.
//!
//! What changes with a release (the image, the number of tasks) is left alone here once it is there.

mod definition;
mod roles;

use terrace_topology::{Architecture, PartyName, Service, Tier};

use super::foundation::{self, Foundation};
use super::logs;
use super::secrets::Secrets;
use super::{Draft, Ground};
use crate::catalog::limits;
use crate::resource::{
    AppScalingPolicy, AppScalingPolicyType, AppScalingTarget, CircuitBreaker, ClusterConfiguration,
    ClusterSetting, CpuArchitecture, EcsCluster, EcsService, ExecConfiguration, ExecLogConfiguration,
    ExecLogging, ImageScanning, LaunchType, LogGroup, NetworkMode, OperatingSystem, PredefinedScalingMetric,
    Repository, RepositoryEncryption, RepositoryEncryptionType, RepositoryLifecycle, RuntimePlatform,
    ScalableDimension, ScalableNamespace, ServiceBalancer, ServiceNetwork, TASKS, TagMutability, TagSource,
    TargetTracking, TaskDefinition, TaskVolume, ZoneRebalancing,
};
use crate::{Arn, Block, Blocks, Concern, Json, Milli, Name, Ref, RepositoryUrl, ResourceId, Text};

/// How many images are kept, the newest: so many releases can be taken back.
const IMAGES: i64 = 30;
/// After how many days images go that no release names.
const UNTAGGED_DAYS: i64 = 7;
/// Seconds in which a new task need not answer yet.
const GRACE_SECONDS: u32 = 60;

pub(crate) fn lower(draft: &mut Draft<'_>, ground: &Ground<'_>) {
    let exec = exec_log(draft, ground.secrets);
    let cluster = cluster(draft, ground.secrets, exec.as_ref());
    draft.output("cluster", "The cluster that services run in.", cluster.attribute::<Name>());
    let topology = draft.topology;
    for (party, service) in &topology.services {
        one(draft, ground, &cluster, exec.as_ref(), (party, service));
    }
}

/// Where what is said in shells is written, if there can be any.
fn exec_log(draft: &mut Draft<'_>, secrets: &Secrets) -> Option<Ref<LogGroup>> {
    let wanted = draft.topology.services.values().any(|service| service.exec);
    let (name, tags) = (draft.naming.path("exec"), draft.name_tag("exec"));
    wanted.then(|| logs::group(draft, Concern::App, &["exec"], name, secrets, tags))
}

fn cluster(draft: &mut Draft<'_>, secrets: &Secrets, exec: Option<&Ref<LogGroup>>) -> Ref<EcsCluster> {
    let (name, tags) = (draft.naming.of("", limits::ECS_NAME), draft.name_tag(""));
    let insights = format!("/aws/ecs/containerinsights/{name}/performance");
    let insights = logs::group(draft, Concern::App, &["insights"], insights, secrets, tags.clone());
    let configuration = exec.map(|group| {
        Block(ClusterConfiguration {
            execute_command_configuration: Some(Block(ExecConfiguration {
                // The session is over TLS anyway, and the agent would need a way to KMS.
                kms_key_id: None,
                logging: ExecLogging::Override,
                log_configuration: Some(Block(ExecLogConfiguration {
                    cloud_watch_encryption_enabled: true,
                    cloud_watch_log_group_name: Text::from(group.attribute::<Name>()),
                })),
            })),
        })
    });
    draft.place(Concern::App, &["main"]).after(insights.address()).put(EcsCluster {
        name: Text::from(name),
        configuration,
        setting: Blocks(vec![ClusterSetting {
            name: Text::from("containerInsights"),
            value: Text::from("enabled"),
        }]),
        tags,
    })
}

fn one(
    draft: &mut Draft<'_>,
    ground: &Ground<'_>,
    cluster: &Ref<EcsCluster>,
    exec: Option<&Ref<LogGroup>>,
    (party, service): (&PartyName, &Service),
) {
    let part = party.as_str();
    let images = Images::of(draft, ground.secrets, party);
    let log = ground.logs.parties.get(party).cloned();
    let log = log.unwrap_or_else(|| Ref::new(crate::Label::from_words(&[part])));
    let exec = exec.filter(|_| service.exec);
    let roles =
        roles::lower(draft, ground, party, &roles::Touches { repository: &images.arn, log: &log, exec });
    let apart = (draft.foundation == Foundation::Apart).then_some(true);
    let settings = apart.map(|_| foundation::settings_in_force(draft, party));
    let release = definition::Release { image: images.first, settings };
    let container = definition::container(draft, ground, (party, service), release, &log);
    let (family, tags) = (draft.naming.of(part, limits::ECS_NAME), draft.party_tags(part, party));
    let architecture = draft.topology.architecture;
    let volumes = definition::volumes(service).map(|(name, _)| TaskVolume { name: Text::from(name) });
    let mut place = draft
        .place(Concern::App, &[part])
        .why("Nothing runs as root, and the root file system cannot be written; /tmp is memory.");
    if service.exec {
        place = place.why("The volumes are for the agent that opens shells (ECS Exec), which writes there.");
    }
    if apart.is_some() {
        place = place
            .why("Releases make revisions of their own. The newest is compared with what is written here, so that one with the")
            .why("image and the settings in force is no change; all stay, because releases go back to them.");
    }
    let task = place.put(TaskDefinition {
        family: Text::from(family),
        requires_compatibilities: vec![LaunchType::Fargate],
        network_mode: NetworkMode::Awsvpc,
        cpu: Text::from(service.size.cpu().get().to_string()),
        memory: Text::from(service.size.memory().get().to_string()),
        skip_destroy: apart,
        track_latest: apart,
        execution_role_arn: roles.execution.attribute::<Arn>(),
        task_role_arn: roles.task.attribute::<Arn>(),
        container_definitions: Json::List(vec![container]),
        runtime_platform: Block(RuntimePlatform {
            cpu_architecture: match architecture {
                Architecture::X86_64 => CpuArchitecture::X86_64,
                Architecture::Arm64 => CpuArchitecture::Arm64,
            },
            operating_system_family: OperatingSystem::Linux,
        }),
        volume: Blocks(volumes.collect()),
        tags: tags.clone(),
    });
    let made = service_of(draft, ground, (party, service), cluster, &task, &roles);
    draft.output(
        &format!("{part}_repository_url"),
        &format!("Where images of {part} are pushed."),
        images.url,
    );
    draft.output(
        &format!("{part}_service"),
        &format!("What keeps tasks of {part} running."),
        made.attribute::<Name>(),
    );
    scaling(draft, cluster, &made, (party, service));
}

/// Where a service's images are.
struct Images {
    arn: Text,
    url: Text,
    /// What tasks are made from until there is a release, or what is in force.
    first: Text,
}

impl Images {
    fn of(draft: &mut Draft<'_>, secrets: &Secrets, party: &PartyName) -> Self {
        match draft.foundation {
            Foundation::Within => {
                let repository = repository(draft, secrets, party);
                let tag = draft.variable(
                    &format!("{party}_image_tag"),
                    &format!("The tag of the image of {party} that a new task definition names; releases make their own."),
                    Some("initial"),
                );
                let url = Text::from(repository.attribute::<RepositoryUrl>());
                let first = url.clone().then(":").then(Text::from(tag));
                Self { arn: Text::from(repository.attribute::<Arn>()), url, first }
            }
            Foundation::Apart => {
                let url = foundation::repository_url(draft, party);
                let first = url.clone().then("@").then(foundation::in_force(draft, party));
                Self { arn: foundation::repository_arn(draft, party), url, first }
            }
        }
    }
}

fn repository(draft: &mut Draft<'_>, secrets: &Secrets, party: &PartyName) -> Ref<Repository> {
    let part = party.as_str();
    let (name, tags) = (draft.naming.of(part, limits::REPOSITORY), draft.party_tags(part, party));
    let keep = draft.topology.production;
    let repository = draft.place(Concern::App, &[part]).put(Repository {
        name: Text::from(name),
        image_tag_mutability: TagMutability::Immutable,
        force_delete: !keep,
        image_scanning_configuration: Block(ImageScanning { scan_on_push: true }),
        encryption_configuration: Block(RepositoryEncryption {
            encryption_type: RepositoryEncryptionType::Kms,
            kms_key: Some(secrets.key_arn()),
        }),
        tags,
    });
    let rule = |priority: i64, about: &str, selection: Json| {
        Json::object([
            ("rulePriority", Json::Int(priority)),
            ("description", Json::text(about)),
            ("selection", selection),
            ("action", Json::object([("type", Json::text("expire"))])),
        ])
    };
    let untagged = Json::object([
        ("tagStatus", Json::text("untagged")),
        ("countType", Json::text("sinceImagePushed")),
        ("countUnit", Json::text("days")),
        ("countNumber", Json::Int(UNTAGGED_DAYS)),
    ]);
    let old = Json::object([
        ("tagStatus", Json::text("any")),
        ("countType", Json::text("imageCountMoreThan")),
        ("countNumber", Json::Int(IMAGES)),
    ]);
    draft.place(Concern::App, &[part]).put(RepositoryLifecycle {
        repository: repository.attribute::<Name>(),
        policy: Json::object([(
            "rules",
            Json::List(vec![
                rule(1, "What no release names", untagged),
                rule(2, "All but the newest, which can be gone back to", old),
            ]),
        )]),
    });
    repository
}

fn service_of(
    draft: &mut Draft<'_>,
    ground: &Ground<'_>,
    (party, service): (&PartyName, &Service),
    cluster: &Ref<EcsCluster>,
    task: &Ref<TaskDefinition>,
    roles: &roles::Roles,
) -> Ref<EcsService> {
    let part = party.as_str();
    let (name, mut tags) = (draft.naming.of(part, limits::ECS_NAME), draft.party_tags(part, party));
    let rule = ground.balancers.rules.get(party).and_then(Ref::address);
    let balancers = ground.balancers.services.get(party).map(|group| ServiceBalancer {
        target_group_arn: group.attribute::<Arn>(),
        container_name: Text::from(part),
        container_port: service.port,
    });
    let least = u32::from(service.capacity.min());
    let (count, until, first) = match draft.foundation {
        Foundation::Within => (
            least,
            "Releases choose the task definition and scaling the number of tasks: Terraform sets both once. Until the",
            "first release there is no image, and the circuit breaker stops trying.",
        ),
        Foundation::Apart => {
            tags.insert(TASKS.to_owned(), Text::from(least.to_string()));
            (
                0,
                "Releases choose the task definition and scaling the number of tasks: Terraform sets both once. None runs",
                "until the first release starts as many as the tag says, when its migration has run.",
            )
        }
    };
    let place = draft.place(Concern::App, &[part]);
    let before = ground.secrets.before.get(party).into_iter().flatten();
    before
        .chain(ground.guards.ways(part))
        .fold(place, |place, address| place.after(Some(address.clone())))
        .why(until)
        .why(first)
        .ignoring(&["desired_count", "task_definition"])
        .after(rule)
        .after(roles.execution_policy.address())
        .after(roles.task_policy.address())
        .put(EcsService {
            name: Text::from(name),
            cluster: cluster.clone(),
            task_definition: task.attribute::<Arn>(),
            desired_count: count,
            launch_type: LaunchType::Fargate,
            enable_execute_command: service.exec,
            enable_ecs_managed_tags: true,
            propagate_tags: TagSource::Service,
            availability_zone_rebalancing: ZoneRebalancing::Enabled,
            deployment_minimum_healthy_percent: 100,
            deployment_maximum_percent: 200,
            health_check_grace_period_seconds: GRACE_SECONDS,
            network_configuration: Block(ServiceNetwork {
                subnets: ground.network.subnets(Tier::App),
                security_groups: ground.guards.services.get(party).cloned().into_iter().collect(),
                assign_public_ip: false,
            }),
            load_balancer: Blocks(balancers.into_iter().collect()),
            deployment_circuit_breaker: Block(CircuitBreaker { enable: true, rollback: true }),
            tags,
        })
}

/// More tasks when they are busy, if that is asked for.
fn scaling(
    draft: &mut Draft<'_>,
    cluster: &Ref<EcsCluster>,
    made: &Ref<EcsService>,
    (party, service): (&PartyName, &Service),
) {
    let capacity = service.capacity;
    let Some(cpu) = capacity.cpu() else { return };
    if capacity.max() == capacity.min() {
        return;
    }
    let part = party.as_str();
    let tags = draft.party_tags(part, party);
    let resource =
        Text::from("service/").then(cluster.attribute::<Name>()).then("/").then(made.attribute::<Name>());
    let target = draft.place(Concern::App, &[part]).put(AppScalingTarget {
        service_namespace: ScalableNamespace::Ecs,
        scalable_dimension: ScalableDimension::EcsServiceDesiredCount,
        resource_id: resource,
        min_capacity: u32::from(capacity.min()),
        max_capacity: u32::from(capacity.max()),
        tags,
    });
    let name = draft.naming.of(&format!("{part}-cpu"), limits::ECS_NAME);
    draft
        .place(Concern::App, &[part, "cpu"])
        .why("Quick to grow, slow to shrink: new tasks cost less than waiting visitors.")
        .put(AppScalingPolicy {
            name: Text::from(name),
            policy_type: AppScalingPolicyType::TargetTracking,
            service_namespace: ScalableNamespace::Ecs,
            scalable_dimension: ScalableDimension::EcsServiceDesiredCount,
            resource_id: target.attribute::<ResourceId>(),
            target_tracking_scaling_policy_configuration: Block(TargetTracking {
                target_value: Milli(i64::from(cpu.percent()) * 1000),
                scale_in_cooldown: Some(300),
                scale_out_cooldown: Some(60),
                predefined_metric_specification: Block(PredefinedScalingMetric {
                    predefined_metric_type: Text::from("ECSServiceAverageCPUUtilization"),
                }),
            }),
        });
}
