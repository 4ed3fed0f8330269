provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "us"
  region = "us-east-1"
}

variable "zones" {
  type = list(string)
}

module "net" {
  source = "./net"
  cidr   = "10.1.0.0/16"
  parts  = { web = 0, app = 1 }
}

module "group" {
  source   = "./group"
  for_each = { web = 80, api = 8080 }
  vpc_id   = module.net.vpc_id
  name     = each.key
  port     = each.value
  peer     = each.key == "api" ? module.group_of_lb.id : null
}

module "group_of_lb" {
  source    = "./group"
  providers = { aws = aws.us }
  vpc_id    = module.net.vpc_id
  name      = "lb"
}

module "maybe" {
  source = "./group"
  count  = length(var.zones) > 1 ? 1 : 0
  vpc_id = module.net.vpc_id
  name   = "maybe"
}

module "fetched" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.0.0"
}

module "remote" {
  source = "git::https://example.com/db.git"
  subnet = module.net.subnets["web"]
}

resource "aws_instance" "web" {
  subnet_id              = module.net.subnets["web"]
  vpc_security_group_ids = [module.group["web"].id, module.remote.group_id, module.maybe[0].id]
  all                    = [for name, one in module.group : one.id]
  endpoint               = "db://${module.remote.endpoint}:5432"
  missing                = module.net.nothing
}

output "groups" {
  value = { for name, one in module.group : name => one.id }
}
