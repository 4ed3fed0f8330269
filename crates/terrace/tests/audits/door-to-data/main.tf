provider "aws" {
  region = "eu-west-1"
}

module "tiers" {
  source = "../modules/tiers"
}

# A load balancer that the internet meets hands every connection on to a database, whose group lets only that in.
resource "aws_subnet" "out" {
  vpc_id            = module.tiers.network
  cidr_block        = "10.20.200.0/24"
  availability_zone = "eu-west-1a"
}

resource "aws_subnet" "in" {
  vpc_id            = module.tiers.network
  cidr_block        = "10.20.201.0/24"
  availability_zone = "eu-west-1a"
}

resource "aws_route_table" "out" {
  vpc_id = module.tiers.network

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = module.tiers.gateway
  }
}

resource "aws_route_table_association" "out" {
  subnet_id      = aws_subnet.out.id
  route_table_id = aws_route_table.out.id
}

resource "aws_security_group" "balancer" {
  name   = "balancer"
  vpc_id = module.tiers.network

  ingress {
    from_port   = 3306
    to_port     = 3306
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  egress {
    from_port       = 3306
    to_port         = 3306
    protocol        = "tcp"
    security_groups = [aws_security_group.mysql.id]
  }
}

resource "aws_security_group" "mysql" {
  name   = "mysql"
  vpc_id = module.tiers.network
}

resource "aws_vpc_security_group_ingress_rule" "mysql" {
  security_group_id            = aws_security_group.mysql.id
  referenced_security_group_id = aws_security_group.balancer.id
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
}

resource "aws_lb" "mysql" {
  name                       = "mysql"
  load_balancer_type         = "network"
  subnets                    = [aws_subnet.out.id]
  security_groups            = [aws_security_group.balancer.id]
  enable_deletion_protection = true
}

resource "aws_lb_target_group" "mysql" {
  name               = "mysql"
  port               = 3306
  protocol           = "TCP"
  preserve_client_ip = false
  vpc_id             = module.tiers.network
}

resource "aws_lb_listener" "mysql" {
  load_balancer_arn = aws_lb.mysql.arn
  port              = 3306
  protocol          = "TCP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.mysql.arn
  }
}

resource "aws_lb_target_group_attachment" "mysql" {
  target_group_arn = aws_lb_target_group.mysql.arn
  target_id        = aws_instance.mysql.id
}

resource "aws_instance" "mysql" {
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "t3.small"
  subnet_id              = aws_subnet.in.id
  vpc_security_group_ids = [aws_security_group.mysql.id]

  metadata_options {
    http_tokens = "required"
  }

  root_block_device {
    encrypted = true
  }
}
