# Network ACLs: inline, as items, the default one taken over; the answer's ports.
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "web" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.0.0/24"
}

resource "aws_subnet" "data" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_subnet" "other" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.2.0/24"
}

resource "aws_default_network_acl" "main" {
  default_network_acl_id = aws_vpc.main.default_network_acl_id
}

resource "aws_network_acl" "web" {
  vpc_id     = aws_vpc.main.id
  subnet_ids = [aws_subnet.web.id]
  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    from_port  = 1024
    to_port    = 65535
    cidr_block = "0.0.0.0/0"
  }
  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "0.0.0.0/0"
  }
}

resource "aws_network_acl" "data" {
  vpc_id = aws_vpc.main.id
}

resource "aws_network_acl_association" "data" {
  network_acl_id = aws_network_acl.data.id
  subnet_id      = aws_subnet.data.id
}

resource "aws_network_acl_rule" "in" {
  network_acl_id = aws_network_acl.data.id
  rule_number    = 200
  rule_action    = "allow"
  protocol       = "6"
  from_port      = 5432
  to_port        = 5432
  cidr_block     = "10.0.0.0/16"
}

resource "aws_network_acl_rule" "deny" {
  network_acl_id = aws_network_acl.data.id
  rule_number    = 100
  rule_action    = "deny"
  protocol       = "tcp"
  from_port      = 5432
  to_port        = 5432
  cidr_block     = "10.0.2.0/24"
}

resource "aws_network_acl_rule" "out" {
  network_acl_id = aws_network_acl.data.id
  egress         = true
  rule_number    = 100
  rule_action    = "allow"
  protocol       = "tcp"
  from_port      = 32768
  to_port        = 65535
  cidr_block     = "10.0.0.0/16"
}

resource "aws_security_group" "all" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_instance" "in" {
  for_each = {
    web   = aws_subnet.web.id
    data  = aws_subnet.data.id
    other = aws_subnet.other.id
  }
  subnet_id              = each.value
  vpc_security_group_ids = [aws_security_group.all.id]
}
#~ network aws_vpc.main: 10.0.0.0/16
#~ subnet aws_subnet.data: 10.0.1.0/24 in aws_vpc.main, main table of aws_vpc.main, aws_network_acl.data
#~ subnet aws_subnet.other: 10.0.2.0/24 in aws_vpc.main, main table of aws_vpc.main, aws_default_network_acl.main
#~ subnet aws_subnet.web: 10.0.0.0/24 in aws_vpc.main, main table of aws_vpc.main, aws_network_acl.web
#~ table main table of aws_vpc.main
#~   10.0.0.0/16 local
#~ acl aws_network_acl.data
#~   in 100 deny tcp 5432 10.0.2.0/24
#~   in 200 allow tcp 5432 10.0.0.0/16
#~   out 100 allow tcp 32768-65535 10.0.0.0/16
#~ acl aws_network_acl.web
#~   in 100 allow tcp 1024-65535 0.0.0.0/0
#~   out 100 allow all traffic 0.0.0.0/0
#~ acl aws_default_network_acl.main
#~ group aws_security_group.all
#~   in all traffic 0.0.0.0/0
#~   out all traffic 0.0.0.0/0
#~ site aws_instance.in["data"]: instance
#~   aws_subnet.data 10.0.1.4-10.0.1.254 with aws_security_group.all
#~ site aws_instance.in["other"]: instance
#~   aws_subnet.other 10.0.2.4-10.0.2.254 with aws_security_group.all
#~ site aws_instance.in["web"]: instance
#~   aws_subnet.web 10.0.0.4-10.0.0.254 with aws_security_group.all
#~
#~ aws_instance.in["data"] -> aws_instance.in["data"]: all
#~ aws_instance.in["data"] -> aws_instance.in["web"]: tcp 32768-65535
#~ aws_instance.in["other"] -> aws_instance.in["other"]: all
#~ aws_instance.in["web"] -> aws_instance.in["data"]: tcp 5432
#~ aws_instance.in["web"] -> aws_instance.in["web"]: all
