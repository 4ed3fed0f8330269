"""Makes an account as people have them, in the AWS that AWS_ENDPOINT_URL names."""

import io
import json
import os
import zipfile

import boto3

assert os.environ["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")


def client(name):
    return boto3.client(name, endpoint_url=os.environ["AWS_ENDPOINT_URL"])


def tagged(kind, name):
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


ec2, elb, iam, s3 = client("ec2"), client("elbv2"), client("iam"), client("s3")
vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16", TagSpecifications=tagged("vpc", "shop"))["Vpc"]["VpcId"]


def subnet(name, cidr, zone):
    made = ec2.create_subnet(
        VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone, TagSpecifications=tagged("subnet", name)
    )
    return made["Subnet"]["SubnetId"]


public = [subnet("public-a", "10.1.0.0/24", "eu-west-1a"), subnet("public-b", "10.1.1.0/24", "eu-west-1b")]
private = [subnet("private-a", "10.1.10.0/24", "eu-west-1a"), subnet("private-b", "10.1.11.0/24", "eu-west-1b")]
door = ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway", "shop"))
door = door["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=door, VpcId=vpc)


def table(name, subnets):
    made = ec2.create_route_table(VpcId=vpc, TagSpecifications=tagged("route-table", name))
    made = made["RouteTable"]["RouteTableId"]
    for one in subnets:
        ec2.associate_route_table(RouteTableId=made, SubnetId=one)
    return made


out, inner = table("shop-public", public), table("shop-private", private)
ec2.create_route(RouteTableId=out, DestinationCidrBlock="0.0.0.0/0", GatewayId=door)
address = ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip", "shop-nat"))["AllocationId"]
nat = ec2.create_nat_gateway(
    SubnetId=public[0], AllocationId=address, TagSpecifications=tagged("natgateway", "shop")
)
nat = nat["NatGateway"]["NatGatewayId"]
ec2.create_route(RouteTableId=inner, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
ec2.create_vpc_endpoint(
    VpcId=vpc,
    ServiceName="com.amazonaws.eu-west-1.s3",
    RouteTableIds=[inner],
    PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
    ),
    TagSpecifications=tagged("vpc-endpoint", "shop-s3"),
)
acl = ec2.create_network_acl(VpcId=vpc, TagSpecifications=tagged("network-acl", "shop-data"))
acl = acl["NetworkAcl"]["NetworkAclId"]
ec2.create_network_acl_entry(
    NetworkAclId=acl,
    RuleNumber=100,
    Protocol="6",
    RuleAction="allow",
    Egress=False,
    CidrBlock="10.1.0.0/16",
    PortRange={"From": 5432, "To": 5432},
)


def group(name, *rules):
    made = ec2.create_security_group(
        GroupName=name, Description=name, VpcId=vpc, TagSpecifications=tagged("security-group", name)
    )["GroupId"]
    if rules:
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=list(rules))
    return made


def port(number, **peers):
    return {"IpProtocol": "tcp", "FromPort": number, "ToPort": number, **peers}


edge = group(
    "shop-edge",
    port(443, IpRanges=[{"CidrIp": "0.0.0.0/0", "Description": "everyone"}], Ipv6Ranges=[{"CidrIpv6": "::/0"}]),
)
app = group("shop-app", port(8080, UserIdGroupPairs=[{"GroupId": edge}]))
ec2.authorize_security_group_ingress(
    GroupId=app, IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": app}]}]
)
data = group("shop-data", port(5432, UserIdGroupPairs=[{"GroupId": app}]))

trust = {"Version": "2012-10-17"}
trust["Statement"] = [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
]
secret = client("secretsmanager").create_secret(Name="shop/db", SecretString="hunter2")["ARN"]
read = {"Version": "2012-10-17"}
read["Statement"] = [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret}]
iam.create_role(RoleName="shop-app", AssumeRolePolicyDocument=json.dumps(trust))
iam.put_role_policy(RoleName="shop-app", PolicyName="read-the-secret", PolicyDocument=json.dumps(read))
iam.attach_role_policy(RoleName="shop-app", PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")
iam.create_instance_profile(InstanceProfileName="shop-app")
iam.add_role_to_instance_profile(InstanceProfileName="shop-app", RoleName="shop-app")
iam.create_group(GroupName="shop-people")
iam.create_user(UserName="shop-ann")
iam.add_user_to_group(GroupName="shop-people", UserName="shop-ann")
iam.put_group_policy(GroupName="shop-people", PolicyName="all-secrets", PolicyDocument=json.dumps(read))
iam.attach_user_policy(UserName="shop-ann", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
client("secretsmanager").put_resource_policy(
    SecretId="shop/db",
    ResourcePolicy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:DeleteSecret", "Resource": "*"}
            ],
        }
    ),
)
client("ssm").put_parameter(Name="/shop/app/KEY", Value="hunter2", Type="SecureString")

