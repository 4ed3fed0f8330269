# Peerings, a transit gateway, a VPN: who sees whom.
resource "aws_vpc" "net" {
  for_each   = { a = 0, b = 1, c = 2, d = 3 }
  cidr_block = "10.${each.value}.0.0/16"
}

resource "aws_subnet" "net" {
  for_each   = aws_vpc.net
  vpc_id     = each.value.id
  cidr_block = cidrsubnet(each.value.cidr_block, 8, 1)
}

resource "aws_default_route_table" "net" {
  for_each               = aws_vpc.net
  default_route_table_id = each.value.default_route_table_id
}

resource "aws_vpc_peering_connection" "ab" {
  vpc_id      = aws_vpc.net["a"].id
  peer_vpc_id = aws_vpc.net["b"].id
  auto_accept = true
}

resource "aws_route" "a_to_b" {
  route_table_id            = aws_default_route_table.net["a"].id
  destination_cidr_block    = "10.1.0.0/16"
  vpc_peering_connection_id = aws_vpc_peering_connection.ab.id
}

resource "aws_route" "b_to_a" {
  route_table_id            = aws_default_route_table.net["b"].id
  destination_cidr_block    = "10.0.0.0/16"
  vpc_peering_connection_id = aws_vpc_peering_connection.ab.id
}

resource "aws_ec2_transit_gateway" "main" {}

resource "aws_ec2_transit_gateway_vpc_attachment" "at" {
  for_each           = toset(["b", "c"])
  transit_gateway_id = aws_ec2_transit_gateway.main.id
  vpc_id             = aws_vpc.net[each.key].id
  subnet_ids         = [aws_subnet.net[each.key].id]
}

resource "aws_route" "b_to_c" {
  route_table_id         = aws_default_route_table.net["b"].id
  destination_cidr_block = "10.2.0.0/16"
  transit_gateway_id     = aws_ec2_transit_gateway.main.id
}

resource "aws_route" "c_to_b" {
  route_table_id         = aws_default_route_table.net["c"].id
  destination_cidr_block = "10.1.0.0/16"
  transit_gateway_id     = aws_ec2_transit_gateway.main.id
}

resource "aws_vpn_gateway" "d" {
  vpc_id = aws_vpc.net["d"].id
}

resource "aws_route" "d_to_office" {
  route_table_id         = aws_default_route_table.net["d"].id
  destination_cidr_block = "192.168.0.0/16"
  gateway_id             = aws_vpn_gateway.d.id
}

resource "aws_vpc_peering_connection" "stranger" {
  vpc_id        = aws_vpc.net["d"].id
  peer_vpc_id   = "vpc-0123"
  peer_owner_id = "111122223333"
}

resource "aws_route" "d_to_stranger" {
  route_table_id            = aws_default_route_table.net["d"].id
  destination_cidr_block    = "172.16.0.0/16"
  vpc_peering_connection_id = aws_vpc_peering_connection.stranger.id
}

