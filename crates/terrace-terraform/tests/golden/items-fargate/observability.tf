resource "aws_cloudwatch_log_group" "app" {
  name              = "/items/app"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.main.arn

  tags = {
    Name            = "items-app"
    "terrace:party" = "app"
  }
}

resource "aws_cloudwatch_log_group" "flows" {
  name              = "/items/network/flows"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.main.arn

  tags = {
    Name = "items-flows"
  }
}

resource "aws_iam_role" "flows" {
  name        = "items-flows"
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
          "aws:SourceArn" = "arn:aws:ec2:us-east-1:${data.aws_caller_identity.current.account_id}:vpc-flow-log/*"
        }
      }
    }]
  })

  tags = {
    Name = "items-flows"
  }
}

resource "aws_iam_role_policy" "flows" {
  name = "items-flows"
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

# Refused connections only, which is what one looks for; in production all are kept.
resource "aws_flow_log" "main" {
  vpc_id                   = aws_vpc.main.id
  traffic_type             = "REJECT"
  log_destination          = aws_cloudwatch_log_group.flows.arn
  iam_role_arn             = aws_iam_role.flows.arn
  max_aggregation_interval = 600

  tags = {
    Name = "items-flows"
  }

  depends_on = [aws_iam_role_policy.flows]
}

# A line for each request, kept as long as all logs.
# With S3's own key: load balancers deliver to no bucket that has another.
resource "aws_s3_bucket" "logs" {
  bucket        = "items-logs-us-east-1-${data.aws_caller_identity.current.account_id}"
  force_destroy = true

  tags = {
    Name = "items-logs"
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
  name              = "items-alarms"
  kms_master_key_id = aws_kms_key.main.arn

  tags = {
    Name = "items-alarms"
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
            "aws:SourceArn" = "arn:aws:events:us-east-1:${data.aws_caller_identity.current.account_id}:rule/items-*"
          }
        }
      },
    ]
  })
}

