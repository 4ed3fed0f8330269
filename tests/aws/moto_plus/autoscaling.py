"""EC2 Auto Scaling and Application Auto Scaling."""

import json
import uuid
from datetime import UTC, datetime

from moto.applicationautoscaling import responses as application
from moto.autoscaling import models, responses
from moto.core.responses import ActionResult, EmptyResult


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
    """Without: StartInstanceRefresh and DescribeInstanceRefreshes answer 500. A refresh is over once asked for."""
    held = {}

    def start(self):
        name = self._get_param("AutoScalingGroupName")
        self.autoscaling_backend.describe_auto_scaling_groups([name])
        refresh = {
            "InstanceRefreshId": str(uuid.uuid4()),
            "AutoScalingGroupName": name,
            "Status": "InProgress",
            "StartTime": datetime.now(UTC),
            "PercentageComplete": 0,
            "InstancesToUpdate": 0,
            "Preferences": self._get_param("Preferences", {}) or {},
        }
        held.setdefault(name, []).insert(0, refresh)
        return ActionResult({"InstanceRefreshId": refresh["InstanceRefreshId"]})

    def describe(self):
        name, ids = self._get_param("AutoScalingGroupName"), self._get_param("InstanceRefreshIds", []) or []
        found = [r for r in held.get(name, []) if not ids or r["InstanceRefreshId"] in ids]
        answer = ActionResult({"InstanceRefreshes": [dict(r) for r in found]})
        for r in found:
            if r["Status"] == "InProgress":
                r.update(Status="Successful", PercentageComplete=100, EndTime=datetime.now(UTC))
        return answer

    def cancel(self):
        for r in held.get(self._get_param("AutoScalingGroupName"), []):
            if r["Status"] == "InProgress":
                r["Status"] = "Cancelled"
                return ActionResult({"InstanceRefreshId": r["InstanceRefreshId"]})
        return ActionResult({})

    responses.AutoScalingResponse.start_instance_refresh = start
    responses.AutoScalingResponse.describe_instance_refreshes = describe
    responses.AutoScalingResponse.cancel_instance_refresh = cancel


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
