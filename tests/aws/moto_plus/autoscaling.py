"""EC2 Auto Scaling and Application Auto Scaling."""

import json
import uuid
from datetime import UTC, datetime

from moto.applicationautoscaling import responses as application
from moto.autoscaling import exceptions, models, responses
from moto.core.responses import ActionResult, EmptyResult
from moto.elbv2 import models as balancers

from . import play


def install():
    scaling_policies()
    instance_refresh()
    notifications()
    group_settings()
    scalable_target_tags()


def scaling_policies():
    """Without: the second plan changes enabled (false) and an empty predictive_scaling_configuration."""
    init = models.FakeScalingPolicy.__init__

    def patched(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self.enabled = True
        if not self.predictive_scaling_configuration:
            self.predictive_scaling_configuration = None

    models.FakeScalingPolicy.__init__ = patched


def instance_refresh():
    """Without: StartInstanceRefresh and DescribeInstanceRefreshes answer 500.

    A refresh with a desired configuration replaces the machines when it is looked at, and is over at the next look.
    Where a test has machines be unhealthy (`play.py`), it goes on until it is taken back.
    """
    held, cls = {}, responses.AutoScalingResponse

    def start(self):
        name = self._get_param("AutoScalingGroupName")
        group = self.autoscaling_backend.describe_auto_scaling_groups([name])[0]
        desired = self._get_param("DesiredConfiguration")
        refresh = {
            "InstanceRefreshId": str(uuid.uuid4()),
            "AutoScalingGroupName": name,
            "Status": "Pending",
            "StartTime": datetime.now(UTC),
            "PercentageComplete": 0,
            "InstancesToUpdate": len(group.instance_states),
            "Preferences": self._get_param("Preferences", {}) or {},
        }
        if desired:
            refresh["DesiredConfiguration"] = desired
            refresh["_from"] = group.provided_launch_template_version
        held.setdefault(name, []).insert(0, refresh)
        return ActionResult({"InstanceRefreshId": refresh["InstanceRefreshId"]})

    def step(self, r):
        group = self.autoscaling_backend.autoscaling_groups[r["AutoScalingGroupName"]]
        if r["Status"] == "Pending":
            r["Status"] = "InProgress"
            if "DesiredConfiguration" in r:
                version = r["DesiredConfiguration"]["LaunchTemplate"]["Version"]
                r["_bad"] = renew(group, version, play.get("machines"))
        elif r["Status"] == "InProgress" and not r.get("_bad"):
            r.update(Status="Successful", PercentageComplete=100, InstancesToUpdate=0, EndTime=datetime.now(UTC))
            if "DesiredConfiguration" in r:
                adopt(group, r["DesiredConfiguration"]["LaunchTemplate"]["Version"])
        elif r["Status"] == "RollbackInProgress":
            renew(group, r["_from"], None)
            r.update(Status="RollbackSuccessful", PercentageComplete=100, EndTime=datetime.now(UTC))

    def describe(self):
        name, ids = self._get_param("AutoScalingGroupName"), self._get_param("InstanceRefreshIds", []) or []
        found = [r for r in held.get(name, []) if not ids or r["InstanceRefreshId"] in ids]
        answer = ActionResult({"InstanceRefreshes": [{k: v for k, v in r.items() if k[0] != "_"} for r in found]})
        for r in found:
            step(self, r)
        return answer

    def change(status):
        def changed(self):
            for r in held.get(self._get_param("AutoScalingGroupName"), []):
                if r["Status"] in ("Pending", "InProgress"):
                    r["Status"] = status
                    return ActionResult({"InstanceRefreshId": r["InstanceRefreshId"]})
            raise NoRefresh("No active instance refresh was found")

        return changed

    cls.start_instance_refresh = start
    cls.describe_instance_refreshes = describe
    cls.cancel_instance_refresh = change("Cancelled")
    cls.rollback_instance_refresh = change("RollbackInProgress")
    versions()
    unhealthy()


class NoRefresh(exceptions.AutoscalingClientError):
    code = "ActiveInstanceRefreshNotFound"


BAD = set()  # machines that their load balancers find unhealthy


def adopt(group, version):
    group.launch_template_version = group.provided_launch_template_version = version


def renew(group, version, bad):
    """All machines anew, of a version; with `bad`, as machines that do not answer, and what they log."""
    backend, before = group.autoscaling_backend, group.launch_template_version
    gone = [state.instance.id for state in group.instance_states]
    group.launch_template_version = version
    group.instance_states = []
    group.replace_autoscaling_group_instances(len(gone), group.get_propagated_tags())
    group.launch_template_version = before
    new = [state.instance.id for state in group.instance_states]
    for arn in group.target_group_arns or []:
        backend.elbv2_backend.deregister_targets(arn, [{"Id": id_} for id_ in gone])
    if gone:
        backend.ec2_backend.terminate_instances(gone)
    backend.update_attached_target_groups(group.name)
    if bad:
        BAD.update(new)
        for id_ in new:
            play.log(backend.account_id, backend.region_name, bad["group"], id_, bad.get("log", []))
    else:
        adopt(group, version)
    return bool(bad)


def versions():
    """Without: every machine is of the template's default version, whatever it was started from."""
    inner = models.FakeAutoScalingGroup.replace_autoscaling_group_instances

    def replaced(self, *args, **kwargs):
        known = set(map(id, self.instance_states))
        inner(self, *args, **kwargs)
        for state in self.instance_states:
            if id(state) not in known and self.ec2_launch_template:
                state._version = str(self.ec2_launch_template.get_version(self.launch_template_version).number)

    models.FakeAutoScalingGroup.replace_autoscaling_group_instances = replaced
    shown = models.InstanceState.launch_template.fget

    def template(self):
        told = shown(self)
        return told and {**told, "Version": getattr(self, "_version", str(told["Version"]))}

    models.InstanceState.launch_template = property(template)


def unhealthy():
    inner = balancers.ELBv2Backend.describe_target_health

    def outer(self, target_group_arn, targets):
        found = inner(self, target_group_arn, targets)
        for one in found:
            if one.instance_id in BAD:
                one.status, one.reason = "unhealthy", "Target.FailedHealthChecks"
                one.description = "Health checks failed"
        return found

    balancers.ELBv2Backend.describe_target_health = outer


def group_settings():
    """Without: warm-up and maintenance policy of a group read back empty, and the second plan sets them again."""

    def keep(name):
        inner = getattr(responses.AutoScalingResponse, name)

        def outer(self):
            answer = inner(self)
            group = self.autoscaling_backend.autoscaling_groups[self._get_param("AutoScalingGroupName")]
            warmup, policy = self._get_param("DefaultInstanceWarmup"), self._get_param("InstanceMaintenancePolicy")
            if warmup is not None:
                group.default_instance_warmup = int(warmup)
            if policy is not None:
                group.instance_maintenance_policy = {k: int(v) for k, v in policy.items()}
            return answer

        setattr(responses.AutoScalingResponse, name, outer)

    keep("create_auto_scaling_group")
    keep("update_auto_scaling_group")


def notifications():
    """Without: PutNotificationConfiguration and its neighbours answer 500."""
    held = {}

    def put(self):
        name, topic = self._get_param("AutoScalingGroupName"), self._get_param("TopicARN")
        held[name, topic] = self._get_param("NotificationTypes", [])
        return EmptyResult()

    def describe(self):
        names = self._get_param("AutoScalingGroupNames", []) or []
        return ActionResult(
            {
                "NotificationConfigurations": [
                    {"AutoScalingGroupName": name, "TopicARN": topic, "NotificationType": kind}
                    for (name, topic), kinds in held.items()
                    for kind in kinds
                    if not names or name in names
                ]
            }
        )

    def delete(self):
        held.pop((self._get_param("AutoScalingGroupName"), self._get_param("TopicARN")), None)
        return EmptyResult()

    cls = responses.AutoScalingResponse
    cls.put_notification_configuration = put
    cls.describe_notification_configurations = describe
    cls.delete_notification_configuration = delete


def scalable_target_tags():
    """Without: ListTagsForResource answers 500, and the provider always asks; it retries for minutes."""
    tags = {}
    cls = application.ApplicationAutoScalingResponse
    register = cls.register_scalable_target

    def registered(self):
        out = register(self)
        if given := self._get_param("Tags"):
            tags.setdefault(json.loads(out)["ScalableTargetARN"], {}).update(given)
        return out

    def tag(self):
        tags.setdefault(self._get_param("ResourceARN"), {}).update(self._get_param("Tags") or {})
        return "{}"

    def untag(self):
        for key in self._get_param("TagKeys") or []:
            tags.get(self._get_param("ResourceARN"), {}).pop(key, None)
        return "{}"

    cls.register_scalable_target = registered
    cls.tag_resource = tag
    cls.untag_resource = untag
    cls.list_tags_for_resource = lambda self: json.dumps({"Tags": tags.get(self._get_param("ResourceARN"), {})})
