resource "aws_security_group" "web" {
  name        = "items-fastapi-web"
  description = "The machines that serve the page"
  vpc_id      = aws_vpc.main.id

  tags = {
    Name = "items-fastapi-web"
  }
}

resource "aws_vpc_security_group_ingress_rule" "web_from_public_80" {
  security_group_id            = aws_security_group.web.id
  description                  = "flow entrance to web 80/tcp: HTTP"
  ip_protocol                  = "tcp"
  from_port                    = 80
  to_port                      = 80
  referenced_security_group_id = aws_security_group.public.id
}

resource "aws_vpc_security_group_egress_rule" "web_to_endpoints_443" {
  security_group_id            = aws_security_group.web.id
  description                  = "flow web to platform 443/tcp: services of AWS"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  referenced_security_group_id = aws_security_group.endpoints.id
}

resource "aws_vpc_security_group_egress_rule" "web_to_internal_80" {
  security_group_id            = aws_security_group.web.id
  description                  = "flow web to app 8000/tcp: HTTP /api/*"
  ip_protocol                  = "tcp"
  from_port                    = 80
  to_port                      = 80
  referenced_security_group_id = aws_security_group.internal.id
}

resource "aws_vpc_security_group_egress_rule" "web_to_s3_443" {
  security_group_id = aws_security_group.web.id
  description       = "flow web to platform 443/tcp: services of AWS"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = aws_vpc_endpoint.s3.prefix_list_id
}

