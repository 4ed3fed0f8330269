"""What Terraform asked of the emulator is allowed by the policies that `terrace policy` prints.

A judge of IAM policies that shares nothing with Terrace's: small, because these policies only allow. What is not known of
a request (the tags of what has none in the emulator's books) counts as fitting; what is known has to fit.
"""

import json
import re
import subprocess

from .runner import Failed

ACCOUNT = "123456789012"

# What the provider asks and does not need: why.
UNNEEDED = {
    ("iam", "GetUser"): "who asks, where skip_credentials_validation is set, which only the emulator needs",
    ("ec2", "GetInstanceUefiData"): "the provider names an image where an instance belongs, and goes on without",
}
SERVICES = {"monitoring": "cloudwatch"}
# Where IAM's word for an operation is another one (Service Authorization Reference).
ACTIONS = {
    "s3": {
        "HeadBucket": "ListBucket",
        "HeadObject": "GetObject",
        "ListObjectsV2": "ListBucket",
        "ListObjects": "ListBucket",
        "ListObjectVersions": "ListBucketVersions",
        "CopyObject": "PutObject",
        "CreateMultipartUpload": "PutObject",
        "UploadPart": "PutObject",
        "CompleteMultipartUpload": "PutObject",
        "DeleteObjects": "DeleteObject",
        "GetBucketEncryption": "GetEncryptionConfiguration",
        "PutBucketEncryption": "PutEncryptionConfiguration",
        "DeleteBucketEncryption": "PutEncryptionConfiguration",
        "GetBucketLifecycle": "GetLifecycleConfiguration",
        "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
        "PutBucketLifecycle": "PutLifecycleConfiguration",
        "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
        "DeleteBucketLifecycle": "PutLifecycleConfiguration",
        "GetBucketCors": "GetBucketCORS",
        "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
        "GetBucketReplication": "GetReplicationConfiguration",
        "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
        "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
        "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
        "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
        "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
        "DeleteBucketTagging": "PutBucketTagging",
    },
    "cloudfront": {"CreateDistributionWithTags": "CreateDistribution"},
    "budgets": {
        **dict.fromkeys(("CreateBudget", "UpdateBudget", "DeleteBudget", "CreateNotification"), "ModifyBudget"),
        **dict.fromkeys(("UpdateNotification", "DeleteNotification", "CreateSubscriber"), "ModifyBudget"),
        **dict.fromkeys(("DescribeBudget", "DescribeNotificationsForBudget"), "ViewBudget"),
        **dict.fromkeys(("DescribeSubscribersForNotification",), "ViewBudget"),
    },
}
# What is asked besides, if something gets tags as it is made.
TAGGING = {
    "acm": "AddTagsToCertificate",
    "application-autoscaling": "TagResource",
    "autoscaling": "CreateOrUpdateTags",
    "cloudfront": "TagResource",
    "cloudwatch": "TagResource",
    "ecr": "TagResource",
    "ecs": "TagResource",
    "elasticloadbalancing": "AddTags",
    "events": "TagResource",
    "imagebuilder": "TagResource",
    "kms": "TagResource",
    "logs": "TagResource",
    "rds": "AddTagsToResource",
    "secretsmanager": "TagResource",
    "sns": "TagResource",
    "ssm": "AddTagsToResource",
}
# To which service a role is handed, by the one that is asked.
PASSED = {
    "ec2": "vpc-flow-logs.amazonaws.com",
    "ecs": "ecs-tasks.amazonaws.com",
    "iam": "ec2.amazonaws.com",
    "rds": "monitoring.rds.amazonaws.com",
}
# Names that an ARN follows from, by service and field.
NAMED = {
    ("iam", "RoleName"): "arn:aws:iam::{account}:role/{value}",
    ("iam", "InstanceProfileName"): "arn:aws:iam::{account}:instance-profile/{value}",
    ("logs", "logGroupName"): "arn:aws:logs:{region}:{account}:log-group:{value}",
    ("rds", "DBInstanceIdentifier"): "arn:aws:rds:{region}:{account}:db:{value}",
    ("rds", "DBSubnetGroupName"): "arn:aws:rds:{region}:{account}:subgrp:{value}",
    ("rds", "DBParameterGroupName"): "arn:aws:rds:{region}:{account}:pg:{value}",
    ("rds", "DBClusterIdentifier"): "arn:aws:rds:{region}:{account}:cluster:{value}",
    ("rds", "DBClusterParameterGroupName"): "arn:aws:rds:{region}:{account}:cluster-pg:{value}",
    ("ssm", "Name"): "arn:aws:ssm:{region}:{account}:parameter{value}",
    ("events", "Rule"): "arn:aws:events:{region}:{account}:rule/{value}",
    ("cloudwatch", "AlarmName"): "arn:aws:cloudwatch:{region}:{account}:alarm:{value}",
    ("ecr", "repositoryName"): "arn:aws:ecr:{region}:{account}:repository/{value}",
    ("autoscaling", "AutoScalingGroupName"): "arn:aws:autoscaling:{region}:{account}:autoScalingGroup:x:"
    "autoScalingGroupName/{value}",
    ("budgets", "BudgetName"): "arn:aws:budgets::{account}:budget/{value}",
    ("kms", "AliasName"): "arn:aws:kms:{region}:{account}:{value}",
}
EC2 = {
    "vpc": "vpc",
    "subnet": "subnet",
    "rtb": "route-table",
    "igw": "internet-gateway",
    "nat": "natgateway",
    "eipalloc": "elastic-ip",
    "vpce": "vpc-endpoint",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "fl": "vpc-flow-log",
    "lt": "launch-template",
    "i": "instance",
}
# Fields with ids of what is only mentioned, not changed: IAM is not asked about them.
MENTIONED = re.compile(r"^(IpPermissions|LaunchTemplateData|SecurityGroupRule(Id)?\.|Filter)|^(GatewayId|NatGatewayId)$")
ID = re.compile(r"^([a-z]+)-[0-9a-f]{8,17}$")


