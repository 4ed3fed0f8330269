"""The system that was built, as the reader of live accounts tells it (crates/terrace-live), beside terraform's state."""

import json
import os
import subprocess

from .runner import Failed

# Types of the state that stand in an account as something of their own, and by what they are known there.
KNOWN_BY = {
    "aws_autoscaling_group": "name",
    "aws_cloudfront_distribution": "id",
    "aws_cloudfront_origin_access_control": "id",
    "aws_db_instance": "identifier",
    "aws_db_subnet_group": "name",
    "aws_ecs_cluster": "arn",
    "aws_ecs_task_definition": "arn",
    "aws_eip": "id",
    "aws_iam_instance_profile": "arn",
    "aws_iam_role": "arn",
    "aws_internet_gateway": "id",
    "aws_kms_key": "arn",
    "aws_launch_template": "id",
    "aws_lb": "arn",
    "aws_lb_listener": "arn",
    "aws_lb_listener_rule": "arn",
    "aws_lb_target_group": "arn",
    "aws_nat_gateway": "id",
    "aws_network_acl": "id",
    "aws_rds_cluster": "cluster_identifier",
    "aws_rds_cluster_instance": "identifier",
    "aws_route_table": "id",
    "aws_route_table_association": "id",
    "aws_s3_bucket": "bucket",
    "aws_secretsmanager_secret": "arn",
    "aws_security_group": "id",
    "aws_sns_topic": "arn",
    "aws_ssm_parameter": "name",
    "aws_subnet": "id",
    "aws_vpc": "id",
    "aws_vpc_endpoint": "id",
}
# What the emulator does not offer.
UNOFFERED = ("cloudfront:ListVpcOrigins", "cloudfront:ListOriginAccessControls")


def program():
    """The program that prints an account, or None where nobody names one."""
    return os.environ.get("TERRACE_LIVE")


def check(state, env, region):
    """Everything that terraform built is told; so is which rules each group has, and how many routes each table."""
    done = subprocess.run([program()], env=env | {"AWS_REGION": region}, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"the account cannot be read: {done.stderr}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    unread = [line for line in lines if "unread" in line and line["unread"] not in UNOFFERED]
    items = {}
    for line in lines:
        if "type" in line:
            key = KNOWN_BY.get(line["type"])
            items[line["type"], line["arguments"].get(key)] = line["arguments"]
    wrong = [f"{line['unread']} {line['why']}" for line in unread]
    rules, seen = {}, 0
    for resource in state["resources"]:
        for instance in resource["instances"] if resource["mode"] == "managed" else []:
            own = instance["attributes"]
            if resource["type"].startswith("aws_vpc_security_group_"):
                way = "ingress" if "ingress" in resource["type"] else "egress"
                rules.setdefault((own["security_group_id"], way), []).append(own)
            key = KNOWN_BY.get(resource["type"])
            if not key:
                continue
            seen += 1
            if (resource["type"], own[key]) not in items:
                wrong.append(f"{resource['type']}.{resource['name']} ({own[key]}) is not told")
    for (group, way), given in rules.items():
        told = items.get(("aws_security_group", group), {}).get(way, [])
        peers = ("cidr_blocks", "ipv6_cidr_blocks", "security_groups", "prefix_list_ids")
        peers = sum(len(block.get(p, [])) for block in told for p in peers) + sum(bool(b.get("self")) for b in told)
        if peers != len(given):
            wrong.append(f"{group} has {len(given)} {way} rules, and {peers} are told")
    if wrong:
        raise Failed("\n".join(wrong))
    if not seen:
        raise Failed("the state holds nothing that could be compared")
