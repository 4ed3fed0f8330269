resource "aws_cloudwatch_log_group" "web" {
  name              = "/shop/prod/web"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.main.arn

  tags = {
    Name            = "shop-prod-web"
    "terrace:party" = "web"
  }
}

resource "aws_cloudwatch_log_group" "app" {
  name              = "/shop/prod/app"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.main.arn

  tags = {
    Name            = "shop-prod-app"
    "terrace:party" = "app"
  }
}

resource "aws_cloudwatch_log_group" "flows" {
  name              = "/shop/prod/network/flows"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.main.arn

  tags = {
    Name = "shop-prod-flows"
  }
}

resource "aws_iam_role" "flows" {
  name        = "shop-prod-flows"
  description = "Writes the record of connections"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "FlowLogs"
      Effect = "Allow"
      Principal = {
        Service = "vpc-flow-logs.amazonaws.com"
      }
      Action = "sts:AssumeRole"
      Condition = {
        StringEquals = {
          "aws:SourceAccount" = data.aws_caller_identity.current.account_id
        }
        ArnLike = {
          "aws:SourceArn" = "arn:aws:ec2:eu-central-1:${data.aws_caller_identity.current.account_id}:vpc-flow-log/*"
        }
      }
    }]
  })

  tags = {
    Name = "shop-prod-flows"
  }
}

resource "aws_iam_role_policy" "flows" {
  name = "shop-prod-flows"
  role = aws_iam_role.flows.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "Write"
      Effect = "Allow"
      Action = [
        "logs:CreateLogStream",
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
      ]
      Resource = "${aws_cloudwatch_log_group.flows.arn}:*"
    }]
  })
}

# Every connection, a minute at a time: the answer to who reached what.
resource "aws_flow_log" "main" {
  vpc_id                   = aws_vpc.main.id
  traffic_type             = "ALL"
  log_destination          = aws_cloudwatch_log_group.flows.arn
  iam_role_arn             = aws_iam_role.flows.arn
  max_aggregation_interval = 60

  tags = {
    Name = "shop-prod-flows"
  }

  depends_on = [aws_iam_role_policy.flows]
}

# A line for each request, kept as long as all logs.
# With S3's own key: load balancers deliver to no bucket that has another.
resource "aws_s3_bucket" "logs" {
  bucket        = "shop-prod-logs-eu-central-1-${data.aws_caller_identity.current.account_id}"
  force_destroy = false

  tags = {
    Name = "shop-prod-logs"
  }
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  rule {
    id     = "tidy"
    status = "Enabled"

    filter {}

    expiration {
      days = 30
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }

  depends_on = [aws_s3_bucket_versioning.logs]
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "LoadBalancers"
        Effect = "Allow"
        Principal = {
          Service = "logdelivery.elasticloadbalancing.amazonaws.com"
        }
        Action   = "s3:PutObject"
        Resource = "${aws_s3_bucket.logs.arn}/*/AWSLogs/${data.aws_caller_identity.current.account_id}/*"
      },
      {
        Sid    = "Distribution"
        Effect = "Allow"
        Principal = {
          Service = "delivery.logs.amazonaws.com"
        }
        Action   = "s3:PutObject"
        Resource = "${aws_s3_bucket.logs.arn}/AWSLogs/${data.aws_caller_identity.current.account_id}/*"
        Condition = {
          StringEquals = {
            "s3:x-amz-acl"      = "bucket-owner-full-control"
            "aws:SourceAccount" = data.aws_caller_identity.current.account_id
          }
          ArnLike = {
            "aws:SourceArn" = "arn:aws:logs:us-east-1:${data.aws_caller_identity.current.account_id}:delivery-source:*"
          }
        }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.logs.arn, "${aws_s3_bucket.logs.arn}/*"]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.logs]
}

resource "aws_sns_topic" "main" {
  name              = "shop-prod-alarms"
  kms_master_key_id = aws_kms_key.main.arn

  tags = {
    Name = "shop-prod-alarms"
  }
}

