# Every shape in which a rule is written.
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "a" {
  vpc_id            = aws_vpc.main.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}

resource "aws_security_group" "inline" {
  vpc_id = aws_vpc.main.id

  ingress {
    from_port       = 443
    to_port         = "443"
    protocol        = "tcp"
    cidr_blocks     = ["0.0.0.0/0", "192.0.2.7/32"]
    ipv6_cidr_blocks = ["::/0"]
    security_groups = [aws_security_group.items.id]
  }
  ingress {
    from_port = 0
    to_port   = 0
    protocol  = -1
    self      = true
  }
  ingress {
    from_port   = 8
    to_port     = -1
    protocol    = "icmp"
    cidr_blocks = [aws_vpc.main.cidr_block]
  }
  ingress {
    from_port   = 0
    to_port     = 0
    protocol    = "tcp"
    cidr_blocks = ["10.9.9.9/16"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "items" {
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "from_inline" {
  security_group_id            = aws_security_group.items.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8090
  referenced_security_group_id = aws_security_group.inline.id
}

resource "aws_vpc_security_group_ingress_rule" "esp" {
  security_group_id = aws_security_group.items.id
  ip_protocol       = "50"
  cidr_ipv4         = "10.0.0.0/8"
}

resource "aws_vpc_security_group_egress_rule" "all_six" {
  security_group_id = aws_security_group.items.id
  ip_protocol       = "-1"
  cidr_ipv6         = "::/0"
}

resource "aws_security_group" "older" {
  vpc_id = aws_vpc.main.id
}

resource "aws_security_group_rule" "self" {
  type              = "ingress"
  security_group_id = aws_security_group.older.id
  from_port         = 0
  to_port           = 65535
  protocol          = "udp"
  self              = true
}

resource "aws_security_group_rule" "from" {
  type                     = "ingress"
  security_group_id        = aws_security_group.older.id
  from_port                = 5432
  to_port                  = 5432
  protocol                 = 6
  source_security_group_id = aws_security_group.items.id
}

resource "aws_security_group_rule" "out" {
  type              = "egress"
  security_group_id = aws_security_group.older.id
  from_port         = 0
  to_port           = 0
  protocol          = "all"
  cidr_blocks       = ["10.0.0.0/16", ""]
}

resource "aws_security_group_rule" "from_machine" {
  type              = "ingress"
  security_group_id = aws_security_group.older.id
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = ["${aws_instance.one.private_ip}/32"]
}

resource "aws_instance" "one" {
  subnet_id              = aws_subnet.a.id
  vpc_security_group_ids = [aws_security_group.inline.id]
}

resource "aws_instance" "two" {
  subnet_id              = aws_subnet.a.id
  vpc_security_group_ids = [aws_security_group.items.id]
}

resource "aws_instance" "three" {
  subnet_id              = aws_subnet.a.id
  vpc_security_group_ids = [aws_security_group.older.id, aws_security_group.inline.id]
}
#~ network aws_vpc.main: 10.0.0.0/16
#~ subnet aws_subnet.a: 10.0.1.0/24 in aws_vpc.main, zone eu-west-1a, main table of aws_vpc.main
#~ table main table of aws_vpc.main
#~   10.0.0.0/16 local
#~ group aws_security_group.inline
#~   in tcp 443 0.0.0.0/0
#~   in tcp 443 192.0.2.7/32
#~   in tcp 443 ::/0
#~   in tcp 443 aws_security_group.items
#~   in all traffic aws_security_group.inline
#~   in icmp type 8 10.0.0.0/16
#~   in tcp 0 10.9.0.0/16
#~   out all traffic 0.0.0.0/0
#~ group aws_security_group.items
#~   in protocol 50 10.0.0.0/8
#~   in tcp 8080-8090 aws_security_group.inline
#~   out all traffic ::/0
#~ group aws_security_group.older
#~   in tcp 5432 aws_security_group.items
#~   in tcp 22 the private address of aws_instance.one
#~   in udp aws_security_group.older
#~   out all traffic 10.0.0.0/16
#~ group the private address of aws_instance.one
#~ site aws_instance.one: instance
#~   aws_subnet.a 10.0.1.4-10.0.1.254 with aws_security_group.inline, the private address of aws_instance.one
#~ site aws_instance.three: instance
#~   aws_subnet.a 10.0.1.4-10.0.1.254 with aws_security_group.older, aws_security_group.inline
#~ site aws_instance.two: instance
#~   aws_subnet.a 10.0.1.4-10.0.1.254 with aws_security_group.items
#~
#~ aws_instance.one -> aws_instance.one: all
#~ aws_instance.one -> aws_instance.three: all
#~ aws_instance.one -> aws_instance.two: tcp 8080-8090, protocol 50
#~ aws_instance.three -> aws_instance.one: all
#~ aws_instance.three -> aws_instance.three: all
#~ aws_instance.three -> aws_instance.two: tcp 8080-8090, protocol 50