resource "aws_security_group" "net" {
  for_each = aws_vpc.net
  vpc_id   = each.value.id
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_instance" "net" {
  for_each               = aws_vpc.net
  subnet_id              = aws_subnet.net[each.key].id
  vpc_security_group_ids = [aws_security_group.net[each.key].id]
}
#~ network aws_vpc.net["a"]: 10.0.0.0/16
#~ network aws_vpc.net["b"]: 10.1.0.0/16
#~ network aws_vpc.net["c"]: 10.2.0.0/16
#~ network aws_vpc.net["d"]: 10.3.0.0/16
#~ subnet aws_subnet.net["a"]: 10.0.1.0/24 in aws_vpc.net["a"], aws_default_route_table.net["a"]
#~ subnet aws_subnet.net["b"]: 10.1.1.0/24 in aws_vpc.net["b"], aws_default_route_table.net["b"]
#~ subnet aws_subnet.net["c"]: 10.2.1.0/24 in aws_vpc.net["c"], aws_default_route_table.net["c"]
#~ subnet aws_subnet.net["d"]: 10.3.1.0/24 in aws_vpc.net["d"], aws_default_route_table.net["d"]
#~ peering aws_vpc_peering_connection.ab: aws_vpc.net["a"], aws_vpc.net["b"], rules may name groups
#~ transit aws_ec2_transit_gateway.main
#~   aws_vpc.net["b"]
#~   aws_vpc.net["c"]
#~ table aws_default_route_table.net["a"]
#~   10.0.0.0/16 local
#~   10.1.0.0/16 peering aws_vpc_peering_connection.ab
#~ table aws_default_route_table.net["b"]
#~   10.1.0.0/16 local
#~   10.0.0.0/16 peering aws_vpc_peering_connection.ab
#~   10.2.0.0/16 transit aws_ec2_transit_gateway.main
#~ table aws_default_route_table.net["c"]
#~   10.2.0.0/16 local
#~   10.1.0.0/16 transit aws_ec2_transit_gateway.main
#~ table aws_default_route_table.net["d"]
#~   10.3.0.0/16 local
#~   192.168.0.0/16 networks beyond aws_vpn_gateway.d
#~   172.16.0.0/16 networks beyond aws_vpc_peering_connection.stranger
#~ group aws_security_group.net["a"]
#~   in tcp 22 10.0.0.0/8
#~   in tcp 22 192.168.0.0/16
#~   in tcp 22 172.16.0.0/12
#~   out all traffic 0.0.0.0/0
#~ group aws_security_group.net["b"]
#~   in tcp 22 10.0.0.0/8
#~   in tcp 22 192.168.0.0/16
#~   in tcp 22 172.16.0.0/12
#~   out all traffic 0.0.0.0/0
#~ group aws_security_group.net["c"]
#~   in tcp 22 10.0.0.0/8
#~   in tcp 22 192.168.0.0/16
#~   in tcp 22 172.16.0.0/12
#~   out all traffic 0.0.0.0/0
#~ group aws_security_group.net["d"]
#~   in tcp 22 10.0.0.0/8
#~   in tcp 22 192.168.0.0/16
#~   in tcp 22 172.16.0.0/12
#~   out all traffic 0.0.0.0/0
#~ site aws_instance.net["a"]: instance
#~   aws_subnet.net["a"] 10.0.1.4-10.0.1.254 with aws_security_group.net["a"]
#~ site aws_instance.net["b"]: instance
#~   aws_subnet.net["b"] 10.1.1.4-10.1.1.254 with aws_security_group.net["b"]
#~ site aws_instance.net["c"]: instance
#~   aws_subnet.net["c"] 10.2.1.4-10.2.1.254 with aws_security_group.net["c"]
#~ site aws_instance.net["d"]: instance
#~   aws_subnet.net["d"] 10.3.1.4-10.3.1.254 with aws_security_group.net["d"]
#~
#~ aws_instance.net["a"] -> aws_instance.net["a"]: tcp 22
#~ aws_instance.net["a"] -> aws_instance.net["b"]: tcp 22
#~ aws_instance.net["b"] -> aws_instance.net["a"]: tcp 22
#~ aws_instance.net["b"] -> aws_instance.net["b"]: tcp 22
#~ aws_instance.net["b"] -> aws_instance.net["c"]: tcp 22
#~ aws_instance.net["c"] -> aws_instance.net["b"]: tcp 22
#~ aws_instance.net["c"] -> aws_instance.net["c"]: tcp 22
#~ aws_instance.net["d"] -> aws_instance.net["d"]: tcp 22
#~ aws_instance.net["d"] -> networks beyond aws_vpc_peering_connection.stranger: all
#~ aws_instance.net["d"] -> networks beyond aws_vpn_gateway.d: all
#~ networks beyond aws_vpc_peering_connection.stranger -> aws_instance.net["d"]: tcp 22
#~ networks beyond aws_vpn_gateway.d -> aws_instance.net["d"]: tcp 22
