#!/bin/sh
# A machine that is there for a migration says how that ended, and goes.
{ [ -f /etc/terrace/migrate ] && [ ! -f /etc/terrace/migrated ]; } || exit 0
echo "$EXIT_STATUS" > /etc/terrace/migrated
echo "terrace: migration ended with $EXIT_STATUS"
echo "terrace: migration ended with $EXIT_STATUS" > /dev/console || true
# Its log is brought away every five seconds.
sleep 15
systemctl poweroff --no-block
