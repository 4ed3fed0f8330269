#@ secrets-in-plain, secrets-in-state
variable "db_password" {
  type      = string
  sensitive = true
}

variable "app_token" {
  default = "tok-live-82hd72hs"
}

resource "random_password" "db" {
  length = 24
}

resource "aws_secretsmanager_secret" "db" {
  name = "db"
}

resource "aws_secretsmanager_secret_version" "db" {
  secret_id     = aws_secretsmanager_secret.db.id
  secret_string = jsonencode({ username = "app", password = random_password.db.result })
}

# Somebody writes the value later: no finding.
resource "aws_secretsmanager_secret_version" "later" {
  secret_id     = aws_secretsmanager_secret.db.id
  secret_string = "CHANGE_ME"
}

resource "aws_db_instance" "main" {
  engine         = "postgres"
  instance_class = "db.t4g.micro"
  username       = "app"
  password       = var.db_password
}

resource "aws_ecs_task_definition" "app" {
  family = "app"
  container_definitions = jsonencode([{
    name  = "app"
    image = "app"
    environment = [
      { name = "DATABASE_URL", value = "postgres://app:${var.db_password}@${aws_db_instance.main.address}/items" },
      { name = "API_TOKEN", value = var.app_token },
      { name = "SECRET_ARN", value = aws_secretsmanager_secret.db.arn },
      { name = "TOKEN_TTL", value = "3600" },
      { name = "LOG_LEVEL", value = "info" },
      { name = "GITHUB", value = "ghp_0123456789abcdefghijABCDEFGHIJ012345" },
    ]
    secrets = [{ name = "DB_PASSWORD", valueFrom = aws_secretsmanager_secret.db.arn }]
  }])
}

resource "aws_instance" "web" {
  ami           = "ami-0abc"
  instance_type = "t3.micro"
  user_data     = <<-EOT
    #!/bin/bash
    # password=not-this-one
    export DB_HOST=${aws_db_instance.main.address}
    export DB_PASSWORD="${var.db_password}"
    export SESSION_SECRET=$(aws secretsmanager get-secret-value --secret-id db)
    echo 'api_key: "9f8e7d6c5b4a3210"' > /etc/app.yml
    export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
    cat > /srv/login.php <<'PHP'
    $secret_json = shell_exec($command);
    $credentials = json_decode($secret_json, true);
    $password = $credentials['password'];
    token = response.token
    PHP
    printf '[client]\npassword = hunter2x\n' > /etc/app/client.cnf
  EOT
}

resource "aws_launch_template" "web" {
  user_data = base64encode(templatefile("${path.module}/missing.sh", { password = random_password.db.result }))
}

resource "aws_ssm_parameter" "safe" {
  name  = "/app/DB_PASSWORD"
  type  = "SecureString"
  value = var.db_password
}

resource "aws_lambda_function" "hook" {
  function_name = "hook"
  environment {
    variables = {
      SLACK_WEBHOOK_TOKEN = "xoxb-000000000000-aaaaaaaaaaaa"
      SLACK_TOKEN         = "xoxb-2093847561-k2j3h4g5f6d7s8a9"
      PASSWORD_MIN_LENGTH = "12"
    }
  }
}

resource "aws_codebuild_project" "build" {
  name = "build"
  environment {
    environment_variable {
      name  = "NPM_TOKEN"
      value = "s3cr3t-of-npm"
    }
    environment_variable {
      name  = "OTHER_TOKEN"
      value = "/build/token"
      type  = "PARAMETER_STORE"
    }
  }
}
#~ high secrets-in-plain aws_codebuild_project.build environment.environment_variable[0].value: the environment variable `NPM_TOKEN` of `aws_codebuild_project.build` holds a value of 13 characters
#~ high secrets-in-plain aws_ecs_task_definition.app container_definitions[0].environment: the environment variable `API_TOKEN` of `aws_ecs_task_definition.app` holds a value of 17 characters
#~ high secrets-in-plain aws_ecs_task_definition.app container_definitions[0].environment: the environment variable `GITHUB` of `aws_ecs_task_definition.app` holds a token of GitHub (`gh…`, 40 characters)
#~ high secrets-in-plain aws_instance.web user_data: the user data of `aws_instance.web` holds `api_key` with a value of 16 characters
#~ high secrets-in-plain aws_instance.web user_data: the user data of `aws_instance.web` holds `password` with a value of 10 characters
#~ high secrets-in-plain aws_lambda_function.hook environment.variables.SLACK_TOKEN: the environment variable `SLACK_TOKEN` of `aws_lambda_function.hook` holds a token of Slack (`xo…`, 32 characters)
#~ high secrets-in-plain aws_lambda_function.hook environment.variables.SLACK_WEBHOOK_TOKEN: the environment variable `SLACK_WEBHOOK_TOKEN` of `aws_lambda_function.hook` holds a token of Slack (`xo…`, 30 characters)
#~ high secrets-in-plain aws_launch_template.web user_data: the user data of `aws_launch_template.web` holds the value of `random_password.db.result` in plain
#~ medium secrets-in-state aws_db_instance.main password: `password` of `aws_db_instance.main` is given by whoever applies the design, and kept in its state
#~ medium secrets-in-state aws_secretsmanager_secret_version.db secret_string: `secret_string` of `aws_secretsmanager_secret_version.db` is given by whoever applies the design, and kept in its state
#~ medium secrets-in-state aws_ssm_parameter.safe value: `value` of `aws_ssm_parameter.safe` is given by whoever applies the design, and kept in its state
#~ low secrets-in-state random_password.db: what `random_password.db` makes is kept in the state in plain
#~ high secrets-in-plain aws_ecs_task_definition.app container_definitions[0].environment: it may be that the environment variable `DATABASE_URL` of `aws_ecs_task_definition.app` holds a secret (depends on var.db_password)
#~ high secrets-in-plain aws_instance.web user_data: it may be that the user data of `aws_instance.web` holds a secret (depends on var.db_password)
