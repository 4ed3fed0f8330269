"""ECS services: what they were given is kept, and they are steady as soon as somebody looks."""

from moto.ecs import models, responses

KEPT = {
    "enableExecuteCommand": "enable_execute_command",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "deploymentConfiguration": "deployment_configuration",
    "capacityProviderStrategy": "capacity_provider_strategy",
    "placementStrategy": "placement_strategy",
}


def install():
    for name in ("create_service", "update_service"):
        keep(name)
    steady()


def keep(name):
    """Without: these fields of a service are dropped, and the second plan sets them again."""
    inner = getattr(responses.EC2ContainerServiceResponse, name)

    def outer(self):
        answer = inner(self)
        for source, target in KEPT.items():
            value = self._get_param(source)
            if value is not None:
                setattr(answer.result["service"], target, value)
        return answer

    setattr(responses.EC2ContainerServiceResponse, name, outer)


def steady():
    """Without: a service stays IN_PROGRESS with pendingCount for ever, and wait_for_steady_state never returns."""
    inner = models.EC2ContainerServiceBackend.describe_services

    def outer(self, *args, **kwargs):
        services, failures = inner(self, *args, **kwargs)
        for service in services:
            service.running_count, service.pending_count = service.desired_count, 0
            for deployment in service.deployments:
                deployment.update(
                    desiredCount=service.desired_count,
                    runningCount=service.desired_count,
                    pendingCount=0,
                    rolloutState="COMPLETED",
                    rolloutStateReason=f"ECS deployment {deployment['id']} completed.",
                    taskDefinition=service.task_definition,
                )
        return services, failures

    models.EC2ContainerServiceBackend.describe_services = outer
