provider "aws" {
  region = "eu-west-1"
}

module "tiers" {
  source = "../modules/tiers"
}

# "Temporary": the web machines may look into the database themselves.
resource "aws_security_group_rule" "debug_in" {
  type              = "ingress"
  security_group_id = module.tiers.groups["data"]
  protocol          = "tcp"
  from_port         = 5432
  to_port           = 5432
  cidr_blocks       = ["10.20.0.0/16"]
}

resource "aws_security_group_rule" "debug_out" {
  type              = "egress"
  security_group_id = module.tiers.groups["web"]
  protocol          = "-1"
  from_port         = 0
  to_port           = 0
  cidr_blocks       = ["10.0.0.0/8"]
}
