"""What must not be: secrets where others can read them, processes and open ports when all is over."""

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

from harness.runner import Failed

from .around import environment, marked, until


class ProcessList:
    """Reads the command lines of all processes again and again, as any user of the machine could, and keeps each."""

    def __init__(self):
        self.seen = set()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        times = {}
        while not self.over.wait(0.03):
            for entry in os.scandir("/proc"):
                # A process becomes another by exec early on, if at all.
                if not entry.name.isdecimal() or times.get(entry.name, 0) > 60:
                    continue
                times[entry.name] = times.get(entry.name, 0) + 1
                with contextlib.suppress(OSError):
                    self.seen.add(Path(entry.path, "cmdline").read_bytes())

    def shows(self, secret):
        """The command lines that the secret is in, without it."""
        words = [line.replace(b"\0", b" ").decode("utf-8", "replace") for line in list(self.seen)]
        return [line.replace(secret, "…")[:200] for line in words if secret in line]

    def catches(self, secret):
        """Shows that it would have found one: a process that has it in its arguments."""
        planted = subprocess.Popen(
            [sys.executable, "-c", "input()", secret],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        try:
            until("a secret among the arguments of a process is seen", lambda: self.shows(secret), 10)
        finally:
            planted.kill()
            planted.wait()

    def close(self):
        self.over.set()
        self.thread.join()


def readable(folder, secrets):
    """Files below a folder that others may read, or that are logs, with a secret in them."""
    found = []
    for path in Path(folder).rglob("*"):
        with contextlib.suppress(OSError):
            if not path.is_file() or path.is_symlink() or path.stat().st_size > 256 << 20:
                continue
            if path.stat().st_mode & 0o077 == 0 and not any("log" in part for part in path.parts[-3:]):
                continue
            if closed_above(path, Path(folder)):
                continue
            content = path.read_bytes()
            found += [f"{path}: {secret[:4]}…" for secret in secrets if secret.encode() in content]
    return found


def closed_above(path, top):
    """Whether a folder between keeps others out, and the file is no log."""
    logs = any("log" in part for part in path.parts[-3:])
    return not logs and any(
        parent.stat().st_mode & 0o077 == 0 for parent in path.parents if top in (parent, *parent.parents)
    )


def sockets():
    """Every TCP socket of this machine: (state, own port, other port, bytes unread, bytes not taken by the other)."""
    found = []
    for file in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(file).read_text().splitlines()[1:]:
                _, own, other, state, queues, *_ = line.split()
                waiting, unread = (int(part, 16) for part in queues.split(":"))
                own, other = (int(address.rpartition(":")[2], 16) for address in (own, other))
                found.append((int(state, 16), own, other, unread, waiting))
    return found


LISTENING, ESTABLISHED = 10, 1


def is_stalled(port):
    """Whether a client of this local port has left so much unread that no more can be handed to it."""
    connections = [s for s in sockets() if s[0] == ESTABLISHED]
    return any(
        other == port and unread > 0 and any(s[1] == port and s[2] == own and s[4] > 0 for s in connections)
        for _, own, other, unread, _ in connections
    )


def nothing_listens(ports):
    """Fails while one of these ports is listened on."""

    def free():
        return not [own for state, own, *_ in sockets() if state == LISTENING and own in ports]

    until(f"none of {sorted(ports)} is listened on", free, 10)


def nothing_runs():
    """Fails if a process of this test is left."""
    with contextlib.suppress(Failed):
        until("all processes have ended", lambda: not marked(), 15)
    left = marked()
    if left:
        raise Failed("still running:\n" + "\n".join(f"{pid} {words}" for pid, words in left.items()))
