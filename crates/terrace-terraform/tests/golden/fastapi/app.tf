resource "aws_security_group" "app" {
  name        = "items-fastapi-app"
  description = "The service app"
  vpc_id      = aws_vpc.main.id

  tags = {
    Name = "items-fastapi-app"
  }
}

resource "aws_security_group" "builder" {
  name        = "items-fastapi-builder"
  description = "The machines on which images are built"
  vpc_id      = aws_vpc.main.id

  tags = {
    Name = "items-fastapi-builder"
  }
}

resource "aws_vpc_security_group_egress_rule" "builder_to_endpoints_443" {
  security_group_id            = aws_security_group.builder.id
  description                  = "flow app to platform 443/tcp: services of AWS"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.endpoints.id
}

resource "aws_vpc_security_group_egress_rule" "builder_to_s3_443" {
  security_group_id = aws_security_group.builder.id
  description       = "flow app to platform 443/tcp: services of AWS"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = aws_vpc_endpoint.s3.prefix_list_id
}

resource "aws_vpc_security_group_ingress_rule" "app_from_internal_8000" {
  security_group_id            = aws_security_group.app.id
  description                  = "flow web to app 8000/tcp: HTTP /api/*"
  ip_protocol                  = "tcp"
  from_port                    = 8000
  to_port                      = 8000
  referenced_security_group_id = aws_security_group.internal.id
}

resource "aws_vpc_security_group_egress_rule" "app_to_data_5432" {
  security_group_id            = aws_security_group.app.id
  description                  = "flow app to data 5432/tcp: PostgreSQL"
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
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
  name                          = "items-fastapi-app-8000"
  vpc_id                        = aws_vpc.main.id
  target_type                   = "instance"
  port                          = 8000
  protocol                      = "HTTP"
  deregistration_delay          = 30
  load_balancing_algorithm_type = "least_outstanding_requests"

  tags = {
    Name            = "items-fastapi-app"
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
  listener_arn = aws_lb_listener.internal.arn
  priority     = 10

  tags = {
    Name            = "items-fastapi-app"
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

# What images are made from: releases, each in a folder of its own. Images hold a copy, so
# machines never read it.
resource "aws_s3_bucket" "artifacts" {
  bucket        = "items-fastapi-artifacts-us-east-1-${data.aws_caller_identity.current.account_id}"
  force_destroy = true

  tags = {
    Name = "items-fastapi-artifacts"
  }
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  bucket                  = aws_s3_bucket.artifacts.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.main.arn
    }
  }
}

resource "aws_s3_bucket_versioning" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  rule {
    id     = "tidy"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 90
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }

  depends_on = [aws_s3_bucket_versioning.artifacts]
}

resource "aws_s3_bucket_policy" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.artifacts.arn, "${aws_s3_bucket.artifacts.arn}/*"]
      Condition = {
        Bool = {
          "aws:SecureTransport" = "false"
        }
      }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.artifacts]
}

# The first release, from the folder beside this file; later ones are put there by releases.
resource "aws_s3_object" "initial_sha256sums" {
  bucket = aws_s3_bucket.artifacts.id
  key    = "releases/initial/SHA256SUMS"
  source = "artifacts/SHA256SUMS"

  lifecycle {
    ignore_changes = [source]
  }
}

resource "aws_s3_object" "initial_app_tar_gz" {
  bucket = aws_s3_bucket.artifacts.id
  key    = "releases/initial/app.tar.gz"
  source = "artifacts/app.tar.gz"

  lifecycle {
    ignore_changes = [source]
  }
}

resource "aws_s3_object" "initial_page_tar_gz" {
  bucket = aws_s3_bucket.artifacts.id
  key    = "releases/initial/page.tar.gz"
  source = "artifacts/page.tar.gz"

  lifecycle {
    ignore_changes = [source]
  }
}

resource "aws_s3_object" "initial_rds_ca_pem" {
  bucket = aws_s3_bucket.artifacts.id
  key    = "releases/initial/rds-ca.pem"
  source = "artifacts/rds-ca.pem"

  lifecycle {
    ignore_changes = [source]
  }
}

