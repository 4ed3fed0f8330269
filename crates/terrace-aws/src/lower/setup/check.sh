# What has to hold of the finished image.
set -eu
fail() { echo "image: $1" >&2; exit 1; }
/usr/local/bin/terrace-boot --version
systemd-analyze verify --man=no @UNIT@
systemctl is-enabled --quiet @UNIT@ || fail '@UNIT@ does not start at boot'
[ "$(stat -c %U @ROOT@/@CONTENT@)" = root ] || fail '@ROOT@/@CONTENT@ is not owned by root'
own=$(find @ROOT@ /etc/terrace /usr/local/bin/terrace-* /usr/local/lib/terrace \( -user @USER@ -o -perm /0022 ! -type l \) -print -quit)
[ -z "$own" ] || fail "$own can be changed by others than root"
getent passwd @USER@ | grep -q 'nologin$' || fail '@USER@ can log in'
[ ! -e /etc/terrace/boot.json ] || fail 'settings of a machine are in the image'
