resource "aws_security_group" "web" {
  name        = "shop-prod-web"
  description = "The machines that serve the page"
  vpc_id      = aws_vpc.main.id

  tags = {
    Name = "shop-prod-web"
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
  name                          = "shop-prod-web"
  vpc_id                        = aws_vpc.main.id
  target_type                   = "instance"
  port                          = 80
  protocol                      = "HTTP"
  deregistration_delay          = 30
  load_balancing_algorithm_type = "least_outstanding_requests"

  tags = {
    Name            = "shop-prod-web"
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

# Files whose names change with their content; the web tier serves the rest. Private: only the
# distribution reads it.
resource "aws_s3_bucket" "assets" {
  bucket        = "shop-prod-assets-eu-central-1-${data.aws_caller_identity.current.account_id}"
  force_destroy = false

  tags = {
    Name = "shop-prod-assets"
  }
}

resource "aws_s3_bucket_public_access_block" "assets" {
  bucket                  = aws_s3_bucket.assets.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "assets" {
  bucket = aws_s3_bucket.assets.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "assets" {
  bucket = aws_s3_bucket.assets.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "assets" {
  bucket = aws_s3_bucket.assets.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "assets" {
  bucket = aws_s3_bucket.assets.id

  rule {
    id     = "tidy"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }

  depends_on = [aws_s3_bucket_versioning.assets]
}

resource "aws_s3_bucket_policy" "assets" {
  bucket = aws_s3_bucket.assets.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "OwnDistribution"
        Effect = "Allow"
        Principal = {
          Service = "cloudfront.amazonaws.com"
        }
        Action   = "s3:GetObject"
        Resource = "${aws_s3_bucket.assets.arn}/*"
        Condition = {
          StringEquals = {
            "aws:SourceArn" = aws_cloudfront_distribution.main.arn
          }
        }
      },
      {
        Sid    = "OwnDistributionSeesWhatIsMissing"
        Effect = "Allow"
        Principal = {
          Service = "cloudfront.amazonaws.com"
        }
        Action   = "s3:ListBucket"
        Resource = aws_s3_bucket.assets.arn
        Condition = {
          StringEquals = {
            "aws:SourceArn" = aws_cloudfront_distribution.main.arn
          }
        }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.assets.arn, "${aws_s3_bucket.assets.arn}/*"]
        Condition = {
          Bool = {
            "aws:SecureTransport" = "false"
          }
        }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.assets]
}

# Where the page's machines pass requests on to. They ask for its addresses again and again, since those change.
resource "aws_ssm_parameter" "api_host" {
  name  = "/shop/prod/web/API_HOST"
  type  = "String"
  value = aws_lb.internal.dns_name
}

# A component cannot be changed: its version is made of its text, and another text is another version.
resource "aws_imagebuilder_component" "web" {
  name        = "shop-prod-web"
  description = "The image of web"
  platform    = "Linux"
  version     = "1.989012154.259900813"

  data = <<-EOT
    name: shop-prod-web
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
                    dnf install -y -q awscli-2 gzip shadow-utils tar nginx
                  else
                    export DEBIAN_FRONTEND=noninteractive
                    apt-get update -qq
                    apt-get install -y -qq --no-install-recommends awscli ca-certificates gzip tar nginx-light
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
                  for file in SHA256SUMS terrace-boot page.tar.gz; do
                    aws s3 cp --only-show-errors "s3://$bucket/releases/$release/$file" "$file"
                    if [ "$file" != SHA256SUMS ]; then
                      grep " [ *]$file\$" SHA256SUMS | sha256sum --check --quiet -
                    fi
                  done
                  install -d -m 0755 /etc/terrace /usr/local/lib/terrace /opt/shop /opt/shop/page
                  for program in terrace-boot terrace-edge; do
                    [ ! -f "$program" ] || install -m 0755 "$program" /usr/local/bin/
                  done
                  [ ! -f rds-ca.pem ] || install -m 0644 rds-ca.pem /etc/terrace/
                  tar --extract --gzip --no-same-owner --no-same-permissions --file page.tar.gz --directory /opt/shop/page
                  chown -R root:root /opt/shop
                  chmod -R u=rwX,go=rX /opt/shop
                  printf '%s\n' "$release" > /etc/terrace/release
          - name: Prepare
            action: ExecuteBash
            inputs:
              commands:
                - |
                  # Its package's own unit would take the port.
                  set -eu
                  systemctl disable --quiet nginx.service
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
                  cat > /usr/local/lib/terrace/nginx.conf <<'END'
                  # The page, and the way to the internal load balancer. Made by Terrace; $${API_HOST} is filled in at start.
                  worker_processes auto;
                  error_log stderr warn;
                  pid /run/terrace-web/nginx.pid;

                  events {
                    worker_connections 8192;
                  }

                  http {
                    include /etc/nginx/mime.types;
                    default_type application/octet-stream;
                    server_tokens off;
                    sendfile on;
                    tcp_nopush on;
                    keepalive_timeout 75s;
                    client_max_body_size 32m;
                    client_body_temp_path /run/terrace-web/body;
                    proxy_temp_path /run/terrace-web/proxy;
                    fastcgi_temp_path /run/terrace-web/fastcgi;
                    uwsgi_temp_path /run/terrace-web/uwsgi;
                    scgi_temp_path /run/terrace-web/scgi;

                    # As it was asked for, without the query.
                    map $request_uri $path {
                      "~^(?<asked>[^?]*)" $asked;
                    }
                    log_format json escape=json '{"time":"$time_iso8601","method":"$request_method","path":"$path","status":$status,'
                      '"bytes":$body_bytes_sent,"seconds":$request_time,"upstream":"$upstream_addr","from":"$http_x_forwarded_for"}';
                    access_log /dev/stdout json;

                    gzip on;
                    gzip_vary on;
                    gzip_proxied any;
                    gzip_min_length 1024;
                    gzip_types text/plain text/css text/javascript application/javascript application/json application/manifest+json application/wasm application/xml image/svg+xml;

                    # Files with a hash in their names never change (eight characters that are no word, as bundlers make them);
                    # everything else is asked for again.
                    map $uri $keeping {
                      default "no-cache";
                      "~^/(assets|static|_next|_app)/.*[.-](?=[^.]*[0-9]|[^.]+[A-Z])[A-Za-z0-9_-]{8}\.[a-z0-9]+$" "public, max-age=31536000, immutable";
                    }
                    map $http_upgrade $connection_upgrade {
                      default upgrade;
                      "" "";
                    }
                    map $http_x_forwarded_proto $forwarded_proto {
                      default $http_x_forwarded_proto;
                      "" $scheme;
                    }

                    # The addresses of a load balancer change. A name in a variable is asked for again at this resolver, the
                    # network's own; a name written into proxy_pass is asked for once, at start, and then never more.
                    resolver 169.254.169.253 valid=10s ipv6=off;
                    resolver_timeout 5s;

                    server {
                      listen 80 default_server;
                      root /opt/shop/page;
                      index index.html;
                      set $api "$${API_HOST}";

                      add_header Cache-Control $keeping always;
                      add_header X-Content-Type-Options nosniff always;
                      add_header X-Frame-Options SAMEORIGIN always;
                      add_header Referrer-Policy strict-origin-when-cross-origin always;

                      # Says that this machine serves, whatever the service behind it does.
                      location = /.terrace/health {
                        access_log off;
                        default_type text/plain;
                        return 200 "ok\n";
                      }

                      location ^~ /api/ {
                        proxy_pass http://$api:80;
                        proxy_http_version 1.1;
                        proxy_set_header Host $host;
                        proxy_set_header Upgrade $http_upgrade;
                        proxy_set_header Connection $connection_upgrade;
                        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                        proxy_set_header X-Forwarded-Proto $forwarded_proto;
                        proxy_connect_timeout 2s;
                        proxy_read_timeout 60s;
                        proxy_buffering off;
                        add_header X-Content-Type-Options nosniff always;
                      }

                      location = /api {
                        proxy_pass http://$api:80;
                        proxy_http_version 1.1;
                        proxy_set_header Host $host;
                        proxy_set_header Upgrade $http_upgrade;
                        proxy_set_header Connection $connection_upgrade;
                        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                        proxy_set_header X-Forwarded-Proto $forwarded_proto;
                        proxy_connect_timeout 2s;
                        proxy_read_timeout 60s;
                        proxy_buffering off;
                        add_header X-Content-Type-Options nosniff always;
                      }
                      location / {
                        try_files $uri $uri/index.html /index.html;
                      }

                      # A file that is missing is not the page.
                      location ~ \.[A-Za-z0-9]+$ {
                        try_files $uri =404;
                      }
                    }
                  }
                  END
                  chmod 0644 /usr/local/lib/terrace/nginx.conf
                  cat > /etc/systemd/system/terrace-web.service <<'END'
                  [Unit]
                  Description=shop: the page
                  # Its settings are written by cloud-init; an image that is only being built has none.
                  After=network-online.target cloud-init.service
                  Wants=network-online.target
                  ConditionPathExists=/etc/terrace/boot.json
                  StartLimitIntervalSec=0

                  [Service]
                  Type=exec
                  User=terrace-web
                  Group=terrace-web
                  WorkingDirectory=/opt/shop/page
                  ExecStart=/usr/local/bin/terrace-boot --config /etc/terrace/boot.json --template /usr/local/lib/terrace/nginx.conf=/run/terrace-web/nginx.conf -- /usr/sbin/nginx -e stderr -g 'daemon off;' -c /run/terrace-web/nginx.conf
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
                              "log_group_name": "/shop/prod/web",
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
                  [ "$(stat -c %U /opt/shop/page)" = root ] || fail '/opt/shop/page is not owned by root'
                  own=$(find /opt/shop /etc/terrace /usr/local/bin/terrace-* /usr/local/lib/terrace \( -user terrace-web -o -perm /0022 ! -type l \) -print -quit)
                  [ -z "$own" ] || fail "$own can be changed by others than root"
                  getent passwd terrace-web | grep -q 'nologin$' || fail 'terrace-web can log in'
                  [ ! -e /etc/terrace/boot.json ] || fail 'settings of a machine are in the image'
                  [ -f /opt/shop/page/index.html ] || fail 'the page has no index.html'
                  /usr/sbin/nginx -v
  EOT

  tags = {
    Name            = "shop-prod-web"
    "terrace:party" = "web"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_imagebuilder_image_recipe" "web" {
  name         = "shop-prod-web"
  description  = "The image of web"
  version      = "1.435131146.951080853"
  parent_image = "arn:aws:imagebuilder:eu-central-1:aws:image/amazon-linux-2023-x86/x.x.x"

  tags = {
    Name            = "shop-prod-web"
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
  name        = "shop-prod-web"
  description = "The image of web"

  tags = {
    Name            = "shop-prod-web"
    "terrace:party" = "web"
  }

  distribution {
    region = "eu-central-1"

    ami_distribution_configuration {
      name        = "shop-prod-web-{{ imagebuilder:buildDate }}"
      description = "The image of web"

      ami_tags = {
        Name            = "shop-prod-web"
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
    Name            = "shop-prod-web"
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
    aws_route.app_a_default,
    aws_route.app_b_default,
    aws_route.app_c_default,
    aws_vpc_endpoint.ec2messages,
    aws_vpc_endpoint.logs,
    aws_vpc_endpoint.s3,
    aws_vpc_endpoint.s3_web,
    aws_vpc_endpoint.ssm,
    aws_vpc_endpoint.ssmmessages,
    aws_vpc_security_group_egress_rule.builder_to_anywhere_443,
    aws_vpc_security_group_egress_rule.builder_to_endpoints_443,
    aws_vpc_security_group_egress_rule.builder_to_s3_443,
    aws_s3_bucket_policy.artifacts,
    aws_s3_object.current,
    aws_s3_object.initial_app_tar_gz,
    aws_s3_object.initial_page_tar_gz,
    aws_s3_object.initial_rds_ca_pem,
    aws_s3_object.initial_sha256sums,
    aws_s3_object.initial_terrace_boot,
  ]
}

# Builds the image again: for a release, or for the distribution's newest packages.
resource "aws_imagebuilder_image_pipeline" "web" {
  name                             = "shop-prod-web"
  description                      = "The image of web"
  image_recipe_arn                 = aws_imagebuilder_image_recipe.web.arn
  infrastructure_configuration_arn = aws_imagebuilder_infrastructure_configuration.main.arn
  distribution_configuration_arn   = aws_imagebuilder_distribution_configuration.web.arn

  tags = {
    Name            = "shop-prod-web"
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
    values = ["shop-prod-web"]
  }

  filter {
    name   = "state"
    values = ["available"]
  }

  depends_on = [aws_imagebuilder_image.web]
}

resource "aws_iam_role" "web" {
  name        = "shop-prod-web"
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
    Name = "shop-prod-web"
  }
}

# Written out rather than AmazonSSMManagedInstanceCore, which may read every parameter of the account.
resource "aws_iam_role_policy" "web" {
  name = "shop-prod-web"
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
          "arn:aws:ssm:eu-central-1:${data.aws_caller_identity.current.account_id}:parameter/shop/prod/web",
          "arn:aws:ssm:eu-central-1:${data.aws_caller_identity.current.account_id}:parameter/shop/prod/web/*",
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
  name = "shop-prod-web"
  role = aws_iam_role.web.name

  tags = {
    Name = "shop-prod-web"
  }

  depends_on = [aws_iam_role_policy.web]
}

# No key pair and no public address: people come in by a session of Systems Manager.
# The user data says where settings are and holds no secret; everything else is in the image.
resource "aws_launch_template" "web" {
  name                   = "shop-prod-web"
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
            "region": "eu-central-1",
            "parameters": "/shop/prod/web/"
          }
  EOT
  )

  tags = {
    Name            = "shop-prod-web"
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
    cpu_credits = "unlimited"
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
      Name                  = "shop-prod-web"
      "terrace:environment" = "prod"
      "terrace:party"       = "web"
      "terrace:system"      = "shop"
    }
  }

  tag_specifications {
    resource_type = "volume"

    tags = {
      Name                  = "shop-prod-web"
      "terrace:environment" = "prod"
      "terrace:party"       = "web"
      "terrace:system"      = "shop"
    }
  }
}

# A new template replaces the machines one after the other, a new one in service before an old one goes;
# if a new one does not become healthy, the old ones stay.
resource "aws_autoscaling_group" "web" {
  name                      = "shop-prod-web"
  min_size                  = 2
  max_size                  = 2
  vpc_zone_identifier       = [aws_subnet.web_a.id, aws_subnet.web_b.id, aws_subnet.web_c.id]
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
    value               = "shop-prod-web"
    propagate_at_launch = false
  }

  tag {
    key                 = "terrace:environment"
    value               = "prod"
    propagate_at_launch = false
  }

  tag {
    key                 = "terrace:party"
    value               = "web"
    propagate_at_launch = false
  }

  tag {
    key                 = "terrace:system"
    value               = "shop"
    propagate_at_launch = false
  }

  depends_on = [
    aws_route.app_a_default,
    aws_route.app_b_default,
    aws_route.app_c_default,
    aws_vpc_endpoint.ec2messages,
    aws_vpc_endpoint.logs,
    aws_vpc_endpoint.s3,
    aws_vpc_endpoint.s3_web,
    aws_vpc_endpoint.ssm,
    aws_vpc_endpoint.ssmmessages,
    aws_vpc_security_group_egress_rule.web_to_endpoints_443,
    aws_vpc_security_group_egress_rule.web_to_internal_80,
    aws_vpc_security_group_egress_rule.web_to_s3_443,
    aws_ssm_parameter.api_host,
  ]
}
