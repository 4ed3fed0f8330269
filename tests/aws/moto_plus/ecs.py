"""ECS services: what they were given is kept, they have tasks, and they are steady as soon as somebody looks.

Where a test plays (`play.py`), a service has tasks, which answer its load balancer. Where it has them stop, those of a
task definition that the service was not told to run before stop with an exit code and a log; one more at every look.
Tasks that somebody runs (migrations) are over when somebody looks.
"""

import ipaddress

from moto.ec2.models import ec2_backends
from moto.ecs import models, responses
from moto.elbv2 import models as balancers
from moto.moto_api._internal import mock_random

from . import play

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
    interfaces()
    updates()
    steady()
    tasks()
    gone()
    stopped()
    runs_once()
    targets()


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


def interfaces():
    """Without: a task's interface has an address of no subnet, and nothing says that it is a task's."""
    init = models.Task.__init__

    def patched(self, *args, **kwargs):
        init(self, *args, **kwargs)
        ec2 = ec2_backends[self._account_id][self.region_name]
        for attachment in self.attachments:
            details = {d["name"]: d for d in attachment["details"]}
            interface = ec2.enis.get(details.get("networkInterfaceId", {}).get("value"))
            if interface is None:
                continue
            block = ipaddress.ip_network(interface.subnet.cidr_block)
            address = str(block[mock_random.randint(4, block.num_addresses - 2)])
            interface.description = f"arn:aws:ecs:{self.region_name}:{self._account_id}:attachment/{attachment['id']}"
            interface.private_ip_address = details["privateIPv4Address"]["value"] = address
            interface.private_ip_addresses = [{"PrivateIpAddress": address, "Primary": True}]

    models.Task.__init__ = patched


def updates():
    """Without: another task definition is no new deployment, and its tasks cannot be told from those before."""
    inner = models.EC2ContainerServiceBackend.update_service

    def outer(self, properties):
        service = self._get_service(properties.get("cluster", "default"), properties["service"].split("/")[-1])
        before, forced = service.task_definition, properties.get("force_new_deployment")
        inner(self, properties)
        if service.task_definition != before or forced:
            stops = play.get("task") if service.task_definition not in ran(service) else None
            broken(service)[service.task_definition] = stops
            for deployment in service.deployments[:1]:
                deployment.update(
                    id=f"ecs-svc/{mock_random.randint(0, 32**12)}", createdAt=models.utcnow(), updatedAt=models.utcnow()
                )
        return service

    models.EC2ContainerServiceBackend.update_service = outer


def ran(service):
    """The task definitions whose tasks have run."""
    return service.__dict__.setdefault("_ran", set())


def broken(service):
    """How the tasks of a task definition stop."""
    return service.__dict__.setdefault("_broken", {})


def steady():
    """Without: a service stays IN_PROGRESS with pendingCount for ever, and wait_for_steady_state never returns."""
    inner = models.EC2ContainerServiceBackend.describe_services

    def outer(self, *args, **kwargs):
        services, failures = inner(self, *args, **kwargs)
        for service in services:
            stops = broken(service).get(service.task_definition) if play.get("task") else None
            running = 0 if stops else service.desired_count
            service.running_count, service.pending_count = service.desired_count, service.desired_count - running
            for deployment in service.deployments:
                state = "IN_PROGRESS" if stops else "COMPLETED"
                deployment.update(
                    desiredCount=service.desired_count,
                    runningCount=running,
                    pendingCount=service.desired_count - running,
                    rolloutState=state,
                    rolloutStateReason=f"ECS deployment {deployment['id']} {state.lower().replace('_', ' ')}.",
                    taskDefinition=service.task_definition,
                )
            if service.status == "ACTIVE" and play.playing():
                settle(self, service, stops)
        return services, failures

    models.EC2ContainerServiceBackend.describe_services = outer


def settle(backend, service, stops):
    """The service's tasks, as many as are to run; or one more that has stopped."""
    if stops:
        end(backend, start(backend, service), stops)
        return
    ran(service).add(service.task_definition)
    alive = [t for t in of(backend, service) if t.desired_status == "RUNNING"]
    for task in alive:
        if task.task_definition_arn != service.task_definition:
            halt(task, f"Scaling activity initiated by (deployment {service.deployments[0]['id']})")
    alive = [t for t in alive if t.desired_status == "RUNNING"]
    for _ in range(service.desired_count - len(alive)):
        start(backend, service)
    for task in alive[service.desired_count :]:
        halt(task, f"Scaling activity initiated by (deployment {service.deployments[0]['id']})")


def halt(task, reason):
    """A task that is over: its interface goes with it, or its network could not be taken away."""
    task.last_status = task.desired_status = "STOPPED"
    task.stopped_reason = reason
    task.containers[0].last_status = "STOPPED"
    for attachment in task.attachments:
        for detail in attachment["details"]:
            if detail["name"] == "networkInterfaceId":
                ec2_backends[task._account_id][task.region_name].enis.pop(detail["value"], None)


