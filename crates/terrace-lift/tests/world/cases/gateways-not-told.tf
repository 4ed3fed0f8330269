#@ reach
# A route to a gateway that is not told says that the network has one, perhaps.
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

variable "gateway" {}

resource "aws_subnet" "one" {
  vpc_id                  = aws_vpc.main.id
  cidr_block              = "10.0.0.0/24"
  availability_zone       = "eu-west-1a"
  map_public_ip_on_launch = true
}

resource "aws_route_table" "main" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = var.gateway
  }
}

resource "aws_route_table_association" "main" {
  subnet_id      = aws_subnet.one.id
  route_table_id = aws_route_table.main.id
}

resource "aws_security_group" "open" {
  name   = "open"
  vpc_id = aws_vpc.main.id

  ingress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_instance" "open" {
  ami                    = "ami-1"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.one.id
  vpc_security_group_ids = [aws_security_group.open.id]
}
#~ perhaps internet -> aws_instance.open: all
