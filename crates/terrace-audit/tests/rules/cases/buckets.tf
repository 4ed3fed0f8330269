#@ bucket-open, bucket-around-cdn
resource "aws_s3_bucket" "open" {
  bucket = "open"
}

resource "aws_s3_bucket_public_access_block" "open" {
  bucket = aws_s3_bucket.open.id
}

resource "aws_s3_bucket_policy" "open" {
  bucket = aws_s3_bucket.open.id
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Principal = { AWS = "*" }, Action = ["s3:GetObject", "s3:PutObject"], Resource = "${aws_s3_bucket.open.arn}/*" },
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::127311923021:root" }, Action = "s3:PutObject", Resource = "*" },
      {
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:GetObject"
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceVpce" = "vpce-1" } }
      },
      { Effect = "Deny", Principal = "*", Action = "s3:*", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } },
    ]
  })
}

variable "block" {
  type = bool
}

resource "aws_s3_bucket" "perhaps" {
  bucket = "perhaps"
}

resource "aws_s3_bucket_public_access_block" "perhaps" {
  bucket             = aws_s3_bucket.perhaps.id
  ignore_public_acls = var.block
}

resource "aws_s3_bucket_acl" "perhaps" {
  bucket = aws_s3_bucket.perhaps.id
  acl    = "public-read"
}

# Shut by AWS: nobody has loosened it.
resource "aws_s3_bucket" "shut" {
  bucket = "shut"
  acl    = "public-read"
}

resource "aws_s3_bucket" "page" {
  bucket = "page"
}

resource "aws_s3_bucket_public_access_block" "page" {
  bucket              = aws_s3_bucket.page.id
  block_public_policy = false
}

resource "aws_s3_bucket_website_configuration" "page" {
  bucket = aws_s3_bucket.page.id
  index_document {
    suffix = "index.html"
  }
}

resource "aws_cloudfront_distribution" "page" {
  enabled = true
  origin {
    origin_id   = "page"
    domain_name = aws_s3_bucket_website_configuration.page.website_endpoint
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "http-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }
}
#~ critical bucket-open aws_s3_bucket_policy.open policy: statement 1 lets anyone write `aws_s3_bucket.open`
#~ high bucket-around-cdn aws_s3_bucket_website_configuration.page: `aws_s3_bucket.page` is read as a website without the distribution
#~ high bucket-open aws_s3_bucket_website_configuration.page: `aws_s3_bucket.page` is served as a website, over plain HTTP
#~ critical bucket-open aws_s3_bucket_acl.perhaps acl: it may be that the access list of `aws_s3_bucket.perhaps` lets anyone in (depends on var.block)
