provider "aws" {
  region = "eu-west-1"
}

module "tiers" {
  source = "../modules/tiers"
}

# The data subnets let questions in and no answers out.
resource "aws_network_acl" "data" {
  vpc_id     = module.tiers.network
  subnet_ids = [module.tiers.subnets["data-0"], module.tiers.subnets["data-1"]]

  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    from_port  = 5432
    to_port    = 5432
    cidr_block = "10.20.0.0/16"
  }

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    from_port  = 5432
    to_port    = 5432
    cidr_block = "10.20.0.0/16"
  }
}
