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
            "file_path": "/var/log/terrace/@PARTY@.log",
            "log_group_name": "@GROUP@",
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
  usermod --append --groups @USER@ cwagent
  /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -c file:/etc/terrace/logs.json
  systemctl enable amazon-cloudwatch-agent.service logrotate.timer
fi
