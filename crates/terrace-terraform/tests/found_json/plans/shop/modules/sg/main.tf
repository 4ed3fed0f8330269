variable "name" {}
variable "vpc_id" {}
variable "rules" {
  type = list(object({ port = number, cidrs = list(string), groups = list(string) }))
}
resource "aws_security_group" "this" {
  name_prefix = var.name
  vpc_id      = var.vpc_id
  dynamic "ingress" {
    for_each = var.rules
    content {
      from_port       = ingress.value.port
      to_port         = ingress.value.port
      protocol        = "tcp"
      cidr_blocks     = ingress.value.cidrs
      security_groups = ingress.value.groups
    }
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
output "id" {
  value = aws_security_group.this.id
}
