resource "aws_security_group" "app" {
  name        = "items-app"
  description = "The service app"
  vpc_id      = aws_vpc.main.id

  tags = {
    Name = "items-app"
  }
}

resource "aws_security_group" "builder" {
  name        = "items-builder"
  description = "The machines on which images are built"
  vpc_id      = aws_vpc.main.id

  tags = {
    Name = "items-builder"
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
  name                          = "items-app-8000"
  vpc_id                        = aws_vpc.main.id
  target_type                   = "instance"
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
  listener_arn = aws_lb_listener.internal.arn
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

# Makes a machine fetch the release that its tag names, when it starts.
resource "aws_imagebuilder_component" "main" {
  name        = "items-release"
  description = "Fetches releases"
  platform    = "Linux"
  version     = "1.431662862.187688915"

  data = <<-EOT
    name: items-release
    schemaVersion: 1.0
    phases:
      - name: build
        steps:
          - name: Fetch
            action: ExecuteBash
            inputs:
              commands:
                - |
                  # The release is fetched when a machine starts.
                  set -eu
                  umask 022
                  install -d -m 0755 /etc/terrace /usr/local/lib/terrace
                  cat > /usr/local/lib/terrace/fetch <<'END'
                  #!/bin/sh
                  # Fetches the release that this machine's tag names, tries it against its digest, and puts it where the service is.
                  # A machine keeps the release that it started with: another release is another machine. PARTY, ROOT, CONTENT and FILES are
                  # the image's, ARTIFACTS is told by cloud-init.
                  set -eu
                  umask 022
                  [ ! -f /etc/terrace/release ] || exit 0
                  say() { echo "terrace: $1"; echo "terrace: $1" >> "/var/log/terrace/$PARTY.log"; }
                  fail() { say "this machine starts nothing: $1"; exit 1; }
                  metadata=http://169.254.169.254/latest
                  ask() { curl --silent --show-error --fail --noproxy '*' --max-time 5 --retry 8 --retry-connrefused "$@"; }
                  token=$(ask --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$metadata/api/token") ||
                    fail 'its metadata does not answer'
                  release=$(ask --header "X-aws-ec2-metadata-token: $token" "$metadata/meta-data/tags/instance/terrace:release") ||
                    fail 'it has no tag terrace:release, which names what it is to start'
                  [ -n "$release" ] || fail 'there is no release yet (its tag terrace:release is empty)'
                  case $release in *[!0-9a-f]*) fail 'its tag terrace:release is no digest' ;; esac
                  [ "$${#release}" -eq 64 ] || fail 'its tag terrace:release is no digest'
                  work=$(mktemp -d /var/tmp/release.XXXXXX)
                  trap 'rm -rf "$work"' EXIT
                  cd "$work"
                  fetch() {
                    # What was made just now, the machine's role above all, is not known everywhere at once.
                    for pause in 1 2 4 8 15 0; do
                      ! aws s3 cp --only-show-errors "$ARTIFACTS/$release/$1" "$1" < /dev/null > .why 2>&1 || return 0
                      sleep "$pause"
                    done
                    fail "$ARTIFACTS/$release/$1 cannot be had: $(tail -n 1 .why)"
                  }
                  fetch SHA256SUMS
                  [ "$(sha256sum SHA256SUMS | cut -c -64)" = "$release" ] || fail "$ARTIFACTS/$release/SHA256SUMS is not what was released"
                  ! grep -Evq '^[0-9a-f]{64}  [A-Za-z0-9_-][A-Za-z0-9._-]*$' SHA256SUMS ||
                    fail "$ARTIFACTS/$release/SHA256SUMS is no list of sums"
                  while read -r _ file; do fetch "$file"; done < SHA256SUMS
                  sha256sum --check --strict --quiet SHA256SUMS > .why 2>&1 ||
                    fail "of release $release this is not what was released: $(head -n 1 .why)"
                  for file in $FILES; do
                    [ -f "$file" ] || fail "release $release has no $file"
                  done
                  for program in terrace-boot terrace-edge; do
                    [ ! -f "$program" ] || install -m 0755 "$program" /usr/local/bin/
                  done
                  [ ! -f rds-ca.pem ] || install -m 0644 rds-ca.pem /etc/terrace/
                  # No secrets, and nobody's but the service's.
                  [ ! -f settings.json ] || install -m 0640 -g "terrace-$PARTY" settings.json /etc/terrace/
                  tar --extract --gzip --no-same-owner --no-same-permissions --file "$CONTENT.tar.gz" --directory "$ROOT/$CONTENT" > .why 2>&1 ||
                    fail "release $release cannot be unpacked: $(head -n 1 .why)"
                  chown -R root:root "$ROOT"
                  chmod -R u=rwX,go=rX "$ROOT"
                  for step in arrange check; do
                    [ ! -x "/usr/local/lib/terrace/$step" ] || "/usr/local/lib/terrace/$step" > "$work/.why" 2>&1 ||
                      fail "release $release is not fit for this machine: $(tail -n 1 "$work/.why")"
                  done
                  # A machine that is there for a migration says so by a tag, and starts nothing else.
                  [ ! -f migrate ] || install -m 0644 migrate /etc/terrace/migration
                  code=$(ask --output .number --write-out '%%{http_code}' --header "X-aws-ec2-metadata-token: $token" \
                    "$metadata/meta-data/tags/instance/terrace:migrate" 2> .why) || [ "$code" = 404 ] || fail 'its metadata does not answer'
                  if [ "$code" = 200 ]; then
                    [ -f migrate ] || fail "release $release has no migration"
                    install -m 0644 .number /etc/terrace/migrate
                  fi
                  printf '%s\n' "$release" > /etc/terrace/release
                  say "release $release is here"
                  END
                  chmod 0755 /usr/local/lib/terrace/fetch
                  cat > /etc/systemd/system/terrace-release.service <<'END'
                  [Unit]
                  Description=The release that this machine starts
                  # Where it is, is written by cloud-init; an image that is only being built has none.
                  After=network-online.target cloud-init.service
                  Wants=network-online.target
                  ConditionPathExists=/etc/terrace/artifacts

                  [Service]
                  Type=oneshot
                  RemainAfterExit=yes
                  EnvironmentFile=/etc/terrace/artifacts
                  EnvironmentFile=/usr/local/lib/terrace/settings
                  Environment=HOME=/tmp
                  ExecStart=/usr/local/lib/terrace/fetch
                  TimeoutStartSec=600
                  # The console can be read when nothing else can.
                  StandardOutput=journal+console
                  UMask=0022

                  ProtectSystem=full
                  ReadWritePaths=/etc/terrace /usr/local/bin
                  ProtectHome=yes
                  PrivateTmp=yes
                  PrivateDevices=yes
                  ProtectClock=yes
                  ProtectHostname=yes
                  ProtectKernelLogs=yes
                  ProtectKernelModules=yes
                  ProtectKernelTunables=yes
                  ProtectControlGroups=yes
                  NoNewPrivileges=yes
                  CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER
                  RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
                  RestrictNamespaces=yes
                  RestrictRealtime=yes
                  RestrictSUIDSGID=yes
                  LockPersonality=yes
                  SystemCallArchitectures=native

                  [Install]
                  WantedBy=multi-user.target
                  END
                  chmod 0644 /etc/systemd/system/terrace-release.service
                  systemctl enable terrace-release.service
  EOT

  tags = {
    Name = "items-release"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role" "builder" {
  name        = "items-builder"
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
    Name = "items-builder"
  }
}

# Written out rather than AmazonSSMManagedInstanceCore, which may read every parameter of the account.
resource "aws_iam_role_policy" "builder" {
  name = "items-builder"
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
        Sid      = "LogOfImageBuilder"
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:aws:logs:us-east-1:${data.aws_caller_identity.current.account_id}:log-group:/aws/imagebuilder/*"
      },
    ]
  })
}

resource "aws_iam_instance_profile" "builder" {
  name = "items-builder"
  role = aws_iam_role.builder.name

  tags = {
    Name = "items-builder"
  }

  depends_on = [aws_iam_role_policy.builder]
}

# Images are built where the service runs: what cannot be reached from there cannot be needed there.
resource "aws_imagebuilder_infrastructure_configuration" "main" {
  name                          = "items-builder"
  description                   = "The machines on which images are built"
  instance_profile_name         = aws_iam_instance_profile.builder.name
  instance_types                = ["t3.medium"]
  subnet_id                     = aws_subnet.app_a.id
  security_group_ids            = [aws_security_group.builder.id]
  terminate_instance_on_failure = true

  resource_tags = {
    Name = "items-builder"
  }

  tags = {
    Name = "items-builder"
  }

  instance_metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}

# A component cannot be changed: its version is made of its text, and another text is another version.
resource "aws_imagebuilder_component" "app" {
  name        = "items-app"
  description = "The image of app"
  platform    = "Linux"
  version     = "1.645321191.467659291"

  data = <<-EOT
    name: items-app
    schemaVersion: 1.0
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
                    dnf install -y -q awscli-2 gzip shadow-utils tar
                  else
                    export DEBIAN_FRONTEND=noninteractive
                    apt-get update -qq
                    apt-get install -y -qq --no-install-recommends awscli ca-certificates curl gzip tar
                  fi
          - name: Fetched
            action: ExecuteBash
            inputs:
              commands:
                - |
                  # What is fetched, and where it belongs. Nothing of it is the service's user's own.
                  set -eu
                  umask 022
                  install -d -m 0755 /opt/items /opt/items/app
                  cat > /usr/local/lib/terrace/settings <<'END'
                  PARTY=app
                  ROOT=/opt/items
                  CONTENT=app
                  FILES="terrace-boot rds-ca.pem settings.json app.tar.gz"
                  END
                  chmod 0644 /usr/local/lib/terrace/settings
                  cat > /usr/local/lib/terrace/check <<'END'
                  #!/bin/sh
                  # What has to hold of a release.
                  set -eu
                  fail() { echo "$1" >&2; exit 1; }
                  /usr/local/bin/terrace-boot --version
                  cd /opt/items/app
                  [ -x target/release/items-api ] || fail 'target/release/items-api is not in the release, or cannot be run'
                  missing=$(ldd target/release/items-api 2>&1 | grep 'not found' || true)
                  [ -z "$missing" ] || fail "target/release/items-api is built for another system: $missing"
                  END
                  chmod 0755 /usr/local/lib/terrace/check
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
                  # On a machine that is there for a migration: the migration, once.
                  [ ! -f /etc/terrace/migrated ] || exit 0
                  [ ! -f /etc/terrace/migrate ] || exec /usr/local/bin/terrace-boot --config /etc/terrace/boot.json --shell "$(cat /etc/terrace/migration)"
                  exec /usr/local/bin/terrace-boot --config /etc/terrace/boot.json --watch --shell "$(cat /usr/local/lib/terrace/run)"
                  END
                  chmod 0755 /usr/local/lib/terrace/start
                  cat > /usr/local/lib/terrace/ended <<'END'
                  #!/bin/sh
                  # A machine that is there for a migration says how that ended, and goes.
                  { [ -f /etc/terrace/migrate ] && [ ! -f /etc/terrace/migrated ]; } || exit 0
                  echo "$EXIT_STATUS" > /etc/terrace/migrated
                  echo "terrace: migration ended with $EXIT_STATUS"
                  echo "terrace: migration ended with $EXIT_STATUS" > /dev/console || true
                  # Its log is brought away every five seconds.
                  sleep 15
                  systemctl poweroff --no-block
                  END
                  chmod 0755 /usr/local/lib/terrace/ended
                  cat > /usr/local/lib/terrace/run <<'END'
                  target/release/items-api
                  END
                  chmod 0644 /usr/local/lib/terrace/run
                  cat > /etc/systemd/system/terrace-app.service <<'END'
                  [Unit]
                  Description=items: app
                  # Its settings are written by cloud-init; an image that is only being built has none.
                  After=network-online.target cloud-init.service terrace-release.service
                  Requires=terrace-release.service
                  Wants=network-online.target
                  ConditionPathExists=/etc/terrace/boot.json
                  StartLimitIntervalSec=0

                  [Service]
                  Type=exec
                  User=terrace-app
                  Group=terrace-app
                  WorkingDirectory=/opt/items/app
                  ExecStart=/usr/local/lib/terrace/start
                  ExecReload=/bin/kill -HUP $MAINPID
                  ExecStopPost=+/usr/local/lib/terrace/ended
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
                  MemoryDenyWriteExecute=yes
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
                              "log_group_name": "/items/app",
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
                  # What has to hold of the finished image, which holds no release.
                  set -eu
                  fail() { echo "image: $1" >&2; exit 1; }
                  systemd-analyze verify --man=no terrace-release.service terrace-app.service
                  for unit in terrace-release.service terrace-app.service; do
                    systemctl is-enabled --quiet "$unit" || fail "$unit does not start at boot"
                  done
                  for program in aws curl sha256sum tar; do
                    command -v "$program" >/dev/null || fail "$program is not installed"
                  done
                  own=$(find /opt/items /etc/terrace /usr/local/lib/terrace \( -user terrace-app -o -perm /0022 ! -type l \) -print -quit)
                  [ -z "$own" ] || fail "$own can be changed by others than root"
                  getent passwd terrace-app | grep -q 'nologin$' || fail 'terrace-app can log in'
                  for file in boot.json artifacts release settings.json; do
                    [ ! -e "/etc/terrace/$file" ] || fail "/etc/terrace/$file of a machine is in the image"
                  done
  EOT

  tags = {
    Name            = "items-app"
    "terrace:party" = "app"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_imagebuilder_image_recipe" "app" {
  name         = "items-app"
  description  = "The image of app"
  version      = "1.198651249.455705617"
  parent_image = "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x"

  tags = {
    Name            = "items-app"
    "terrace:party" = "app"
  }

  component {
    component_arn = aws_imagebuilder_component.main.arn
  }

  component {
    component_arn = aws_imagebuilder_component.app.arn
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
  name        = "items-app"
  description = "The image of app"

  tags = {
    Name            = "items-app"
    "terrace:party" = "app"
  }

  distribution {
    region = "us-east-1"

    ami_distribution_configuration {
      name        = "items-app-{{ imagebuilder:buildDate }}"
      description = "The image of app"

      ami_tags = {
        Name            = "items-app"
        "terrace:party" = "app"
      }
    }
  }
}

# Built while the graph is applied, without a release; takes some ten minutes.
resource "aws_imagebuilder_image" "app" {
  image_recipe_arn                 = aws_imagebuilder_image_recipe.app.arn
  infrastructure_configuration_arn = aws_imagebuilder_infrastructure_configuration.main.arn
  distribution_configuration_arn   = aws_imagebuilder_distribution_configuration.app.arn

  tags = {
    Name            = "items-app"
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
  ]
}

# Builds the image again, for the distribution's newest packages.
resource "aws_imagebuilder_image_pipeline" "app" {
  name                             = "items-app"
  description                      = "The image of app"
  image_recipe_arn                 = aws_imagebuilder_image_recipe.app.arn
  infrastructure_configuration_arn = aws_imagebuilder_infrastructure_configuration.main.arn
  distribution_configuration_arn   = aws_imagebuilder_distribution_configuration.app.arn

  tags = {
    Name            = "items-app"
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
    values = ["items-app"]
  }

  filter {
    name   = "state"
    values = ["available"]
  }

  depends_on = [aws_imagebuilder_image.app]
}

resource "aws_iam_role" "app" {
  name        = "items-app"
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
    Name = "items-app"
  }
}

# Written out rather than AmazonSSMManagedInstanceCore, which may read every parameter of the account.
resource "aws_iam_role_policy" "app" {
  name = "items-app"
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
      {
        Sid      = "Releases"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:aws:s3:::terrace-${data.aws_caller_identity.current.account_id}-us-east-1/artifacts/items/default/*"
      },
    ]
  })
}

resource "aws_iam_instance_profile" "app" {
  name = "items-app"
  role = aws_iam_role.app.name

  tags = {
    Name = "items-app"
  }

  depends_on = [aws_iam_role_policy.app]
}

# No key pair and no public address: people come in by a session of Systems Manager.
# The user data says where settings and releases are and holds no secret. The tag names the release, which machines
# read from their metadata and fetch when they start: releases make versions of their own, with another tag.
resource "aws_launch_template" "app" {
  name                   = "items-app"
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
            "settings": "/etc/terrace/settings.json",
            "port": 8000,
            "database": {
              "engine": "postgres",
              "host": "${aws_db_instance.main.address}",
              "port": 5432,
              "name": "items",
              "secret": "${aws_db_instance.main.master_user_secret[0].secret_arn}",
              "ca": "/etc/terrace/rds-ca.pem"
            }
          }
      - path: /etc/terrace/artifacts
        permissions: "0644"
        content: |
          AWS_DEFAULT_REGION=us-east-1
          ARTIFACTS=s3://terrace-${data.aws_caller_identity.current.account_id}-us-east-1/artifacts/items/default
  EOT
  )

  tags = {
    Name            = "items-app"
    "terrace:party" = "app"
  }

  iam_instance_profile {
    arn = aws_iam_instance_profile.app.arn
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
    instance_metadata_tags      = "enabled"
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
      Name              = "items-app"
      "terrace:party"   = "app"
      "terrace:release" = var.release_app
      "terrace:system"  = "items"
    }
  }

  tag_specifications {
    resource_type = "volume"

    tags = {
      Name              = "items-app"
      "terrace:party"   = "app"
      "terrace:release" = var.release_app
      "terrace:system"  = "items"
    }
  }
}

# A new template replaces the machines one after the other, a new one in service before an old one goes;
# if a new one does not become healthy, the old ones stay.
resource "aws_autoscaling_group" "app" {
  name                      = "items-app"
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
    value               = "items-app"
    propagate_at_launch = false
  }

  tag {
    key                 = "terrace:party"
    value               = "app"
    propagate_at_launch = false
  }

  tag {
    key                 = "terrace:system"
    value               = "items"
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
  ]
}

resource "aws_autoscaling_policy" "app_cpu" {
  name                   = "items-app-cpu"
  autoscaling_group_name = aws_autoscaling_group.app.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = 60

    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
}
