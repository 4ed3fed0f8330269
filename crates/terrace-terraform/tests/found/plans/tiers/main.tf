terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = var.region
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  default_tags {
    tags = { Project = "shop", Stage = local.stage }
  }
}

variable "region" {
  default = "eu-central-1"
}

variable "tiers" {
  type = map(object({
    offset  = number
    public  = optional(bool, false)
    port    = optional(number)
    from    = optional(list(string), [])
    extra   = optional(map(string), { kept = "yes" })
  }))
  default = {
    web  = { offset = 0, public = true, port = 443 }
    app  = { offset = 4, port = "8080", from = ["web"] }
    data = { offset = 8, port = 5432, from = ["app"], extra = {} }
  }
}

locals {
  stage   = lower(terraform.workspace == "default" ? "PROD" : terraform.workspace)
  cidr    = "10.${length(var.tiers)}.0.0/16"
  zones   = [for letter in split("", "abc") : "${var.region}${letter}"]
  subnets = { for pair in setproduct(keys(var.tiers), range(2)) : "${pair[0]}-${pair[1]}" => {
    tier = pair[0]
    zone = local.zones[pair[1]]
    cidr = cidrsubnet(local.cidr, 8, var.tiers[pair[0]].offset + pair[1])
  } }
  edges = flatten([for name, tier in var.tiers : [for from in tier.from : { name = "${from}-${name}", from = from, to = name, port = tier.port }]])
}

resource "aws_vpc" "main" {
  cidr_block           = local.cidr
  enable_dns_hostnames = true
  tags                 = { Name = "shop" }
}

resource "aws_subnet" "all" {
  for_each                = local.subnets
  vpc_id                  = aws_vpc.main.id
  availability_zone       = each.value.zone
  cidr_block              = each.value.cidr
  map_public_ip_on_launch = var.tiers[each.value.tier].public
  tags                    = merge({ Name = each.key }, var.tiers[each.value.tier].extra)
}

resource "aws_internet_gateway" "main" {
  count  = anytrue([for tier in var.tiers : tier.public]) ? 1 : 0
  vpc_id = aws_vpc.main.id
}

module "tier" {
  source   = "./modules/tier"
  for_each = var.tiers
  name     = each.key
  vpc_id   = aws_vpc.main.id
  subnets  = [for key, subnet in local.subnets : aws_subnet.all[key].id if subnet.tier == each.key]
  open     = each.value.public ? ["0.0.0.0/0"] : []
  port     = each.value.port
}

resource "aws_vpc_security_group_ingress_rule" "edge" {
  for_each                     = { for edge in local.edges : edge.name => edge }
  security_group_id            = module.tier[each.value.to].group_id
  referenced_security_group_id = module.tier[each.value.from].group_id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "app" {
  source_policy_documents = [data.aws_iam_policy_document.more.json]
  version                 = "2012-10-17"
  dynamic "statement" {
    for_each = { read = ["s3:GetObject"], list = ["s3:ListBucket", "s3:GetBucketLocation"] }
    iterator = it
    content {
      sid       = title(it.key)
      actions   = it.value
      resources = ["arn:aws:s3:::shop-${local.stage}", "arn:aws:s3:::shop-${local.stage}/*"]
      condition {
        test     = "Bool"
        variable = "aws:SecureTransport"
        values   = [true]
      }
    }
  }
}

data "aws_iam_policy_document" "more" {
  statement {
    sid           = "NotThese"
    effect        = "Deny"
    not_actions   = ["iam:*"]
    not_resources = ["arn:aws:iam::123456789012:role/x"]
  }
  statement {
    sid       = "Read"
    effect    = "Deny"
    actions   = ["*"]
    resources = ["*"]
  }
}

resource "aws_iam_role" "app" {
  name               = format("%s-%02d", "app", 7)
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy" "app" {
  name   = "app"
  role   = aws_iam_role.app.name
  policy = data.aws_iam_policy_document.app.json
}

resource "aws_iam_role_policy" "plain" {
  name = "plain"
  role = aws_iam_role.app.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([{ Effect = "Allow", Action = "ec2:Describe*", Resource = "*" }], [for s in ["sqs", "sns"] : { Effect = "Allow", Action = "${s}:*", Resource = "arn:aws:${s}:*:*:*" }])
  })
}
