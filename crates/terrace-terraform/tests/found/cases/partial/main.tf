variable "cidrs" { type = list(string) }
variable "subnets" { type = map(object({ cidr = string, public = bool })) }
variable "env" { default = "prod" }
variable "secret" {
  type      = string
  sensitive = true
}

data "aws_availability_zones" "available" {
  state = "available"
}

locals {
  azs     = slice(data.aws_availability_zones.available.names, 0, 2)
  is_prod = var.env == "prod"
}

resource "aws_subnet" "zones" {
  count             = length(local.azs)
  availability_zone = local.azs[count.index]
  cidr_block        = cidrsubnet("10.0.0.0/16", 8, count.index)
}

resource "aws_subnet" "named" {
  for_each                = var.subnets
  cidr_block              = each.value.cidr
  map_public_ip_on_launch = each.value.public
  tags                    = { Name = "sub-${each.key}", Env = var.env }
}

resource "aws_security_group" "web" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = concat(["0.0.0.0/0"], var.cidrs)
  }

  dynamic "ingress" {
    for_each = var.cidrs
    content {
      from_port   = 443
      to_port     = 443
      protocol    = "tcp"
      cidr_blocks = [ingress.value]
    }
  }
}

resource "aws_security_group" "lists" {
  ingress = [for c in var.cidrs : { from_port = 1, cidr_blocks = [c] }]
}

resource "aws_db_instance" "main" {
  password            = var.secret
  multi_az            = local.is_prod
  publicly_accessible = local.is_prod ? false : true
  identifier          = "db-${var.env}"
  subnet_ids          = [for one in aws_subnet.named : one.id if one.map_public_ip_on_launch]
  others              = values(aws_subnet.named)[*].id
  one                 = aws_subnet.named["a"].id
  made                = provider::aws::arn_parse("x").account
  digest              = "v-${sha256("x")}"
  final_snapshot      = try(var.nothing, null)
}

resource "aws_cloudwatch_metric_alarm" "db" {
  dimensions = { DBInstanceIdentifier = aws_db_instance.main.identifier, Arn = "x:${aws_db_instance.main.identifier}" }
  limit      = 0.75
}

resource "null_resource" "run" {
  triggers = { at = timestamp() }
  provisioner "local-exec" {
    command = "echo"
  }
}

resource "aws_eip" "twice" {}
resource "aws_eip" "twice" {}

strange "block" {}

import {
  to = aws_eip.twice
  id = "eip"
}
