provider "aws" {
  region = "eu-west-1"
}

module "tiers" {
  source = "../modules/tiers"
}

# A second database for a quick look from home.
resource "aws_subnet" "open" {
  vpc_id                  = module.tiers.network
  cidr_block              = "10.20.200.0/24"
  availability_zone       = "eu-west-1a"
  map_public_ip_on_launch = true
}

resource "aws_route_table" "open" {
  vpc_id = module.tiers.network

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = module.tiers.gateway
  }
}

resource "aws_route_table_association" "open" {
  subnet_id      = aws_subnet.open.id
  route_table_id = aws_route_table.open.id
}

resource "aws_security_group" "open" {
  name   = "open"
  vpc_id = module.tiers.network

  ingress {
    from_port   = 0
    to_port     = 65535
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_instance" "mysql" {
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "t3.small"
  subnet_id              = aws_subnet.open.id
  vpc_security_group_ids = [aws_security_group.open.id]

  metadata_options {
    http_tokens = "required"
  }

  root_block_device {
    encrypted = true
  }
}
