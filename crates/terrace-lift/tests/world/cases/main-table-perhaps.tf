#@ reach
# Whether another table takes the place of the main one is not told.
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

variable "is_private" {
  type = bool
}

resource "aws_route_table" "closed" {
  vpc_id = aws_vpc.main.id
}

resource "aws_main_route_table_association" "main" {
  count          = var.is_private ? 1 : 0
  vpc_id         = aws_vpc.main.id
  route_table_id = aws_route_table.closed.id
}

resource "aws_default_route_table" "main" {
  default_route_table_id = aws_vpc.main.default_route_table_id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
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
