# What AWS takes where nothing is written: the default VPC, its group, its table.
resource "aws_instance" "bare" {
  ami           = "ami-1"
  instance_type = "t3.micro"
}

resource "aws_db_instance" "bare" {
  engine         = "postgres"
  instance_class = "db.t4g.micro"
}

resource "aws_vpc" "own" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "own" {
  vpc_id     = aws_vpc.own.id
  cidr_block = "10.0.1.0/24"
}

# Without a group: the network's own, which this design does not touch.
resource "aws_instance" "own" {
  subnet_id = aws_subnet.own.id
}

resource "aws_vpc" "emptied" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_default_security_group" "emptied" {
  vpc_id = aws_vpc.emptied.id
}

resource "aws_subnet" "emptied" {
  vpc_id     = aws_vpc.emptied.id
  cidr_block = "10.1.1.0/24"
}

resource "aws_instance" "emptied" {
  subnet_id = aws_subnet.emptied.id
}

resource "aws_instance" "by_attribute" {
  subnet_id              = aws_subnet.own.id
  vpc_security_group_ids = [aws_vpc.own.default_security_group_id]
}
#~ network aws_vpc.emptied: 10.1.0.0/16
#~ network aws_vpc.own: 10.0.0.0/16
#~ network the default VPC: 172.31.0.0/16
#~   internet gateway the default VPC
#~ subnet aws_subnet.emptied: 10.1.1.0/24 in aws_vpc.emptied, main table of aws_vpc.emptied
#~ subnet aws_subnet.own: 10.0.1.0/24 in aws_vpc.own, main table of aws_vpc.own
#~ subnet the subnets of the default VPC: 172.31.0.0/16 in the default VPC, main table of the default VPC
#~ table main table of aws_vpc.emptied
#~   10.1.0.0/16 local
#~ table main table of aws_vpc.own
#~   10.0.0.0/16 local
#~ table main table of the default VPC
#~   172.31.0.0/16 local
#~   0.0.0.0/0 internet
#~ group aws_default_security_group.emptied
#~ group default group of the default VPC
#~   in all traffic default group of the default VPC
#~   out all traffic everywhere
#~ group default group of aws_vpc.own
#~   in all traffic default group of aws_vpc.own
#~   out all traffic everywhere
#~ site aws_instance.bare: instance
#~   the subnets of the default VPC 172.31.0.4-172.31.255.254 with default group of the default VPC, public
#~ site aws_instance.by_attribute: instance
#~   aws_subnet.own 10.0.1.4-10.0.1.254 with default group of aws_vpc.own
#~ site aws_instance.emptied: instance
#~   aws_subnet.emptied 10.1.1.4-10.1.1.254 with aws_default_security_group.emptied
#~ site aws_instance.own: instance
#~   aws_subnet.own 10.0.1.4-10.0.1.254 with default group of aws_vpc.own
#~ site aws_db_instance.bare: database, listens on tcp 5432
#~   the subnets of the default VPC 172.31.0.4-172.31.255.254 with default group of the default VPC
#~ assumed: the default VPC is as AWS makes it: 172.31.0.0/16, with an internet gateway and a main table that leads to it
#~ assumed: aws_db_instance.bare: publicly_accessible is not given, taken as false
#~
#~ aws_db_instance.bare -> aws_db_instance.bare: all
#~ aws_db_instance.bare -> aws_instance.bare: all
#~ aws_instance.bare -> aws_db_instance.bare: all
#~ aws_instance.bare -> aws_instance.bare: all
#~ aws_instance.bare -> internet: all
#~ aws_instance.by_attribute -> aws_instance.by_attribute: all
#~ aws_instance.by_attribute -> aws_instance.own: all
#~ aws_instance.own -> aws_instance.by_attribute: all
#~ aws_instance.own -> aws_instance.own: all