def policies(program, environment, project, name):
    command = [program, "policy", "--exported", "--account", ACCOUNT, str(project), "--format", "json"]
    command += ["--env", name] if name else []
    ran = subprocess.run(command, capture_output=True, text=True, env=environment)
    if ran.returncode:
        raise Failed(f"terrace policy: {ran.stderr}")
    (role,) = json.loads(ran.stdout)["roles"]
    return [statement for policy in role["policies"] for statement in policy["document"]["Statement"]]


def many(value):
    return value if isinstance(value, list) else [value]


def pattern(text, flags=0):
    text = re.sub(r"\$\{[^}]*\}", "*", text)
    return re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in text) + r"\Z", flags)


def holds(statement, context):
    for operator, keys in statement.get("Condition", {}).items():
        for key, wanted in keys.items():
            if key not in context:
                continue
            have, wanted = context[key], many(wanted)
            if operator == "Null":
                fits = (have is None) == (wanted == ["true"])
            elif have is None:
                fits = operator.endswith("IfExists") or operator.startswith("ForAllValues")
            elif "Like" in operator or operator.startswith("Arn"):
                fits = all(any(pattern(w).match(h) for w in wanted) for h in many(have))
            else:
                fits = all(h in wanted for h in many(have))
            if not fits:
                return False
    return True


def allowed(statements, action, arn, context):
    """By one statement that speaks of the action, of the resource if that is known, and whose conditions hold."""
    return any(
        action.lower() in (a.lower() for a in many(s["Action"]))
        and (arn is None or any(pattern(r).match(arn) for r in many(s["Resource"])))
        and holds(s, context)
        for s in statements
    )


def tags(fields, of, prefix=""):
    """Tags among flattened fields (`Tags.Tag.1.Key`, `tags.items`, …), as context keys."""
    found = {}
    for field, key in fields.items():
        if field.startswith(prefix) and re.search(r"tags?\w*\.(\w+\.)*\d*\.?key$", field, re.IGNORECASE):
            value = next((fields[f] for f in (field[:-3] + "Value", field[:-3] + "value") if f in fields), None)
            if value is not None:
                found[f"{of}/{key}"] = value
        match = re.match(r"^(?:tags|Tags)\.(terrace:\w+|Name)$", field)
        if match:
            found[f"{of}/{match[1]}"] = key
    return found


def known(found, of):
    """With what is surely absent."""
    return {f"{of}/terrace:{name}": found.get(f"{of}/terrace:{name}") for name in ("system", "environment")}