# Asks the machine alone: a service that is down takes no page off the air.
resource "aws_lb_target_group" "web" {
  name                          = "items-fastapi-web"
  vpc_id                        = aws_vpc.main.id
  target_type                   = "instance"
  port                          = 80
  protocol                      = "HTTP"
  deregistration_delay          = 30
  load_balancing_algorithm_type = "least_outstanding_requests"

  tags = {
    Name            = "items-fastapi-web"
    "terrace:party" = "web"
  }

  health_check {
    path                = "/.terrace/health"
    protocol            = "HTTP"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

# Where the page's machines pass requests on to. They ask for its addresses again and again, since those change.
resource "aws_ssm_parameter" "api_host" {
  name  = "/items-fastapi/web/API_HOST"
  type  = "String"
  value = aws_lb.internal.dns_name
}

# A component cannot be changed: its version is made of its text, and another text is another version.
resource "aws_imagebuilder_component" "web" {
  name        = "items-fastapi-web"
  description = "The image of web"
  platform    = "Linux"
  version     = "1.511493609.904746570"

  data = <<-EOT
    name: items-fastapi-web
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
                    dnf install -y -q awscli-2 gzip shadow-utils tar
                  else
                    export DEBIAN_FRONTEND=noninteractive
                    apt-get update -qq
                    apt-get install -y -qq --no-install-recommends awscli ca-certificates gzip tar
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
                  for file in SHA256SUMS terrace-boot terrace-edge page.tar.gz; do
                    aws s3 cp --only-show-errors "s3://$bucket/releases/$release/$file" "$file"
                    if [ "$file" != SHA256SUMS ]; then
                      grep " [ *]$file\$" SHA256SUMS | sha256sum --check --quiet -
                    fi
                  done
                  install -d -m 0755 /etc/terrace /usr/local/lib/terrace /opt/items-fastapi /opt/items-fastapi/page
                  for program in terrace-boot terrace-edge; do
                    [ ! -f "$program" ] || install -m 0755 "$program" /usr/local/bin/
                  done
                  [ ! -f rds-ca.pem ] || install -m 0644 rds-ca.pem /etc/terrace/
                  tar --extract --gzip --no-same-owner --no-same-permissions --file page.tar.gz --directory /opt/items-fastapi/page
                  chown -R root:root /opt/items-fastapi
                  chmod -R u=rwX,go=rX /opt/items-fastapi
                  printf '%s\n' "$release" > /etc/terrace/release
          - name: Service
            action: ExecuteBash
            inputs:
              commands:
                - |
                  # A user that owns nothing and can log in nowhere, and the unit that runs as it.
                  set -eu
                  umask 022
                  getent passwd terrace-web >/dev/null ||
                    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell "$(command -v nologin || echo /usr/sbin/nologin)" terrace-web
                  install -d -m 0751 /var/log/terrace
                  [ -e /var/log/terrace/web.log ] ||
                    install -m 0640 -o terrace-web -g terrace-web /dev/null /var/log/terrace/web.log
                  cat > /usr/local/lib/terrace/edge.json <<'END'
                  {
                    "name": "web",
                    "peer": "edge",
                    "listeners": [
                      {
                        "address": "0.0.0.0:80"
                      }
                    ],
                    "limits": {
                      "idle_timeout": 75000
                    },
                    "routes": [
                      {
                        "path": "/.terrace/health",
                        "action": "health"
                      },
                      {
                        "path": "/api/*",
                        "action": {
                          "proxy": "services"
                        }
                      },
                      {
                        "path": "/*",
                        "action": {
                          "files": {
                            "folder": "/opt/items-fastapi/page",
                            "single_page": true
                          }
                        }
                      }
                    ],
                    "pools": {
                      "services": {
                        "targets": [
                          "$${API_HOST}:80"
                        ],
                        "keep_alive": 50000
                      }
                    },
                    "drain": 20000
                  }
                  END
                  chmod 0644 /usr/local/lib/terrace/edge.json
                  cat > /etc/systemd/system/terrace-web.service <<'END'
                  [Unit]
                  Description=items-fastapi: the page
                  # Its settings are written by cloud-init; an image that is only being built has none.
                  After=network-online.target cloud-init.service
                  Wants=network-online.target
                  ConditionPathExists=/etc/terrace/boot.json
                  StartLimitIntervalSec=0

                  [Service]
                  Type=exec
                  User=terrace-web
                  Group=terrace-web
                  WorkingDirectory=/opt/items-fastapi/page
                  ExecStart=/usr/local/bin/terrace-boot --config /etc/terrace/boot.json --template /usr/local/lib/terrace/edge.json=/run/terrace-web/edge.json -- /usr/local/bin/terrace-edge /run/terrace-web/edge.json
                  ExecReload=/bin/kill -HUP $MAINPID
                  Restart=always
                  RestartSec=2
                  TimeoutStopSec=30
                  KillMode=mixed
                  # A program that just ends when it is told to, told by terrace-boot as shells tell it.
                  SuccessExitStatus=143
                  RuntimeDirectory=terrace-web
                  StateDirectory=terrace-web
                  Environment=HOME=/var/lib/terrace-web
                  StandardOutput=append:/var/log/terrace/web.log
                  StandardError=inherit
                  LimitNOFILE=65536
                  UMask=0077

                  # It may write to its own folders below /run and /var/lib, and to /tmp, which is its own.
                  ProtectSystem=strict
                  ProtectHome=yes
                  PrivateTmp=yes
                  PrivateDevices=yes
                  PrivateUsers=no
                  ProtectProc=invisible
                  ProtectClock=yes
                  ProtectHostname=yes
                  ProtectKernelLogs=yes
                  ProtectKernelModules=yes
                  ProtectKernelTunables=yes
                  ProtectControlGroups=yes
                  NoNewPrivileges=yes
                  CapabilityBoundingSet=CAP_NET_BIND_SERVICE
                  AmbientCapabilities=CAP_NET_BIND_SERVICE
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
                  chmod 0644 /etc/systemd/system/terrace-web.service
                  systemctl enable terrace-web.service
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
                              "file_path": "/var/log/terrace/web.log",
                              "log_group_name": "/items-fastapi/web",
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
                    usermod --append --groups terrace-web cwagent
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
                  systemd-analyze verify --man=no terrace-web.service
                  systemctl is-enabled --quiet terrace-web.service || fail 'terrace-web.service does not start at boot'
                  [ "$(stat -c %U /opt/items-fastapi/page)" = root ] || fail '/opt/items-fastapi/page is not owned by root'
                  own=$(find /opt/items-fastapi /etc/terrace /usr/local/bin/terrace-* /usr/local/lib/terrace \( -user terrace-web -o -perm /0022 ! -type l \) -print -quit)
                  [ -z "$own" ] || fail "$own can be changed by others than root"
                  getent passwd terrace-web | grep -q 'nologin$' || fail 'terrace-web can log in'
                  [ ! -e /etc/terrace/boot.json ] || fail 'settings of a machine are in the image'
                  [ -f /opt/items-fastapi/page/index.html ] || fail 'the page has no index.html'
                  /usr/local/bin/terrace-edge --help
  EOT

  tags = {
    Name            = "items-fastapi-web"
    "terrace:party" = "web"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_imagebuilder_image_recipe" "web" {
  name         = "items-fastapi-web"
  description  = "The image of web"
  version      = "1.426409608.150791361"
  parent_image = "arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux-2023-x86/x.x.x"

  tags = {
    Name            = "items-fastapi-web"
    "terrace:party" = "web"
  }

  component {
    component_arn = aws_imagebuilder_component.web.arn

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

resource "aws_imagebuilder_distribution_configuration" "web" {
  name        = "items-fastapi-web"
  description = "The image of web"

  tags = {
    Name            = "items-fastapi-web"
    "terrace:party" = "web"
  }

  distribution {
    region = "us-east-1"

    ami_distribution_configuration {
      name        = "items-fastapi-web-{{ imagebuilder:buildDate }}"
      description = "The image of web"

      ami_tags = {
        Name            = "items-fastapi-web"
        "terrace:party" = "web"
      }
    }
  }
}

# Built while the graph is applied, from the release in force; takes some ten minutes.
resource "aws_imagebuilder_image" "web" {
  image_recipe_arn                 = aws_imagebuilder_image_recipe.web.arn
  infrastructure_configuration_arn = aws_imagebuilder_infrastructure_configuration.main.arn
  distribution_configuration_arn   = aws_imagebuilder_distribution_configuration.web.arn

  tags = {
    Name            = "items-fastapi-web"
    "terrace:party" = "web"
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
resource "aws_imagebuilder_image_pipeline" "web" {
  name                             = "items-fastapi-web"
  description                      = "The image of web"
  image_recipe_arn                 = aws_imagebuilder_image_recipe.web.arn
  infrastructure_configuration_arn = aws_imagebuilder_infrastructure_configuration.main.arn
  distribution_configuration_arn   = aws_imagebuilder_distribution_configuration.web.arn

  tags = {
    Name            = "items-fastapi-web"
    "terrace:party" = "web"
  }

  image_tests_configuration {
    image_tests_enabled = false
    timeout_minutes     = 60
  }
}

# The newest AMI that the pipeline made, whoever asked it to: where somebody started it, Terraform must not
# lead the machines back behind it.
data "aws_ami" "web" {
  owners      = ["self"]
  most_recent = true

  filter {
    name   = "tag:Name"
    values = ["items-fastapi-web"]
  }

  filter {
    name   = "state"
    values = ["available"]
  }

  depends_on = [aws_imagebuilder_image.web]
}

resource "aws_iam_role" "web" {
  name        = "items-fastapi-web"
  description = "The machines that serve the page"

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
    Name = "items-fastapi-web"
  }
}

# Written out rather than AmazonSSMManagedInstanceCore, which may read every parameter of the account.
resource "aws_iam_role_policy" "web" {
  name = "items-fastapi-web"
  role = aws_iam_role.web.name

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
          "arn:aws:ssm:us-east-1:${data.aws_caller_identity.current.account_id}:parameter/items-fastapi/web",
          "arn:aws:ssm:us-east-1:${data.aws_caller_identity.current.account_id}:parameter/items-fastapi/web/*",
        ]
      },
      {
        Sid      = "OwnLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.web.arn}:*"
      },
    ]
  })
}

resource "aws_iam_instance_profile" "web" {
  name = "items-fastapi-web"
  role = aws_iam_role.web.name

  tags = {
    Name = "items-fastapi-web"
  }

  depends_on = [aws_iam_role_policy.web]
}

# No key pair and no public address: people come in by a session of Systems Manager.
# The user data says where settings are and holds no secret; everything else is in the image.
resource "aws_launch_template" "web" {
  name                   = "items-fastapi-web"
  update_default_version = true
  image_id               = data.aws_ami.web.id
  instance_type          = "t3.micro"
  vpc_security_group_ids = [aws_security_group.web.id]

  user_data = base64encode(<<-EOT
    #cloud-config
    # Where this machine finds its settings; none of them is secret.
    write_files:
      - path: /etc/terrace/boot.json
        permissions: "0644"
        content: |
          {
            "region": "us-east-1",
            "parameters": "/items-fastapi/web/"
          }
  EOT
  )

  tags = {
    Name            = "items-fastapi-web"
    "terrace:party" = "web"
  }

  iam_instance_profile {
    arn = aws_iam_instance_profile.web.arn
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
      Name             = "items-fastapi-web"
      "terrace:party"  = "web"
      "terrace:system" = "items-fastapi"
    }
  }

  tag_specifications {
    resource_type = "volume"

    tags = {
      Name             = "items-fastapi-web"
      "terrace:party"  = "web"
      "terrace:system" = "items-fastapi"
    }
  }
}

# A new template replaces the machines one after the other, a new one in service before an old one goes;
# if a new one does not become healthy, the old ones stay.
resource "aws_autoscaling_group" "web" {
  name                      = "items-fastapi-web"
  min_size                  = 2
  max_size                  = 2
  vpc_zone_identifier       = [aws_subnet.web_a.id, aws_subnet.web_b.id]
  target_group_arns         = [aws_lb_target_group.web.arn]
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
    id      = aws_launch_template.web.id
    version = aws_launch_template.web.latest_version
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
    value               = "items-fastapi-web"
    propagate_at_launch = false
  }

  tag {
    key                 = "terrace:party"
    value               = "web"
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
    aws_vpc_security_group_egress_rule.web_to_endpoints_443,
    aws_vpc_security_group_egress_rule.web_to_internal_80,
    aws_vpc_security_group_egress_rule.web_to_s3_443,
    aws_ssm_parameter.api_host,
  ]
}
