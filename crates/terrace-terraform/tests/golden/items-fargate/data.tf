resource "aws_security_group" "data" {
  name        = "items-data"
  description = "The database"
  vpc_id      = aws_vpc.main.id

  tags = {
    Name = "items-data"
  }
}

resource "aws_vpc_security_group_ingress_rule" "data_from_app_3306" {
  security_group_id            = aws_security_group.data.id
  description                  = "flow app to data 3306/tcp: MySQL"
  ip_protocol                  = "tcp"
  from_port                    = 3306
  to_port                      = 3306
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

resource "aws_cloudwatch_log_group" "data_error" {
  name              = "/aws/rds/cluster/items-data/error"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.main.arn

  tags = {
    Name = "items-data-error"
  }
}

resource "aws_cloudwatch_log_group" "data_slowquery" {
  name              = "/aws/rds/cluster/items-data/slowquery"
  retention_in_days = 30
  kms_key_id        = aws_kms_key.main.arn

  tags = {
    Name = "items-data-slowquery"
  }
}

# Connections without TLS are refused. Slow statements are logged, never all of them: some hold secrets.
resource "aws_rds_cluster_parameter_group" "main" {
  name        = "items-data-aurora-mysql8-0"
  family      = "aurora-mysql8.0"
  description = "TLS only, and what is logged"

  tags = {
    Name = "items-data-aurora-mysql8-0"
  }

  parameter {
    name  = "require_secure_transport"
    value = "ON"
  }

  parameter {
    name  = "log_output"
    value = "FILE"
  }

  parameter {
    name  = "long_query_time"
    value = "1"
  }

  parameter {
    name  = "slow_query_log"
    value = "1"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# RDS makes the password, keeps it in Secrets Manager and rotates it; it is in no state and no plan.
resource "aws_rds_cluster" "main" {
  cluster_identifier              = "items-data"
  engine                          = "aurora-mysql"
  engine_version                  = "8.0.mysql_aurora.3.10.6"
  allow_major_version_upgrade     = true
  storage_encrypted               = true
  kms_key_id                      = aws_kms_key.main.arn
  database_name                   = "items"
  port                            = 3306
  master_username                 = "items"
  manage_master_user_password     = true
  master_user_secret_kms_key_id   = aws_kms_key.main.arn
  db_subnet_group_name            = aws_db_subnet_group.main.name
  vpc_security_group_ids          = [aws_security_group.data.id]
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.main.name
  backup_retention_period         = 7
  preferred_backup_window         = "03:00-04:00"
  preferred_maintenance_window    = "sun:04:30-sun:05:30"
  copy_tags_to_snapshot           = true
  delete_automated_backups        = true
  deletion_protection             = false
  skip_final_snapshot             = true
  enabled_cloudwatch_logs_exports = ["error", "slowquery"]
  apply_immediately               = true

  tags = {
    Name = "items-data"
  }

  depends_on = [
    aws_iam_role_policy_attachment.data_monitoring,
    aws_cloudwatch_log_group.data_error,
    aws_cloudwatch_log_group.data_slowquery,
  ]
}

# The version is the cluster's, a whole one: an upgrade that AWS made by itself would be
# undone by the next run, so newer ones come with the manifest or with Terrace.
resource "aws_rds_cluster_instance" "a" {
  identifier                            = "items-data-a"
  cluster_identifier                    = aws_rds_cluster.main.cluster_identifier
  engine                                = aws_rds_cluster.main.engine
  instance_class                        = "db.t4g.medium"
  availability_zone                     = "us-east-1a"
  promotion_tier                        = 0
  auto_minor_version_upgrade            = false
  db_subnet_group_name                  = aws_db_subnet_group.main.name
  publicly_accessible                   = false
  ca_cert_identifier                    = "rds-ca-rsa2048-g1"
  preferred_maintenance_window          = "sun:04:30-sun:05:30"
  copy_tags_to_snapshot                 = true
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.data_monitoring.arn
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = aws_kms_key.main.arn
  performance_insights_retention_period = 7
  apply_immediately                     = true

  tags = {
    Name = "items-data-a"
  }
}

# Reads, in another zone, and takes over when the writer fails.
resource "aws_rds_cluster_instance" "b" {
  identifier                            = "items-data-b"
  cluster_identifier                    = aws_rds_cluster.main.cluster_identifier
  engine                                = aws_rds_cluster.main.engine
  instance_class                        = "db.t4g.medium"
  availability_zone                     = "us-east-1b"
  promotion_tier                        = 1
  auto_minor_version_upgrade            = false
  db_subnet_group_name                  = aws_db_subnet_group.main.name
  publicly_accessible                   = false
  ca_cert_identifier                    = "rds-ca-rsa2048-g1"
  preferred_maintenance_window          = "sun:04:30-sun:05:30"
  copy_tags_to_snapshot                 = true
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.data_monitoring.arn
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = aws_kms_key.main.arn
  performance_insights_retention_period = 7
  apply_immediately                     = true

  tags = {
    Name = "items-data-b"
  }
}
