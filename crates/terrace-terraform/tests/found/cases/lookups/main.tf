# A module looks up what the design builds: by block, by tag, by name in the network that it found.

variable "debug" {
  type = bool
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "main" }
}

resource "aws_vpc" "other" {
  cidr_block = "10.1.0.0/16"
  tags       = { Name = "other" }
}

resource "aws_subnet" "main" {
  count      = 2
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.${count.index}.0/24"
}

resource "aws_security_group" "db" {
  name   = "db"
  vpc_id = aws_vpc.main.id

  # There for each of something that is not told; its port is.
  dynamic "ingress" {
    for_each = var.debug ? [1] : []
    content {
      from_port   = 5432
      to_port     = 5432
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}

module "service" {
  source = "./service"
  block  = aws_vpc.main.cidr_block
}

# As Terraform up to 0.11 wanted lists.
resource "aws_lb" "old" {
  subnets = ["${aws_subnet.main.*.id}"]
}

data "aws_subnet" "two" {
  filter {
    name   = "tag:Tier"
    values = ["nowhere"]
  }
}

data "aws_subnet" "two_again" {
  filter {
    name   = "tag:Tier"
    values = ["nowhere"]
  }
}

resource "aws_network_interface" "one" {
  subnet_id = data.aws_subnet.two.id
}

resource "aws_network_interface" "other" {
  subnet_id = data.aws_subnet.two_again.id
}

# The port that AWS takes.
resource "aws_db_instance" "main" {
  engine = "mysql"
}

resource "aws_vpc_security_group_egress_rule" "db" {
  security_group_id = aws_security_group.db.id
  ip_protocol       = "tcp"
  from_port         = aws_db_instance.main.port
  to_port           = aws_db_instance.main.port
}
