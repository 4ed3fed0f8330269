# Three tiers as a careful person would write them; each case breaks one thing.

variable "database_port" {
  type    = number
  default = 5432
}

data "aws_availability_zones" "here" {
  state = "available"
}

locals {
  zones = ["eu-west-1a", "eu-west-1b"]
  subnets = merge([
    for number, tier in ["public", "web", "app", "data"] : {
      for place, zone in local.zones : "${tier}-${place}" => {
        tier  = tier
        zone  = zone
        block = cidrsubnet(aws_vpc.main.cidr_block, 8, number * 16 + place)
      }
    }
  ]...)
}

resource "aws_vpc" "main" {
  cidr_block = "10.20.0.0/16"
}

resource "aws_flow_log" "main" {
  vpc_id               = aws_vpc.main.id
  traffic_type         = "ALL"
  log_destination_type = "s3"
  log_destination      = aws_s3_bucket.logs.arn
}

resource "aws_default_security_group" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "all" {
  for_each          = local.subnets
  vpc_id            = aws_vpc.main.id
  cidr_block        = each.value.block
  availability_zone = each.value.zone
  tags              = { Name = each.key, Tier = each.value.tier }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_route_table_association" "public" {
  for_each       = { for name, subnet in local.subnets : name => subnet if subnet.tier == "public" }
  subnet_id      = aws_subnet.all[each.key].id
  route_table_id = aws_route_table.public.id
}

resource "aws_security_group" "tier" {
  for_each    = toset(["public", "web", "inner", "app", "data"])
  name        = each.key
  description = "What the tier ${each.key} carries"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  security_group_id = aws_security_group.tier["public"].id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

locals {
  flows = {
    web   = { from = "public", to = "web", port = 80 }
    inner = { from = "web", to = "inner", port = 80 }
    app   = { from = "inner", to = "app", port = 8000 }
    data  = { from = "app", to = "data", port = var.database_port }
  }
}

resource "aws_vpc_security_group_ingress_rule" "flow" {
  for_each                     = local.flows
  security_group_id            = aws_security_group.tier[each.value.to].id
  referenced_security_group_id = aws_security_group.tier[each.value.from].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "flow" {
  for_each                     = local.flows
  security_group_id            = aws_security_group.tier[each.value.from].id
  referenced_security_group_id = aws_security_group.tier[each.value.to].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_lb" "public" {
  name                       = "public"
  subnets                    = [for name, subnet in local.subnets : aws_subnet.all[name].id if subnet.tier == "public"]
  security_groups            = [aws_security_group.tier["public"].id]
  enable_deletion_protection = true
  drop_invalid_header_fields = true

  access_logs {
    bucket  = aws_s3_bucket.logs.id
    enabled = true
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.public.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/example"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.tier["web"].arn
  }
}

resource "aws_lb" "inner" {
  name                       = "inner"
  internal                   = true
  subnets                    = [for name, subnet in local.subnets : aws_subnet.all[name].id if subnet.tier == "app"]
  security_groups            = [aws_security_group.tier["inner"].id]
  enable_deletion_protection = true
  drop_invalid_header_fields = true

  access_logs {
    bucket  = aws_s3_bucket.logs.id
    enabled = true
  }
}

resource "aws_lb_listener" "inner" {
  load_balancer_arn = aws_lb.inner.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.tier["app"].arn
  }
}

resource "aws_lb_target_group" "tier" {
  for_each = { web = 80, app = 8000 }
  name     = each.key
  vpc_id   = aws_vpc.main.id
  port     = each.value
  protocol = "HTTP"
}

resource "aws_iam_role" "tier" {
  for_each = toset(["web", "app"])
  name     = each.key
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "app_reads_password" {
  role = aws_iam_role.tier["app"].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = aws_db_instance.main.master_user_secret[0].secret_arn
    }]
  })
}

resource "aws_iam_instance_profile" "tier" {
  for_each = aws_iam_role.tier
  name     = each.key
  role     = each.value.name
}

resource "aws_launch_template" "tier" {
  for_each               = toset(["web", "app"])
  name                   = each.key
  image_id               = "ami-0123456789abcdef0"
  instance_type          = "t3.small"
  vpc_security_group_ids = [aws_security_group.tier[each.key].id]

  iam_instance_profile {
    arn = aws_iam_instance_profile.tier[each.key].arn
  }

  metadata_options {
    http_tokens = "required"
  }

  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      encrypted = true
    }
  }
}

resource "aws_autoscaling_group" "tier" {
  for_each            = toset(["web", "app"])
  name                = each.key
  min_size            = 2
  max_size            = 4
  vpc_zone_identifier = [for name, subnet in local.subnets : aws_subnet.all[name].id if subnet.tier == each.key]
  target_group_arns   = [aws_lb_target_group.tier[each.key].arn]

  launch_template {
    id      = aws_launch_template.tier[each.key].id
    version = aws_launch_template.tier[each.key].latest_version
  }
}

resource "aws_db_subnet_group" "main" {
  subnet_ids = [for name, subnet in local.subnets : aws_subnet.all[name].id if subnet.tier == "data"]
}

resource "aws_db_instance" "main" {
  identifier                  = "main"
  engine                      = "postgres"
  engine_version              = "16"
  instance_class              = "db.t4g.medium"
  allocated_storage           = 20
  db_subnet_group_name        = aws_db_subnet_group.main.name
  vpc_security_group_ids      = [aws_security_group.tier["data"].id]
  username                    = "items"
  manage_master_user_password = true
  storage_encrypted           = true
  multi_az                    = true
  backup_retention_period     = 14
  deletion_protection         = true
  final_snapshot_identifier   = "main-last"
}

resource "aws_s3_bucket" "logs" {
  bucket = "example-access-logs"
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

output "network" {
  value = aws_vpc.main.id
}

output "gateway" {
  value = aws_internet_gateway.main.id
}

output "groups" {
  value = { for name, group in aws_security_group.tier : name => group.id }
}

output "subnets" {
  value = { for name, subnet in aws_subnet.all : name => subnet.id }
}

output "roles" {
  value = { for name, role in aws_iam_role.tier : name => role.id }
}

output "balancer" {
  value = aws_lb.public.dns_name
}
