# Rules that are there only where a variable says so: what they let in is told all the same, and a rule that is surely
# there stays sure beside them. The data tier looks its network up, which stands beside it.

variable "vpn_block" {
  type = string
}

variable "more_ports" {
  type = list(number)
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "main" }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table" "main" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_subnet" "main" {
  vpc_id                  = aws_vpc.main.id
  cidr_block              = "10.0.0.0/24"
  map_public_ip_on_launch = true
}

resource "aws_route_table_association" "main" {
  subnet_id      = aws_subnet.main.id
  route_table_id = aws_route_table.main.id
}

resource "aws_security_group" "bastion" {
  vpc_id = aws_vpc.main.id
  dynamic "ingress" {
    for_each = var.vpn_block == "" ? [1] : []
    content {
      from_port   = 22
      to_port     = 22
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}

resource "aws_instance" "bastion" {
  ami                    = "ami-0abcdef0123456789"
  instance_type          = "t4g.nano"
  subnet_id              = aws_subnet.main.id
  vpc_security_group_ids = [aws_security_group.bastion.id]
}

resource "aws_security_group" "worker" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 8000
    to_port     = 8000
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  dynamic "ingress" {
    for_each = var.more_ports
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/16"]
    }
  }
}

resource "aws_instance" "worker" {
  ami                    = "ami-0abcdef0123456789"
  instance_type          = "t4g.nano"
  subnet_id              = aws_subnet.main.id
  vpc_security_group_ids = [aws_security_group.worker.id]
}

module "data" {
  source = "./data"
}
