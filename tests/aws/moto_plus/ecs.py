"""ECS services."""

from moto.ecs import responses

KEPT = {
    "enableExecuteCommand": "enable_execute_command",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "deploymentConfiguration": "deployment_configuration",
}


def install():
    """Without: these fields of a service are dropped, and the second plan sets them again."""
    for name in ("create_service", "update_service"):
        keep(name)


def keep(name):
    inner = getattr(responses.EC2ContainerServiceResponse, name)

    def outer(self):
        answer = inner(self)
        for source, target in KEPT.items():
            value = self._get_param(source)
            if value is not None:
                setattr(answer.result["service"], target, value)
        return answer

    setattr(responses.EC2ContainerServiceResponse, name, outer)
