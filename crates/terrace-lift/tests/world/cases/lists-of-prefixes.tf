# Prefix lists: one's own with entries, AWS's by name, one that is not told.
variable "partners" {}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.0.0/24"
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.main.id
  service_name    = "com.amazonaws.eu-west-1.s3"
  route_table_ids = [aws_vpc.main.main_route_table_id]
}

data "aws_prefix_list" "dynamodb" {
  name = "com.amazonaws.eu-west-1.dynamodb"
}

resource "aws_ec2_managed_prefix_list" "offices" {
  name           = "offices"
  address_family = "IPv4"
  max_entries    = 5
  entry {
    cidr = "198.51.100.0/24"
  }
}

resource "aws_ec2_managed_prefix_list_entry" "home" {
  prefix_list_id = aws_ec2_managed_prefix_list.offices.id
  cidr           = "203.0.113.9/32"
}

resource "aws_security_group" "a" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port       = 22
    to_port         = 22
    protocol        = "tcp"
    prefix_list_ids = [aws_ec2_managed_prefix_list.offices.id]
  }
}

resource "aws_vpc_security_group_ingress_rule" "partners" {
  security_group_id = aws_security_group.a.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = var.partners
}

resource "aws_vpc_security_group_ingress_rule" "cdn" {
  security_group_id = aws_security_group.a.id
  ip_protocol       = "tcp"
  from_port         = 8443
  to_port           = 8443
  prefix_list_id    = "pl-4fa04526" # CloudFront's, in eu-west-1
}

resource "aws_vpc_security_group_egress_rule" "s3" {
  security_group_id = aws_security_group.a.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = aws_vpc_endpoint.s3.prefix_list_id
}

resource "aws_vpc_security_group_egress_rule" "dynamodb" {
  security_group_id = aws_security_group.a.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = data.aws_prefix_list.dynamodb.id
}

resource "aws_instance" "a" {
  subnet_id              = aws_subnet.a.id
  vpc_security_group_ids = [aws_security_group.a.id]
}
#~ network aws_vpc.main: 10.0.0.0/16
#~ subnet aws_subnet.a: 10.0.0.0/24 in aws_vpc.main, main table of aws_vpc.main
#~ table main table of aws_vpc.main
#~   10.0.0.0/16 local
#~   s3 by aws_vpc_endpoint.s3
#~ group aws_security_group.a
#~   in tcp 22 198.51.100.0/24
#~   in tcp 22 203.0.113.9/32
#~   in tcp 8443 pl-4fa04526
#~   in tcp 443 everywhere [perhaps: var.partners]
#~   out tcp 443 data.aws_prefix_list.dynamodb
#~   out tcp 443 aws_vpc_endpoint.s3
#~ group pl-4fa04526: cloudfront.origin-facing
#~ group data.aws_prefix_list.dynamodb: dynamodb
#~ group aws_vpc_endpoint.s3: s3
#~ site aws_instance.a: instance
#~   aws_subnet.a 10.0.0.4-10.0.0.254 with aws_security_group.a
#~ assumed: aws_security_group.a has rules inside of it and beside it, and keeps them all
#~
#~ aws_instance.a -> s3: tcp 443
