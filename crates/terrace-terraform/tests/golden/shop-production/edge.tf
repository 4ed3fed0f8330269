resource "aws_security_group" "public" {
  name        = "shop-prod-public"
  description = "The load balancer that requests from outside come to"
  vpc_id      = aws_vpc.main.id

  tags = {
    Name = "shop-prod-public"
  }
}

resource "aws_security_group" "internal" {
  name        = "shop-prod-internal"
  description = "The load balancer between web and services"
  vpc_id      = aws_vpc.main.id

  tags = {
    Name = "shop-prod-internal"
  }
}

# The addresses from which CloudFront calls.
data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
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

resource "aws_vpc_security_group_ingress_rule" "public_from_cloudfront_443" {
  security_group_id = aws_security_group.public.id
  description       = "flow entrance to web 80/tcp: HTTP"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront.id
}

# The zone is not ours: it is there before and stays after.
data "aws_route53_zone" "main" {
  name         = "example.com"
  private_zone = false
}

resource "aws_acm_certificate" "main" {
  domain_name       = "shop.example.com"
  validation_method = "DNS"

  tags = {
    Name = "shop-prod-main"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# Shows ACM that the name is ours. Other environments of the same name answer the same.
resource "aws_route53_record" "validation" {
  zone_id         = data.aws_route53_zone.main.zone_id
  name            = one(aws_acm_certificate.main.domain_validation_options).resource_record_name
  type            = "CNAME"
  ttl             = 300
  records         = [one(aws_acm_certificate.main.domain_validation_options).resource_record_value]
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "main" {
  certificate_arn         = aws_acm_certificate.main.arn
  validation_record_fqdns = [aws_route53_record.validation.fqdn]
}

# CloudFront takes certificates of this region only.
resource "aws_acm_certificate" "cdn" {
  provider = aws.us_east_1

  domain_name       = "shop.example.com"
  validation_method = "DNS"

  tags = {
    Name = "shop-prod-cdn"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# ACM asks for the same record in every region; it is there already.
resource "aws_acm_certificate_validation" "cdn" {
  provider = aws.us_east_1

  certificate_arn = aws_acm_certificate.cdn.arn

  depends_on = [aws_route53_record.validation]
}

# In private subnets, without a public address: only CloudFront gets here, as a VPC origin.
resource "aws_lb" "public" {
  name                       = "shop-prod-public"
  load_balancer_type         = "application"
  internal                   = true
  security_groups            = [aws_security_group.public.id]
  subnets                    = [aws_subnet.web_a.id, aws_subnet.web_b.id, aws_subnet.web_c.id]
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  enable_deletion_protection = true
  idle_timeout               = 60

  tags = {
    Name = "shop-prod-public"
  }

  access_logs {
    bucket  = aws_s3_bucket.logs.id
    prefix  = "public"
    enabled = true
  }

  depends_on = [aws_s3_bucket_policy.logs]
}

resource "aws_lb_listener" "public" {
  load_balancer_arn = aws_lb.public.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = aws_acm_certificate_validation.main.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}

# Beside its targets, in the services' subnets: the only way from the web tier to them.
resource "aws_lb" "internal" {
  name                       = "shop-prod-internal"
  load_balancer_type         = "application"
  internal                   = true
  security_groups            = [aws_security_group.internal.id]
  subnets                    = [aws_subnet.app_a.id, aws_subnet.app_b.id, aws_subnet.app_c.id]
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  enable_deletion_protection = true
  idle_timeout               = 60

  tags = {
    Name = "shop-prod-internal"
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

resource "aws_cloudfront_origin_access_control" "assets" {
  name                              = "shop-prod-assets"
  description                       = "Signs what the distribution asks of the bucket"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

# What the origin says itself comes first, but for HTTPS and sniffing.
resource "aws_cloudfront_response_headers_policy" "main" {
  name    = "shop-prod-headers"
  comment = "Tells browsers to be careful"

  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 31536000
      include_subdomains         = true
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

# TLS all the way: the load balancer's certificate is for the name that viewers ask for.
resource "aws_cloudfront_vpc_origin" "main_https" {
  tags = {
    Name = "shop-prod"
  }

  vpc_origin_endpoint_config {
    name                   = "shop-prod-https"
    arn                    = aws_lb.public.arn
    http_port              = 80
    https_port             = 443
    origin_protocol_policy = "https-only"

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

# Policies of AWS go by their ids: 4135ea2d- keeps nothing (CachingDisabled), 658327ea- keeps by path
# (CachingOptimized), 4cc15a8a- as the origin says, 216adef6- hands on all that the viewer sent, Host too.
# Errors are passed on as they are: an error page here would replace the API's answers too.
# There is no web application firewall: it costs by request and rule, and is tuned to an application.
resource "aws_cloudfront_distribution" "main" {
  comment         = "shop-prod"
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = "PriceClass_100"
  aliases         = ["shop.example.com"]

  tags = {
    Name = "shop-prod"
  }

  origin {
    origin_id                = "assets"
    domain_name              = aws_s3_bucket.assets.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.assets.id
  }

  origin {
    origin_id   = "services"
    domain_name = aws_lb.public.dns_name

    vpc_origin_config {
      vpc_origin_id = aws_cloudfront_vpc_origin.main_https.id
    }
  }

  default_cache_behavior {
    target_origin_id           = "services"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = "4cc15a8a-d715-48a4-82b8-cc0b614638fe"
    origin_request_policy_id   = "216adef6-5c7f-47e4-b989-5492eafa07d3"
    response_headers_policy_id = aws_cloudfront_response_headers_policy.main.id
  }

  ordered_cache_behavior {
    path_pattern               = "/assets/*"
    target_origin_id           = "assets"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    response_headers_policy_id = aws_cloudfront_response_headers_policy.main.id
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
    acm_certificate_arn      = aws_acm_certificate_validation.cdn.certificate_arn
    minimum_protocol_version = "TLSv1.2_2021"
    ssl_support_method       = "sni-only"
  }
}

# CloudFront delivers its logs from this region, wherever the bucket is.
resource "aws_cloudwatch_log_delivery_source" "main" {
  provider = aws.us_east_1

  name         = "shop-prod-requests"
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.main.arn

  tags = {
    Name = "shop-prod-requests"
  }
}

resource "aws_cloudwatch_log_delivery_destination" "main" {
  provider = aws.us_east_1

  name          = "shop-prod-requests"
  output_format = "json"

  tags = {
    Name = "shop-prod-requests"
  }

  delivery_destination_configuration {
    destination_resource_arn = aws_s3_bucket.logs.arn
  }

  depends_on = [aws_s3_bucket_policy.logs]
}

resource "aws_cloudwatch_log_delivery" "main" {
  provider = aws.us_east_1

  delivery_source_name     = aws_cloudwatch_log_delivery_source.main.name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.main.arn

  tags = {
    Name = "shop-prod-requests"
  }
}

resource "aws_route53_record" "main" {
  zone_id = data.aws_route53_zone.main.zone_id
  name    = "shop.example.com"
  type    = "A"

  alias {
    name                   = aws_cloudfront_distribution.main.domain_name
    zone_id                = aws_cloudfront_distribution.main.hosted_zone_id
    evaluate_target_health = false
  }
}

resource "aws_route53_record" "main_ipv6" {
  zone_id = data.aws_route53_zone.main.zone_id
  name    = "shop.example.com"
  type    = "AAAA"

  alias {
    name                   = aws_cloudfront_distribution.main.domain_name
    zone_id                = aws_cloudfront_distribution.main.hosted_zone_id
    evaluate_target_health = false
  }
}
