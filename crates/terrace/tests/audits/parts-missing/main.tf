# Nothing of this is here but a bucket: nothing is proved of the whole.

module "network" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "6.5.1"
  cidr    = "10.0.0.0/16"
}

module "database" {
  source     = "terraform-aws-modules/rds/aws"
  identifier = "main"
}

resource "aws_cloudwatch_log_group" "main" {
  name = "main"
}