script = "#!/bin/sh\necho started\n"
made = ec2.run_instances(
    ImageId="ami-12345678",
    InstanceType="t3.micro",
    MinCount=1,
    MaxCount=1,
    SubnetId=private[0],
    SecurityGroupIds=[app],
    IamInstanceProfile={"Name": "shop-app"},
    UserData=script,
    TagSpecifications=tagged("instance", "shop-app-1"),
)["Instances"][0]["InstanceId"]
ec2.create_launch_template(
    LaunchTemplateName="shop-app",
    LaunchTemplateData={
        "ImageId": "ami-12345678",
        "InstanceType": "t3.micro",
        "SecurityGroupIds": [app],
        "IamInstanceProfile": {"Name": "shop-app"},
        "UserData": "IyEvYmluL3NoCg==",
        "MetadataOptions": {"HttpTokens": "required"},
    },
)
balancer = elb.create_load_balancer(Name="shop", Subnets=public, SecurityGroups=[edge], Scheme="internet-facing")
balancer = balancer["LoadBalancers"][0]["LoadBalancerArn"]
targets = elb.create_target_group(Name="shop-app", Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="instance")
targets = targets["TargetGroups"][0]["TargetGroupArn"]
elb.register_targets(TargetGroupArn=targets, Targets=[{"Id": made, "Port": 8080}])
moved = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
listener = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[moved])
elb.create_rule(
    ListenerArn=listener["Listeners"][0]["ListenerArn"],
    Priority=10,
    Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/*"]}}],
    Actions=[{"Type": "forward", "TargetGroupArn": targets}],
)
client("autoscaling").create_auto_scaling_group(
    AutoScalingGroupName="shop-app",
    LaunchTemplate={"LaunchTemplateName": "shop-app", "Version": "$Latest"},
    MinSize=0,
    MaxSize=3,
    DesiredCapacity=0,
    VPCZoneIdentifier=",".join(private),
    TargetGroupARNs=[targets],
)

rds = client("rds")
rds.create_db_subnet_group(DBSubnetGroupName="shop", DBSubnetGroupDescription="shop", SubnetIds=private)
rds.create_db_instance(
    DBInstanceIdentifier="shop",
    Engine="postgres",
    DBInstanceClass="db.t3.micro",
    AllocatedStorage=20,
    MasterUsername="root",
    MasterUserPassword="hunter2hunter2",
    DBSubnetGroupName="shop",
    VpcSecurityGroupIds=[data],
    StorageEncrypted=True,
)

s3.create_bucket(Bucket="shop-page", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
page = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop-page/*"}
s3.put_bucket_policy(Bucket="shop-page", Policy=json.dumps({"Version": "2012-10-17", "Statement": [page]}))
s3.put_bucket_versioning(Bucket="shop-page", VersioningConfiguration={"Status": "Enabled"})
s3.put_public_access_block(
    Bucket="shop-page", PublicAccessBlockConfiguration={"BlockPublicAcls": True, "BlockPublicPolicy": False}
)
client("sqs").create_queue(QueueName="shop-jobs")
client("sns").create_topic(Name="shop-news")

ecs = client("ecs")
ecs.create_cluster(clusterName="shop")
ecs.register_task_definition(
    family="shop-worker",
    networkMode="awsvpc",
    requiresCompatibilities=["FARGATE"],
    cpu="256",
    memory="512",
    taskRoleArn="arn:aws:iam::123456789012:role/shop-app",
    containerDefinitions=[
        {"name": "worker", "image": "shop/worker:1", "secrets": [{"name": "DB", "valueFrom": secret}]}
    ],
)
ecs.create_service(
    cluster="shop",
    serviceName="shop-worker",
    taskDefinition="shop-worker",
    desiredCount=1,
    launchType="FARGATE",
    networkConfiguration={"awsvpcConfiguration": {"subnets": private, "securityGroups": [app]}},
)
code = io.BytesIO()
with zipfile.ZipFile(code, "w") as archive:
    archive.writestr("main.py", "def main(event, context):\n    return event\n")
client("lambda").create_function(
    FunctionName="shop-hook",
    Runtime="python3.12",
    Handler="main.main",
    Role="arn:aws:iam::123456789012:role/shop-app",
    Code={"ZipFile": code.getvalue()},
    VpcConfig={"SubnetIds": private, "SecurityGroupIds": [app]},
    Environment={"Variables": {"TOKEN": "hunter2"}},
)
