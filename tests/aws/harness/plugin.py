"""Provider processes that many commands share: starting one costs each `validate` more CPU than all the rest.

Terraform attaches to a running provider through TF_REATTACH_PROVIDERS. Both here end with the harness.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path

from .runner import Failed, Skipped

HERE = Path(__file__).resolve().parent.parent
TARGET = HERE.parent.parent / "target" / "aws"
PACKAGE = "@cdktn/provider-aws"
VERSION = "25.7.0"


class Shared:
    """The real provider as a debug server. Its environment, not terraform's, says which AWS it speaks to."""

    def __init__(self, terraform, url):
        folder = next(terraform.seed.glob(".terraform/providers/registry.terraform.io/hashicorp/aws/*/*"))
        binary = next(folder.resolve().glob("terraform-provider-aws*"))
        env = terraform.env(url)
        self.process = subprocess.Popen(
            [binary, "-debug"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env
        )
        for line in self.process.stdout:
            if found := re.search(r"TF_REATTACH_PROVIDERS='(.*)'", line):
                self.env = {"TF_REATTACH_PROVIDERS": found[1]}
                break
        else:
            raise Failed(f"the provider did not start as a server: exit {self.process.wait()}")
        threading.Thread(
            target=lambda: [None for _ in self.process.stdout], daemon=True
        ).start()  # it logs: keep reading

    def close(self):
        end(self.process)


class Six:
    """The provider's 6.x schema behind a stub, limited to the types that the exports name."""

    def __init__(self, types, work):
        schema = six_schema()
        listed = Path(work) / "types.json"
        listed.write_text(json.dumps(sorted(types)))
        python = Path(os.environ["TERRACE_AWS_VENV_PROVIDER6"]) / "bin" / "python"
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE), "PYTHONPYCACHEPREFIX": str(TARGET / "pycache")}
        command = [python, "-m", "provider6.stub", schema, listed]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        line = self.process.stdout.readline()
        if not line:
            raise Failed("the 6.x stub did not start")
        self.env = {"TF_REATTACH_PROVIDERS": line.strip()}

    def close(self):
        self.process.stdin.close()
        end(self.process)
        self.process.stdout.close()


def end(process):
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def six_schema():
    """The derived schema, made once and kept in target/ until the package's version or our derivation changes."""
    key = hashlib.sha256((HERE / "provider6/derive.py").read_bytes() + VERSION.encode()).hexdigest()[:12]
    schema = TARGET / f"schema6-{key}.json"
    if schema.exists():
        return schema
    npm = shutil.which("npm")
    if not npm:
        raise Skipped("npm is missing, and with it the package that the 6.x schema is derived from")
    folder = TARGET / "npm"
    folder.mkdir(parents=True, exist_ok=True)
    got = subprocess.run([npm, "pack", f"{PACKAGE}@{VERSION}", "--silent"], cwd=folder, capture_output=True, text=True)
    if got.returncode:
        raise Skipped(f"npm could not fetch {PACKAGE} {VERSION}: {got.stderr.strip()[-200:]}")
    package = folder / got.stdout.strip().splitlines()[-1]
    fresh = schema.with_suffix(".part")
    python = Path(os.environ["TERRACE_AWS_VENV_PROVIDER6"]) / "bin" / "python"
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE), "PYTHONPYCACHEPREFIX": str(TARGET / "pycache")}
    made = subprocess.run([python, "-m", "provider6.derive", package, fresh], env=env, capture_output=True, text=True)
    if made.returncode:
        raise Failed(f"deriving the 6.x schema: {made.stderr[-2000:]}")
    fresh.rename(schema)
    package.unlink()
    return schema
