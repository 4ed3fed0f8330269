# A user that owns nothing and can log in nowhere, and the unit that runs as it.
set -eu
umask 022
getent passwd @USER@ >/dev/null ||
  useradd --system --user-group --no-create-home --home-dir /nonexistent --shell "$(command -v nologin || echo /usr/sbin/nologin)" @USER@
install -d -m 0751 /var/log/terrace
[ -e /var/log/terrace/@PARTY@.log ] ||
  install -m 0640 -o @USER@ -g @USER@ /dev/null /var/log/terrace/@PARTY@.log
