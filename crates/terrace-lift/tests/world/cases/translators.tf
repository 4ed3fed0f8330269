# NAT gateways and NAT instances: the other side sees the translator, so that groups say nothing any more.
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
  route {
    cidr_block = "10.0.0.0/16"
    gateway_id = "local"
  }
}

resource "aws_subnet" "public" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.0.0/24"
}

resource "aws_subnet" "by_gateway" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_subnet" "by_machine" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.2.0/24"
}

resource "aws_subnet" "by_private" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.3.0/24"
}

resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}

resource "aws_eip" "nat" {}

resource "aws_nat_gateway" "public" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.public.id
}

resource "aws_nat_gateway" "private" {
  connectivity_type = "private"
  subnet_id         = aws_subnet.public.id
  private_ip        = "10.0.0.99"
}

resource "aws_security_group" "nat" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["10.0.0.0/16"]
  }
  egress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_instance" "nat" {
  subnet_id                   = aws_subnet.public.id
  vpc_security_group_ids      = [aws_security_group.nat.id]
  associate_public_ip_address = true
  source_dest_check           = false
}

resource "aws_route_table" "by_gateway" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route" "by_gateway" {
  route_table_id         = aws_route_table.by_gateway.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.public.id
}

resource "aws_route_table" "by_machine" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route" "by_machine" {
  route_table_id         = aws_route_table.by_machine.id
  destination_cidr_block = "0.0.0.0/0"
  network_interface_id   = aws_instance.nat.primary_network_interface_id
}

resource "aws_route_table" "by_private" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.private.id
  }
}

resource "aws_route_table_association" "by" {
  for_each = {
    gateway = [aws_subnet.by_gateway.id, aws_route_table.by_gateway.id]
    machine = [aws_subnet.by_machine.id, aws_route_table.by_machine.id]
    private = [aws_subnet.by_private.id, aws_route_table.by_private.id]
  }
  subnet_id      = each.value[0]
  route_table_id = each.value[1]
}

resource "aws_security_group" "out" {
  vpc_id = aws_vpc.main.id
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_instance" "behind" {
  for_each = {
    gateway = aws_subnet.by_gateway.id
    machine = aws_subnet.by_machine.id
    private = aws_subnet.by_private.id
  }
  subnet_id              = each.value
  vpc_security_group_ids = [aws_security_group.out.id]
}
#~ network aws_vpc.main: 10.0.0.0/16
#~   internet gateway aws_internet_gateway.main
#~ subnet aws_subnet.by_gateway: 10.0.1.0/24 in aws_vpc.main, aws_route_table.by_gateway
#~ subnet aws_subnet.by_machine: 10.0.2.0/24 in aws_vpc.main, aws_route_table.by_machine
#~ subnet aws_subnet.by_private: 10.0.3.0/24 in aws_vpc.main, aws_route_table.by_private
#~ subnet aws_subnet.public: 10.0.0.0/24 in aws_vpc.main, aws_route_table.public
#~ nat aws_nat_gateway.private: private in aws_subnet.public
#~ nat aws_nat_gateway.public: public in aws_subnet.public
#~ nat aws_instance.nat: public in aws_subnet.public
#~ table aws_route_table.by_gateway
#~   10.0.0.0/16 local
#~   0.0.0.0/0 nat aws_nat_gateway.public
#~ table aws_route_table.by_machine
#~   10.0.0.0/16 local
#~   0.0.0.0/0 nat aws_instance.nat
#~ table aws_route_table.by_private
#~   10.0.0.0/16 local
#~   0.0.0.0/0 nat aws_nat_gateway.private
#~ table aws_route_table.public
#~   10.0.0.0/16 local
#~   0.0.0.0/0 internet
#~ group aws_security_group.nat
#~   in all traffic 10.0.0.0/16
#~   out tcp 443 0.0.0.0/0
#~ group aws_security_group.out
#~   out all traffic 0.0.0.0/0
#~ site aws_instance.behind["gateway"]: instance
#~   aws_subnet.by_gateway 10.0.1.4-10.0.1.254 with aws_security_group.out
#~ site aws_instance.behind["machine"]: instance
#~   aws_subnet.by_machine 10.0.2.4-10.0.2.254 with aws_security_group.out
#~ site aws_instance.behind["private"]: instance
#~   aws_subnet.by_private 10.0.3.4-10.0.3.254 with aws_security_group.out
#~ site aws_instance.nat: instance
#~   aws_subnet.public 10.0.0.4-10.0.0.254 with aws_security_group.nat, public
#~
#~ aws_instance.behind["gateway"] -> aws_instance.nat: all
#~ aws_instance.behind["gateway"] -> internet: all
#~ aws_instance.behind["machine"] -> aws_instance.nat: all
#~ aws_instance.behind["machine"] -> internet: tcp 443
#~ aws_instance.behind["private"] -> aws_instance.nat: all
#~ aws_instance.nat -> aws_instance.nat: tcp 443
#~ aws_instance.nat -> internet: tcp 443
