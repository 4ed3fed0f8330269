variable "name" { type = string }
variable "vpc_id" { type = string }
variable "subnets" { type = list(string) }
variable "open" {
  type    = set(string)
  default = []
}
variable "port" {
  type    = number
  default = null
}

locals {
  user_data = <<-EOT
    #!/bin/bash
    %{ for cidr in var.open ~}
    allow ${cidr}
    %{ endfor ~}
    listen ${coalesce(var.port, 80)}
  EOT
}

resource "aws_security_group" "this" {
  name        = "${var.name}-group"
  description = "of ${var.name}"
  vpc_id      = var.vpc_id

  dynamic "ingress" {
    for_each = var.open
    content {
      from_port   = var.port
      to_port     = var.port
      protocol    = "tcp"
      cidr_blocks = [ingress.value]
    }
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = { Name = title(var.name) }
}

resource "aws_launch_template" "this" {
  name          = var.name
  image_id      = "ami-0123456789abcdef0"
  instance_type = var.name == "data" ? "m6g.large" : "t3.small"
  user_data     = base64encode(local.user_data)

  network_interfaces {
    associate_public_ip_address = length(var.open) > 0
    security_groups             = [aws_security_group.this.id]
  }

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }
}

resource "aws_autoscaling_group" "this" {
  name                = var.name
  min_size            = 1
  max_size            = max(2, length(var.subnets))
  vpc_zone_identifier = var.subnets
  launch_template {
    id      = aws_launch_template.this.id
    version = "$Latest"
  }
}

output "group_id" {
  value = aws_security_group.this.id
}
