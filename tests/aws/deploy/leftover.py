"""What a run that was killed has left of a migration: made here as that run makes it, and gone after `destroy`."""

import hashlib

from harness.runner import Failed

WHOSE = hashlib.sha256(b"items\ndefault").hexdigest()[:16]
TAGS = {"terrace:system": "items", "terrace:migrate": "9"}


def task(ground):
    """A task of release 9's migration, which runs on."""
    out = ground.outputs()
    asked = f"ecs describe-services --cluster {out['cluster']} --services {out['app_service']}"
    service = ground.aws(asked)["services"][0]
    places = service["networkConfiguration"]["awsvpcConfiguration"]
    network = f"subnets=[{','.join(places['subnets'])}],securityGroups=[{','.join(places['securityGroups'])}]"
    ground.play(migration={"runs": True})
    made = ground.aws(
        f"ecs run-task --cluster {out['cluster']} --task-definition {service['taskDefinition']} --launch-type FARGATE "
        f"--started-by terrace-migration-9-{WHOSE} --network-configuration awsvpcConfiguration={{{network}}}"
    )
    ground.play()
    return made["tasks"][0]["taskArn"].rpartition("/")[2]


def machine(ground):
    """A machine of release 9's migration, which runs on in a subnet of the application's."""
    group = ground.outputs()["app_scaling_group"]
    asked = f"autoscaling describe-auto-scaling-groups --auto-scaling-group-names {group}"
    found = ground.aws(asked)["AutoScalingGroups"][0]
    template = found["LaunchTemplate"]["LaunchTemplateId"]
    tags = ",".join(f"{{Key={key},Value={value}}}" for key, value in TAGS.items())
    made = ground.aws(
        f"ec2 run-instances --launch-template LaunchTemplateId={template} --count 1 "
        f"--subnet-id {found['VPCZoneIdentifier'].split(',')[0]} "
        f"--tag-specifications ResourceType=instance,Tags=[{tags}]"
    )
    return made["Instances"][0]["InstanceId"]


def told(ran, id_):
    """That `destroy` said of it, and ended it first."""
    first = ran.text.find(f"ending the machine {id_} of release 9")
    first = max(first, ran.text.find(f"ending the task {id_} of release 9"))
    if not 0 < first < ran.text.find("snapshot  "):
        raise Failed(f"it does not say that it ends {id_} first:\n{ran.text}")
