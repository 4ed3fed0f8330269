resource "aws_security_group" "app" {
  name        = "items-app"
  description = "The service app"
  vpc_id      = aws_vpc.main.id

  tags = {
    Name = "items-app"
  }
}

resource "aws_vpc_security_group_ingress_rule" "app_from_main_8000" {
  security_group_id            = aws_security_group.app.id
  description                  = "flow entrance to app 8000/tcp: HTTP /api/*"
  ip_protocol                  = "tcp"
  from_port                    = 8000
  to_port                      = 8000
  referenced_security_group_id = aws_security_group.main.id
}

resource "aws_vpc_security_group_egress_rule" "app_to_data_3306" {
  security_group_id            = aws_security_group.app.id
  description                  = "flow app to data 3306/tcp: MySQL"
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
  referenced_security_group_id = aws_security_group.data.id
}

resource "aws_vpc_security_group_egress_rule" "app_to_endpoints_443" {
  security_group_id            = aws_security_group.app.id
  description                  = "flow app to platform 443/tcp: services of AWS"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.endpoints.id
}

resource "aws_vpc_security_group_egress_rule" "app_to_s3_443" {
  security_group_id = aws_security_group.app.id
  description       = "flow app to platform 443/tcp: services of AWS"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = aws_vpc_endpoint.s3.prefix_list_id
}

resource "aws_lb_target_group" "app" {
  name                          = "items-app-8000"
  vpc_id                        = aws_vpc.main.id
  target_type                   = "ip"
  port                          = 8000
  protocol                      = "HTTP"
  deregistration_delay          = 30
  load_balancing_algorithm_type = "least_outstanding_requests"

  tags = {
    Name            = "items-app"
    "terrace:party" = "app"
  }

  health_check {
    path                = "/health"
    protocol            = "HTTP"
    matcher             = "200-299"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener_rule" "app" {
  listener_arn = aws_lb_listener.main.arn
  priority     = 10

  tags = {
    Name            = "items-app"
    "terrace:party" = "app"
  }

  condition {
    path_pattern {
      values = ["/api", "/api/*"]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.app.arn
  }
}

resource "aws_cloudwatch_log_group" "exec" {
  name              = "/items/exec"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.main.arn

  tags = {
    Name = "items-exec"
  }
}

resource "aws_cloudwatch_log_group" "insights" {
  name              = "/aws/ecs/containerinsights/items/performance"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.main.arn

  tags = {
    Name = "items"
  }
}

resource "aws_ecs_cluster" "main" {
  name = "items"

  tags = {
    Name = "items"
  }

  configuration {
    execute_command_configuration {
      logging = "OVERRIDE"

      log_configuration {
        cloud_watch_encryption_enabled = true
        cloud_watch_log_group_name     = aws_cloudwatch_log_group.exec.name
      }
    }
  }

  setting {
    name  = "containerInsights"
    value = "enabled"
  }

  depends_on = [aws_cloudwatch_log_group.insights]
}

resource "aws_iam_role" "app_execution" {
  name        = "items-app-execution"
  description = "Begins tasks: pulls the image, opens the log, puts settings in"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "Tasks"
      Effect = "Allow"
      Principal = {
        Service = "ecs-tasks.amazonaws.com"
      }
      Action = "sts:AssumeRole"
      Condition = {
        StringEquals = {
          "aws:SourceAccount" = data.aws_caller_identity.current.account_id
        }
        ArnLike = {
          "aws:SourceArn" = "arn:aws:ecs:us-east-1:${data.aws_caller_identity.current.account_id}:*"
        }
      }
    }]
  })

  tags = {
    Name            = "items-app-execution"
    "terrace:party" = "app"
  }
}

