#@ reach
# An ACL that is not told lets pass what it likes; a load balancer of a type that is not told is guarded, or is not.
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

variable "acl" {}

variable "type" {}

resource "aws_network_acl_association" "main" {
  subnet_id      = aws_subnet.one.id
  network_acl_id = var.acl
}

resource "aws_subnet" "two" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.9.0/24"
}

resource "aws_route_table_association" "two" {
  subnet_id      = aws_subnet.two.id
  route_table_id = aws_route_table.main.id
}

resource "aws_lb" "either" {
  load_balancer_type = var.type
  subnets            = [aws_subnet.two.id]
}

resource "aws_lb_listener" "either" {
  load_balancer_arn = aws_lb.either.arn
  port              = 80
  protocol          = "TCP"

  default_action {
    type = "fixed-response"
  }
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
#~ perhaps internet -> aws_lb.either: tcp 80
