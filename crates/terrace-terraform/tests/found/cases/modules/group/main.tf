variable "vpc_id" { type = string }
variable "name" { type = string }
variable "port" {
  type     = number
  default  = 443
  nullable = false
}
variable "peer" { default = null }

resource "aws_security_group" "this" {
  name   = var.name
  vpc_id = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "peer" {
  count                        = var.peer == null ? 0 : 1
  security_group_id            = aws_security_group.this.id
  from_port                    = var.port
  to_port                      = var.port
  ip_protocol                  = "tcp"
  referenced_security_group_id = var.peer
}

output "id" { value = aws_security_group.this.id }
