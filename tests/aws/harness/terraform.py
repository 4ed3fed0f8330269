"""Finds the real terraform and the real AWS provider, and runs them against an emulator and nothing else."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from .export import aliases
from .runner import Failed

OVERRIDE = "zz_test_override.tf"
PROVIDER = """\
# Added by tests/aws: what the emulator needs and no export should say.
provider "aws" {
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true
  max_retries                 = 2
}
"""
SEARCHED = ("/opt", "/usr/local", "/usr/share", "/usr/lib", "/var/lib", "/srv", "/mnt", "~/.terraform.d", "~")


def find_mirror():
    """The root of a filesystem mirror with hashicorp/aws: TERRACE_TF_MIRROR, or where the provider's file lies."""
    named = os.environ.get("TERRACE_TF_MIRROR")
    if named:
        return Path(named)
    for root in (Path(r).expanduser() for r in SEARCHED):
        for folder, children, files in os.walk(root):
            depth = len(Path(folder).parts) - len(root.parts)
            children[:] = (
                []
                if depth >= 8
                else [c for c in children if c not in ("node_modules", "target", ".git", ".cargo", ".terraform")]
            )
            if any(f.startswith("terraform-provider-aws") for f in files):
                path = Path(folder)
                if path.parts[-4:-2] == ("hashicorp", "aws"):
                    return path.parents[4]
    return None


def override(folder):
    """Adds the file that turns an export's providers to the emulator; aliased ones need a block each."""
    blocks = [PROVIDER, *(PROVIDER.replace("{\n", f'{{\n  alias = "{alias}"\n', 1) for alias in aliases(folder))]
    (Path(folder) / OVERRIDE).write_text("\n".join(blocks))


class Terraform:
    """The command with its configuration. `missing` says why it cannot run here, or is None."""

    def __init__(self, work, trap):
        self.work, self.trap = Path(work), trap
        self.binary = shutil.which("terraform")
        self.missing = None
        self.commands = 0
        config = os.environ.get("TF_CLI_CONFIG_FILE", "")
        self.mirror = None
        if not self.binary:
            self.missing = "terraform is not on the PATH"
            return
        if config and Path(config).is_file():
            self.config = Path(config)
        else:
            self.mirror = find_mirror()
            self.config = self.work / "terraform.rc"
            self.config.parent.mkdir(parents=True, exist_ok=True)
            installation = (
                f'  filesystem_mirror {{\n    path    = "{self.mirror}"\n    include = ["*/*/*"]\n  }}'
                if self.mirror
                else "  direct {\n  }"
            )
            self.config.write_text(f"disable_checkpoint = true\nprovider_installation {{\n{installation}\n}}\n")
        self.prepare()

    def prepare(self):
        """One `init` that the others share: the lock file and the folder of plug-ins it makes."""
        self.seed = self.work / "init"
        shutil.rmtree(self.seed, ignore_errors=True)
        self.seed.mkdir(parents=True)
        (self.seed / "main.tf").write_text(
            'terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n    }\n  }\n}\n'
        )
        online = not self.mirror and self.config == self.work / "terraform.rc"
        env = self.env(None)
        if online:  # without a mirror the provider comes from the network, once
            env = {k: v for k, v in env.items() if k.upper() not in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")} | {
                k: v for k, v in os.environ.items() if k.upper() in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
            }
        done = subprocess.run(
            [self.binary, "init", "-no-color", "-input=false"], cwd=self.seed, env=env, capture_output=True, text=True
        )
        if done.returncode:
            where = (
                "no mirror was found and the registry cannot be reached"
                if online
                else f"init failed with {self.config}"
            )
            why = " ".join((done.stderr or done.stdout).partition("Error: ")[2].split())[:240]
            self.missing = f"the provider hashicorp/aws cannot be had: {where}: {why}"
            return
        folder = next(self.seed.glob(".terraform/providers/registry.terraform.io/hashicorp/aws/*"))
        self.provider = folder.name

    def env(self, url, **more):
        """The whole environment of a command: nothing of ours but PATH and HOME, loopback or the trap for all else."""
        env = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
        }
        env |= {
            "TF_CLI_CONFIG_FILE": str(self.config),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            "TF_INPUT": "0",
            # The provider's schemas are much garbage: a third of a short command's time is for collecting it.
            "GOGC": "400",
        }
        env |= credentials(url) | self.trap.env()
        return env | more

    def asking(self, url):
        """The environment of the AWS command line."""
        return self.env(
            url,
            PYTHONPATH=str(Path(__file__).resolve().parent.parent),
            PYTHONPYCACHEPREFIX=os.environ.get("PYTHONPYCACHEPREFIX", ""),
        )

    def run(self, folder, *args, url=None, ok=(0,), **env):
        """Runs a command to its end; its output. Failed, with the output's errors, on an exit code that is not ok."""
        self.commands += 1
        command = [self.binary, *args]
        if args[0] not in ("fmt", "show", "output"):
            command.append("-no-color")
        done = subprocess.run(
            command, cwd=folder, env=self.env(url, **env), capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        if done.returncode not in ok:
            raise Failed(
                f"terraform {' '.join(args)} in {folder}: exit {done.returncode}\n{errors(done.stdout + done.stderr)}"
            )
        return done

    def show(self, folder, *args, url=None):
        return json.loads(self.run(folder, "show", "-json", *args, url=url).stdout)


def credentials(url):
    """What every AWS client here gets: made-up keys, loopback, no metadata service."""
    env = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    env |= {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "2",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    return env | {"AWS_ENDPOINT_URL": url or "http://127.0.0.1:9"}


def errors(text):
    """The errors of a command's output without what is only progress."""
    at = text.find("Error:")
    return text[max(0, at - 200) : at + 6000] if at >= 0 else text[-4000:]
