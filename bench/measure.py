"""One run of wrk against one entrance: rate, latencies, and the CPU time each role spent per request."""

import re
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass

from machine import require
from processes import BenchError, Memory
from stack import Entrance

UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
THREADS = 2


@dataclass(frozen=True)
class Sample:
    """What one run showed. Latencies in milliseconds, CPU in microseconds a request, memory in bytes."""

    requests: int
    rate: float
    p50: float
    p99: float
    cpu: Mapping[str, float]
    memory: Mapping[str, Memory]
    troubles: str

    @property
    def front(self) -> float:
        """The CPU time of what stands in front of the API, or serves the files."""
        return sum(self.cpu.get(role, 0.0) for role in ("edge", "web", "balancer"))


def run(entrance: Entrance, path: str, seconds: int, connections: int = 64) -> Sample:
    """Asks for `path` for so many seconds."""
    before = spent(entrance)
    said, memory = wrk(entrance, path, seconds, connections)
    after = spent(entrance)
    requests = int(found(r"(\d+) requests in", said))
    if requests == 0:
        raise BenchError(f"{entrance.name} answered nothing:\n{said}")
    troubles = re.findall(r"Socket errors:.*|Non-2xx or 3xx responses:.*", said)
    return Sample(
        requests=requests,
        rate=float(found(r"Requests/sec:\s*([\d.]+)", said)),
        p50=milliseconds(said, "50%"),
        p99=milliseconds(said, "99%"),
        cpu={role: (after[role] - before[role]) * 1e6 / requests for role in before},
        memory=memory,
        troubles="; ".join(trouble.strip() for trouble in troubles),
    )


def spent(entrance: Entrance) -> dict[str, float]:
    """CPU seconds so far, by role."""
    return {role: sum(process.cpu_seconds() for process in ps) for role, ps in entrance.roles.items()}


def held(entrance: Entrance) -> dict[str, Memory]:
    """What each role's processes hold now."""
    return {role: sum((process.memory() for process in ps), Memory(0, 0)) for role, ps in entrance.roles.items()}


def wrk(entrance: Entrance, path: str, seconds: int, connections: int) -> tuple[str, Mapping[str, Memory]]:
    """What wrk said, and what was held in the middle of it."""
    arguments = [f"-t{THREADS}", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency"]
    with subprocess.Popen(
        [require("wrk"), *arguments, entrance.base + path],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, process_group=0,
    ) as load:  # fmt: skip
        try:
            time.sleep(seconds / 2)
            memory = held(entrance)
            said, _ = load.communicate(timeout=seconds + 30)
        except BaseException:
            load.kill()
            raise
    if load.returncode != 0:
        raise BenchError(f"wrk failed on {entrance.base + path}:\n{said}")
    return said, memory


def milliseconds(said: str, percentile: str) -> float:
    for unit, factor in UNITS.items():
        number = re.search(rf"^\s+{percentile}\s+([\d.]+){unit}$", said, re.MULTILINE)
        if number is not None:
            return float(number.group(1)) * factor
    raise BenchError(f"wrk said something else than expected:\n{said}")


def found(pattern: str, said: str) -> str:
    match = re.search(pattern, said)
    if match is None:
        raise BenchError(f"wrk said something else than expected:\n{said}")
    return match.group(1)