resource "aws_sns_topic_policy" "main" {
  arn = aws_sns_topic.main.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Alarms"
        Effect = "Allow"
        Principal = {
          Service = "cloudwatch.amazonaws.com"
        }
        Action   = "sns:Publish"
        Resource = aws_sns_topic.main.arn
        Condition = {
          StringEquals = {
            "aws:SourceAccount" = data.aws_caller_identity.current.account_id
          }
        }
      },
      {
        Sid    = "Events"
        Effect = "Allow"
        Principal = {
          Service = "events.amazonaws.com"
        }
        Action   = "sns:Publish"
        Resource = aws_sns_topic.main.arn
        Condition = {
          ArnLike = {
            "aws:SourceArn" = "arn:aws:events:eu-central-1:${data.aws_caller_identity.current.account_id}:rule/shop-prod-*"
          }
        }
      },
    ]
  })
}

# Whoever reads that address has to confirm once.
resource "aws_sns_topic_subscription" "main" {
  topic_arn = aws_sns_topic.main.arn
  protocol  = "email"
  endpoint  = "ops@example.com"
}

# CloudFront is measured in us-east-1, and alarms tell topics of their own region only.
resource "aws_sns_topic" "cdn" {
  provider = aws.us_east_1

  name              = "shop-prod-alarms-cdn"
  kms_master_key_id = aws_kms_key.cdn.arn

  tags = {
    Name = "shop-prod-alarms-cdn"
  }
}

resource "aws_sns_topic_policy" "cdn" {
  provider = aws.us_east_1

  arn = aws_sns_topic.cdn.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "Alarms"
      Effect = "Allow"
      Principal = {
        Service = "cloudwatch.amazonaws.com"
      }
      Action   = "sns:Publish"
      Resource = aws_sns_topic.cdn.arn
      Condition = {
        StringEquals = {
          "aws:SourceAccount" = data.aws_caller_identity.current.account_id
        }
      }
    }]
  })
}

# Whoever reads that address has to confirm once.
resource "aws_sns_topic_subscription" "cdn" {
  provider = aws.us_east_1

  topic_arn = aws_sns_topic.cdn.arn
  protocol  = "email"
  endpoint  = "ops@example.com"
}

