provider "aws" {
  region = "eu-west-1"
}

module "tiers" {
  source = "../modules/tiers"
}

# Open to the world as it is written; but the database has no public address, and its subnets no route to the gateway.
resource "aws_security_group_rule" "careless" {
  type              = "ingress"
  security_group_id = module.tiers.groups["data"]
  protocol          = "tcp"
  from_port         = 5432
  to_port           = 5432
  cidr_blocks       = ["0.0.0.0/0"]
}
