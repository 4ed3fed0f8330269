data "aws_vpc" "main" {
  filter {
    name   = "tag:Name"
    values = ["main"]
  }
}

resource "aws_subnet" "data" {
  count      = 2
  vpc_id     = data.aws_vpc.main.id
  cidr_block = "10.0.${count.index + 8}.0/24"
}

resource "aws_db_subnet_group" "main" {
  subnet_ids = aws_subnet.data[*].id
}

resource "aws_security_group" "data" {
  vpc_id = data.aws_vpc.main.id
  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = [data.aws_vpc.main.cidr_block]
  }
}

resource "aws_db_instance" "main" {
  engine                      = "postgres"
  engine_version              = "17"
  instance_class              = "db.t4g.micro"
  allocated_storage           = 20
  username                    = "app"
  manage_master_user_password = true
  storage_encrypted           = true
  multi_az                    = true
  deletion_protection         = true
  backup_retention_period     = 7
  final_snapshot_identifier   = "last"
  db_subnet_group_name        = aws_db_subnet_group.main.name
  vpc_security_group_ids      = [aws_security_group.data.id]
}
