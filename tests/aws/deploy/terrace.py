"""Runs the program: what it said, how it ended, what it asked of AWS, which terraforms it ran, what it cost."""

import json
import os
import signal
import subprocess
import threading
from collections import Counter
from pathlib import Path

from harness.runner import Failed

WRAPPER = '#!/bin/sh\nprintf "%s\\n" "$*" >> "{log}"\nGOGC=400 exec "{terraform}" "$@"\n'


class Ran:
    """A run that has ended."""

    def __init__(self, code, text, cpu, calls, terraform):
        self.code, self.text, self.cpu, self.calls, self.terraform = code, text, cpu, calls, terraform

    def asked(self):
        """What Terrace itself asked, and how often: {service:operation: times}."""
        return Counter(f"{c['service']}:{c['operation']}" for c in self.calls if c["by"] != "terraform")

    def expect(self, code, *words):
        """Failed unless it ended so and said all of these."""
        missing = [word for word in words if word not in self.text]
        if self.code != code or missing:
            raise Failed(f"exit {self.code} (expected {code}); not said: {missing}\n{self.text}")
        return self


class Terrace:
    """One user of the program: a machine with a home of its own, whose Terraform is counted."""

    def __init__(self, program, project, emulator, terraform, folder, secret, within, **env):
        self.program, self.project, self.emulator, self.folder = program, project, emulator, Path(folder)
        self.within = within
        self.folder.mkdir(parents=True, exist_ok=True)
        self.commands = self.folder / "terraform.log"
        wrapper = self.folder / "terraform"
        wrapper.write_text(WRAPPER.format(log=self.commands, terraform=terraform.binary))
        wrapper.chmod(0o755)
        self.env = (
            terraform.env(emulator.url)
            | project.env()
            | {
                "HOME": str(self.folder / "home"),
                "XDG_STATE_HOME": str(self.folder / "state"),
                "XDG_CACHE_HOME": str(self.folder / "cache"),
                "TERRACE_TERRAFORM": str(wrapper),
                "TERRACE_PACE_MS": "20",
                "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
                "AWS_SECRET_ACCESS_KEY": secret,
                "NO_COLOR": "1",
            }
            | env
        )
        self.seen = set()  # of processes' arguments, where a secret may not be
        self.needles = {secret}
        self.logs = []

    def start(self, *arguments, **env):
        """A run under way; where it writes, and where the record of what was asked stands."""
        run = Running(self, [str(a) for a in arguments], self.env | env)
        self.logs.append(run.log)
        return run

    def run(self, *arguments, **env):
        return self.start(*arguments, **env).end()

    def deploy(self, *arguments, **env):
        return self.run("deploy", "--yes", "--no-visit", *arguments, **env)


class Running:
    def __init__(self, terrace, arguments, env):
        self.terrace = terrace
        emulator = terrace.emulator
        self.command, self.manifest = arguments[0], terrace.within.learn(terrace.project.folder, terrace.env)
        self.log = terrace.folder / f"run-{len(terrace.logs)}.log"
        self.at = size(emulator.calls_path)
        self.commands = len(lines(terrace.commands))
        self.out = open(self.log, "w")
        self.process = subprocess.Popen(
            [terrace.program, *arguments],
            cwd=terrace.project.folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=self.out,
            stderr=subprocess.STDOUT,
        )
        self.over = threading.Event()
        self.watcher = threading.Thread(target=self.watch, daemon=True)
        self.watcher.start()

    def watch(self):
        """Every process's arguments, as anybody on the machine can see them."""
        while not self.over.wait(0.2):
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    text = file.read_bytes().decode("utf-8", "replace")
                except OSError:
                    continue
                self.terrace.seen |= {(n[:9], text[:200]) for n in self.terrace.needles if n in text}

    def calls(self):
        return since(self.terrace.emulator.calls_path, self.at)

    def until(self, wanted):
        """Waits until AWS was asked what `wanted` says; whether it was before the run ended."""
        alive = os.WEXITED | os.WNOHANG | os.WNOWAIT  # who is waited for in the end is not taken away here
        while not any(wanted(call) for call in self.calls()):
            if os.waitid(os.P_PID, self.process.pid, alive):
                return any(wanted(call) for call in self.calls())
            self.over.wait(0.01)
        return True

    def signal(self, number):
        os.kill(self.process.pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        return self.end()

    def end(self):
        """Its end. The processor's time is its own: that of the programs that it started is theirs."""
        _, status, usage = os.wait4(self.process.pid, 0) if self.process.returncode is None else (0, 0, None)
        if usage:
            self.process.returncode = os.waitstatus_to_exitcode(status)
        self.over.set()
        self.watcher.join()
        self.out.close()
        cpu = usage.ru_utime + usage.ru_stime if usage else 0.0
        text = self.log.read_text()
        terraform = lines(self.terrace.commands)[self.commands :]
        calls = self.calls()
        self.terrace.within.note(self.command, self.manifest, calls, self.process.returncode)
        return Ran(self.process.returncode, text, cpu, calls, terraform)


def since(path, at):
    """What was asked since the record was so long."""
    if not path.exists():
        return []
    with open(path) as file:
        file.seek(at)
        return [json.loads(line) for line in file if line.endswith("\n")]


def size(path):
    return path.stat().st_size if path.exists() else 0


def lines(path):
    return path.read_text().splitlines() if path.exists() else []
