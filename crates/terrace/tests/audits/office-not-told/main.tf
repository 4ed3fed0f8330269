provider "aws" {
  region = "eu-west-1"
}

module "tiers" {
  source = "../modules/tiers"
}

variable "office" {
  description = "Who may connect to the bastion"
  type        = string
}

resource "aws_security_group" "bastion" {
  name   = "bastion"
  vpc_id = module.tiers.network

  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [var.office]
  }
}

resource "aws_instance" "bastion" {
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "t3.nano"
  subnet_id                   = module.tiers.subnets["public-0"]
  vpc_security_group_ids      = [aws_security_group.bastion.id]
  associate_public_ip_address = true

  metadata_options {
    http_tokens = "required"
  }

  root_block_device {
    encrypted = true
  }
}
