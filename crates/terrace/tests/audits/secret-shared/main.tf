provider "aws" {
  region = "eu-west-1"
}

module "tiers" {
  source = "../modules/tiers"
}

# The page's machines report to a dashboard; the policy was copied from an answer somewhere.
resource "aws_iam_role_policy" "dashboard" {
  role = module.tiers.roles["web"]
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["cloudwatch:PutMetricData", "secretsmanager:Get*"]
      Resource = "*"
    }]
  })
}
