terraform {
  required_version = ">= 1.5"
  backend "s3" {
    bucket  = "state"
    key     = "prod/terraform.tfstate"
    region  = "eu-west-1"
    encrypt = false
  }
}

provider "aws" {
  region     = var.region
  access_key = "AKIAIOSFODNN7EXAMPLE"
  default_tags {
    tags = { Owner = "ops" }
  }
}

provider "aws" {
  alias  = "west"
  region = "us-west-2"
}

variable "region" {
  default = "eu-central-1"
}

variable "office_cidr" {
  type        = string
  description = "Where people sit"
}

variable "names" {
  type    = map(object({ size = optional(number, 10), open = optional(bool) }))
  default = { a = {}, b = { size = "20" } }
}

locals {
  name   = "shop-${terraform.workspace}"
  common = { Name = local.name, Region = var.region }
  sizes  = [for name, one in var.names : "${name}=${one.size}"]
}

resource "aws_vpc" "main" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  tags                 = merge(local.common, { Kind = "net" })
}

resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.main.id
  cidr_block = cidrsubnet(aws_vpc.main.cidr_block, 8, 3)
}

resource "aws_security_group" "web" {
  name   = "${local.name}-web"
  vpc_id = aws_vpc.main.id

  ingress {
    description = "office, ${var.office_cidr}"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["192.0.2.0/24", var.office_cidr]
  }

  egress {
    from_port       = 0
    to_port         = 0
    protocol        = "-1"
    security_groups = [aws_security_group.other.id]
  }
}

resource "aws_security_group" "other" {
  provider = aws.west
  vpc_id   = aws_vpc.main.id
}

resource "aws_s3_bucket" "logs" {
  bucket = "shop-logs"
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.bucket
  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [{
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "${aws_s3_bucket.logs.arn}/*"
      }]
    }
  EOT
}

resource "aws_iam_role" "app" {
  name = "app"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

data "aws_ami" "linux" {
  owners      = ["amazon"]
  most_recent = true
}

resource "aws_instance" "app" {
  ami              = data.aws_ami.linux.id
  instance_type    = "t3.small"
  user_data_base64 = base64encode("echo ${aws_vpc.main.id}")
  missing          = local.nothing
}

output "password" {
  value     = local.sizes
  sensitive = true
}
