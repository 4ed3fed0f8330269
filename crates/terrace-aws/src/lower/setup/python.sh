# Its packages, for this machine's interpreter: from the wheels of the release, or from where pip finds them.
set -eu
umask 022
cd @ROOT@/@CONTENT@
[ -f requirements.txt ] || exit 0
python=$(command -v @PYTHON@ || command -v python3)
"$python" -m venv .venv
if [ -d wheels ]; then
  .venv/bin/pip install --quiet --no-input --disable-pip-version-check --no-index --find-links wheels -r requirements.txt
else
  .venv/bin/pip install --quiet --no-input --disable-pip-version-check -r requirements.txt
fi
