"""The part `models` of `tests/aws/run`: a test for each operation that was recorded, and one of what is caught."""

import os
from collections import Counter

from harness.runner import Failed, Job, Skipped

from .check import Checked, found

# Fewer operations than this, and most of what there should be was not recorded.
LEAST = 50


def told(service, call, body, status, answer, **more):
    """An exchange as it is recorded, of a service that speaks JSON."""
    headers = [["content-type", "application/x-amz-json-1.1"], ["x-amz-target", call]]
    answer = {"status": status, "headers": [], "body": answer}
    exchange = {"service": service, "method": "POST", "target": "/", "headers": headers, "body": body, "answer": answer}
    return exchange | more


def form(service, body, status, answer):
    headers = [["content-type", "application/x-www-form-urlencoded"]]
    return told(service, "", body, status, answer, headers=headers)


ECS = "AmazonEC2ContainerServiceV20141113"
VPCS = "Action=DescribeVpcs&Version=2016-11-15"
GROUPS = "Action=DescribeLoadBalancers&Version=2015-12-01"
# What is wrong with an exchange, and words that tell it; none of one that is right.
CAUGHT = [
    (told("ecs", f"{ECS}.ListTasks", '{"cluster": "a"}', 200, '{"taskArns": ["b"]}'), ""),
    (told("ecs", f"{ECS}.ListTasks", '{"clusters": "a"}', 200, "{}"), "sent: it: there is no member clusters"),
    (told("ecs", f"{ECS}.ListTasks", '{"desiredStatus": "GONE"}', 200, "{}"), "sent: desiredStatus: 'GONE' is none of"),
    (told("ecs", f"{ECS}.ListTasks", '{"maxResults": "1"}', 200, "{}"), "sent: maxResults: a number"),
    (told("ecs", f"{ECS}.DescribeTasks", "{}", 200, "{}"), "sent: it: tasks is required"),
    (told("ecs", "Ecs.ListTasks", "{}", 200, "{}"), "sent: x-amz-target: 'Ecs.ListTasks' is not"),
    (told("ecs", f"{ECS}.ListTask", "{}", 200, "{}"), "sent: ecs has no such operation"),
    (told("ecs", f"{ECS}.ListTasks", "{}", 200, '{"tasks": []}'), "answered: it: there is no member tasks"),
    (told("ecs", f"{ECS}.ListTasks", "{}", 200, '{"taskArns": [{}]}'), "answered: taskArns[0]: text (string) is meant"),
    (told("ecs", f"{ECS}.ListTasks", "{}", 400, '{"__type": "NoSuchException"}'), "NoSuchException is no error"),
    (told("ecs", f"{ECS}.ListTasks", "{}", 404, '{"__type": "ClientException"}'), "has status 400, not 404"),
    (told("ecs", f"{ECS}.ListTasks", "{}", 400, "<Error/>"), "answered: it: the refusal is not of the form"),
    (form("elasticloadbalancing", f"{GROUPS}&Names.1=a", 418, ""), "sent: it: there is no parameter Names.1"),
    (form("elasticloadbalancing", GROUPS.replace("15", "16"), 418, ""), "sent: Version: '2016-12-01' is not"),
    (form("elasticloadbalancing", f"{GROUPS}&Names.member.1=a", 200, "<R/>"), "the outermost element is DescribeLoad"),
    (form("ec2", f"{VPCS}&VpcIds.1=a", 418, ""), "there is no parameter VpcIds.1"),
    (
        form("ec2", f"{VPCS}&VpcId.1=a", 200, "<DescribeVpcsResponse><vpcs/></DescribeVpcsResponse>"),
        "answered: it: there is no member vpcs",
    ),
    (
        told("s3", "", "<Tagging/>", 200, "", method="PUT", target="/b/?tagging", headers=[]),
        "sent: it: a checksum of the body is required",
    ),
    (told("s3", "", "", 200, "", method="GET", target="/b/k?version=1", headers=[]), "there is no querystring version"),
]  # fmt: skip


def run(report):
    with report.test("each kind of mistake is caught"):
        for exchange, words in CAUGHT:
            name, wrong = found(exchange)
            if words not in "\n".join(wrong) or (not words and wrong):
                raise Failed(f"{name}: meant was {words!r}, found was {wrong}")
    folder = os.environ.get("TERRACE_ANSWERED")
    with report.test("the scripted AWS of the tests was recorded"):
        if not folder:
            raise Skipped(
                "TERRACE_ANSWERED names no folder with what the tests of Rust recorded, as `scripts/test aws` does"
            )
        checked = Checked(folder)
        if len(checked.counts) < LEAST:
            raise Failed(f"{len(checked.counts)} operations in {folder}: {Counter(checked.counts)}")
    if not folder:
        return
    for name, count in sorted(checked.counts.items()):
        with report.test(f"{name} ({count})"):
            if checked.wrong[name]:
                raise Failed(checked.told(name))
    with report.test("all that is meant to be wrong is so"):
        if checked.idle:
            raise Failed("\n".join(f"nothing is so any more: {one}" for one in checked.idle))


JOB = Job("models", run)
