"""Processes as this test starts them: with an environment of their own, marked, ended by their id; and conditions."""

import os
import signal
import subprocess
import time
import uuid
from pathlib import Path

from harness.runner import Failed

MARK = f"TERRACE_TUNNEL_TEST={uuid.uuid4()}"
"""Every process that descends from this test has it in its environment."""

KEPT = ("PATH", "LANG", "TMPDIR", "CARGO_HOME", "RUSTUP_HOME", "TERRACE_DB_BIN", "HOME", "USER", "LOGNAME")


def environment(**more):
    """What a command gets: no key, no proxy, no configuration of the user's."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    name, _, value = MARK.partition("=")
    return kept | {"NO_COLOR": "1", "LC_ALL": "C.UTF-8", name: value} | more


def until(what, holds, seconds=30):
    """Waits until `holds()` gives something true, and gives that."""
    deadline = time.monotonic() + seconds
    while True:
        value = holds()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed(f"within {seconds} s it did not come true that {what}")
        time.sleep(0.02)


def run(arguments, ok=(0,), seconds=120, **options):
    """Runs a command to its end; its outputs as text."""
    arguments = [str(argument) for argument in arguments]
    options = {"env": environment(), "stdin": subprocess.DEVNULL, "capture_output": True, "text": True} | options
    done = subprocess.run(arguments, timeout=seconds, **options)
    if done.returncode not in ok:
        said = "\n".join(filter(None, (done.stdout, done.stderr)))
        raise Failed(f"`{' '.join(arguments)}` ended with {done.returncode}:\n{said}")
    return done


def marked():
    """{id: words} of every living process with the mark, but this one."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal() or int(folder.name) == os.getpid():
            continue
        try:
            if MARK.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (
                    (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                )
        except OSError:
            continue
    return found


class Running:
    """A command that stays, with its own process group as a terminal gives it; its lines are kept in a file."""

    def __init__(self, arguments, log, env):
        self.log = Path(log)
        self.words = " ".join(map(str, arguments))
        with self.log.open("wb") as out:
            self.child = subprocess.Popen(
                [str(argument) for argument in arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=env,
                process_group=0,
            )

    def said(self):
        return self.log.read_text(errors="replace")

    def line(self, pattern, seconds=30):
        """Waits for a line, and gives what the pattern found."""

        def look():
            found = pattern.search(self.said())
            if not found and self.child.poll() is not None:
                raise Failed(f"`{self.words}` ended with {self.child.returncode}:\n{self.said()}")
            return found

        return until(f"`{self.words[:80]}` says {pattern.pattern!r}, it said:\n{self.said()}", look, seconds)

    def interrupt(self, seconds=20):
        """Ctrl-C, as the terminal sends it: to every process of the group. The exit code."""
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGINT)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"`{self.words}` did not end on Ctrl-C; it said:\n{self.said()}") from None

    def end(self):
        """Ends it whatever it does."""
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()
