"""The example as a user has it: a copy of `examples`, raised by the program under test ($TERRACE)."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .around import run

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(os.environ.get("TERRACE", ROOT / "target" / "release" / "terrace"))
WORKPLACE = ROOT / "target" / "workplace"
"""The copy that the other tests of the whole system use too: what is built in it is kept."""


def examples():
    """A copy of `examples` with only what git knows."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "examples"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        source, copy = ROOT / name, WORKPLACE / name
        if source.exists() and not (copy.exists() and copy.stat().st_mtime >= source.stat().st_mtime):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)
    return WORKPLACE / "examples"


def terrace(*arguments, ok=(0,), seconds=1200):
    """Runs `terrace ARGUMENTS` to its end."""
    return run([PROGRAM, *arguments], ok=ok, seconds=seconds)


class System:
    """A running system, from no data."""

    def __init__(self, manifest, *options):
        self.manifest = manifest
        stem = manifest.stem
        self.state = manifest.parent / ".terrace" / ("" if stem == "terrace" else stem)
        terrace("stop", manifest, ok=(0, 1, 2, 3, 4))
        shutil.rmtree(self.state, ignore_errors=True)
        self.said = terrace("up", manifest, "--detach", *options)

    def status(self):
        return json.loads(terrace("status", self.manifest, "--json").stdout)

    def rehearsal(self):
        return self.status()["rehearsal"]

    def database(self):
        """Where the database really is, and its password."""
        url = urlsplit(terrace("db", "url", "--file", self.manifest).stdout.strip())
        return Database(url.hostname, url.port, unquote(url.username), unquote(url.password), url.path.lstrip("/"))

    def stop(self):
        terrace("stop", self.manifest)


class Database:
    def __init__(self, host, port, user, password, name):
        self.host, self.port, self.user, self.password, self.name = host, port, user, password, name

    def at(self, port, host="127.0.0.1"):
        """The same by another door."""
        return Database(host, port, self.user, self.password, self.name)
