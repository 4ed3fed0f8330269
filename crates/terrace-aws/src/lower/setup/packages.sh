# What the service needs of the distribution.
set -eu
if command -v dnf >/dev/null; then
  dnf install -y -q @DNF@
else
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends @APT@
fi
