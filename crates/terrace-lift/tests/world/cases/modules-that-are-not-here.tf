# Modules from a registry that nobody fetched: what they give has a name, and stays together.
module "vpc" {
  source = "terraform-aws-modules/vpc/aws"
}

data "aws_subnet" "first" {
  id = module.vpc.private_subnets[0]
}

resource "aws_security_group" "app" {
  vpc_id = module.vpc.vpc_id
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# Nothing says in which network this one is but the module's name.
resource "aws_instance" "bare" {
  subnet_id = module.vpc.private_subnets[0]
}

resource "aws_instance" "app" {
  subnet_id              = module.vpc.private_subnets[0]
  vpc_security_group_ids = [aws_security_group.app.id]
}

resource "aws_security_group" "by_subnet" {
  vpc_id = data.aws_subnet.first.vpc_id
}

resource "aws_db_subnet_group" "data" {
  name       = "${module.vpc.name}-data"
  subnet_ids = module.vpc.database_subnets
}

resource "aws_db_instance" "data" {
  engine                 = "postgres"
  db_subnet_group_name   = "${module.vpc.name}-data"
  vpc_security_group_ids = [aws_security_group.by_subnet.id]
}

data "aws_vpc_endpoint_service" "s3" {
  service      = "s3"
  service_type = "Gateway"
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = module.vpc.vpc_id
  service_name    = data.aws_vpc_endpoint_service.s3.service_name
  route_table_ids = module.vpc.private_route_table_ids
}
#~ network module.vpc.vpc_id: 100.64.0.0/16
#~   internet gateway module.vpc.vpc_id [perhaps: module.vpc.vpc_id]
#~ subnet module.vpc.private_subnets: 100.64.0.0/24 in module.vpc.vpc_id, the route table of module.vpc.private_subnets
#~ subnet module.vpc.database_subnets: 100.64.1.0/24 in module.vpc.vpc_id, the route table of module.vpc.database_subnets
#~ table the route table of module.vpc.private_subnets
#~   100.64.0.0/16 local
#~   0.0.0.0/0 elsewhere [perhaps: module.vpc.private_subnets]
#~   ::/0 elsewhere [perhaps: module.vpc.private_subnets]
#~   s3 by aws_vpc_endpoint.s3 [perhaps: module.vpc.private_route_table_ids]
#~ table the route table of module.vpc.database_subnets
#~   100.64.0.0/16 local
#~   0.0.0.0/0 elsewhere [perhaps: module.vpc.database_subnets]
#~   ::/0 elsewhere [perhaps: module.vpc.database_subnets]
#~   s3 by aws_vpc_endpoint.s3 [perhaps: module.vpc.private_route_table_ids]
#~ group aws_security_group.app
#~   in tcp 22 0.0.0.0/0
#~ group aws_security_group.by_subnet
#~ group default group of module.vpc.vpc_id
#~   in all traffic default group of module.vpc.vpc_id
#~   out all traffic everywhere
#~ site aws_instance.app: instance
#~   module.vpc.private_subnets 100.64.0.4-100.64.0.254 with aws_security_group.app, public [perhaps: module.vpc.private_subnets]
#~ site aws_instance.bare: instance
#~   module.vpc.private_subnets 100.64.0.4-100.64.0.254 with default group of module.vpc.vpc_id, public [perhaps: module.vpc.private_subnets]
#~ site aws_db_instance.data: database, listens on tcp 5432
#~   module.vpc.database_subnets 100.64.1.4-100.64.1.254 with aws_security_group.by_subnet
#~ assumed: module.vpc.private_subnets is in module.vpc.vpc_id
#~ assumed: the network ACL of module.vpc.private_subnets lets everything pass, as AWS makes it
#~ assumed: the network ACL of module.vpc.database_subnets lets everything pass, as AWS makes it
#~ assumed: aws_db_instance.data: publicly_accessible is not given, taken as false
#~
#~ aws_instance.bare -> aws_instance.app: tcp 22
#~ aws_instance.bare -> aws_instance.bare: all
#~ perhaps aws_instance.bare -> internet: all
#~ perhaps aws_instance.bare -> s3: all
#~ perhaps internet -> aws_instance.app: tcp 22
#~ perhaps s3 -> aws_instance.app: tcp 22
