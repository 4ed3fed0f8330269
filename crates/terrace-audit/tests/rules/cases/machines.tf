#@ public-address, metadata-v1, unencrypted-storage, default-group, one-zone
data "aws_ami" "linux" {
  owners = ["amazon"]
}

variable "subnets" {
  type = list(string)
}

resource "aws_subnet" "public" {
  vpc_id                  = "vpc-1"
  cidr_block              = "10.0.1.0/24"
  availability_zone       = "eu-west-1a"
  map_public_ip_on_launch = true
}

resource "aws_subnet" "other" {
  vpc_id            = "vpc-1"
  cidr_block        = "10.0.2.0/24"
  availability_zone = "eu-west-1a"
}

resource "aws_instance" "web" {
  ami                    = data.aws_ami.linux.id
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.public.id
  vpc_security_group_ids = ["sg-1"]
  metadata_options {
    http_tokens = "required"
  }
}

resource "aws_instance" "private" {
  ami                         = data.aws_ami.linux.id
  instance_type               = "t3.micro"
  subnet_id                   = aws_subnet.public.id
  associate_public_ip_address = false
  root_block_device {
    encrypted = true
  }
  ebs_block_device {
    device_name = "/dev/sdf"
    volume_size = 10
  }
}

resource "aws_eip" "fixed" {
  instance = aws_instance.fixed.id
}

resource "aws_instance" "fixed" {
  ami                    = "ami-0abc"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.other.id
  vpc_security_group_ids = ["sg-1"]
  metadata_options {
    http_tokens = "required"
  }
}

resource "aws_launch_template" "app" {
  image_id               = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
  vpc_security_group_ids = ["sg-1"]
  metadata_options {
    http_tokens = "required"
  }
}

resource "aws_autoscaling_group" "app" {
  min_size            = 1
  max_size            = 2
  vpc_zone_identifier = [aws_subnet.public.id, aws_subnet.other.id]
  launch_template {
    id = aws_launch_template.app.id
  }
}

resource "aws_autoscaling_group" "unknown" {
  min_size            = 1
  max_size            = 2
  vpc_zone_identifier = var.subnets
  launch_template {
    id = aws_launch_template.app.id
  }
}
#~ medium default-group aws_instance.private vpc_security_group_ids: `aws_instance.private` names no security group and carries the default one
#~ medium metadata-v1 aws_instance.private metadata_options.http_tokens: the metadata service of `aws_instance.private` answers without a session token
#~ medium public-address aws_autoscaling_group.app vpc_zone_identifier: `aws_autoscaling_group.app` gets a public address from `aws_subnet.public`
#~ medium public-address aws_instance.fixed: `aws_instance.fixed` has the elastic address `aws_eip.fixed`
#~ medium public-address aws_instance.web subnet_id: `aws_instance.web` gets a public address from `aws_subnet.public`
#~ medium unencrypted-storage aws_instance.private ebs_block_device[0].encrypted: the volume of `aws_instance.private` is not encrypted
#~ medium unencrypted-storage aws_instance.web root_block_device.encrypted: the root volume of `aws_instance.web` is not encrypted
#~ medium unencrypted-storage aws_launch_template.app block_device_mappings: the root volume of `aws_launch_template.app` is not encrypted
#~ low one-zone aws_autoscaling_group.app vpc_zone_identifier: `aws_autoscaling_group.app` stands in one zone
#~ medium public-address aws_autoscaling_group.unknown vpc_zone_identifier: it may be that `aws_autoscaling_group.unknown` gets a public address from its subnet (depends on var.subnets)
#~ medium unencrypted-storage aws_instance.fixed root_block_device.encrypted: it may be that the root volume of `aws_instance.fixed` is not encrypted (depends on whether the image is encrypted)
#~ low one-zone aws_autoscaling_group.unknown vpc_zone_identifier: it may be that `aws_autoscaling_group.unknown` stands in one zone (depends on var.subnets)
