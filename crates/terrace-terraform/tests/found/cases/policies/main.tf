data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

provider "aws" {
  region = "eu-north-1"
}

variable "team" {}

resource "aws_s3_bucket" "data" {
  bucket = "data"
}

data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.data.arn}/*"]
  }
}

data "aws_iam_policy_document" "app" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]

  statement {
    sid     = "List"
    effect  = "Deny"
    actions = ["s3:ListBucket", "s3:GetBucketLocation"]
    resources = [
      aws_s3_bucket.data.arn,
      "arn:${data.aws_partition.current.partition}:s3:::other-${data.aws_region.current.name}",
    ]

    condition {
      test     = "StringNotEquals"
      variable = "aws:PrincipalAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  dynamic "statement" {
    for_each = ["a", "b"]
    content {
      not_actions   = ["iam:*"]
      not_resources = ["arn:aws:iam::123456789012:role/${statement.value}"]
      principals {
        type        = "AWS"
        identifiers = ["arn:aws:iam::123456789012:root", var.team]
      }
      principals {
        type        = "Service"
        identifiers = ["ec2.amazonaws.com"]
      }
    }
  }

  override_policy_documents = [jsonencode({ Statement = { Sid = "Read", Effect = "Deny", Action = "*", Resource = "*" } })]
}

data "aws_iam_policy_document" "everyone" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = data.aws_iam_policy_document.everyone.json
}

resource "aws_iam_role_policy" "app" {
  role   = aws_iam_role.app.name
  policy = data.aws_iam_policy_document.app.json
}

resource "aws_iam_role_policy" "file" {
  role   = aws_iam_role.app.id
  policy = templatefile("${path.module}/policy.json.tpl", { bucket = aws_s3_bucket.data.arn, actions = ["s3:Get*", "s3:Put*"] })
}

resource "aws_iam_role_policy" "untold" {
  role   = aws_iam_role.app.id
  policy = var.team
}

resource "aws_iam_role_policy_attachment" "managed" {
  for_each   = toset(["ReadOnlyAccess"])
  role       = aws_iam_role.app.name
  policy_arn = "arn:aws:iam::aws:policy/${each.value}"
}
