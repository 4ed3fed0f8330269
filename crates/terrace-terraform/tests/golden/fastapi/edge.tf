resource "aws_security_group" "public" {
  name        = "items-fastapi-public"
  description = "The load balancer that requests from outside come to"
  vpc_id      = aws_vpc.main.id

  tags = {
    Name = "items-fastapi-public"
  }
}

resource "aws_security_group" "internal" {
  name        = "items-fastapi-internal"
  description = "The load balancer between web and services"
  vpc_id      = aws_vpc.main.id

  tags = {
    Name = "items-fastapi-internal"
  }
}

resource "aws_vpc_security_group_egress_rule" "internal_to_app_8000" {
  security_group_id            = aws_security_group.internal.id
  description                  = "flow web to app 8000/tcp: HTTP /api/*"
  ip_protocol                  = "tcp"
  from_port                    = 8000
  to_port                      = 8000
  referenced_security_group_id = aws_security_group.app.id
}

resource "aws_vpc_security_group_egress_rule" "public_to_web_80" {
  security_group_id            = aws_security_group.public.id
  description                  = "flow entrance to web 80/tcp: HTTP"
  ip_protocol                  = "tcp"
  from_port                    = 80
  to_port                      = 80
  referenced_security_group_id = aws_security_group.web.id
}

resource "aws_vpc_security_group_ingress_rule" "internal_from_web_80" {
  security_group_id            = aws_security_group.internal.id
  description                  = "flow web to app 8000/tcp: HTTP /api/*"
  ip_protocol                  = "tcp"
  from_port                    = 80
  to_port                      = 80
  referenced_security_group_id = aws_security_group.web.id
}

resource "aws_vpc_security_group_ingress_rule" "public_from_anywhere_80" {
  security_group_id = aws_security_group.public.id
  description       = "flow internet to entrance 80/tcp: HTTP"
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_lb" "public" {
  name                       = "items-fastapi-public"
  load_balancer_type         = "application"
  internal                   = false
  security_groups            = [aws_security_group.public.id]
  subnets                    = [aws_subnet.public_a.id, aws_subnet.public_b.id]
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  enable_deletion_protection = false
  idle_timeout               = 60

  tags = {
    Name = "items-fastapi-public"
  }

  access_logs {
    bucket  = aws_s3_bucket.logs.id
    prefix  = "public"
    enabled = true
  }

  depends_on = [aws_internet_gateway.main, aws_s3_bucket_policy.logs]
}

# PLAIN HTTP: without a name of its own there is no certificate, so everything that visitors
# send can be read on the way. Set `domain`, or `edge = "cloudfront"` for HTTPS without one.
resource "aws_lb_listener" "public" {
  load_balancer_arn = aws_lb.public.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}

# Beside its targets, in the services' subnets: the only way from the web tier to them.
resource "aws_lb" "internal" {
  name                       = "items-fastapi-internal"
  load_balancer_type         = "application"
  internal                   = true
  security_groups            = [aws_security_group.internal.id]
  subnets                    = [aws_subnet.app_a.id, aws_subnet.app_b.id]
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  enable_deletion_protection = false
  idle_timeout               = 60

  tags = {
    Name = "items-fastapi-internal"
  }

  access_logs {
    bucket  = aws_s3_bucket.logs.id
    prefix  = "internal"
    enabled = true
  }

  depends_on = [aws_s3_bucket_policy.logs]
}

# Plain HTTP within the network; a path that no service has ends here.
resource "aws_lb_listener" "internal" {
  load_balancer_arn = aws_lb.internal.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "Not found"
      status_code  = "404"
    }
  }
}
