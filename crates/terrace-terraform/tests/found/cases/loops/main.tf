variable "azs" {
  type    = list(string)
  default = ["a", "b"]
}

variable "many" {
  type = number
}

variable "open" {
  type = bool
}

variable "rules" {
  type = list(object({ port = number, cidrs = list(string) }))
  default = [
    { port = 80, cidrs = ["0.0.0.0/0"] },
    { port = 443, cidrs = ["0.0.0.0/0"] },
  ]
}

resource "aws_subnet" "private" {
  count      = length(var.azs)
  cidr_block = cidrsubnet("10.0.0.0/16", 8, count.index)
  zone       = "eu-central-1${var.azs[count.index]}"
}

resource "aws_subnet" "named" {
  for_each   = toset(var.azs)
  cidr_block = each.key
  tags       = { Name = each.value }
}

resource "aws_nat_gateway" "maybe" {
  count     = var.many
  subnet_id = aws_subnet.private[count.index].id
}

resource "aws_lb" "web" {
  subnets         = aws_subnet.private[*].id
  others          = [for one in aws_subnet.named : one.id]
  gateways        = aws_nat_gateway.maybe[*].id
  first           = aws_nat_gateway.maybe[0].id
  security_groups = concat([aws_security_group.web.id], var.open ? [aws_security_group.open[0].id] : [])
}

resource "aws_security_group" "open" {
  count = var.open ? 1 : 0
  name  = "open"
}

resource "aws_security_group" "web" {
  dynamic "ingress" {
    for_each = var.rules
    iterator = rule
    content {
      from_port   = rule.value.port
      to_port     = rule.value.port
      protocol    = "tcp"
      cidr_blocks = rule.value.cidrs
    }
  }

  dynamic "egress" {
    for_each = var.open ? [1] : []
    content {
      from_port   = 0
      to_port     = 0
      protocol    = "-1"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
