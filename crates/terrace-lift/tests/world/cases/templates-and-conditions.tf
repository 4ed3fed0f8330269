# One of two by a condition that is not told; an item that may not be there; entries that are not told.
variable "is_public" {}
variable "rules" {}
variable "nat" {}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "one" {
  vpc_id                  = aws_vpc.main.id
  cidr_block              = "10.0.0.0/24"
  map_public_ip_on_launch = var.is_public
}

resource "aws_subnet" "other" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_route_table" "one" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route" "one" {
  count                  = var.is_public ? 1 : 0
  route_table_id         = aws_route_table.one.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

resource "aws_route_table_association" "one" {
  subnet_id      = aws_subnet.one.id
  route_table_id = aws_route_table.one.id
}

resource "aws_route" "main" {
  route_table_id         = aws_vpc.main.default_route_table_id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = var.nat
}

resource "aws_security_group" "dynamic" {
  vpc_id = aws_vpc.main.id
  dynamic "ingress" {
    for_each = var.rules
    content {
      from_port   = ingress.value.port
      to_port     = ingress.value.port
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}

resource "aws_security_group" "ssh" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_instance" "either" {
  subnet_id              = var.is_public ? aws_subnet.one.id : aws_subnet.other.id
  vpc_security_group_ids = [aws_security_group.ssh.id]
}

resource "aws_instance" "dynamic" {
  subnet_id              = aws_subnet.other.id
  vpc_security_group_ids = [aws_security_group.dynamic.id]
}

resource "aws_network_acl" "one" {
  vpc_id     = aws_vpc.main.id
  subnet_ids = var.is_public ? [aws_subnet.one.id] : []
  ingress {
    rule_no    = 1
    action     = "deny"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "0.0.0.0/0"
  }
}
#~ network aws_vpc.main: 10.0.0.0/16
#~   internet gateway aws_internet_gateway.main
#~ subnet aws_subnet.one: 10.0.0.0/24 in aws_vpc.main, aws_route_table.one, aws_network_acl.one
#~ subnet aws_subnet.other: 10.0.1.0/24 in aws_vpc.main, main table of aws_vpc.main
#~ table aws_route_table.one
#~   10.0.0.0/16 local
#~   0.0.0.0/0 internet [perhaps: var.is_public]
#~ table main table of aws_vpc.main
#~   10.0.0.0/16 local
#~   0.0.0.0/0 elsewhere [perhaps: var.nat]
#~ acl aws_network_acl.one
#~   in 1 deny all traffic 0.0.0.0/0
#~ acl aws_network_acl.one
#~   in 1 deny all traffic 0.0.0.0/0 [perhaps: var.is_public]
#~   in 4294967295 allow all traffic 0.0.0.0/0 [perhaps: var.is_public]
#~   in 4294967295 allow all traffic ::/0 [perhaps: var.is_public]
#~   out 4294967295 allow all traffic 0.0.0.0/0 [perhaps: var.is_public]
#~   out 4294967295 allow all traffic ::/0 [perhaps: var.is_public]
#~ group aws_security_group.dynamic
#~   in tcp 0.0.0.0/0 [perhaps: var.rules]
#~ group aws_security_group.ssh
#~   in tcp 22 0.0.0.0/0
#~ site aws_instance.dynamic: instance
#~   aws_subnet.other 10.0.1.4-10.0.1.254 with aws_security_group.dynamic
#~ site aws_instance.either: instance
#~   aws_subnet.one 10.0.0.4-10.0.0.254 with aws_security_group.ssh, public [perhaps: var.is_public] [perhaps: var.is_public]
#~   aws_subnet.other 10.0.1.4-10.0.1.254 with aws_security_group.ssh [perhaps: var.is_public]
#~
#~ perhaps internet -> aws_instance.either: tcp 22
