"""Answers of many calls put as the lines a reviewer would write: rules by the groups' names, routes by tier.

A view takes an Asked and returns a sorted list of lines; scenarios compare with `equals`.
"""

from .runner import Failed

GROUPS = "ec2 describe-security-groups"
RULES = "ec2 describe-security-group-rules"
SUBNETS = "ec2 describe-subnets"
ROUTES = "ec2 describe-route-tables"
PREFIXES = "ec2 describe-managed-prefix-lists"
VPCS = "ec2 describe-vpcs"


def tag(thing, key="Name"):
    return next((t["Value"] for t in thing.get("Tags", []) if t["Key"] == key), None)


def vpc(asked):
    """The one VPC that is not the account's default."""
    ours = [v for v in asked.one(VPCS)["Vpcs"] if not v.get("IsDefault")]
    if len(ours) != 1:
        raise Failed(f"{len(ours)} VPCs beside the default one")
    return ours[0]["VpcId"]


def groups(asked):
    ours = vpc(asked)
    return {g["GroupId"]: g["GroupName"] for g in asked.one(GROUPS)["SecurityGroups"] if g.get("VpcId") == ours}


def rules(asked):
    """`GROUP in|out PEER PROTOCOL PORTS` for every rule of the VPC's groups."""
    names = groups(asked)
    prefixes = {p["PrefixListId"]: p["PrefixListName"] for p in asked.one(PREFIXES)["PrefixLists"]}
    lines = []
    for r in asked.one(RULES)["SecurityGroupRules"]:
        if r["GroupId"] not in names:
            continue
        group = (r.get("ReferencedGroupInfo") or {}).get("GroupId")
        peer = (
            names.get(group)
            or prefixes.get(r.get("PrefixListId"))
            or r.get("CidrIpv4")
            or r.get("CidrIpv6")
            or f"?{group}{r.get('PrefixListId')}"
        )
        low, high = r.get("FromPort", -1), r.get("ToPort", -1)
        ports = "all" if r["IpProtocol"] == "-1" else f"{low}" if low == high else f"{low}-{high}"
        lines.append(f"{names[r['GroupId']]} {'out' if r['IsEgress'] else 'in'} {peer} {r['IpProtocol']} {ports}")
    return sorted(lines)


def undescribed_rules(asked):
    """Rules without a description: each is to name its flow. The default group's own rules are AWS's."""
    names = groups(asked)
    return sorted(
        f"{names[r['GroupId']]} {r['SecurityGroupRuleId']}"
        for r in asked.one(RULES)["SecurityGroupRules"]
        if names.get(r["GroupId"], "default") != "default" and not r.get("Description")
    )


def open_rules(asked):
    """Rules that let anybody in."""
    return [line for line in rules(asked) if " in 0.0.0.0/0 " in line or " in ::/0 " in line]


def routes(asked):
    """`SUBNET DESTINATION TARGET` for every subnet's routes that leave the VPC; the target without its number."""
    ours = vpc(asked)
    subnets = {s["SubnetId"]: tag(s) or s["SubnetId"] for s in asked.one(SUBNETS)["Subnets"] if s["VpcId"] == ours}
    lines = []
    for table in asked.one(ROUTES)["RouteTables"]:
        if table.get("VpcId") != ours:
            continue
        for association in table.get("Associations", []):
            name = subnets.get(association.get("SubnetId"))
            if name is None:
                continue
            for r in table["Routes"]:
                target = r.get("NatGatewayId") or r.get("GatewayId") or r.get("TransitGatewayId") or "?"
                if target != "local" and not target.startswith("vpce-"):
                    destination = r.get("DestinationCidrBlock") or r.get("DestinationIpv6CidrBlock")
                    lines.append(f"{name} {destination} {target.split('-')[0]}")
    return sorted(set(lines))


def subnets(asked):
    """`SUBNET ZONE CIDR` for every subnet of the VPC."""
    ours = vpc(asked)
    return sorted(
        f"{tag(s)} {s['AvailabilityZone']} {s['CidrBlock']}"
        for s in asked.one(SUBNETS)["Subnets"]
        if s["VpcId"] == ours
    )


def statements(asked):
    """(role, statement) of every policy of ours: inline, and customer-managed ones that are attached."""
    for role in asked.one("iam list-roles")["Roles"]:
        name = role["RoleName"]
        if role["Path"].startswith("/aws-service-role/"):
            continue
        for policy in asked.one(f"iam list-role-policies --role-name {name}")["PolicyNames"]:
            document = asked.one(f"iam get-role-policy --role-name {name} --policy-name {policy}")["PolicyDocument"]
            yield from ((name, s) for s in document["Statement"])
        for policy in asked.one(f"iam list-attached-role-policies --role-name {name}")["AttachedPolicies"]:
            arn = policy["PolicyArn"]
            if ":aws:policy/" not in arn:
                version = asked.one(f"iam get-policy --policy-arn {arn}")["Policy"]["DefaultVersionId"]
                got = asked.one(f"iam get-policy-version --policy-arn {arn} --version-id {version}")
                yield from ((name, s) for s in got["PolicyVersion"]["Document"]["Statement"])


def wide_permissions(asked):
    """`ROLE ACTION` for every action that a role is allowed with a star for the action or a whole service."""
    lines = set()
    for role, statement in statements(asked):
        actions = statement.get("Action", ["NotAction"])
        for action in [actions] if isinstance(actions, str) else actions:
            if statement["Effect"] == "Allow" and (action.endswith("*") or action == "NotAction"):
                lines.add(f"{role} {action}")
    return sorted(lines)


def secret_readers(asked):
    """`ROLE RESOURCE` for every role that may read secrets, without accounts and random endings."""
    lines = set()
    for role, statement in statements(asked):
        actions = statement.get("Action", [])
        if "secretsmanager:GetSecretValue" in ([actions] if isinstance(actions, str) else actions):
            resources = statement["Resource"]
            for resource in [resources] if isinstance(resources, str) else resources:
                name = resource.split(":secret:")[-1]
                lines.add(f"{role} {'the database' if name.startswith('rds!') else name.rsplit('-', 1)[0]}")
    return sorted(lines)


VIEWS = {
    "rules": rules,
    "undescribed rules": undescribed_rules,
    "open rules": open_rules,
    "routes": routes,
    "subnets": subnets,
    "wide permissions": wide_permissions,
    "secret readers": secret_readers,
}
