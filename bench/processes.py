"""Processes this benchmark starts, and nothing else: started, watched, and ended by their own id.

Every child is in a process group of its own, so a Ctrl-C reaches only this program, which then ends them one
by one. Should this program be killed, the kernel ends them (`setpriv --pdeathsig`).
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
GENTLE_SECONDS = 8.0


class BenchError(Exception):
    """Something broke: the figures would mean nothing."""


@dataclass(frozen=True)
class User:
    """Whom a program runs as when this one runs as root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Memory:
    """What processes hold, in bytes. Shared pages count in part for `pss`, in full for `rss`."""

    pss: int
    rss: int

    def __add__(self, other: "Memory") -> "Memory":
        return Memory(self.pss + other.pss, self.rss + other.rss)


class Process:
    """A started program, with whatever it starts in turn."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str | Path],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        user: User | None = None,
        gentle: signal.Signals = signal.SIGTERM,
    ) -> None:
        leash = ["setpriv", "--pdeathsig", "TERM"]
        if user is not None:
            leash += [f"--reuid={user.uid}", f"--regid={user.gid}", "--clear-groups", "--no-new-privs"]
        self.name = name
        self._log = log
        self._gentle = gentle
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                [*leash, *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
                env={**os.environ, **(environment or {})},
                process_group=0,
            )

    @property
    def pid(self) -> int:
        return self._child.pid

    def check(self) -> None:
        """Fails with its last lines when it has ended."""
        if self._child.poll() is not None:
            raise BenchError(f"{self.name} ended with {self._child.returncode}:\n{self.last_lines()}")

    def wait(self) -> None:
        """Waits for its end, which must be a good one."""
        if self._child.wait() != 0:
            self.check()

    def last_lines(self, count: int = 15) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-count:])

    def tree(self) -> list[int]:
        """Its id and those of all that descend from it."""
        children: dict[int, list[int]] = {}
        for pid in process_ids():
            with contextlib.suppress(OSError):
                children.setdefault(int(stat_fields(pid)[1]), []).append(pid)
        found = [self.pid]
        for pid in found:
            found.extend(children.get(pid, []))
        return found

    def cpu_seconds(self) -> float:
        """CPU time used so far by all of it: living processes, and children already waited for."""
        ticks = 0
        for pid in self.tree():
            with contextlib.suppress(OSError):
                ticks += sum(map(int, stat_fields(pid)[11:15]))
        return ticks / TICKS_PER_SECOND

    def memory(self) -> Memory:
        """What all of it holds now."""
        return sum((memory_of(pid) for pid in self.tree()), Memory(0, 0))

    def end(self) -> None:
        """Asks it to end, and after a while makes it and what it started."""
        if self._child.poll() is not None:
            return
        tree = self.tree()
        self._child.send_signal(self._gentle)
        try:
            self._child.wait(GENTLE_SECONDS)
        except subprocess.TimeoutExpired:
            for pid in tree:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._child.wait()


def process_ids() -> Iterator[int]:
    return (int(entry) for entry in os.listdir("/proc") if entry.isdecimal())


def stat_fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third (state) on: the second may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def memory_of(pid: int) -> Memory:
    """One process's memory; none when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return Memory(0, 0)
    sizes = {line.split(":")[0]: line.split()[1] for line in lines[1:]}
    return Memory(int(sizes.get("Pss", 0)) * 1024, int(sizes.get("Rss", 0)) * 1024)


def until(what: str, ready: Callable[[], bool], process: Process, seconds: float = 60.0) -> None:
    """Waits until `ready()` is true, for as long as the process lives."""
    deadline = time.monotonic() + seconds
    while not ready():
        process.check()
        if time.monotonic() > deadline:
            raise BenchError(f"{what} did not happen within {seconds:.0f} s:\n{process.last_lines()}")
        time.sleep(0.02)
