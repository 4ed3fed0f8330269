variable "block" {}

data "aws_vpc" "main" {
  cidr_block = var.block
}

data "aws_vpc" "tagged" {
  filter {
    name   = "tag:Name"
    values = ["main"]
  }
}

data "aws_subnet" "second" {
  vpc_id     = data.aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

data "aws_security_group" "db" {
  name   = "db"
  vpc_id = data.aws_vpc.tagged.id
}

resource "aws_security_group" "service" {
  vpc_id = data.aws_vpc.tagged.id
}

resource "aws_instance" "service" {
  subnet_id              = data.aws_subnet.second.id
  vpc_security_group_ids = [data.aws_security_group.db.id, aws_security_group.service.id]
}