resource "aws_s3_object" "initial_terrace_boot" {
  bucket = aws_s3_bucket.artifacts.id
  key    = "releases/initial/terrace-boot"
  source = "artifacts/terrace-boot"

  lifecycle {
    ignore_changes = [source]
  }
}

resource "aws_s3_object" "initial_terrace_edge" {
  bucket = aws_s3_bucket.artifacts.id
  key    = "releases/initial/terrace-edge"
  source = "artifacts/terrace-edge"

  lifecycle {
    ignore_changes = [source]
  }
}

# The release that images are made from; a release writes its name here.
resource "aws_s3_object" "current" {
  bucket       = aws_s3_bucket.artifacts.id
  key          = "releases/current"
  content      = "initial"
  content_type = "text/plain"

  lifecycle {
    ignore_changes = [content]
  }
}

resource "aws_iam_role" "builder" {
  name        = "items-fastapi-builder"
  description = "The machines on which images are built"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = {
        Service = "ec2.amazonaws.com"
      }
      Action = "sts:AssumeRole"
    }]
  })

  tags = {
    Name = "items-fastapi-builder"
  }
}

# Written out rather than AmazonSSMManagedInstanceCore, which may read every parameter of the account.
resource "aws_iam_role_policy" "builder" {
  name = "items-fastapi-builder"
  role = aws_iam_role.builder.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Sessions"
        Effect = "Allow"
        Action = [
          "ssm:UpdateInstanceInformation",
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ]
        Resource = "*"
      },
      {
        Sid    = "LedBySystemsManager"
        Effect = "Allow"
        Action = [
          "ec2messages:AcknowledgeMessage",
          "ec2messages:DeleteMessage",
          "ec2messages:FailMessage",
          "ec2messages:GetEndpoint",
          "ec2messages:GetMessages",
          "ec2messages:SendReply",
          "ssm:DescribeAssociation",
          "ssm:DescribeDocument",
          "ssm:GetDocument",
          "ssm:GetManifest",
          "ssm:ListAssociations",
          "ssm:ListInstanceAssociations",
          "ssm:PutInventory",
          "ssm:UpdateAssociationStatus",
          "ssm:UpdateInstanceAssociationStatus",
        ]
        Resource = "*"
      },
      {
        Sid      = "Components"
        Effect   = "Allow"
        Action   = "imagebuilder:GetComponent"
        Resource = "arn:aws:imagebuilder:us-east-1:${data.aws_caller_identity.current.account_id}:component/*"
      },
      {
        Sid      = "ComponentsAreEncrypted"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = "*"
        Condition = {
          "ForAnyValue:StringEquals" = {
            "kms:EncryptionContextKeys" = "aws:imagebuilder:arn"
            "aws:CalledVia"             = "imagebuilder.amazonaws.com"
          }
        }
      },
      {
        Sid      = "ProgramsOfImageBuilder"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:aws:s3:::ec2imagebuilder*"
      },
      {
        Sid      = "Releases"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "${aws_s3_bucket.artifacts.arn}/releases/*"
      },
      {
        Sid      = "LogsOfBuilds"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "${aws_s3_bucket.artifacts.arn}/builds/*"
      },
      {
        Sid      = "ArtifactsAreEncrypted"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = aws_kms_key.main.arn
        Condition = {
          StringEquals = {
            "kms:ViaService" = "s3.us-east-1.amazonaws.com"
          }
        }
      },
      {
        Sid      = "LogOfImageBuilder"
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:aws:logs:us-east-1:${data.aws_caller_identity.current.account_id}:log-group:/aws/imagebuilder/*"
      },
    ]
  })
}

resource "aws_iam_instance_profile" "builder" {
  name = "items-fastapi-builder"
  role = aws_iam_role.builder.name

  tags = {
    Name = "items-fastapi-builder"
  }

  depends_on = [aws_iam_role_policy.builder]
}

# Images are built where the service runs: what cannot be reached from there cannot be needed there.
resource "aws_imagebuilder_infrastructure_configuration" "main" {
  name                          = "items-fastapi-builder"
  description                   = "The machines on which images are built"
  instance_profile_name         = aws_iam_instance_profile.builder.name
  instance_types                = ["t3.medium"]
  subnet_id                     = aws_subnet.app_a.id
  security_group_ids            = [aws_security_group.builder.id]
  terminate_instance_on_failure = true

  resource_tags = {
    Name = "items-fastapi-builder"
  }

  tags = {
    Name = "items-fastapi-builder"
  }

  instance_metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  logging {
    s3_logs {
      s3_bucket_name = aws_s3_bucket.artifacts.id
      s3_key_prefix  = "builds"
    }
  }
}

# A component cannot be changed: its version is made of its text, and another text is another version.
resource "aws_imagebuilder_component" "app" {
  name        = "items-fastapi-app"
  description = "The image of app"
  platform    = "Linux"
  version     = "1.659919774.392735339"

  data = <<-EOT
    name: items-fastapi-app
    schemaVersion: 1.0
    parameters:
      - Bucket:
          type: string
          description: The bucket that releases lie in.
    phases:
      - name: build
        steps:
          - name: Packages
            action: ExecuteBash
            inputs:
              commands:
                - |
                  # What the service needs of the distribution.
                  set -eu
                  if command -v dnf >/dev/null; then
                    dnf install -y -q awscli-2 gzip shadow-utils tar python3.12 python3.12-pip
                  else
                    export DEBIAN_FRONTEND=noninteractive
                    apt-get update -qq
                    apt-get install -y -qq --no-install-recommends awscli ca-certificates gzip tar python3 python3-pip python3-venv
                  fi
          - name: Release
            action: ExecuteBash
            inputs:
              commands:
                - |
                  # The release that is in force: its name lies beside the releases. Nothing of it belongs to the service's user.
                  set -eu
                  umask 022
                  bucket='{{ Bucket }}'
                  work=$(mktemp -d)
                  trap 'rm -rf "$work"' EXIT
                  cd "$work"
                  release=$(aws s3 cp --only-show-errors "s3://$bucket/releases/current" - | tr -d '[:space:]')
                  for file in SHA256SUMS terrace-boot rds-ca.pem app.tar.gz; do
                    aws s3 cp --only-show-errors "s3://$bucket/releases/$release/$file" "$file"
                    if [ "$file" != SHA256SUMS ]; then
                      grep " [ *]$file\$" SHA256SUMS | sha256sum --check --quiet -
                    fi
                  done
                  install -d -m 0755 /etc/terrace /usr/local/lib/terrace /opt/items-fastapi /opt/items-fastapi/app
                  for program in terrace-boot terrace-edge; do
                    [ ! -f "$program" ] || install -m 0755 "$program" /usr/local/bin/
                  done
                  [ ! -f rds-ca.pem ] || install -m 0644 rds-ca.pem /etc/terrace/
                  tar --extract --gzip --no-same-owner --no-same-permissions --file app.tar.gz --directory /opt/items-fastapi/app
                  chown -R root:root /opt/items-fastapi
                  chmod -R u=rwX,go=rX /opt/items-fastapi
                  printf '%s\n' "$release" > /etc/terrace/release
          - name: Prepare
            action: ExecuteBash
            inputs:
              commands:
                - |
                  # Its packages, for this machine's interpreter: from the wheels of the release, or from where pip finds them.
                  set -eu
                  umask 022
                  cd /opt/items-fastapi/app
                  [ -f requirements.txt ] || exit 0
                  python=$(command -v python3.12 || command -v python3)
                  "$python" -m venv .venv
                  if [ -d wheels ]; then
                    .venv/bin/pip install --quiet --no-input --disable-pip-version-check --no-index --find-links wheels -r requirements.txt
                  else
                    .venv/bin/pip install --quiet --no-input --disable-pip-version-check -r requirements.txt
                  fi
          - name: Service
            action: ExecuteBash
            inputs:
              commands:
                - |
                  # A user that owns nothing and can log in nowhere, and the unit that runs as it.
                  set -eu
                  umask 022
                  getent passwd terrace-app >/dev/null ||
                    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell "$(command -v nologin || echo /usr/sbin/nologin)" terrace-app
                  install -d -m 0751 /var/log/terrace
                  [ -e /var/log/terrace/app.log ] ||
                    install -m 0640 -o terrace-app -g terrace-app /dev/null /var/log/terrace/app.log
                  cat > /usr/local/lib/terrace/start <<'END'
                  #!/bin/sh
                  # Becomes terrace-boot, which reads the settings and starts what `run` says.
                  exec /usr/local/bin/terrace-boot --config /etc/terrace/boot.json --watch --shell "$(cat /usr/local/lib/terrace/run)"
                  END
                  chmod 0755 /usr/local/lib/terrace/start
                  cat > /usr/local/lib/terrace/run <<'END'
                  .venv/bin/uvicorn main:app --host $${HOST:-127.0.0.1} --port $PORT
                  END
                  chmod 0644 /usr/local/lib/terrace/run
                  cat > /etc/systemd/system/terrace-app.service <<'END'
                  [Unit]
                  Description=items-fastapi: app
                  # Its settings are written by cloud-init; an image that is only being built has none.
                  After=network-online.target cloud-init.service
                  Wants=network-online.target
                  ConditionPathExists=/etc/terrace/boot.json
                  StartLimitIntervalSec=0

                  [Service]
                  Type=exec
                  User=terrace-app
                  Group=terrace-app
                  WorkingDirectory=/opt/items-fastapi/app
                  ExecStart=/usr/local/lib/terrace/start
                  ExecReload=/bin/kill -HUP $MAINPID
                  Restart=always
                  RestartSec=2
                  TimeoutStopSec=45
                  KillMode=mixed
                  # A program that just ends when it is told to, told by terrace-boot as shells tell it.
                  SuccessExitStatus=143
                  RuntimeDirectory=terrace-app
                  StateDirectory=terrace-app
                  Environment=HOME=/var/lib/terrace-app
                  StandardOutput=append:/var/log/terrace/app.log
                  StandardError=inherit
                  LimitNOFILE=65536
                  UMask=0077

                  # It may write to its own folders below /run and /var/lib, and to /tmp, which is its own.
                  ProtectSystem=strict
                  ProtectHome=yes
                  PrivateTmp=yes
                  PrivateDevices=yes
                  PrivateUsers=yes
                  ProtectProc=invisible
                  ProtectClock=yes
                  ProtectHostname=yes
                  ProtectKernelLogs=yes
                  ProtectKernelModules=yes
                  ProtectKernelTunables=yes
                  ProtectControlGroups=yes
                  NoNewPrivileges=yes
                  CapabilityBoundingSet=
                  AmbientCapabilities=
                  RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
                  RestrictNamespaces=yes
                  RestrictRealtime=yes
                  RestrictSUIDSGID=yes
                  LockPersonality=yes
                  MemoryDenyWriteExecute=no
                  RemoveIPC=yes
                  KeyringMode=private
                  SystemCallArchitectures=native
                  SystemCallFilter=@system-service
                  SystemCallFilter=~@privileged @resources
                  SystemCallErrorNumber=EPERM

                  [Install]
                  WantedBy=multi-user.target
                  END
                  chmod 0644 /etc/systemd/system/terrace-app.service
                  systemctl enable terrace-app.service
          - name: Logs
            action: ExecuteBash
            inputs:
              commands:
                - |
                  # Its log goes to CloudWatch, and is kept small here.
                  set -eu
                  umask 022
                  cat > /etc/logrotate.d/terrace <<'END'
                  /var/log/terrace/*.log {
                    daily
                    maxsize 50M
                    rotate 3
                    compress
                    copytruncate
                    missingok
                    notifempty
                  }
                  END
                  # Once a day, as the distribution has it, a busy machine's disk would be full before it is looked at.
                  mkdir -p /etc/systemd/system/logrotate.timer.d
                  cat > /etc/systemd/system/logrotate.timer.d/often.conf <<'END'
                  [Timer]
                  OnCalendar=
                  OnCalendar=*:0/5
                  AccuracySec=1min
                  RandomizedDelaySec=0
                  END
                  cat > /etc/terrace/logs.json <<'END'
                  {
                    "agent": { "run_as_user": "cwagent" },
                    "logs": {
                      "logs_collected": {
                        "files": {
                          "collect_list": [
                            {
                              "file_path": "/var/log/terrace/app.log",
                              "log_group_name": "/items-fastapi/app",
                              "log_stream_name": "{instance_id}"
                            }
                          ]
                        }
                      }
                    }
                  }
                  END
                  if command -v dnf >/dev/null; then
                    dnf install -y -q amazon-cloudwatch-agent logrotate
                    usermod --append --groups terrace-app cwagent
                    /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -c file:/etc/terrace/logs.json
                    systemctl enable amazon-cloudwatch-agent.service logrotate.timer
                  fi
      - name: validate
        steps:
          - name: Check
            action: ExecuteBash
            inputs:
              commands:
                - |
                  # What has to hold of the finished image.
                  set -eu
                  fail() { echo "image: $1" >&2; exit 1; }
                  /usr/local/bin/terrace-boot --version
                  systemd-analyze verify --man=no terrace-app.service
                  systemctl is-enabled --quiet terrace-app.service || fail 'terrace-app.service does not start at boot'
                  [ "$(stat -c %U /opt/items-fastapi/app)" = root ] || fail '/opt/items-fastapi/app is not owned by root'
                  own=$(find /opt/items-fastapi /etc/terrace /usr/local/bin/terrace-* /usr/local/lib/terrace \( -user terrace-app -o -perm /0022 ! -type l \) -print -quit)
                  [ -z "$own" ] || fail "$own can be changed by others than root"
                  getent passwd terrace-app | grep -q 'nologin$' || fail 'terrace-app can log in'
                  [ ! -e /etc/terrace/boot.json ] || fail 'settings of a machine are in the image'
                  cd /opt/items-fastapi/app
                  [ -x .venv/bin/uvicorn ] || fail '.venv/bin/uvicorn is not in the release, or cannot be run'
  EOT

  tags = {
    Name            = "items-fastapi-app"
    "terrace:party" = "app"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_imagebuilder_image_recipe" "app" {
  name         = "items-fastapi-app"
  description  = "The image of app"
  version      = "1.270571269.900897898"
  parent_image = "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x"

  tags = {
    Name            = "items-fastapi-app"
    "terrace:party" = "app"
  }

  component {
    component_arn = aws_imagebuilder_component.app.arn

    parameter {
      name  = "Bucket"
      value = aws_s3_bucket.artifacts.bucket
    }
  }

  block_device_mapping {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = 10
      encrypted             = true
      delete_on_termination = true
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_imagebuilder_distribution_configuration" "app" {
  name        = "items-fastapi-app"
  description = "The image of app"

  tags = {
    Name            = "items-fastapi-app"
    "terrace:party" = "app"
  }

  distribution {
    region = "us-east-1"

    ami_distribution_configuration {
      name        = "items-fastapi-app-{{ imagebuilder:buildDate }}"
      description = "The image of app"

      ami_tags = {
        Name            = "items-fastapi-app"
        "terrace:party" = "app"
      }
    }
  }
}

# Built while the graph is applied, from the release in force; takes some ten minutes.
resource "aws_imagebuilder_image" "app" {
  image_recipe_arn                 = aws_imagebuilder_image_recipe.app.arn
  infrastructure_configuration_arn = aws_imagebuilder_infrastructure_configuration.main.arn
  distribution_configuration_arn   = aws_imagebuilder_distribution_configuration.app.arn

  tags = {
    Name            = "items-fastapi-app"
    "terrace:party" = "app"
  }

  image_tests_configuration {
    image_tests_enabled = false
    timeout_minutes     = 60
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [
    aws_vpc_endpoint.ec2messages,
    aws_vpc_endpoint.imagebuilder,
    aws_vpc_endpoint.logs,
    aws_vpc_endpoint.s3,
    aws_vpc_endpoint.secretsmanager,
    aws_vpc_endpoint.ssm,
    aws_vpc_endpoint.ssmmessages,
    aws_vpc_security_group_egress_rule.builder_to_endpoints_443,
    aws_vpc_security_group_egress_rule.builder_to_s3_443,
    aws_s3_bucket_policy.artifacts,
    aws_s3_object.current,
    aws_s3_object.initial_app_tar_gz,
    aws_s3_object.initial_page_tar_gz,
    aws_s3_object.initial_rds_ca_pem,
    aws_s3_object.initial_sha256sums,
    aws_s3_object.initial_terrace_boot,
    aws_s3_object.initial_terrace_edge,
  ]
}

# Builds the image again: for a release, or for the distribution's newest packages.
resource "aws_imagebuilder_image_pipeline" "app" {
  name                             = "items-fastapi-app"
  description                      = "The image of app"
  image_recipe_arn                 = aws_imagebuilder_image_recipe.app.arn
  infrastructure_configuration_arn = aws_imagebuilder_infrastructure_configuration.main.arn
  distribution_configuration_arn   = aws_imagebuilder_distribution_configuration.app.arn

  tags = {
    Name            = "items-fastapi-app"
    "terrace:party" = "app"
  }

  image_tests_configuration {
    image_tests_enabled = false
    timeout_minutes     = 60
  }
}

# The newest AMI that the pipeline made, whoever asked it to: where somebody started it, Terraform must not
# lead the machines back behind it.
data "aws_ami" "app" {
  owners      = ["self"]
  most_recent = true

  filter {
    name   = "tag:Name"
    values = ["items-fastapi-app"]
  }

  filter {
    name   = "state"
    values = ["available"]
  }

  depends_on = [aws_imagebuilder_image.app]
}

resource "aws_iam_role" "app" {
  name        = "items-fastapi-app"
  description = "The machines of the service app"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Principal = {
        Service = "ec2.amazonaws.com"
      }
      Action = "sts:AssumeRole"
    }]
  })

  tags = {
    Name = "items-fastapi-app"
  }
}

# Written out rather than AmazonSSMManagedInstanceCore, which may read every parameter of the account.
resource "aws_iam_role_policy" "app" {
  name = "items-fastapi-app"
  role = aws_iam_role.app.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Sessions"
        Effect = "Allow"
        Action = [
          "ssm:UpdateInstanceInformation",
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ]
        Resource = "*"
      },
      {
        Sid    = "OwnParameters"
        Effect = "Allow"
        Action = "ssm:GetParametersByPath"
        Resource = [
          "arn:aws:ssm:us-east-1:${data.aws_caller_identity.current.account_id}:parameter/items-fastapi/app",
          "arn:aws:ssm:us-east-1:${data.aws_caller_identity.current.account_id}:parameter/items-fastapi/app/*",
        ]
      },
      {
        Sid      = "OwnSecrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = aws_db_instance.main.master_user_secret[0].secret_arn
      },
      {
        Sid      = "DecryptOwnSecrets"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = "arn:aws:kms:us-east-1:${data.aws_caller_identity.current.account_id}:key/*"
        Condition = {
          StringEquals = {
            "kms:ViaService"                  = "secretsmanager.us-east-1.amazonaws.com"
            "kms:EncryptionContext:SecretARN" = aws_db_instance.main.master_user_secret[0].secret_arn
          }
        }
      },
      {
        Sid      = "OwnLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.app.arn}:*"
      },
    ]
  })
}

resource "aws_iam_instance_profile" "app" {
  name = "items-fastapi-app"
  role = aws_iam_role.app.name

  tags = {
    Name = "items-fastapi-app"
  }

  depends_on = [aws_iam_role_policy.app]
}

# No key pair and no public address: people come in by a session of Systems Manager.
# The user data says where settings are and holds no secret; everything else is in the image.
resource "aws_launch_template" "app" {
  name                   = "items-fastapi-app"
  update_default_version = true
  image_id               = data.aws_ami.app.id
  instance_type          = "t3.small"
  vpc_security_group_ids = [aws_security_group.app.id]

  user_data = base64encode(<<-EOT
    #cloud-config
    # Where this machine finds its settings; none of them is secret.
    write_files:
      - path: /etc/terrace/boot.json
        permissions: "0644"
        content: |
          {
            "region": "us-east-1",
            "parameters": "/items-fastapi/app/",
            "database": {
              "engine": "postgres",
              "host": "${aws_db_instance.main.address}",
              "port": 5432,
              "name": "items_fastapi",
              "secret": "${aws_db_instance.main.master_user_secret[0].secret_arn}",
              "ca": "/etc/terrace/rds-ca.pem"
            }
          }
  EOT
  )

  tags = {
    Name            = "items-fastapi-app"
    "terrace:party" = "app"
  }

  iam_instance_profile {
    arn = aws_iam_instance_profile.app.arn
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  monitoring {
    enabled = true
  }

  credit_specification {
    cpu_credits = "standard"
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = 10
      encrypted             = true
      delete_on_termination = true
    }
  }

  tag_specifications {
    resource_type = "instance"

    tags = {
      Name             = "items-fastapi-app"
      "terrace:party"  = "app"
      "terrace:system" = "items-fastapi"
    }
  }

  tag_specifications {
    resource_type = "volume"

    tags = {
      Name             = "items-fastapi-app"
      "terrace:party"  = "app"
      "terrace:system" = "items-fastapi"
    }
  }
}

# A new template replaces the machines one after the other, a new one in service before an old one goes;
# if a new one does not become healthy, the old ones stay.
resource "aws_autoscaling_group" "app" {
  name                      = "items-fastapi-app"
  min_size                  = 2
  max_size                  = 6
  vpc_zone_identifier       = [aws_subnet.app_a.id, aws_subnet.app_b.id]
  target_group_arns         = [aws_lb_target_group.app.arn]
  health_check_type         = "ELB"
  health_check_grace_period = 120
  default_instance_warmup   = 120
  termination_policies      = ["OldestLaunchTemplate", "OldestInstance"]
  wait_for_capacity_timeout = "15m"

  enabled_metrics = [
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupMaxSize",
    "GroupTotalInstances",
  ]

  launch_template {
    id      = aws_launch_template.app.id
    version = aws_launch_template.app.latest_version
  }

  instance_maintenance_policy {
    min_healthy_percentage = 100
    max_healthy_percentage = 200
  }

  instance_refresh {
    strategy = "Rolling"

    preferences {
      min_healthy_percentage = 100
      max_healthy_percentage = 200
      instance_warmup        = 120
      auto_rollback          = true
    }
  }

  tag {
    key                 = "Name"
    value               = "items-fastapi-app"
    propagate_at_launch = false
  }

  tag {
    key                 = "terrace:party"
    value               = "app"
    propagate_at_launch = false
  }

  tag {
    key                 = "terrace:system"
    value               = "items-fastapi"
    propagate_at_launch = false
  }

  depends_on = [
    aws_vpc_endpoint.ec2messages,
    aws_vpc_endpoint.imagebuilder,
    aws_vpc_endpoint.logs,
    aws_vpc_endpoint.s3,
    aws_vpc_endpoint.secretsmanager,
    aws_vpc_endpoint.ssm,
    aws_vpc_endpoint.ssmmessages,
    aws_vpc_security_group_egress_rule.app_to_data_5432,
    aws_vpc_security_group_egress_rule.app_to_endpoints_443,
    aws_vpc_security_group_egress_rule.app_to_s3_443,
    aws_ssm_parameter.app_host,
    aws_ssm_parameter.app_port,
  ]
}

resource "aws_autoscaling_policy" "app_cpu" {
  name                   = "items-fastapi-app-cpu"
  autoscaling_group_name = aws_autoscaling_group.app.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = 60

    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
}
