# What has to hold of the finished image, which holds no release.
set -eu
fail() { echo "image: $1" >&2; exit 1; }
systemd-analyze verify --man=no terrace-release.service @UNIT@
for unit in terrace-release.service @UNIT@; do
  systemctl is-enabled --quiet "$unit" || fail "$unit does not start at boot"
done
for program in aws curl sha256sum tar; do
  command -v "$program" >/dev/null || fail "$program is not installed"
done
own=$(find @ROOT@ /etc/terrace /usr/local/lib/terrace \( -user @USER@ -o -perm /0022 ! -type l \) -print -quit)
[ -z "$own" ] || fail "$own can be changed by others than root"
getent passwd @USER@ | grep -q 'nologin$' || fail '@USER@ can log in'
for file in boot.json artifacts release settings.json; do
  [ ! -e "/etc/terrace/$file" ] || fail "/etc/terrace/$file of a machine is in the image"
done