# A share, since what is many depends on the traffic; and a few at least, since one of two says nothing.
resource "aws_cloudwatch_metric_alarm" "public_errors" {
  alarm_name          = "shop-prod-public-errors"
  alarm_description   = "Behind the public load balancer, more than 5 % of requests end in an error (5xx)."
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]

  metric_query {
    id          = "share"
    expression  = "IF(errors >= 5, 100 * errors / requests, 0)"
    label       = "Requests that end in an error, %"
    return_data = true
  }

  metric_query {
    id = "errors"

    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "HTTPCode_Target_5XX_Count"

      dimensions = {
        LoadBalancer = aws_lb.public.arn_suffix
      }

      period = 300
      stat   = "Sum"
    }
  }

  metric_query {
    id = "requests"

    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "RequestCount"

      dimensions = {
        LoadBalancer = aws_lb.public.arn_suffix
      }

      period = 300
      stat   = "Sum"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "public_unanswered" {
  alarm_name        = "shop-prod-public-unanswered"
  alarm_description = "The public load balancer answers in place of targets that are away, time out or break off."
  namespace         = "AWS/ApplicationELB"
  metric_name       = "HTTPCode_ELB_5XX_Count"

  dimensions = {
    LoadBalancer = aws_lb.public.arn_suffix
  }

  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 10
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_metric_alarm" "public_slow" {
  alarm_name        = "shop-prod-public-slow"
  alarm_description = "Behind the public load balancer, one answer in twenty takes longer than two seconds."
  namespace         = "AWS/ApplicationELB"
  metric_name       = "TargetResponseTime"

  dimensions = {
    LoadBalancer = aws_lb.public.arn_suffix
  }

  extended_statistic                    = "p95"
  period                                = 300
  evaluation_periods                    = 3
  comparison_operator                   = "GreaterThanThreshold"
  threshold                             = 2
  treat_missing_data                    = "notBreaching"
  evaluate_low_sample_count_percentiles = "ignore"
  alarm_actions                         = [aws_sns_topic.main.arn]
  ok_actions                            = [aws_sns_topic.main.arn]
}

# A share, since what is many depends on the traffic; and a few at least, since one of two says nothing.
resource "aws_cloudwatch_metric_alarm" "internal_errors" {
  alarm_name          = "shop-prod-internal-errors"
  alarm_description   = "Behind the internal load balancer, more than 5 % of requests end in an error (5xx)."
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]

  metric_query {
    id          = "share"
    expression  = "IF(errors >= 5, 100 * errors / requests, 0)"
    label       = "Requests that end in an error, %"
    return_data = true
  }

  metric_query {
    id = "errors"

    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "HTTPCode_Target_5XX_Count"

      dimensions = {
        LoadBalancer = aws_lb.internal.arn_suffix
      }

      period = 300
      stat   = "Sum"
    }
  }

  metric_query {
    id = "requests"

    metric {
      namespace   = "AWS/ApplicationELB"
      metric_name = "RequestCount"

      dimensions = {
        LoadBalancer = aws_lb.internal.arn_suffix
      }

      period = 300
      stat   = "Sum"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "internal_unanswered" {
  alarm_name        = "shop-prod-internal-unanswered"
  alarm_description = "The internal load balancer answers in place of targets that are away, time out or break off."
  namespace         = "AWS/ApplicationELB"
  metric_name       = "HTTPCode_ELB_5XX_Count"

  dimensions = {
    LoadBalancer = aws_lb.internal.arn_suffix
  }

  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 10
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_metric_alarm" "internal_slow" {
  alarm_name        = "shop-prod-internal-slow"
  alarm_description = "Behind the internal load balancer, one answer in twenty takes longer than two seconds."
  namespace         = "AWS/ApplicationELB"
  metric_name       = "TargetResponseTime"

  dimensions = {
    LoadBalancer = aws_lb.internal.arn_suffix
  }

  extended_statistic                    = "p95"
  period                                = 300
  evaluation_periods                    = 3
  comparison_operator                   = "GreaterThanThreshold"
  threshold                             = 2
  treat_missing_data                    = "notBreaching"
  evaluate_low_sample_count_percentiles = "ignore"
  alarm_actions                         = [aws_sns_topic.main.arn]
  ok_actions                            = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_metric_alarm" "web_unhealthy" {
  alarm_name        = "shop-prod-web-unhealthy"
  alarm_description = "Some of web do not answer their health check."
  namespace         = "AWS/ApplicationELB"
  metric_name       = "UnHealthyHostCount"

  dimensions = {
    LoadBalancer = aws_lb.public.arn_suffix
    TargetGroup  = aws_lb_target_group.web.arn_suffix
  }

  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_metric_alarm" "web_busy" {
  alarm_name        = "shop-prod-web-busy"
  alarm_description = "The processors of web have no room left, and scaling has not given them any."
  namespace         = "AWS/EC2"
  metric_name       = "CPUUtilization"

  dimensions = {
    AutoScalingGroupName = aws_autoscaling_group.web.name
  }

  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 90
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_metric_alarm" "app_unhealthy" {
  alarm_name        = "shop-prod-app-unhealthy"
  alarm_description = "Some of app do not answer their health check."
  namespace         = "AWS/ApplicationELB"
  metric_name       = "UnHealthyHostCount"

  dimensions = {
    LoadBalancer = aws_lb.internal.arn_suffix
    TargetGroup  = aws_lb_target_group.app.arn_suffix
  }

  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_metric_alarm" "app_busy" {
  alarm_name        = "shop-prod-app-busy"
  alarm_description = "The processors of app have no room left, and scaling has not given them any."
  namespace         = "AWS/EC2"
  metric_name       = "CPUUtilization"

  dimensions = {
    AutoScalingGroupName = aws_autoscaling_group.app.name
  }

  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 90
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_metric_alarm" "cdn_errors" {
  provider = aws.us_east_1

  alarm_name        = "shop-prod-cdn-errors"
  alarm_description = "CloudFront answers more than 5 % of requests with an error (5xx)."
  namespace         = "AWS/CloudFront"
  metric_name       = "5xxErrorRate"

  dimensions = {
    DistributionId = aws_cloudfront_distribution.main.id
    Region         = "Global"
  }

  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.cdn.arn]
  ok_actions          = [aws_sns_topic.cdn.arn]
}

resource "aws_cloudwatch_metric_alarm" "data_busy" {
  alarm_name        = "shop-prod-data-busy"
  alarm_description = "The database's processors are used to more than 80 %, or it says nothing any more."
  namespace         = "AWS/RDS"
  metric_name       = "CPUUtilization"

  dimensions = {
    DBInstanceIdentifier = aws_db_instance.main.identifier
  }

  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 80
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_metric_alarm" "data_storage" {
  alarm_name        = "shop-prod-data-storage"
  alarm_description = "The database has less than 5120 MiB of storage left."
  namespace         = "AWS/RDS"
  metric_name       = "FreeStorageSpace"

  dimensions = {
    DBInstanceIdentifier = aws_db_instance.main.identifier
  }

  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "LessThanThreshold"
  threshold           = 5368709120
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_metric_alarm" "data_memory" {
  alarm_name        = "shop-prod-data-memory"
  alarm_description = "The database has less than 819 MiB of memory left."
  namespace         = "AWS/RDS"
  metric_name       = "FreeableMemory"

  dimensions = {
    DBInstanceIdentifier = aws_db_instance.main.identifier
  }

  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "LessThanThreshold"
  threshold           = 858783744
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_metric_alarm" "data_connections" {
  alarm_name        = "shop-prod-data-connections"
  alarm_description = "The database has more than 1080 connections, of about 1351 that there can be."
  namespace         = "AWS/RDS"
  metric_name       = "DatabaseConnections"

  dimensions = {
    DBInstanceIdentifier = aws_db_instance.main.identifier
  }

  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 1080
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_event_rule" "failed_deploys" {
  name        = "shop-prod-failed-deploys"
  description = "Machines that did not start, and replacements that were given up"

  event_pattern = jsonencode({
    source = ["aws.autoscaling"]
    detail-type = [
      "EC2 Instance Launch Unsuccessful",
      "EC2 Auto Scaling Instance Refresh Failed",
      "EC2 Auto Scaling Instance Refresh Rollback Started",
      "EC2 Auto Scaling Instance Refresh Rollback Failed",
    ]
    detail = {
      AutoScalingGroupName = [aws_autoscaling_group.web.name, aws_autoscaling_group.app.name]
    }
  })

  tags = {
    Name = "shop-prod-failed-deploys"
  }
}

resource "aws_cloudwatch_event_target" "failed_deploys" {
  rule = aws_cloudwatch_event_rule.failed_deploys.name
  arn  = aws_sns_topic.main.arn

  input_transformer {
    input_paths = {
      group = "$.detail.AutoScalingGroupName"
      what  = "$.detail-type"
    }

    input_template = "\"<what>: <group>\""
  }
}

# Of the whole account. Costs can be told apart by the tag `terrace:system` only once somebody has
# activated it for cost allocation, and until then such a budget would never say a word.
resource "aws_budgets_budget" "main" {
  name         = "shop-prod"
  budget_type  = "COST"
  limit_amount = "900"
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  tags = {
    Name = "shop-prod"
  }

  notification {
    notification_type          = "FORECASTED"
    comparison_operator        = "GREATER_THAN"
    threshold                  = 80
    threshold_type             = "PERCENTAGE"
    subscriber_email_addresses = ["ops@example.com"]
  }

  notification {
    notification_type          = "ACTUAL"
    comparison_operator        = "GREATER_THAN"
    threshold                  = 100
    threshold_type             = "PERCENTAGE"
    subscriber_email_addresses = ["ops@example.com"]
  }
}
