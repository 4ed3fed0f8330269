"""A moto of one's own: a process on loopback with a port from the kernel, a canary and a journal of what was asked."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent


class Emulator:
    """Started on entry, ended by its own process on exit."""

    def __init__(self, folder, **more):
        self.folder = Path(folder)
        self.more = more  # what else moto_plus is told, by its environment
        self.canary = "Canary" + secrets.token_hex(6)  # begins every password this emulator makes
        self.journal_path = self.folder / "journal.jsonl"
        self.calls_path = self.folder / "calls.jsonl"  # what was asked, as IAM would be asked about it

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.journal_path.unlink(missing_ok=True)
        self.calls_path.unlink(missing_ok=True)
        self.log = open(self.folder / "emulator.log", "w")
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(HERE),
            "PYTHONPYCACHEPREFIX": os.environ.get("PYTHONPYCACHEPREFIX", ""),
            "HOME": str(self.folder),
        }
        env |= {
            "MOTO_PLUS_CANARY": self.canary,
            "MOTO_PLUS_JOURNAL": str(self.journal_path),
            "MOTO_PLUS_CALLS": str(self.calls_path),
            "AWS_EC2_METADATA_DISABLED": "true",
        } | self.more
        self.process = subprocess.Popen(
            [sys.executable, "-m", "moto_plus"], stdout=subprocess.PIPE, stderr=self.log, env=env, cwd=self.folder
        )
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise RuntimeError("the emulator did not start:\n" + (self.folder / "emulator.log").read_text()[-3000:])
        self.url = f"http://127.0.0.1:{json.loads(line)['port']}"
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def journal(self):
        """What was asked of it so far: service, region, operation, host, status."""
        if not self.journal_path.exists():
            return []
        return [json.loads(line) for line in self.journal_path.read_text().splitlines()]

    def calls(self):
        """The same as IAM would be asked about it: operations by their own names, with names, ids and tags."""
        return [json.loads(line) for line in self.calls_path.read_text().splitlines()]

    def failures(self):
        """What the emulator could not do (5xx): a gap of the emulator, never of what is tested."""
        return [e for e in self.journal() if e["status"] >= 500]

    def trouble(self):
        """The end of its log and its 5xx answers, for a failure's text."""
        text = "\n".join(f"{e['status']} {e['service']} {e['operation']}" for e in self.failures()[:10])
        errors = [
            x
            for x in (self.folder / "emulator.log").read_text().splitlines()
            if x and not x.startswith((" ", "Traceback"))
        ]
        return "\n".join(["the emulator's own errors:", text, *errors[-5:]]) if text or errors else ""
