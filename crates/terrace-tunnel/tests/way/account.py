"""Makes databases, a service and a group as people have them, in the AWS that AWS_ENDPOINT_URL names."""

import os

import boto3

assert os.environ["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")


def client(name):
    return boto3.client(name, endpoint_url=os.environ["AWS_ENDPOINT_URL"])


rds, ec2, ecs = client("rds"), client("ec2"), client("ecs")
rds.create_db_instance(
    DBInstanceIdentifier="items-data",
    Engine="postgres",
    DBInstanceClass="db.t4g.micro",
    AllocatedStorage=20,
    MasterUsername="items",
    DBName="items",
    ManageMasterUserPassword=True,
)
rds.create_db_cluster(
    DBClusterIdentifier="shop-data",
    Engine="aurora-mysql",
    MasterUsername="shop",
    DatabaseName="shop",
    ManageMasterUserPassword=True,
)
for letter in "ab":
    rds.create_db_instance(
        DBInstanceIdentifier=f"shop-data-{letter}",
        Engine="aurora-mysql",
        DBInstanceClass="db.t4g.medium",
        DBClusterIdentifier="shop-data",
    )
ecs.create_cluster(clusterName="shop")
ecs.register_task_definition(
    family="shop-app",
    networkMode="awsvpc",
    requiresCompatibilities=["FARGATE"],
    cpu="256",
    memory="512",
    containerDefinitions=[{"name": "app", "image": "shop"}],
)
ecs.create_service(
    cluster="shop",
    serviceName="shop-app",
    taskDefinition="shop-app",
    desiredCount=2,
    launchType="FARGATE",
    enableExecuteCommand=True,
    networkConfiguration={
        "awsvpcConfiguration": {
            "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
            "securityGroups": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
        }
    },
)