# A share, since what is many depends on the traffic; and a few at least, since one of two says nothing.
resource "aws_cloudwatch_metric_alarm" "main_errors" {
  alarm_name          = "items-main-errors"
  alarm_description   = "Behind the load balancer, more than 5 % of requests end in an error (5xx)."
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
        LoadBalancer = aws_lb.main.arn_suffix
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
        LoadBalancer = aws_lb.main.arn_suffix
      }

      period = 300
      stat   = "Sum"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "main_unanswered" {
  alarm_name        = "items-main-unanswered"
  alarm_description = "The load balancer answers in place of targets that are away, time out or break off."
  namespace         = "AWS/ApplicationELB"
  metric_name       = "HTTPCode_ELB_5XX_Count"

  dimensions = {
    LoadBalancer = aws_lb.main.arn_suffix
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

resource "aws_cloudwatch_metric_alarm" "main_slow" {
  alarm_name        = "items-main-slow"
  alarm_description = "Behind the load balancer, one answer in twenty takes longer than two seconds."
  namespace         = "AWS/ApplicationELB"
  metric_name       = "TargetResponseTime"

  dimensions = {
    LoadBalancer = aws_lb.main.arn_suffix
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

resource "aws_cloudwatch_metric_alarm" "app_unhealthy" {
  alarm_name        = "items-app-unhealthy"
  alarm_description = "Some of app do not answer their health check."
  namespace         = "AWS/ApplicationELB"
  metric_name       = "UnHealthyHostCount"

  dimensions = {
    LoadBalancer = aws_lb.main.arn_suffix
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
  alarm_name        = "items-app-busy"
  alarm_description = "The processors of app have no room left, and scaling has not given them any."
  namespace         = "AWS/ECS"
  metric_name       = "CPUUtilization"

  dimensions = {
    ClusterName = aws_ecs_cluster.main.name
    ServiceName = aws_ecs_service.app.name
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
  alarm_name        = "items-cdn-errors"
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
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_metric_alarm" "data_a_busy" {
  alarm_name        = "items-data-a-busy"
  alarm_description = "The database's processors are used to more than 80 %, or it says nothing any more."
  namespace         = "AWS/RDS"
  metric_name       = "CPUUtilization"

  dimensions = {
    DBInstanceIdentifier = aws_rds_cluster_instance.a.identifier
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

resource "aws_cloudwatch_metric_alarm" "data_a_storage" {
  alarm_name        = "items-data-a-storage"
  alarm_description = "The database has less than 2048 MiB of storage left."
  namespace         = "AWS/RDS"
  metric_name       = "FreeLocalStorage"

  dimensions = {
    DBInstanceIdentifier = aws_rds_cluster_instance.a.identifier
  }

  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "LessThanThreshold"
  threshold           = 2147483648
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_metric_alarm" "data_a_memory" {
  alarm_name        = "items-data-a-memory"
  alarm_description = "The database has less than 204 MiB of memory left."
  namespace         = "AWS/RDS"
  metric_name       = "FreeableMemory"

  dimensions = {
    DBInstanceIdentifier = aws_rds_cluster_instance.a.identifier
  }

  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "LessThanThreshold"
  threshold           = 213909504
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_metric_alarm" "data_a_connections" {
  alarm_name        = "items-data-a-connections"
  alarm_description = "The database has more than 72 connections, of about 90 that there can be."
  namespace         = "AWS/RDS"
  metric_name       = "DatabaseConnections"

  dimensions = {
    DBInstanceIdentifier = aws_rds_cluster_instance.a.identifier
  }

  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 72
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_metric_alarm" "data_b_busy" {
  alarm_name        = "items-data-b-busy"
  alarm_description = "The database's processors are used to more than 80 %, or it says nothing any more."
  namespace         = "AWS/RDS"
  metric_name       = "CPUUtilization"

  dimensions = {
    DBInstanceIdentifier = aws_rds_cluster_instance.b.identifier
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

resource "aws_cloudwatch_metric_alarm" "data_b_storage" {
  alarm_name        = "items-data-b-storage"
  alarm_description = "The database has less than 2048 MiB of storage left."
  namespace         = "AWS/RDS"
  metric_name       = "FreeLocalStorage"

  dimensions = {
    DBInstanceIdentifier = aws_rds_cluster_instance.b.identifier
  }

  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "LessThanThreshold"
  threshold           = 2147483648
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_metric_alarm" "data_b_memory" {
  alarm_name        = "items-data-b-memory"
  alarm_description = "The database has less than 204 MiB of memory left."
  namespace         = "AWS/RDS"
  metric_name       = "FreeableMemory"

  dimensions = {
    DBInstanceIdentifier = aws_rds_cluster_instance.b.identifier
  }

  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "LessThanThreshold"
  threshold           = 213909504
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_metric_alarm" "data_b_connections" {
  alarm_name        = "items-data-b-connections"
  alarm_description = "The database has more than 72 connections, of about 90 that there can be."
  namespace         = "AWS/RDS"
  metric_name       = "DatabaseConnections"

  dimensions = {
    DBInstanceIdentifier = aws_rds_cluster_instance.b.identifier
  }

  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 72
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

resource "aws_cloudwatch_event_rule" "failed_deploys" {
  name        = "items-failed-deploys"
  description = "Deployments that were given up and rolled back"

  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Deployment State Change"]
    resources   = [aws_ecs_service.app.id]
    detail = {
      eventName = ["SERVICE_DEPLOYMENT_FAILED"]
    }
  })

  tags = {
    Name = "items-failed-deploys"
  }
}

resource "aws_cloudwatch_event_target" "failed_deploys" {
  rule = aws_cloudwatch_event_rule.failed_deploys.name
  arn  = aws_sns_topic.main.arn

  input_transformer {
    input_paths = {
      reason  = "$.detail.reason"
      service = "$.resources[0]"
    }

    input_template = "\"A deployment of <service> failed and was rolled back: <reason>\""
  }
}
