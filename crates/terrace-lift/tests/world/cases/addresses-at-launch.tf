#@ reach
# Who has a public address: subnet, launch, template, elastic address, IPv6; and a gateway that nobody leads to.
resource "aws_vpc" "main" {
  cidr_block                       = "10.0.0.0/16"
  assign_generated_ipv6_cidr_block = true
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route" "four" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

resource "aws_route" "six" {
  route_table_id              = aws_route_table.public.id
  destination_ipv6_cidr_block = "::/0"
  gateway_id                  = aws_internet_gateway.main.id
}

resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}

resource "aws_subnet" "public" {
  vpc_id                  = aws_vpc.main.id
  cidr_block              = "10.0.0.0/24"
  ipv6_cidr_block         = cidrsubnet(aws_vpc.main.ipv6_cidr_block, 8, 1)
  map_public_ip_on_launch = true
}

resource "aws_subnet" "private" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_security_group" "open" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port        = 22
    to_port          = 22
    protocol         = "tcp"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_instance" "by_subnet" {
  subnet_id              = aws_subnet.public.id
  vpc_security_group_ids = [aws_security_group.open.id]
}

resource "aws_instance" "refused" {
  subnet_id                   = aws_subnet.public.id
  vpc_security_group_ids      = [aws_security_group.open.id]
  associate_public_ip_address = "false"
}

resource "aws_instance" "six_only" {
  subnet_id                   = aws_subnet.public.id
  vpc_security_group_ids      = [aws_security_group.open.id]
  associate_public_ip_address = false
  ipv6_address_count          = 1
}

# An elastic address without a way out.
resource "aws_instance" "elastic_private" {
  subnet_id              = aws_subnet.private.id
  vpc_security_group_ids = [aws_security_group.open.id]
}

resource "aws_eip" "private" {
  instance = aws_instance.elastic_private.id
}

resource "aws_instance" "elastic_public" {
  subnet_id                   = aws_subnet.public.id
  vpc_security_group_ids      = [aws_security_group.open.id]
  associate_public_ip_address = false
}

resource "aws_eip" "public" {
  domain = "vpc"
}

resource "aws_eip_association" "public" {
  instance_id   = aws_instance.elastic_public.id
  allocation_id = aws_eip.public.id
}

resource "aws_launch_template" "overrides" {
  name_prefix = "overrides"
  network_interfaces {
    associate_public_ip_address = false
    security_groups             = [aws_security_group.open.id]
  }
}

resource "aws_autoscaling_group" "overrides" {
  min_size            = 1
  max_size            = 1
  vpc_zone_identifier = [aws_subnet.public.id]
  launch_template {
    id      = aws_launch_template.overrides.id
    version = "$Latest"
  }
}

resource "aws_launch_template" "as_subnet" {
  vpc_security_group_ids = [aws_security_group.open.id]
}

resource "aws_autoscaling_group" "as_subnet" {
  min_size            = 1
  max_size            = 1
  vpc_zone_identifier = [aws_subnet.public.id]
  mixed_instances_policy {
    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.as_subnet.id
      }
    }
  }
}

resource "aws_network_interface" "made" {
  subnet_id       = aws_subnet.public.id
  security_groups = [aws_security_group.open.id]
  private_ips     = ["10.0.0.77"]
}

resource "aws_instance" "of_interface" {
  network_interface {
    network_interface_id = aws_network_interface.made.id
    device_index         = 0
  }
}

resource "aws_network_interface" "elastic" {
  subnet_id       = aws_subnet.public.id
  security_groups = [aws_security_group.open.id]
}

resource "aws_eip" "of_interface" {
  network_interface = aws_network_interface.elastic.id
}
#~ internet -> aws_autoscaling_group.as_subnet: tcp 22
#~ internet -> aws_instance.by_subnet: tcp 22
#~ internet -> aws_instance.elastic_public: tcp 22
#~ internet -> aws_instance.six_only: tcp 22
#~ internet -> aws_network_interface.elastic: tcp 22
