# Which table a subnet has: its own, the network's main one, or local routes only.
resource "aws_vpc" "a" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "a" {
  vpc_id = aws_vpc.a.id
}

# The main table, replaced.
resource "aws_route_table" "main" {
  vpc_id = aws_vpc.a.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.a.id
  }
}

resource "aws_main_route_table_association" "a" {
  vpc_id         = aws_vpc.a.id
  route_table_id = aws_route_table.main.id
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.a.id
}

resource "aws_subnet" "public" {
  vpc_id                  = aws_vpc.a.id
  cidr_block              = "10.0.0.0/24"
  map_public_ip_on_launch = true
}

resource "aws_subnet" "private" {
  vpc_id                  = aws_vpc.a.id
  cidr_block              = "10.0.1.0/24"
  map_public_ip_on_launch = true
}

resource "aws_route_table_association" "private" {
  subnet_id      = aws_subnet.private.id
  route_table_id = aws_route_table.private.id
}

# Another network: a route put into the main table by the network's attribute.
resource "aws_vpc" "b" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_internet_gateway" "b" {
  vpc_id = aws_vpc.b.id
}

resource "aws_route" "b" {
  route_table_id         = aws_vpc.b.main_route_table_id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.b.id
}

resource "aws_subnet" "b" {
  vpc_id                  = aws_vpc.b.id
  cidr_block              = "10.1.0.0/24"
  map_public_ip_on_launch = true
}

# And one whose main table is taken over.
resource "aws_vpc" "c" {
  cidr_block = "10.2.0.0/16"
}

resource "aws_internet_gateway" "c" {
  vpc_id = aws_vpc.c.id
}

resource "aws_default_route_table" "c" {
  default_route_table_id = aws_vpc.c.default_route_table_id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.c.id
  }
}

resource "aws_subnet" "c" {
  vpc_id                  = aws_vpc.c.id
  cidr_block              = "10.2.0.0/24"
  map_public_ip_on_launch = true
}

locals {
  subnets = {
    public  = [aws_subnet.public.id, aws_security_group.a.id]
    private = [aws_subnet.private.id, aws_security_group.a.id]
    b       = [aws_subnet.b.id, aws_security_group.b.id]
    c       = [aws_subnet.c.id, aws_security_group.c.id]
  }
}

resource "aws_security_group" "a" {
  vpc_id = aws_vpc.a.id
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "b" {
  vpc_id = aws_vpc.b.id
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "c" {
  vpc_id = aws_vpc.c.id
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_instance" "in" {
  for_each               = local.subnets
  subnet_id              = each.value[0]
  vpc_security_group_ids = [each.value[1]]
}
#~ network aws_vpc.a: 10.0.0.0/16
#~   internet gateway aws_internet_gateway.a
#~ network aws_vpc.b: 10.1.0.0/16
#~   internet gateway aws_internet_gateway.b
#~ network aws_vpc.c: 10.2.0.0/16
#~   internet gateway aws_internet_gateway.c
#~ subnet aws_subnet.b: 10.1.0.0/24 in aws_vpc.b, main table of aws_vpc.b
#~ subnet aws_subnet.c: 10.2.0.0/24 in aws_vpc.c, aws_default_route_table.c
#~ subnet aws_subnet.private: 10.0.1.0/24 in aws_vpc.a, aws_route_table.private
#~ subnet aws_subnet.public: 10.0.0.0/24 in aws_vpc.a, aws_route_table.main
#~ table aws_route_table.main
#~   10.0.0.0/16 local
#~   0.0.0.0/0 internet
#~ table aws_route_table.private
#~   10.0.0.0/16 local
#~ table aws_default_route_table.c
#~   10.2.0.0/16 local
#~   0.0.0.0/0 internet
#~ table main table of aws_vpc.b
#~   10.1.0.0/16 local
#~   0.0.0.0/0 internet
#~ group aws_security_group.a
#~   in tcp 22 0.0.0.0/0
#~ group aws_security_group.b
#~   in tcp 22 0.0.0.0/0
#~ group aws_security_group.c
#~   in tcp 22 0.0.0.0/0
#~ site aws_instance.in["b"]: instance
#~   aws_subnet.b 10.1.0.4-10.1.0.254 with aws_security_group.b, public
#~ site aws_instance.in["c"]: instance
#~   aws_subnet.c 10.2.0.4-10.2.0.254 with aws_security_group.c, public
#~ site aws_instance.in["private"]: instance
#~   aws_subnet.private 10.0.1.4-10.0.1.254 with aws_security_group.a, public
#~ site aws_instance.in["public"]: instance
#~   aws_subnet.public 10.0.0.4-10.0.0.254 with aws_security_group.a, public
#~
#~ internet -> aws_instance.in["b"]: tcp 22
#~ internet -> aws_instance.in["c"]: tcp 22
#~ internet -> aws_instance.in["public"]: tcp 22
