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
[ "${#release}" -eq 64 ] || fail 'its tag terrace:release is no digest'
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
code=$(ask --output .number --write-out '%{http_code}' --header "X-aws-ec2-metadata-token: $token" \
  "$metadata/meta-data/tags/instance/terrace:migrate" 2> .why) || [ "$code" = 404 ] || fail 'its metadata does not answer'
if [ "$code" = 200 ]; then
  [ -f migrate ] || fail "release $release has no migration"
  install -m 0644 .number /etc/terrace/migrate
fi
printf '%s\n' "$release" > /etc/terrace/release
say "release $release is here"
