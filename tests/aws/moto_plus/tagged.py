"""The tags that things had before a call, where IAM is asked about them: by the last word of their ARNs, or by id."""

import re

from moto.ec2.models import ec2_backends
from moto.rds.models import rds_backends
from moto.secretsmanager.models import secretsmanager_backends

ACCOUNT = "123456789012"
EC2 = re.compile(r"^[a-z]+(-[a-z]+)*-[0-9a-f]{8,17}$")


def before(service, region, values, cdn=None):
    """{last word: {key: value}} of what a request names; the CDN is ours, and its tags are beside it by ARN."""
    if service == "ec2":
        known = ec2_backends[ACCOUNT][region].tags
        return {value: dict(known.get(value, {})) for value in values if EC2.match(value)}
    if service == "rds":
        rds = rds_backends[ACCOUNT][region]
        kinds = (rds.database_snapshots, rds.cluster_snapshots)
        return {value: pairs(kept[value]) for value in values for kept in kinds if value in kept}
    if service == "secretsmanager":
        kept = secretsmanager_backends[ACCOUNT][region].secrets
        return {v.rpartition(":")[2]: pairs(kept.get(v)) for v in values if v.startswith("arn:") and kept.get(v)}
    if service == "cloudfront":
        known = {arn.rpartition("/")[2]: tags for arn, tags in getattr(cdn, "tags", {}).items()}
        return {value: known[value] for value in values if value in known}
    return {}


def pairs(thing):
    return {tag["Key"]: tag["Value"] for tag in thing.tags or []}