def gone():
    """Without: the tasks of a service that is deleted run on."""
    inner = models.EC2ContainerServiceBackend.delete_service

    def outer(self, *args, **kwargs):
        service = inner(self, *args, **kwargs)
        for task in of(self, service):
            halt(task, "The service was deleted")
        return service

    models.EC2ContainerServiceBackend.delete_service = outer


def stopped():
    """Without: the interface of a task that is stopped stays, and its network cannot be taken away."""
    inner = models.EC2ContainerServiceBackend.stop_task

    def outer(self, cluster, task, reason):
        task = inner(self, cluster, task, reason)
        halt(task, reason)
        return task

    models.EC2ContainerServiceBackend.stop_task = outer


def of(backend, service):
    held = backend.tasks.get(service.cluster_name, {})
    return [t for t in held.values() if t.group == f"service:{service.name}"]


def start(backend, service):
    cluster = backend._get_cluster(service.cluster_name)
    task = models.Task(
        cluster=cluster,
        task_definition=backend.describe_task_definition(service.task_definition),
        container_instance_arn=None,
        resource_requirements={},
        backend=backend,
        group=f"service:{service.name}",
        launch_type="FARGATE",
        started_by=service.deployments[0]["id"],
        networking_configuration=service.network_configuration,
    )
    task.advance = lambda: None
    task.containers[0].last_status = "RUNNING"
    task.containers[0].exitCode = None
    backend.tasks.setdefault(cluster.name, {})[task.task_arn] = task
    return task


def end(backend, task, how):
    """A task that has ended, with what it logged."""
    halt(task, "Essential container in task exited")
    task.stop_code = "EssentialContainerExited"
    task.containers[0].exitCode = how.get("exit", 0)
    definition = backend.describe_task_definition(task.task_definition_arn).container_definitions[0]
    options = definition.get("logConfiguration", {}).get("options", {})
    stream = f"{options.get('awslogs-stream-prefix')}/{definition['name']}/{task.id}"
    play.log(backend.account_id, backend.region_name, options.get("awslogs-group"), stream, how.get("log", []))


def tasks():
    """Without: tasks of a service cannot be listed."""
    inner = models.EC2ContainerServiceBackend.list_tasks

    def outer(self, *args, **kwargs):
        name = kwargs.get("service_name") or (args[4] if len(args) > 4 else None)
        found = inner(self, *args, **kwargs)
        name = name and name.split("/")[-1]
        return [t for t in found if not name or t.group == f"service:{name}"]

    models.EC2ContainerServiceBackend.list_tasks = outer


def runs_once():
    """Without: a token does not make two calls one, a task that is run never ends, and one whose containers name no
    memory cannot be run."""
    known = {}

    def run(self):
        token = self._get_param("clientToken")
        if token in known:
            return known[token]
        backend = self.ecs_backend
        cluster = backend._get_cluster(self._get_param("cluster", "default"))
        definition = backend.describe_task_definition(self._get_param("taskDefinition"))
        made = []
        for _ in range(self._get_int_param("count", 1)):
            task = models.Task(
                cluster=cluster,
                task_definition=definition,
                container_instance_arn=None,
                resource_requirements={},
                backend=backend,
                group=self._get_param("group") or f"family:{definition.family}",
                launch_type=self._get_param("launchType") or "",
                overrides=self._get_param("overrides"),
                started_by=self._get_param("startedBy") or "",
                networking_configuration=self._get_param("networkConfiguration"),
            )
            task.advance = lambda: None
            backend.tasks.setdefault(cluster.name, {})[task.task_arn] = task
            how = play.get("migration") or {"exit": 0}
            if not how.get("runs"):
                end(backend, task, how)
            made.append(task)
        answer = responses.ActionResult({"tasks": made, "failures": []})
        if token:
            known[token] = answer
        return answer

    responses.EC2ContainerServiceResponse.run_task = run


def targets():
    """Without: the target group of a service has no targets."""
    inner = balancers.ELBv2Backend.describe_target_health

    def outer(self, target_group_arn, targets):
        found = inner(self, target_group_arn, targets)
        backend = models.ecs_backends[self.account_id][self.region_name]
        for service in backend.services.values():
            mine = [b for b in service.load_balancers if b.get("targetGroupArn") == target_group_arn]
            if not mine or targets or service.status != "ACTIVE":
                continue
            for task in of(backend, service):
                details = {d["name"]: d["value"] for a in task.attachments for d in a["details"]}
                if task.desired_status == "RUNNING" and "privateIPv4Address" in details:
                    address, port = details["privateIPv4Address"], mine[0].get("containerPort", 80)
                    found.append(balancers.FakeHealthStatus(address, port, str(port), "healthy"))
        return found

    balancers.ELBv2Backend.describe_target_health = outer
