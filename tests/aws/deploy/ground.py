"""What a scenario stands on: an emulated AWS, a registry, a project, a user of the program, the AWS command line."""

import contextlib
import json
import secrets
import subprocess
from pathlib import Path

import boto3

from harness import secrets as search
from harness.ask import Asked
from harness.emulator import Emulator
from harness.export import program
from harness.runner import Failed

from .project import Project, static_program
from .registry import Registry
from .terrace import Terrace, since, size
from .within import Within

KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


class Ground:
    """Entered: everything is there and empty."""

    def __init__(self, name, terraform, work, **settings):
        self.name, self.terraform, self.work = name, terraform, Path(work) / name
        self.settings = settings
        self.shared = Path(work)
        # Planted: the key of the account, and the value of an app's secret.
        self.key, self.payment = f"Planted{secrets.token_hex(12)}Key", f"Planted{secrets.token_hex(12)}Payment"

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.play_path = self.work / "play.json"
            self.work.mkdir(parents=True, exist_ok=True)
            self.play()
            self.registry = stack.enter_context(Registry(self.work / "registry"))
            self.emulator = stack.enter_context(
                Emulator(
                    self.work / "emulator",
                    MOTO_PLUS_PLAY=str(self.play_path),
                    MOTO_PLUS_REGISTRY=self.registry.address,
                )
            )
            self.asked = stack.enter_context(Asked(self.emulator.url, self.terraform.asking(self.emulator.url)))
            self.within = Within(program().resolve())
            self.project = Project(self.work / "project", static_program(self.shared), **self.settings)
            self.terrace = self.user("user")
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def user(self, name, **env):
        """Somebody on a machine of their own: nothing is there yet of what Terrace keeps. Providers are shared."""
        made = Terrace(
            program().resolve(),
            self.project,
            self.emulator,
            self.terraform,
            self.work / name,
            self.key,
            self.within,
            TERRACE_REGISTRY=self.registry.address,
            TF_PLUGIN_CACHE_DIR=str(self.shared / "providers"),
            **env,
        )
        made.needles.add(self.payment)
        return made

    def play(self, **what):
        self.play_path.write_text(json.dumps(what))

    def aws(self, question):
        """What AWS says now: the AWS command line's answer, never one from before."""
        self.asked.held.clear()
        return self.asked.one(question)

    def object(self, bucket, key):
        """An object's bytes."""
        to = self.work / "object"
        self.aws(f"s3api get-object --bucket {bucket} --key {key} {to}")
        return to.read_bytes()

    def objects(self, bucket):
        listed = self.aws(f"s3api list-objects-v2 --bucket {bucket}")
        return {one["Key"]: one["Size"] for one in listed.get("Contents", [])}

    def foundation(self):
        return "terrace-123456789012-us-east-1"

    def records(self):
        """The book of releases: {number: record}, and which is in force."""
        prefix = "releases/items/default/"
        bucket = self.foundation()
        keys = [key for key in self.objects(bucket) if key.startswith(prefix)]
        held = {key.removeprefix(prefix).removesuffix(".json"): self.object(bucket, key) for key in keys}
        current = held.pop("current", b"").decode().strip()
        return {int(n): json.loads(text) for n, text in held.items() if n.isdigit()}, current

    def outputs(self):
        return json.loads(self.object(self.foundation(), "applied/items/default.json"))["outputs"]

    def absent(self):
        """No planted secret anywhere it may not be: files, logs, arguments, states, buckets."""
        needles = {self.key, self.payment, self.emulator.canary}
        places = files(self.work)
        if not any(name.endswith(".terraform/terraform.tfstate") for name in places):
            raise Failed(f"too little is looked at: {sorted(places)[:40]}")
        count = 0
        s3 = boto3.client("s3", endpoint_url=self.emulator.url, region_name="us-east-1", **KEYS)
        for bucket in s3.list_buckets()["Buckets"]:
            name = bucket["Name"]
            for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
                for one in page.get("Versions", []):
                    body = s3.get_object(Bucket=name, Key=one["Key"], VersionId=one["VersionId"])["Body"]
                    places[f"s3 {name}/{one['Key']}"] = body.read().decode("utf-8", "replace")
                    count += 1
        if not count:
            raise Failed("no object was looked at")
        found = search.search(places, needles)
        if found or self.terrace.seen:
            raise Failed("found in:\n" + "\n".join([*found, *map(str, self.terrace.seen)]))

    def secret(self, *arguments, value):
        """`terrace secret …` with a value on its standard input."""
        manifest = self.within.learn(self.project.folder, self.terrace.env)
        at = size(self.emulator.calls_path)
        done = subprocess.run(
            [self.terrace.program, "secret", *arguments],
            cwd=self.project.folder,
            env=self.terrace.env,
            input=value,
            capture_output=True,
            text=True,
        )
        self.within.note("secret", manifest, since(self.emulator.calls_path, at))
        text = done.stdout + done.stderr
        if self.payment in text or value.strip() in text:
            raise Failed(f"it shows the value:\n{text}")
        if done.returncode:
            raise Failed(f"terrace secret {arguments}: exit {done.returncode}\n{text}")
        return text


def files(folder):
    """Every file below a folder but providers, and what the emulator and the registry keep of their own."""
    places = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        skipped = {"providers"} & set(name.parts) or name.parts[0] in ("registry", "object", "play.json")
        if path.is_file() and not path.is_symlink() and not skipped and path.stat().st_size < 32 << 20:
            places[str(name)] = path.read_bytes().decode("utf-8", "replace")
    return places