resource "aws_iam_role_policy" "app_execution" {
  name = "items-app-execution"
  role = aws_iam_role.app_execution.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Registry"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Sid    = "OwnImages"
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:GetDownloadUrlForLayer",
        ]
        Resource = "arn:aws:ecr:us-east-1:${data.aws_caller_identity.current.account_id}:repository/items-app"
      },
      {
        Sid      = "OwnLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.app.arn}:*"
      },
      {
        Sid      = "OwnSecrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = aws_rds_cluster.main.master_user_secret[0].secret_arn
      },
      {
        Sid      = "DecryptOwnSecrets"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = "arn:aws:kms:us-east-1:${data.aws_caller_identity.current.account_id}:key/*"
        Condition = {
          StringEquals = {
            "kms:ViaService"                  = "secretsmanager.us-east-1.amazonaws.com"
            "kms:EncryptionContext:SecretARN" = aws_rds_cluster.main.master_user_secret[0].secret_arn
          }
        }
      },
    ]
  })
}

resource "aws_iam_role" "app_task" {
  name        = "items-app-task"
  description = "What runs in the container may do this much of AWS"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "Tasks"
      Effect = "Allow"
      Principal = {
        Service = "ecs-tasks.amazonaws.com"
      }
      Action = "sts:AssumeRole"
      Condition = {
        StringEquals = {
          "aws:SourceAccount" = data.aws_caller_identity.current.account_id
        }
        ArnLike = {
          "aws:SourceArn" = "arn:aws:ecs:us-east-1:${data.aws_caller_identity.current.account_id}:*"
        }
      }
    }]
  })

  tags = {
    Name            = "items-app-task"
    "terrace:party" = "app"
  }
}

resource "aws_iam_role_policy" "app_task" {
  name = "items-app-task"
  role = aws_iam_role.app_task.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "DatabaseSecret"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = aws_rds_cluster.main.master_user_secret[0].secret_arn
      },
      {
        Sid      = "DecryptDatabaseSecret"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = aws_kms_key.main.arn
        Condition = {
          StringEquals = {
            "kms:ViaService"                  = "secretsmanager.us-east-1.amazonaws.com"
            "kms:EncryptionContext:SecretARN" = aws_rds_cluster.main.master_user_secret[0].secret_arn
          }
        }
      },
      {
        Sid    = "Shells"
        Effect = "Allow"
        Action = [
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ]
        Resource = "*"
      },
      {
        Sid      = "ShellLogGroups"
        Effect   = "Allow"
        Action   = "logs:DescribeLogGroups"
        Resource = "*"
      },
      {
        Sid      = "ShellLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.exec.arn}:*"
      },
    ]
  })
}

