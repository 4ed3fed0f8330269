# One key for all that is kept: database, secrets, logs, alarms. Who may use it is said here and,
# for the account's own roles, in their policies.
resource "aws_kms_key" "main" {
  description             = "What shop-prod keeps"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "AccountByItsPolicies"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"
        }
        Action   = "kms:*"
        Resource = "*"
      },
      {
        Sid    = "LogGroups"
        Effect = "Allow"
        Principal = {
          Service = "logs.eu-central-1.amazonaws.com"
        }
        Action = [
          "kms:Encrypt",
          "kms:Decrypt",
          "kms:ReEncrypt*",
          "kms:GenerateDataKey*",
          "kms:Describe*",
        ]
        Resource = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:eu-central-1:${data.aws_caller_identity.current.account_id}:log-group:*"
          }
        }
      },
      {
        Sid    = "Alarms"
        Effect = "Allow"
        Principal = {
          Service = ["cloudwatch.amazonaws.com", "events.amazonaws.com"]
        }
        Action   = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:sns:topicArn" = "arn:aws:sns:eu-central-1:${data.aws_caller_identity.current.account_id}:shop-prod-alarms*"
          }
        }
      },
    ]
  })

  tags = {
    Name = "shop-prod"
  }
}

resource "aws_kms_alias" "main" {
  name          = "alias/shop-prod"
  target_key_id = aws_kms_key.main.key_id
}

resource "aws_ssm_parameter" "app_log_level" {
  name  = "/shop/prod/app/LOG_LEVEL"
  type  = "String"
  value = "info"
}

resource "aws_ssm_parameter" "app_host" {
  name  = "/shop/prod/app/HOST"
  type  = "String"
  value = "0.0.0.0"
}

resource "aws_ssm_parameter" "app_port" {
  name  = "/shop/prod/app/PORT"
  type  = "String"
  value = "8000"
}

data "aws_secretsmanager_secret" "app_mail_key" {
  name = "shop/mail"
}

resource "aws_secretsmanager_secret" "app_session_key" {
  name                    = "shop/prod/app/SESSION_KEY"
  description             = "SESSION_KEY of app, made once"
  kms_key_id              = aws_kms_key.main.arn
  recovery_window_in_days = 30

  tags = {
    Name            = "shop-prod-app-SESSION_KEY"
    "terrace:party" = "app"
  }
}

ephemeral "aws_secretsmanager_random_password" "app_session_key" {
  password_length     = 44
  exclude_punctuation = true
}

# Written once and kept in no state. Another version number writes a new value.
resource "aws_secretsmanager_secret_version" "app_session_key" {
  secret_id                = aws_secretsmanager_secret.app_session_key.id
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.app_session_key.random_password
  secret_string_wo_version = 1
}

resource "aws_kms_key" "cdn" {
  provider = aws.us_east_1

  description             = "Alarms of shop-prod in us-east-1"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "AccountByItsPolicies"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"
        }
        Action   = "kms:*"
        Resource = "*"
      },
      {
        Sid    = "Alarms"
        Effect = "Allow"
        Principal = {
          Service = "cloudwatch.amazonaws.com"
        }
        Action   = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:sns:topicArn" = "arn:aws:sns:us-east-1:${data.aws_caller_identity.current.account_id}:shop-prod-alarms*"
          }
        }
      },
    ]
  })

  tags = {
    Name = "shop-prod-cdn"
  }
}
