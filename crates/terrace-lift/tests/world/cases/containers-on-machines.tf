# ECS in bridge mode: the machines answer, on any port from 32768.
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.0.0/24"
}

resource "aws_security_group" "lb" {
  vpc_id = aws_vpc.main.id
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "machines" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port       = 32768
    to_port         = 61000
    protocol        = "tcp"
    security_groups = [aws_security_group.lb.id]
  }
}

resource "aws_launch_template" "machines" {
  vpc_security_group_ids = [aws_security_group.machines.id]
}

resource "aws_autoscaling_group" "machines" {
  vpc_zone_identifier = [aws_subnet.a.id]
  min_size            = 1
  max_size            = 1
  launch_template {
    name = aws_launch_template.machines.name
  }
}

resource "aws_ecs_cluster" "main" {
  name = "main"
}

resource "aws_ecs_task_definition" "dynamic" {
  family = "dynamic"
  container_definitions = jsonencode([{
    name         = "app"
    image        = "app"
    portMappings = [{ containerPort = 8080, hostPort = 0 }]
  }])
}

resource "aws_ecs_service" "dynamic" {
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.dynamic.arn
  load_balancer {
    target_group_arn = aws_lb_target_group.dynamic.arn
    container_name   = "app"
    container_port   = 8080
  }
}

resource "aws_lb_target_group" "dynamic" {
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}

resource "aws_lb" "main" {
  internal        = true
  subnets         = [aws_subnet.a.id]
  security_groups = [aws_security_group.lb.id]
}

resource "aws_lb_listener" "main" {
  load_balancer_arn = aws_lb.main.arn
  port              = 80
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.dynamic.arn
  }
}
#~ network aws_vpc.main: 10.0.0.0/16
#~ subnet aws_subnet.a: 10.0.0.0/24 in aws_vpc.main, main table of aws_vpc.main
#~ table main table of aws_vpc.main
#~   10.0.0.0/16 local
#~ group aws_security_group.lb
#~   out all traffic 0.0.0.0/0
#~ group aws_security_group.machines
#~   in tcp 32768-61000 aws_security_group.lb
#~ site aws_lb.main: internal load balancer
#~   aws_subnet.a 10.0.0.4-10.0.0.254 with aws_security_group.lb
#~ site aws_autoscaling_group.machines (also aws_launch_template.machines, aws_ecs_service.dynamic): machines
#~   aws_subnet.a 10.0.0.4-10.0.0.254 with aws_security_group.machines
#~ balancer aws_lb.main, zones are not told
#~   tcp 80
#~     to aws_lb_target_group.dynamic
#~ targets aws_lb_target_group.dynamic
#~   aws_autoscaling_group.machines on tcp 32768-65535
#~ assumed: tasks of ECS that have no interfaces of their own run on aws_autoscaling_group.machines
#~
#~ aws_lb.main -> aws_autoscaling_group.machines: tcp 32768-61000