# Nothing runs as root, and the root file system cannot be written; /tmp is memory.
# The volumes are for the agent that opens shells (ECS Exec), which writes there.
# Releases make revisions of their own. The newest is compared with what is written here, so that one with the
# image and the settings in force is no change; all stay, because releases go back to them.
resource "aws_ecs_task_definition" "app" {
  family                   = "items-app"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  skip_destroy             = true
  track_latest             = true
  execution_role_arn       = aws_iam_role.app_execution.arn
  task_role_arn            = aws_iam_role.app_task.arn

  container_definitions = jsonencode([{
    name                   = "app"
    image                  = "${data.aws_caller_identity.current.account_id}.dkr.ecr.us-east-1.amazonaws.com/items-app@${var.image_app}"
    essential              = true
    user                   = "10001:10001"
    readonlyRootFilesystem = true
    stopTimeout            = 60
    linuxParameters = {
      initProcessEnabled = true
      tmpfs = [{
        containerPath = "/tmp"
        size          = 64
        mountOptions  = ["nosuid", "nodev"]
      }]
    }
    portMappings = [{
      containerPort = 8000
      hostPort      = 8000
      protocol      = "tcp"
    }]
    environment = [
      {
        name  = "DB_CA"
        value = "/etc/terrace/rds-ca.pem"
      },
      {
        name  = "DB_HOST"
        value = aws_rds_cluster.main.endpoint
      },
      {
        name  = "DB_NAME"
        value = "items"
      },
      {
        name  = "DB_PORT"
        value = "3306"
      },
      {
        name  = "HOST"
        value = "0.0.0.0"
      },
      {
        name  = "PORT"
        value = "8000"
      },
      {
        name  = "TERRACE_DATABASE"
        value = "{\"engine\":\"mysql\",\"host\":\"${aws_rds_cluster.main.endpoint}\",\"port\":3306,\"name\":\"items\",\"secret\":\"${aws_rds_cluster.main.master_user_secret[0].secret_arn}\",\"ca\":\"/etc/terrace/rds-ca.pem\"}"
      },
      {
        name  = "TERRACE_SETTINGS"
        value = var.settings_app
      },
    ]
    secrets = [
      {
        name      = "DB_PASSWORD"
        valueFrom = "${aws_rds_cluster.main.master_user_secret[0].secret_arn}:password::"
      },
      {
        name      = "DB_USER"
        valueFrom = "${aws_rds_cluster.main.master_user_secret[0].secret_arn}:username::"
      },
    ]
    mountPoints = [
      {
        sourceVolume  = "exec-agent"
        containerPath = "/managed-agents"
        readOnly      = false
      },
      {
        sourceVolume  = "exec-state"
        containerPath = "/var/lib/amazon/ssm"
        readOnly      = false
      },
      {
        sourceVolume  = "exec-log"
        containerPath = "/var/log/amazon/ssm"
        readOnly      = false
      },
    ]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.app.name
        awslogs-region        = "us-east-1"
        awslogs-stream-prefix = "app"
        mode                  = "non-blocking"
        max-buffer-size       = "4m"
      }
    }
  }])

  tags = {
    Name            = "items-app"
    "terrace:party" = "app"
  }

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }

  volume {
    name = "exec-agent"
  }

  volume {
    name = "exec-state"
  }

  volume {
    name = "exec-log"
  }
}

# Releases choose the task definition and scaling the number of tasks: Terraform sets both once. None runs
# until the first release starts as many as the tag says, when its migration has run.
resource "aws_ecs_service" "app" {
  name                               = "items-app"
  cluster                            = aws_ecs_cluster.main.id
  task_definition                    = aws_ecs_task_definition.app.arn
  desired_count                      = 0
  launch_type                        = "FARGATE"
  enable_execute_command             = true
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"
  availability_zone_rebalancing      = "ENABLED"
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = 60

  tags = {
    Name            = "items-app"
    "terrace:party" = "app"
    "terrace:tasks" = "2"
  }

  network_configuration {
    subnets          = [aws_subnet.app_a.id, aws_subnet.app_b.id]
    security_groups  = [aws_security_group.app.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.app.arn
    container_name   = "app"
    container_port   = 8000
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  lifecycle {
    ignore_changes = [desired_count, task_definition]
  }

  depends_on = [
    aws_vpc_endpoint.ecr_api,
    aws_vpc_endpoint.ecr_dkr,
    aws_vpc_endpoint.logs,
    aws_vpc_endpoint.s3,
    aws_vpc_endpoint.secretsmanager,
    aws_vpc_endpoint.ssm,
    aws_vpc_endpoint.ssmmessages,
    aws_vpc_security_group_egress_rule.app_to_data_3306,
    aws_vpc_security_group_egress_rule.app_to_endpoints_443,
    aws_vpc_security_group_egress_rule.app_to_s3_443,
    aws_lb_listener_rule.app,
    aws_iam_role_policy.app_execution,
    aws_iam_role_policy.app_task,
  ]
}

resource "aws_appautoscaling_target" "app" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.main.name}/${aws_ecs_service.app.name}"
  min_capacity       = 2
  max_capacity       = 6

  tags = {
    Name            = "items-app"
    "terrace:party" = "app"
  }
}

# Quick to grow, slow to shrink: new tasks cost less than waiting visitors.
resource "aws_appautoscaling_policy" "app_cpu" {
  name               = "items-app-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = aws_appautoscaling_target.app.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = 60
    scale_in_cooldown  = 300
    scale_out_cooldown = 60

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
