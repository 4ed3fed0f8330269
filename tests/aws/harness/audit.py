"""What `terrace audit` says of the manifest, of terraform's state and of the account that was built: it is the same.

A report becomes lines: who is which tier, the paths, what came of each rule, the findings. Names of an account are
turned into the state's addresses first; machines that a group started count as the group. What an account says
otherwise is written down in the scenario (`live`), each line with its reason.
"""

import json
import subprocess

from .runner import Failed

# By what an account's things are called, beside their id, name and ARN.
CALLED = ("identifier", "cluster_identifier", "bucket", "key_id", "family", "arn", "id", "name")
SAME = {"accepted": "violated"}  # what a manifest accepts of itself, nobody accepts of an account


def report(program, env, folder, *args):
    """One report, as a program reads it."""
    done = subprocess.run([program, "audit", "--json", *args], cwd=folder, env=env, capture_output=True, text=True)
    if done.returncode not in (0, 1, 2):
        raise Failed(f"terrace audit {' '.join(map(str, args))}: exit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def names(state, asked):
    """What the account's things are called in the state: {name: address}, and {(type, name): address}."""
    known = {}
    balancers = {}
    managed = [r for r in state["resources"] if r["mode"] == "managed"]
    each = [(r, i["attributes"]) for r in managed for i in r["instances"]]
    for resource, own in each:
        if resource["type"] == "aws_lb":
            balancers[own["arn"]] = own["name"]
    for resource, own in each:
        address = f"{resource['type']}.{resource['name']}"
        called = {own.get(key) for key in CALLED}
        if resource["type"] == "aws_lb_listener":
            called.add(f"{balancers.get(own['load_balancer_arn'])}:{own['port']}")
        if resource["type"] == "aws_ecs_service":
            called.add(f"{own['cluster'].rpartition('/')[2]}/{own['name']}")
        for name in called - {None, ""}:
            known[resource["type"], name] = address
    groups = asked.one("autoscaling describe-auto-scaling-groups")["AutoScalingGroups"]
    for group in groups:
        for machine in group["Instances"]:
            address = known["aws_autoscaling_group", group["AutoScalingGroupName"]]
            known["aws_instance", machine["InstanceId"]] = address
    return known


# What a tier or a path names without its type.
SITES = (
    "aws_instance",
    "aws_autoscaling_group",
    "aws_lb",
    "aws_db_instance",
    "aws_rds_cluster",
    "aws_ecs_service",
    "aws_cloudfront_distribution",
)


def lines(told, known=None):
    """The verdicts of a report."""

    def site(name):
        if known is None or name == "internet":
            return name
        return next((known[t, name] for t in SITES if (t, name) in known), f"{name}, which is not in the state")

    def resource(finding):
        if known is None:
            return finding["resource"]
        return known.get((finding["type"], finding["resource"]), f"some {finding['type']}")

    found = told["findings"] + [one["finding"] for one in told["accepted"]]
    all_lines = {f"{line['tier']} {site(line['site'])}" for line in told["tiers"]}
    for path in told["paths"]:
        all_lines.add(" ".join(f"-{hop['on']}-> {site(hop['to'])}" if hop["on"] else site(hop["to"]) for hop in path))
    all_lines |= {f"{p['rule']} is {SAME.get(p['outcome'], p['outcome'])}" for p in told["properties"]}
    return all_lines | {f"{f['rule']} {f['verdict']} {resource(f)}" for f in found}


def compare(what, ours, theirs, written=()):
    """Nothing differs but what is written down, and that does."""
    found = {f"- {line}" for line in ours - theirs} | {f"+ {line}" for line in theirs - ours}
    expected = {line for one in written for line in one["says"]}
    wrong = [f"{what} says otherwise: {line}" for line in sorted(found - expected)]
    wrong += [f"{what} no longer says otherwise: {line}" for line in sorted(expected - found)]
    if wrong:
        raise Failed("\n".join(wrong))


def check(program, env, project, state, asked, url, scenario):
    """The three of them."""
    chosen = ["--env", scenario["environment"]] if scenario.get("environment") else []
    ours = lines(report(program, env, project, *chosen))
    if len(ours) < 30 or not any("->" in line for line in ours):
        raise Failed(f"the manifest's report says next to nothing: {sorted(ours)}")
    kept = project / "tf" / "terraform.tfstate"
    wrong = []
    told = report(program, env, project, str(kept))
    known = names(state, asked)
    network = next(name for (kind, name) in known if kind == "aws_vpc" and name.startswith("vpc-"))
    # The account has a network of its own, which is none of ours.
    live = ("--live", "--endpoint-url", url, "--region", scenario.get("region", "us-east-1"), "--vpc", network)
    account = report(program, env, project, *live)
    for name, theirs, written in (
        ("the state", lines(told), ()),
        ("the account", lines(account, known), scenario.get("live", ())),
    ):
        try:
            compare(name, ours, theirs, written)
        except Failed as failed:
            wrong.append(str(failed))
    if wrong:
        raise Failed("\n".join(wrong))
