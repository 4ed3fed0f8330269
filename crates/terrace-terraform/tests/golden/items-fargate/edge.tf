resource "aws_security_group" "main" {
  name        = "items-main"
  description = "The load balancer that requests from outside come to"
  vpc_id      = aws_vpc.main.id

  tags = {
    Name = "items-main"
  }
}

# The addresses from which CloudFront calls.
data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

resource "aws_vpc_security_group_egress_rule" "main_to_app_8000" {
  security_group_id            = aws_security_group.main.id
  description                  = "flow entrance to app 8000/tcp: HTTP /api/*"
  ip_protocol                  = "tcp"
  from_port                    = 8000
  to_port                      = 8000
  referenced_security_group_id = aws_security_group.app.id
}

resource "aws_vpc_security_group_ingress_rule" "main_from_cloudfront_80" {
  security_group_id = aws_security_group.main.id
  description       = "flow entrance to app 8000/tcp: HTTP /api/*"
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
  prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront.id
}

# In private subnets, without a public address: only CloudFront gets here, as a VPC origin.
resource "aws_lb" "main" {
  name                       = "items-main"
  load_balancer_type         = "application"
  internal                   = true
  security_groups            = [aws_security_group.main.id]
  subnets                    = [aws_subnet.web_a.id, aws_subnet.web_b.id]
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  enable_deletion_protection = false
  idle_timeout               = 60

  tags = {
    Name = "items-main"
  }

  access_logs {
    bucket  = aws_s3_bucket.logs.id
    prefix  = "main"
    enabled = true
  }

  depends_on = [aws_s3_bucket_policy.logs]
}

# HTTP from CloudFront within AWS: without a name of its own there is no certificate. Viewers
# speak HTTPS to CloudFront.
resource "aws_lb_listener" "main" {
  load_balancer_arn = aws_lb.main.arn
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

resource "aws_cloudfront_origin_access_control" "page" {
  name                              = "items-page"
  description                       = "Signs what the distribution asks of the bucket"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

# What the origin says itself comes first, but for HTTPS and sniffing.
resource "aws_cloudfront_response_headers_policy" "main" {
  name    = "items-headers"
  comment = "Tells browsers to be careful"

  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 31536000
      include_subdomains         = false
      override                   = true
    }

    content_type_options {
      override = true
    }

    frame_options {
      frame_option = "SAMEORIGIN"
      override     = false
    }

    referrer_policy {
      referrer_policy = "strict-origin-when-cross-origin"
      override        = false
    }

    content_security_policy {
      content_security_policy = "base-uri 'self'; frame-ancestors 'self'; object-src 'none'"
      override                = false
    }
  }
}

resource "aws_cloudfront_vpc_origin" "main_http" {
  tags = {
    Name = "items"
  }

  vpc_origin_endpoint_config {
    name                   = "items-http"
    arn                    = aws_lb.main.arn
    http_port              = 80
    https_port             = 443
    origin_protocol_policy = "http-only"

    origin_ssl_protocols {
      items    = ["TLSv1.2"]
      quantity = 1
    }
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_internet_gateway.main]
}

# Runs for the page's paths alone, so that a 404 of the API stays a 404.
resource "aws_cloudfront_function" "page" {
  name    = "items-page"
  runtime = "cloudfront-js-2.0"
  comment = "Places within the page"
  publish = true

  code = <<-EOT
    // What does not end like a file (.js, .png) is a place within the page: index.html, which finds it itself.
    // A file that is missing stays missing.
    function handler(event) {
      var request = event.request;
      var isFile = /\.[0-9]*[A-Za-z][0-9A-Za-z]*$/.test(request.uri);
      if (!isFile && !request.uri.startsWith('/.well-known/')) {
        request.uri = '/index.html';
      }
      return request;
    }
  EOT
}

# Policies of AWS go by their ids: 4135ea2d- keeps nothing (CachingDisabled), 658327ea- keeps by path
# (CachingOptimized), 4cc15a8a- as the origin says, 216adef6- hands on all that the viewer sent, Host too.
# Errors are passed on as they are: an error page here would replace the API's answers too.
# There is no web application firewall: it costs by request and rule, and is tuned to an application.
# On CloudFront's own name viewers may still use TLS 1.0; with `domain` it is 1.2 and up.
resource "aws_cloudfront_distribution" "main" {
  comment             = "items"
  enabled             = true
  is_ipv6_enabled     = true
  http_version        = "http2and3"
  price_class         = "PriceClass_100"
  default_root_object = "index.html"

  tags = {
    Name = "items"
  }

  origin {
    origin_id                = "page"
    domain_name              = aws_s3_bucket.page.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.page.id
  }

  origin {
    origin_id   = "services"
    domain_name = aws_lb.main.dns_name

    vpc_origin_config {
      vpc_origin_id = aws_cloudfront_vpc_origin.main_http.id
    }
  }

  default_cache_behavior {
    target_origin_id           = "page"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    response_headers_policy_id = aws_cloudfront_response_headers_policy.main.id

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.page.arn
    }
  }

  ordered_cache_behavior {
    path_pattern               = "/api"
    target_origin_id           = "services"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    origin_request_policy_id   = "216adef6-5c7f-47e4-b989-5492eafa07d3"
    response_headers_policy_id = aws_cloudfront_response_headers_policy.main.id
  }

  ordered_cache_behavior {
    path_pattern               = "/api/*"
    target_origin_id           = "services"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    origin_request_policy_id   = "216adef6-5c7f-47e4-b989-5492eafa07d3"
    response_headers_policy_id = aws_cloudfront_response_headers_policy.main.id
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }
}
