#@ reach
# A machine on an interface that is not told stands somewhere, with some groups; not in the default VPC.
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

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
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_route_table_association" "main" {
  subnet_id      = aws_subnet.one.id
  route_table_id = aws_route_table.main.id
}

variable "interface" {}

resource "aws_instance" "lent" {
  ami           = "ami-1"
  instance_type = "t3.micro"

  network_interface {
    network_interface_id = var.interface
    device_index         = 0
  }
}
#~ perhaps aws_instance.lent -> aws_instance.lent: all
#~ perhaps aws_instance.lent -> internet: all
#~ perhaps internet -> aws_instance.lent: all
