resource "aws_security_group" "data" {
  name        = "items-data"
  description = "The database"
  vpc_id      = aws_vpc.main.id

  tags = {
    Name = "items-data"
  }
}

resource "aws_vpc_security_group_ingress_rule" "data_from_app_5432" {
  security_group_id            = aws_security_group.data.id
  description                  = "flow app to data 5432/tcp: PostgreSQL"
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  referenced_security_group_id = aws_security_group.app.id
}

resource "aws_db_subnet_group" "main" {
  name        = "items-data"
  description = "The subnets of the data tier"
  subnet_ids  = [aws_subnet.data_a.id, aws_subnet.data_b.id]

  tags = {
    Name = "items-data"
  }
}

resource "aws_iam_role" "data_monitoring" {
  name        = "items-data-monitoring"
  description = "Reports how the database's servers are"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "EnhancedMonitoring"
      Effect = "Allow"
      Principal = {
        Service = "monitoring.rds.amazonaws.com"
      }
      Action = "sts:AssumeRole"
      Condition = {
        StringEquals = {
          "aws:SourceAccount" = data.aws_caller_identity.current.account_id
        }
      }
    }]
  })

  tags = {
    Name = "items-data-monitoring"
  }
}

resource "aws_iam_role_policy_attachment" "data_monitoring" {
  role       = aws_iam_role.data_monitoring.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

resource "aws_cloudwatch_log_group" "data_postgresql" {
  name              = "/aws/rds/instance/items-data/postgresql"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.main.arn

  tags = {
    Name = "items-data-postgresql"
  }
}

resource "aws_cloudwatch_log_group" "data_upgrade" {
  name              = "/aws/rds/instance/items-data/upgrade"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.main.arn

  tags = {
    Name = "items-data-upgrade"
  }
}

# Connections without TLS are refused. Slow statements are logged, never all of them: some hold secrets.
resource "aws_db_parameter_group" "main" {
  name        = "items-data-postgres16"
  family      = "postgres16"
  description = "TLS only, and what is logged"

  tags = {
    Name = "items-data-postgres16"
  }

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name  = "log_lock_waits"
    value = "1"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  parameter {
    name  = "log_parameter_max_length"
    value = "0"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# RDS makes the password, keeps it in Secrets Manager and rotates it; it is in no state and no plan.
# Standard support of this version ends on 2029-02-28; after that AWS charges extra for it.
resource "aws_db_instance" "main" {
  identifier                            = "items-data"
  engine                                = "postgres"
  engine_version                        = "16"
  allow_major_version_upgrade           = true
  auto_minor_version_upgrade            = true
  instance_class                        = "db.t4g.micro"
  multi_az                              = true
  storage_type                          = "gp3"
  allocated_storage                     = 20
  max_allocated_storage                 = 100
  storage_encrypted                     = true
  kms_key_id                            = aws_kms_key.main.arn
  db_name                               = "items"
  port                                  = 5432
  username                              = "items"
  manage_master_user_password           = true
  master_user_secret_kms_key_id         = aws_kms_key.main.arn
  db_subnet_group_name                  = aws_db_subnet_group.main.name
  vpc_security_group_ids                = [aws_security_group.data.id]
  publicly_accessible                   = false
  ca_cert_identifier                    = "rds-ca-rsa2048-g1"
  parameter_group_name                  = aws_db_parameter_group.main.name
  backup_retention_period               = 7
  backup_window                         = "03:00-04:00"
  maintenance_window                    = "sun:04:30-sun:05:30"
  copy_tags_to_snapshot                 = true
  delete_automated_backups              = true
  deletion_protection                   = false
  skip_final_snapshot                   = true
  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.data_monitoring.arn
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = aws_kms_key.main.arn
  performance_insights_retention_period = 7
  apply_immediately                     = true

  tags = {
    Name = "items-data"
  }

  depends_on = [
    aws_iam_role_policy_attachment.data_monitoring,
    aws_cloudwatch_log_group.data_postgresql,
    aws_cloudwatch_log_group.data_upgrade,
  ]
}
