# A distribution before a public load balancer that asks for a secret header; redirects; fixed answers; weights.
variable "header" {
  sensitive = true
}

resource "random_password" "header" {
  length = 32
}

data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

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

resource "aws_subnet" "main" {
  for_each          = { a = 0, b = 1 }
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet("10.0.0.0/16", 8, each.value)
  availability_zone = "eu-west-1${each.key}"
}

resource "aws_security_group" "lb" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port       = 80
    to_port         = 443
    protocol        = "tcp"
    prefix_list_ids = [data.aws_ec2_managed_prefix_list.cloudfront.id]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_alb" "main" {
  internal        = false
  subnets         = values(aws_subnet.main)[*].id
  security_groups = [aws_security_group.lb.id]
}

resource "aws_alb_listener" "plain" {
  load_balancer_arn = aws_alb.main.arn
  port              = "80"
  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_alb_listener" "secure" {
  load_balancer_arn = aws_alb.main.arn
  port              = "443"
  protocol          = "HTTPS"
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "403"
    }
  }
}

resource "aws_alb_listener_rule" "secret" {
  listener_arn = aws_alb_listener.secure.arn
  priority     = 10
  condition {
    http_header {
      http_header_name = "X-Origin-Verify"
      values           = [random_password.header.result]
    }
  }
  action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.blue.arn
        weight = 100
      }
      target_group {
        arn    = aws_lb_target_group.green.arn
        weight = 0
      }
    }
  }
}

resource "aws_lb_target_group" "blue" {
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}

resource "aws_lb_target_group" "green" {
  port     = 8081
  protocol = "HTTP"
  vpc_id   = aws_vpc.main.id
}

resource "aws_security_group" "app" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port       = 8080
    to_port         = 8081
    protocol        = "tcp"
    security_groups = [aws_security_group.lb.id]
  }
}

resource "aws_instance" "app" {
  subnet_id              = aws_subnet.main["a"].id
  vpc_security_group_ids = [aws_security_group.app.id]
}

resource "aws_lb_target_group_attachment" "app" {
  target_group_arn = aws_lb_target_group.blue.arn
  target_id        = aws_instance.app.id
  port             = 8080
}

resource "aws_s3_bucket" "page" {
  bucket = "page"
}

resource "aws_cloudfront_distribution" "main" {
  enabled = true
  origin {
    origin_id   = "page"
    domain_name = aws_s3_bucket.page.bucket_regional_domain_name
  }
  origin {
    origin_id   = "app"
    domain_name = aws_alb.main.dns_name
    custom_header {
      name  = "X-Origin-Verify"
      value = random_password.header.result
    }
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }
  origin {
    origin_id   = "elsewhere"
    domain_name = "api.example.org"
  }
}
#~ network aws_vpc.main: 10.0.0.0/16
#~   internet gateway aws_internet_gateway.main
#~ subnet aws_subnet.main["a"]: 10.0.0.0/24 in aws_vpc.main, zone eu-west-1a, aws_default_route_table.main
#~ subnet aws_subnet.main["b"]: 10.0.1.0/24 in aws_vpc.main, zone eu-west-1b, aws_default_route_table.main
#~ table aws_default_route_table.main
#~   10.0.0.0/16 local
#~   0.0.0.0/0 internet
#~ group aws_security_group.app
#~   in tcp 8080-8081 aws_security_group.lb
#~ group aws_security_group.lb
#~   in tcp 80-443 data.aws_ec2_managed_prefix_list.cloudfront
#~   out all traffic 0.0.0.0/0
#~ group data.aws_ec2_managed_prefix_list.cloudfront: cloudfront.origin-facing
#~ site aws_alb.main: public load balancer
#~   aws_subnet.main["a"] 10.0.0.4-10.0.0.254 with aws_security_group.lb, public
#~   aws_subnet.main["b"] 10.0.1.4-10.0.1.254 with aws_security_group.lb, public
#~ site aws_instance.app: instance
#~   aws_subnet.main["a"] 10.0.0.4-10.0.0.254 with aws_security_group.app
#~ site aws_cloudfront_distribution.main: distribution
#~ balancer aws_alb.main
#~   tcp 80
#~   tcp 443
#~     to aws_lb_target_group.blue, with a secret header
#~ targets aws_lb_target_group.blue
#~   aws_instance.app on tcp 8080
#~ targets aws_lb_target_group.green
#~ distribution aws_cloudfront_distribution.main
#~   aws_alb.main on tcp 443 over the internet, with the secret header
#~   aws_s3_bucket.page
#~   api.example.org, which is not here
#~
#~ aws_alb.main -> aws_instance.app: tcp 8080
#~ aws_cloudfront_distribution.main -> aws_alb.main: tcp 443
#~ cloudfront.origin-facing -> aws_alb.main: tcp 80, tcp 443
#~ cloudfront.origin-facing -> aws_cloudfront_distribution.main: tcp 80, tcp 443
#~ internet -> aws_cloudfront_distribution.main: tcp 80, tcp 443
