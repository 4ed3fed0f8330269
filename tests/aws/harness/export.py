"""Runs `terrace export` for a manifest in a project folder of its own."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from .runner import Failed

ROOT = Path(__file__).resolve().parents[3]
PAGE = "<!doctype html><title>items</title>"


def program():
    """The program under test: $TERRACE, or the newest build in target/."""
    if named := os.environ.get("TERRACE"):
        return Path(named)
    built = [p for p in (ROOT / "target/release/terrace", ROOT / "target/debug/terrace") if p.exists()]
    return max(built, key=lambda p: p.stat().st_mtime, default=None)


class Exporter:
    """`ready` is a folder of finished exports (one folder a name) that are taken instead, to try the harness itself."""

    def __init__(self, ready=None):
        self.ready = ready and Path(ready)
        self.program = program()

    def export(self, manifest, folder, environment=None, name=None):
        """Writes the project and exports it; the folder of .tf files."""
        folder = Path(folder)
        if not self.ready and self.program is None:
            raise Failed("no terrace: build it (cargo build) or name it in TERRACE")
        out = folder / "tf"
        if self.ready:
            source = self.ready / name
            if not source.is_dir():
                raise Failed(f"{self.ready} has no {name}")
            shutil.copytree(
                source, out, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*", "zz_*")
            )
            return out
        shutil.rmtree(folder, ignore_errors=True)
        for path, text in {
            "terrace.toml": manifest,
            "frontend/dist/index.html": PAGE,
            "backend/bin/api": "#!/bin/sh\nexec sleep 1\n",
            "backend/Dockerfile": "FROM scratch\n",
        }.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        (folder / "backend/bin/api").chmod(0o755)
        command = [self.program, "export", out, "-f", folder / "terrace.toml"]
        if environment:
            command += ["--env", environment]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise Failed(f"terrace export: exit {done.returncode}\n{done.stdout}{done.stderr}")
        if not list(out.glob("*.tf")):
            raise Failed(f"terrace export wrote no .tf file into {out}")
        return out


PROVIDER_BLOCK = re.compile(r'^provider\s+"aws"\s*\{\n(.*?)^\}', re.M | re.S)


def aliases(folder):
    """The aliases of the export's provider blocks; each needs its own override."""
    found = set()
    for file in Path(folder).glob("*.tf"):
        if file.name.startswith("zz_"):
            continue
        for block in PROVIDER_BLOCK.findall(file.read_text()):
            found |= set(re.findall(r'^\s*alias\s*=\s*"([^"]+)"', block, re.M))
    return sorted(found)


def artifacts(folder):
    """Puts a stand-in where the export names a file that a person provides (README.md of the export says which)."""
    for file in Path(folder).glob("*.tf"):
        for name in re.findall(r'"(?:\$\{path\.module\}/)?(artifacts/[\w./-]+)"', file.read_text()):
            path = Path(folder) / name
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"stand-in for {name}\n")


def resource_types(folder):
    """The types of resources and data sources an export names: {("resource", "aws_vpc"), …}."""
    text = "\n".join(f.read_text() for f in Path(folder).glob("*.tf"))
    return set(re.findall(r'^(resource|data|ephemeral)\s+"(\w+)"', text, re.M))
