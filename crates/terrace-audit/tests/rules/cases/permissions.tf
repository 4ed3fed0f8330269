#@ roles-too-wide, role-passing, role-escalation, trust-open, policies-open, confused-deputy
data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "app" {
  statement {
    sid       = "Look"
    actions   = ["ec2:Describe*", "s3:ListAllMyBuckets"]
    resources = ["*"]
  }
  statement {
    sid       = "Files"
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::uploads", "arn:aws:s3:::uploads/*"]
  }
  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:GetSecretValue", "ssm:GetParameter*"]
    resources = ["*"]
  }
  statement {
    sid       = "Tagged"
    actions   = ["ssm:SendCommand"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/tier"
      values   = ["app"]
    }
  }
  statement {
    sid       = "Start"
    actions   = ["ecs:RunTask", "iam:PassRole"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "app" {
  name   = "app"
  policy = data.aws_iam_policy_document.app.json
}

resource "aws_iam_role_policy_attachment" "app" {
  role       = aws_iam_role.app.name
  policy_arn = aws_iam_policy.app.arn
}

resource "aws_iam_role_policy_attachment" "full" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_role" "partner" {
  name = "partner"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::444455556666:root" }, Action = "sts:AssumeRole" },
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444455556666:root" }
        Action    = "sts:AssumeRole"
        Condition = { StringEquals = { "sts:ExternalId" = "ours" } }
      },
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }, Action = "sts:AssumeRole" },
    ]
  })
}

resource "aws_iam_role" "github" {
  name = "github"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringLike = { "token.actions.githubusercontent.com:sub" = "repo:ours/items:*" } }
    }]
  })
}

resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}

resource "aws_sqs_queue_policy" "jobs" {
  queue_url = aws_sqs_queue.jobs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Anyone", Effect = "Allow", Principal = "*", Action = "sqs:SendMessage", Resource = "*" },
      {
        Sid       = "Topic"
        Effect    = "Allow"
        Principal = "*"
        Action    = "sqs:SendMessage"
        Resource  = "*"
        Condition = { ArnEquals = { "aws:SourceArn" = "arn:aws:sns:eu-west-1:111122223333:jobs" } }
      },
      {
        Sid       = "Agent"
        Effect    = "Allow"
        Principal = "*"
        Action    = "sqs:SendMessage"
        Resource  = "*"
        Condition = { StringLike = { "aws:UserAgent" = "ours" } }
      },
      { Sid = "Sns", Effect = "Allow", Principal = { Service = "sns.amazonaws.com" }, Action = "sqs:SendMessage", Resource = "*" },
    ]
  })
}
#~ high policies-open aws_sqs_queue_policy.jobs policy: statement `Anyone` in the policy of `aws_sqs_queue_policy.jobs` lets anyone in
#~ high policies-open aws_sqs_queue_policy.jobs policy: statement `Agent` in the policy of `aws_sqs_queue_policy.jobs` lets anyone in
#~ high role-passing aws_iam_policy.app policy: statement `Start` of `aws_iam_policy.app` lets any role be handed on
#~ medium confused-deputy aws_sqs_queue_policy.jobs policy: statement `Sns` of `aws_sqs_queue_policy.jobs` lets `sns.amazonaws.com` in, whoever sends it
#~ medium roles-too-wide aws_iam_policy.app policy: statement `Secrets` of `aws_iam_policy.app` allows secretsmanager:GetSecretValue, ssm:GetParameter* on everything
#~ medium roles-too-wide aws_iam_role_policy_attachment.full policy_arn: `aws_iam_role_policy_attachment.full` gives AWS's policy `AmazonS3FullAccess`, and whoever has it may do everything with a service, on every resource
#~ low roles-too-wide aws_iam_policy.app policy: statement `Files` of `aws_iam_policy.app` allows every action of s3
#~ medium trust-open aws_iam_role.partner assume_role_policy: it may be that statement 1 lets all of another account assume `aws_iam_role.partner`, without an external id (depends on the number of this account)
