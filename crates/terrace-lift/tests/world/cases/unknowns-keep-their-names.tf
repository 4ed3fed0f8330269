# What nobody has told: blocks, groups, subnets, counts.
variable "vpc_cidr" {}
variable "office_cidr" {}
variable "lb_group" {}
variable "with_bastion" {}
variable "public_subnets" {
  type = list(string)
}
variable "public" {}

resource "aws_vpc" "main" {
  cidr_block = var.vpc_cidr
}

resource "aws_subnet" "app" {
  count      = 2
  vpc_id     = aws_vpc.main.id
  cidr_block = cidrsubnet(var.vpc_cidr, 8, count.index)
}

resource "aws_security_group" "app" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [var.office_cidr]
  }
  ingress {
    from_port   = 9100
    to_port     = 9100
    protocol    = "tcp"
    cidr_blocks = [var.vpc_cidr]
  }
  ingress {
    from_port       = 8080
    to_port         = 8080
    protocol        = "tcp"
    security_groups = [var.lb_group]
  }
}

resource "aws_instance" "app" {
  subnet_id              = aws_subnet.app[0].id
  vpc_security_group_ids = [aws_security_group.app.id]
}

resource "aws_security_group" "bastion" {
  vpc_id = aws_vpc.main.id
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["10.0.0.0/8"]
  }
}

resource "aws_instance" "bastion" {
  count                  = var.with_bastion ? 1 : 0
  subnet_id              = aws_subnet.app[1].id
  vpc_security_group_ids = [aws_security_group.bastion.id]
}

resource "aws_lb" "public" {
  subnets         = var.public_subnets
  security_groups = [aws_security_group.lb.id]
  internal        = !var.public
}

resource "aws_security_group" "lb" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.public.arn
  port              = 443
  protocol          = "HTTPS"
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}
#~ network aws_vpc.main: 100.64.0.0/16
#~ subnet aws_subnet.app[0]: 100.64.0.0/24 in aws_vpc.main, main table of aws_vpc.main
#~ subnet aws_subnet.app[1]: 100.64.1.0/24 in aws_vpc.main, main table of aws_vpc.main
#~ subnet var.public_subnets: 100.64.2.0/24 in aws_vpc.main, the route table of var.public_subnets
#~ table main table of aws_vpc.main
#~   100.64.0.0/16 local
#~ table the route table of var.public_subnets
#~   100.64.0.0/16 local
#~   0.0.0.0/0 elsewhere [perhaps: var.public_subnets]
#~   ::/0 elsewhere [perhaps: var.public_subnets]
#~ group aws_security_group.app
#~   in tcp 22 everywhere [perhaps: var.office_cidr]
#~   in tcp 9100 100.64.0.0/16
#~   in tcp 8080 aws_security_group.app [perhaps: var.lb_group]
#~   in tcp 8080 aws_security_group.bastion [perhaps: var.lb_group]
#~   in tcp 8080 aws_security_group.lb [perhaps: var.lb_group]
#~   in tcp 8080 var.lb_group
#~ group aws_security_group.bastion
#~   out all traffic 10.0.0.0/8
#~   out all traffic 100.64.0.0/16 [perhaps: var.vpc_cidr]
#~ group aws_security_group.lb
#~   in tcp 443 0.0.0.0/0
#~ group var.lb_group
#~   in all traffic everywhere [perhaps: var.lb_group]
#~   out all traffic everywhere [perhaps: var.lb_group]
#~ site aws_lb.public: load balancer
#~   var.public_subnets 100.64.2.4-100.64.2.254 with aws_security_group.lb, public [perhaps: var.public]
#~ site aws_instance.app: instance
#~   aws_subnet.app[0] 100.64.0.4-100.64.0.254 with aws_security_group.app
#~ site aws_instance.bastion[?]: instance
#~   aws_subnet.app[1] 100.64.1.4-100.64.1.254 with aws_security_group.bastion [perhaps: var.with_bastion]
#~ balancer aws_lb.public, zones are not told
#~   tcp 443
#~ assumed: the network ACL of var.public_subnets lets everything pass, as AWS makes it
#~
#~ perhaps aws_instance.bastion[?] -> aws_instance.app: tcp 22, tcp 8080, tcp 9100
#~ perhaps aws_instance.bastion[?] -> aws_lb.public: tcp 443
