terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region                      = var.region
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true
  default_tags {
    tags = { Project = "shop" }
  }
}
variable "region" {
  default = "eu-west-1"
}
variable "azs" {
  type    = list(string)
  default = ["eu-west-1a", "eu-west-1b"]
}
variable "office_cidrs" {
  type    = list(string)
  default = ["203.0.113.0/24"]
}
variable "db_password" {
  type      = string
  sensitive = true
  default   = "hunter2hunter2"
}
locals {
  name  = "shop"
  ports = { http = 80, https = 443 }
}

module "network" {
  source = "./modules/network"
  name   = local.name
  cidr   = "10.20.0.0/16"
  azs    = var.azs
}

module "web_sg" {
  source = "./modules/sg"
  name   = "web"
  vpc_id = module.network.vpc_id
  rules = [
    { port = 80, cidrs = ["0.0.0.0/0"], groups = [] },
    { port = 22, cidrs = var.office_cidrs, groups = [] },
  ]
}
module "db_sg" {
  source = "./modules/sg"
  name   = "db"
  vpc_id = module.network.vpc_id
  rules  = [{ port = 5432, cidrs = [], groups = [module.web_sg.id] }]
}

resource "aws_security_group" "app" {
  for_each = toset(["blue", "green"])
  name     = "app-${each.key}"
  vpc_id   = module.network.vpc_id
  ingress {
    from_port       = 8080
    to_port         = 8080
    protocol        = "tcp"
    security_groups = [module.web_sg.id]
    cidr_blocks     = ["10.20.0.0/16"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "bare" {
  name   = "bare"
  vpc_id = module.network.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "bare" {
  for_each          = local.ports
  security_group_id = aws_security_group.bare.id
  from_port         = each.value
  to_port           = each.value
  ip_protocol       = "tcp"
  cidr_ipv4         = "0.0.0.0/0"
}
resource "aws_security_group_rule" "pair" {
  for_each                 = aws_security_group.app
  type                     = "ingress"
  security_group_id        = each.value.id
  source_security_group_id = aws_security_group.bare.id
  protocol                 = "tcp"
  from_port                = 9000
  to_port                  = 9000
}

data "aws_caller_identity" "me" {}
data "aws_region" "here" {}
data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}
data "aws_iam_policy_document" "read" {
  statement {
    sid       = "Read"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.db.arn]
  }
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.page.arn}/*"]
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.me.account_id]
    }
  }
}
resource "aws_secretsmanager_secret" "db" {
  name_prefix = "db-"
}
resource "aws_secretsmanager_secret_version" "db" {
  secret_id     = aws_secretsmanager_secret.db.id
  secret_string = var.db_password
}
resource "aws_s3_bucket" "page" {
  bucket_prefix = "page-"
}
resource "aws_s3_bucket_policy" "page" {
  bucket = aws_s3_bucket.page.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "${aws_s3_bucket.page.arn}/*" }] })
}
resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}
resource "aws_iam_role_policy" "app" {
  role   = aws_iam_role.app.id
  policy = data.aws_iam_policy_document.read.json
}
resource "aws_iam_role_policy" "lit" {
  role   = aws_iam_role.app.name
  name   = "lit"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
resource "aws_iam_instance_profile" "app" {
  name = "app"
  role = aws_iam_role.app.name
}
resource "aws_instance" "app" {
  count                  = 2
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = module.network.private_subnet_ids[count.index]
  vpc_security_group_ids = [aws_security_group.app["blue"].id, aws_security_group.bare.id]
  iam_instance_profile   = aws_iam_instance_profile.app.name
  user_data              = "#!/bin/sh\nexport DB=${aws_db_instance.main.address}\n"
  tags                   = { Name = "app-${count.index}" }
}
resource "aws_eip" "bastion" {
  instance = aws_instance.app[0].id
}
resource "aws_db_subnet_group" "main" {
  name       = "main"
  subnet_ids = module.network.private_subnet_ids
}
resource "aws_db_instance" "main" {
  identifier             = "main"
  engine                 = "postgres"
  instance_class         = "db.t3.micro"
  allocated_storage      = 20
  username               = "root"
  password               = var.db_password
  db_subnet_group_name   = aws_db_subnet_group.main.name
  vpc_security_group_ids = [module.db_sg.id]
  skip_final_snapshot    = true
}
resource "aws_lb" "public" {
  name               = "public"
  internal           = false
  load_balancer_type = "application"
  subnets            = module.network.public_subnet_ids
  security_groups    = [module.web_sg.id]
}
resource "aws_lb_target_group" "app" {
  name     = "app"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = module.network.vpc_id
}
resource "aws_lb_target_group_attachment" "app" {
  count            = 2
  target_group_arn = aws_lb_target_group.app.arn
  target_id        = aws_instance.app[count.index].id
  port             = 8080
}
resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.public.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.app.arn
  }
}
output "lb" {
  value = aws_lb.public.dns_name
}
output "password" {
  value     = var.db_password
  sensitive = true
}
