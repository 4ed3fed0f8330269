terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
}

variable "buckets" {
  type = list(object({ name = string, versioned = optional(bool), tags = optional(map(string), {}) }))
}

variable "enabled" {
  type    = bool
  default = false
}

locals {
  by_name = { for bucket in var.buckets : bucket.name => bucket }
}

resource "aws_s3_bucket" "this" {
  for_each = local.by_name
  bucket   = each.key
  tags     = each.value.tags
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = { for name, bucket in local.by_name : name => bucket if bucket.versioned != null }
  bucket   = aws_s3_bucket.this[each.key].id
  versioning_configuration {
    status = each.value.versioned ? "Enabled" : "Suspended"
  }
}

resource "aws_s3_bucket" "off" {
  count  = var.enabled ? 1 : 0
  bucket = "off"
}

resource "aws_sns_topic" "alarm" {
  count = length(aws_s3_bucket.this)
  name  = "alarm-${count.index}-${sort(keys(aws_s3_bucket.this))[count.index]}"
}

resource "aws_cloudwatch_metric_alarm" "size" {
  for_each            = aws_s3_bucket.this
  alarm_name          = "size-of-${each.value.bucket}"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "BucketSizeBytes"
  namespace           = "AWS/S3"
  period              = 60 * 60 * 24
  statistic           = "Average"
  threshold           = 0.5 * 3
  dimensions          = { BucketName = each.value.bucket }
  alarm_actions       = aws_sns_topic.alarm[*].arn
  tags                = { Off = length(aws_s3_bucket.off) == 0 ? "yes" : aws_s3_bucket.off[0].bucket, First = try(aws_s3_bucket.off[0].bucket, "none") }
}

output "names" {
  value = [for bucket in aws_s3_bucket.this : bucket.bucket]
}
