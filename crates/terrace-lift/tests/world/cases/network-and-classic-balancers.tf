# Balancers of the fourth layer, with groups and without; the classic one; targets that see clients.
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_default_route_table" "main" {
  default_route_table_id = aws_vpc.main.default_route_table_id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.0.0/24"
}

resource "aws_subnet" "b" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_security_group" "all" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "without_groups" {
  load_balancer_type = "network"
  subnet_mapping {
    subnet_id = aws_subnet.a.id
  }
}

resource "aws_lb" "with_groups" {
  load_balancer_type = "network"
  internal           = true
  security_groups    = [aws_security_group.all.id]
  subnets            = [aws_subnet.a.id]
}

resource "aws_lb_listener" "tcp" {
  load_balancer_arn = aws_lb.without_groups.arn
  port              = 5000
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.machines.arn
  }
}

resource "aws_lb_listener" "both" {
  load_balancer_arn = aws_lb.with_groups.arn
  port              = 53
  protocol          = "TCP_UDP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.names.arn
  }
}

resource "aws_lb_target_group" "machines" {
  port     = 5000
  protocol = "TCP"
  vpc_id   = aws_vpc.main.id
}

resource "aws_lb_target_group" "names" {
  port        = 53
  protocol    = "TCP_UDP"
  target_type = "ip"
  vpc_id      = aws_vpc.main.id
}

# Its group lets nobody in but members of itself: the client's address is seen, so nobody comes.
resource "aws_security_group" "closed" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 5000
    to_port     = 5000
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/16"]
  }
}

resource "aws_instance" "closed" {
  subnet_id              = aws_subnet.b.id
  vpc_security_group_ids = [aws_security_group.closed.id]
}

resource "aws_instance" "open" {
  subnet_id              = aws_subnet.b.id
  vpc_security_group_ids = [aws_security_group.all.id]
}

resource "aws_lb_target_group_attachment" "closed" {
  target_group_arn = aws_lb_target_group.machines.arn
  target_id        = aws_instance.closed.id
}

resource "aws_lb_target_group_attachment" "open" {
  target_group_arn = aws_lb_target_group.names.arn
  target_id        = aws_instance.open.private_ip
}

resource "aws_elb" "classic" {
  subnets         = [aws_subnet.a.id]
  security_groups = [aws_security_group.all.id]
  instances       = [aws_instance.open.id]
  listener {
    lb_port           = 80
    lb_protocol       = "http"
    instance_port     = 8000
    instance_protocol = "http"
  }
}

resource "aws_launch_configuration" "old" {
  security_groups = [aws_security_group.closed.id]
}

resource "aws_autoscaling_group" "old" {
  launch_configuration = aws_launch_configuration.old.name
  vpc_zone_identifier  = [aws_subnet.b.id]
  load_balancers       = [aws_elb.classic.name]
  min_size             = 1
  max_size             = 1
}

resource "aws_autoscaling_attachment" "old" {
  autoscaling_group_name = aws_autoscaling_group.old.id
  lb_target_group_arn    = aws_lb_target_group.machines.arn
}

resource "aws_lb" "gateway" {
  load_balancer_type = "gateway"
  subnets            = [aws_subnet.a.id]
}
#~ network aws_vpc.main: 10.0.0.0/16
#~   internet gateway aws_internet_gateway.main
#~ subnet aws_subnet.a: 10.0.0.0/24 in aws_vpc.main, aws_default_route_table.main
#~ subnet aws_subnet.b: 10.0.1.0/24 in aws_vpc.main, aws_default_route_table.main
#~ table aws_default_route_table.main
#~   10.0.0.0/16 local
#~   0.0.0.0/0 internet
#~ group aws_security_group.all
#~   in all traffic 0.0.0.0/0
#~   out all traffic 0.0.0.0/0
#~ group aws_security_group.closed
#~   in tcp 5000 10.0.0.0/16
#~ site aws_lb.with_groups: internal network load balancer
#~   aws_subnet.a 10.0.0.4-10.0.0.254 with aws_security_group.all
#~ site aws_lb.without_groups: public network load balancer
#~   aws_subnet.a 10.0.0.4-10.0.0.254 with no groups, public
#~ site aws_elb.classic: public load balancer
#~   aws_subnet.a 10.0.0.4-10.0.0.254 with aws_security_group.all, public
#~ site aws_instance.closed: instance
#~   aws_subnet.b 10.0.1.4-10.0.1.254 with aws_security_group.closed
#~ site aws_instance.open: instance
#~   aws_subnet.b 10.0.1.4-10.0.1.254 with aws_security_group.all
#~ site aws_autoscaling_group.old (also aws_launch_configuration.old): machines
#~   aws_subnet.b 10.0.1.4-10.0.1.254 with aws_security_group.closed
#~ balancer aws_lb.with_groups, zones are not told
#~   tcp 53
#~     to aws_lb_target_group.names
#~   udp 53
#~     to aws_lb_target_group.names
#~ balancer aws_lb.without_groups, zones are not told
#~   tcp 5000
#~     to aws_lb_target_group.machines
#~ balancer aws_elb.classic, zones are not told
#~   tcp 80
#~     to aws_elb.classic
#~ targets aws_lb_target_group.machines: keeps the client's address
#~   aws_instance.closed on tcp 5000
#~   aws_autoscaling_group.old on tcp 5000
#~ targets aws_lb_target_group.names: keeps the client's address
#~   aws_instance.open on tcp 53
#~   aws_instance.open on udp 53
#~ targets aws_elb.classic
#~   aws_instance.open on tcp 8000
#~   aws_autoscaling_group.old on tcp 8000
#~ unmodelled aws_lb.gateway: a gateway load balancer
#~
#~ aws_elb.classic -> aws_instance.open: tcp 8000
#~ aws_instance.open -> aws_autoscaling_group.old: tcp 5000
#~ aws_instance.open -> aws_elb.classic: tcp 80
#~ aws_instance.open -> aws_instance.closed: tcp 5000
#~ aws_instance.open -> aws_instance.open: all
#~ aws_instance.open -> aws_lb.with_groups: tcp 53, udp 53
#~ aws_instance.open -> aws_lb.without_groups: tcp 5000
#~ aws_lb.with_groups -> aws_instance.open: tcp 53, udp 53
#~ aws_lb.without_groups -> aws_autoscaling_group.old: tcp 5000
#~ aws_lb.without_groups -> aws_instance.closed: tcp 5000
#~ internet -> aws_elb.classic: tcp 80
#~ internet -> aws_lb.without_groups: tcp 5000
