# The release that is in force: its name lies beside the releases. Nothing of it belongs to the service's user.
set -eu
umask 022
bucket='{{ Bucket }}'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
release=$(aws s3 cp --only-show-errors "s3://$bucket/releases/current" - | tr -d '[:space:]')
for file in SHA256SUMS @FILES@; do
  aws s3 cp --only-show-errors "s3://$bucket/releases/$release/$file" "$file"
  if [ "$file" != SHA256SUMS ]; then
    grep " [ *]$file\$" SHA256SUMS | sha256sum --check --quiet -
  fi
done
install -d -m 0755 /etc/terrace /usr/local/lib/terrace @ROOT@ @ROOT@/@CONTENT@
for program in terrace-boot terrace-edge; do
  [ ! -f "$program" ] || install -m 0755 "$program" /usr/local/bin/
done
[ ! -f rds-ca.pem ] || install -m 0644 rds-ca.pem /etc/terrace/
tar --extract --gzip --no-same-owner --no-same-permissions --file @ARCHIVE@ --directory @ROOT@/@CONTENT@
chown -R root:root @ROOT@
chmod -R u=rwX,go=rX @ROOT@
printf '%s\n' "$release" > /etc/terrace/release
