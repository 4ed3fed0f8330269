# The tutorial's way: the account's default VPC, looked up.
data "aws_vpc" "default" {
  default = true
}

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}

resource "aws_security_group" "lb" {
  vpc_id = data.aws_vpc.default.id
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "app" {
  vpc_id = data.aws_vpc.default.id
  ingress {
    from_port       = 3000
    to_port         = 3000
    protocol        = "tcp"
    security_groups = [aws_security_group.lb.id]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "main" {
  load_balancer_type = "application"
  subnets            = data.aws_subnets.default.ids
  security_groups    = [aws_security_group.lb.id]
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.main.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.app.arn
  }
}

resource "aws_lb_target_group" "app" {
  port        = 3000
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = data.aws_vpc.default.id
}

resource "aws_ecs_cluster" "main" {
  name = "main"
}

resource "aws_ecs_task_definition" "app" {
  family                   = "app"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  container_definitions = jsonencode([{
    name         = "app"
    image        = "app"
    portMappings = [{ containerPort = 3000 }]
  }])
}

resource "aws_ecs_service" "app" {
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.app.arn
  launch_type     = "FARGATE"
  network_configuration {
    subnets          = data.aws_subnets.default.ids
    security_groups  = [aws_security_group.app.id]
    assign_public_ip = true
  }
  load_balancer {
    target_group_arn = aws_lb_target_group.app.arn
    container_name   = "app"
    container_port   = 3000
  }
}
#~ network the default VPC: 172.31.0.0/16
#~   internet gateway the default VPC
#~ subnet data.aws_subnets.default: 172.31.0.0/16 in the default VPC, main table of the default VPC
#~ table main table of the default VPC
#~   172.31.0.0/16 local
#~   0.0.0.0/0 internet
#~ group aws_security_group.app
#~   in tcp 3000 aws_security_group.lb
#~   out all traffic 0.0.0.0/0
#~ group aws_security_group.lb
#~   in tcp 80 0.0.0.0/0
#~   out all traffic 0.0.0.0/0
#~ site aws_lb.main: public load balancer
#~   data.aws_subnets.default 172.31.0.4-172.31.255.254 with aws_security_group.lb, public
#~ site aws_ecs_service.app (also aws_ecs_task_definition.app): service
#~   data.aws_subnets.default 172.31.0.4-172.31.255.254 with aws_security_group.app, public
#~ balancer aws_lb.main, zones are not told
#~   tcp 80
#~     to aws_lb_target_group.app
#~ targets aws_lb_target_group.app
#~   aws_ecs_service.app on tcp 3000
#~ assumed: the default VPC is as AWS makes it: 172.31.0.0/16, with an internet gateway and a main table that leads to it
#~
#~ aws_ecs_service.app -> aws_lb.main: tcp 80
#~ aws_ecs_service.app -> internet: all
#~ aws_lb.main -> aws_ecs_service.app: tcp 3000
#~ internet -> aws_lb.main: tcp 80
