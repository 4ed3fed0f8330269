#@ plaintext-edge, old-tls, logs-missing
variable "internal" {
  type = bool
}

resource "aws_lb" "public" {
  subnets = ["subnet-1", "subnet-2"]
  access_logs {
    bucket  = "logs"
    enabled = true
  }
}

resource "aws_lb_listener" "deny" {
  load_balancer_arn = aws_lb.public.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener_rule" "forward" {
  listener_arn = aws_lb_listener.deny.arn
  action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1"
  }
  condition {
    path_pattern {
      values = ["/*"]
    }
  }
}

resource "aws_lb" "perhaps" {
  internal = var.internal
  subnets  = ["subnet-1", "subnet-2"]
}

resource "aws_lb_listener" "perhaps" {
  load_balancer_arn = aws_lb.perhaps.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1"
  }
}

resource "aws_lb_listener" "tls" {
  load_balancer_arn = aws_lb.public.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:eu-west-1:111122223333:certificate/1"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
  default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1"
  }
}

resource "aws_lb" "inside" {
  internal = true
  subnets  = ["subnet-1", "subnet-2"]
}

resource "aws_lb_listener" "inside" {
  load_balancer_arn = aws_lb.inside.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1"
  }
}

resource "aws_cloudfront_distribution" "cdn" {
  enabled = true
  origin {
    origin_id   = "lb"
    domain_name = aws_lb.public.dns_name
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "match-viewer"
      origin_ssl_protocols   = ["TLSv1", "TLSv1.2"]
    }
  }
  default_cache_behavior {
    target_origin_id       = "lb"
    viewer_protocol_policy = "redirect-to-https"
  }
  ordered_cache_behavior {
    path_pattern           = "/old/*"
    target_origin_id       = "lb"
    viewer_protocol_policy = "allow-all"
  }
  viewer_certificate {
    cloudfront_default_certificate = true
  }
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
#~ high plaintext-edge aws_cloudfront_distribution.cdn ordered_cache_behavior[0].viewer_protocol_policy: `aws_cloudfront_distribution.cdn` answers over plain HTTP
#~ high plaintext-edge aws_lb_listener.deny default_action: `aws_lb_listener.deny` answers the internet over plain HTTP
#~ medium plaintext-edge aws_cloudfront_distribution.cdn origin[0].custom_origin_config.origin_protocol_policy: `aws_cloudfront_distribution.cdn` fetches from an origin over the internet without TLS
#~ low logs-missing aws_cloudfront_distribution.cdn logging_config: nobody writes down who connects to `aws_cloudfront_distribution.cdn`
#~ low logs-missing aws_vpc.main: nobody writes down who connects to `aws_vpc.main`
#~ low old-tls aws_cloudfront_distribution.cdn origin[0].custom_origin_config.origin_ssl_protocols: `aws_cloudfront_distribution.cdn` still speaks TLS 1.0 or 1.1 to an origin
#~ high plaintext-edge aws_lb_listener.perhaps default_action: it may be that `aws_lb_listener.perhaps` answers the internet over plain HTTP (depends on var.internal)
#~ low logs-missing aws_lb.perhaps access_logs: it may be that nobody writes down who connects to `aws_lb.perhaps` (depends on var.internal)