def requests(call):
    """What IAM would be asked about a call: action, ARN or none, context."""
    service = SERVICES.get(call["service"], call["service"])
    operation, fields = call["operation"], call["fields"]
    action = f"{service}:{ACTIONS.get(service, {}).get(operation, operation)}"
    if action in ("s3:DeleteObject", "s3:GetObject") and "versionId" in fields:
        action += "Version"
    given = tags(fields, "aws:RequestTag")
    if service == "ec2":
        yield from of_ec2(action, operation, fields, call)
        yield from handed(service, fields)
        return
    context = known(given, "aws:RequestTag") if given else {}
    arns = []
    if service == "s3":
        keys = [value for field, value in fields.items() if field == "Key" or field.startswith("Keys.")]
        arns = [f"arn:aws:s3:::{fields['Bucket']}/{key}" for key in keys] or [f"arn:aws:s3:::{fields['Bucket']}"]
    for field, value in fields.items():
        place = {"region": call["region"], "account": ACCOUNT, "value": value}
        if field == "RoleName" and "InstanceProfileName" in fields:
            continue  # it is the profile that is changed; the role is handed over
        if (service, field) in NAMED:
            arns.append(NAMED[service, field].format(**place))
    yield from ((action, arn, context) for arn in arns or [None])
    if given and service in TAGGING and f"{service}:{TAGGING[service]}" != action:
        yield f"{service}:{TAGGING[service]}", None, context
    if "RoleName" in fields and operation == "AddRoleToInstanceProfile":
        role = f"arn:aws:iam::{ACCOUNT}:role/{fields['RoleName']}"
        yield "iam:PassRole", role, {"iam:PassedToService": PASSED["iam"]}
    if service != "iam":
        yield from handed(service, fields)


def handed(service, fields):
    """The roles that a request hands to a service."""
    for value in fields.values():
        if re.match(rf"arn:aws:iam::{ACCOUNT}:role/(?!aws-service-role)", value):
            yield "iam:PassRole", value, {"iam:PassedToService": PASSED[service]} if service in PASSED else {}


def of_ec2(action, operation, fields, call):
    region = call["region"]
    makes = [v for f, v in fields.items() if re.match(r"TagSpecifications?\.\d+\.ResourceType$", f)]
    if operation == "CreateLaunchTemplate":
        makes = [v for f, v in fields.items() if f == "TagSpecification.1.ResourceType"]
    given = tags(fields, "aws:RequestTag", "" if operation == "CreateTags" else "TagSpecification")
    asked = known(given, "aws:RequestTag")
    told = False
    for kind in makes:
        arn = f"arn:aws:ec2:{region}:{ACCOUNT}:{kind}/new"
        fresh = asked | known({}, "aws:ResourceTag")
        yield action, arn, fresh
        yield "ec2:CreateTags", arn, fresh | {"ec2:CreateAction": operation}
        told = True
    if not re.match("Describe|Get", operation):
        for field, value in fields.items():
            match = ID.match(value)
            if match and match[1] in EC2 and not MENTIONED.match(field):
                has = {f"aws:ResourceTag/{k}": v for k, v in call["tagged"].get(value, {}).items()}
                arn = f"arn:aws:ec2:{region}:{ACCOUNT}:{EC2[match[1]]}/{value}"
                yield action, arn, asked | known(has, "aws:ResourceTag") | {"ec2:CreateAction": None}
                told = True
    if not told:
        yield action, None, {}


def check(statements, calls):
    """Each request of Terraform's is allowed; the number of different ones."""
    asked = {}
    for call in calls:
        if call["by"] != "terraform" or (call["service"], call["operation"]) in UNNEEDED:
            continue
        if call["operation"].startswith("?"):
            raise Failed(f"an operation has no name: {call['operation']}")
        for action, arn, context in requests(call):
            asked[action, arn, json.dumps(context, sort_keys=True)] = context
    if not asked:
        raise Failed("nothing was asked")
    denied = sorted(
        {f"{action} on {arn or 'something'} {given if given != '{}' else ''}" for (action, arn, given), context in asked.items()
         if not allowed(statements, action, arn, context)}
    )
    if denied:
        raise Failed(f"{len(denied)} requests are not allowed:\n" + "\n".join(denied))
    # The judge can say no: without any one statement that Terraform needs, something is denied.
    needed = [
        s
        for s in statements
        if not all(allowed([o for o in statements if o is not s], a, r, c) for (a, r, _), c in asked.items())
    ]
    if len(needed) < 10:
        raise Failed(f"only {len(needed)} of {len(statements)} statements matter to what was asked")
    return len(asked)
