"""S3: a policy that denies what comes without TLS.

moto reads no conditions, so that such a statement denies everything. Here every request counts as one over TLS, which
it would be on AWS; statements with other conditions are left to moto.
"""

import json

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket


def without_tls(statement):
    condition = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    return statement["Effect"] == "Deny" and condition in ("false", ["false"], False)


def get_permission(self, action, resource):
    if self.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(self.policy)
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    policy["Statement"] = [s for s in statements if not without_tls(s)]
    return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)


def install():
    FakeBucket.get_permission = get_permission
