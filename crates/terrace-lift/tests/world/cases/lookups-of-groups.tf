#@ reach
# A lookup finds perhaps what the design builds: every group of the network, one by its tag. What has another name is not found.
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

data "aws_security_groups" "all" {
  filter {
    name   = "vpc-id"
    values = [aws_vpc.main.id]
  }
}

data "aws_security_group" "tagged" {
  tags = { Role = var.role }
}

data "aws_security_group" "other" {
  name = "somebody-elses"
}

variable "role" {}

resource "aws_security_group" "app" {
  name   = "app"
  vpc_id = aws_vpc.main.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "db" {
  name   = "db"
  vpc_id = aws_vpc.main.id
  tags   = { Role = "db" }

  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    security_groups = data.aws_security_groups.all.ids
  }
}

resource "aws_security_group" "cache" {
  name   = "cache"
  vpc_id = aws_vpc.main.id

  ingress {
    from_port   = 6379
    to_port     = 6379
    protocol    = "tcp"
    security_groups = [data.aws_security_group.other.id]
  }
}

resource "aws_security_group" "queue" {
  name   = "queue"
  vpc_id = aws_vpc.main.id

  ingress {
    from_port   = 5671
    to_port     = 5671
    protocol    = "tcp"
    security_groups = [aws_security_group.db.id]
  }
}

resource "aws_instance" "app" {
  ami                    = "ami-1"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.one.id
  vpc_security_group_ids = [aws_security_group.app.id]
}

resource "aws_instance" "db" {
  ami                    = "ami-1"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.one.id
  vpc_security_group_ids = [aws_security_group.db.id]
}

resource "aws_instance" "cache" {
  ami                    = "ami-1"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.one.id
  vpc_security_group_ids = [aws_security_group.cache.id]
}

resource "aws_instance" "queue" {
  ami                    = "ami-1"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.one.id
  vpc_security_group_ids = [aws_security_group.queue.id]
}

resource "aws_instance" "lent" {
  ami                    = "ami-1"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.one.id
  vpc_security_group_ids = [data.aws_security_group.tagged.id]
}
#~ perhaps aws_instance.app -> aws_instance.db: tcp 5432
#~ perhaps aws_instance.app -> aws_instance.lent: all
#~ perhaps aws_instance.lent -> aws_instance.db: tcp 5432
#~ perhaps aws_instance.lent -> aws_instance.lent: all
#~ perhaps aws_instance.lent -> aws_instance.queue: tcp 5671
