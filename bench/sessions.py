"""One session of Session Manager on loopback under measurement: a far end, a plugin in front of it, and bytes through both."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import statistics
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from processes import TICKS_PER_SECOND, BenchError, stat_fields

MB = 1_000_000
PIECE = bytes(1 << 17)
MOST = 2_000 * MB
REGION = "us-east-1"
CREDENTIAL = f"AKIAIOSFODNN7EXAMPLE/20260101/{REGION}/ssm/aws4_request"
SIGNED = f"AWS4-HMAC-SHA256 Credential={CREDENTIAL}, SignedHeaders=host, Signature={'0' * 64}"
OPENED = re.compile(r"^Port (\d+) opened.*^Waiting for connections", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Sample:
    """Bytes that went one way: MB a second, CPU milliseconds an MB of the plugin and of the far side, peak memory in bytes."""

    rate: float
    cpu: float
    far: float
    peak: int


class FarEnd:
    """`far_end FAULTS`: the endpoint, and the database behind it."""

    def __init__(self, program: Path, faults: str) -> None:
        self._child = subprocess.Popen([program, faults], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._child.stdout is not None
        self.told = json.loads(self._child.stdout.readline())
        self.pid = self._child.pid

    def start_session(self) -> tuple[str, str]:
        """The request and its answer, as texts."""
        request = json.dumps(
            {
                "Target": self.told["target"],
                "DocumentName": "AWS-StartPortForwardingSessionToRemoteHost",
                "Parameters": {
                    "host": [self.told["host"]],
                    "portNumber": [str(self.told["port"])],
                    "localPortNumber": ["0"],
                },
            }
        )
        connection = http.client.HTTPConnection(urlsplit(self.told["url"]).netloc, timeout=20)
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AmazonSSM.StartSession",
            "X-Amz-Date": "20260101T000000Z",
            "Authorization": SIGNED,
        }
        with contextlib.closing(connection):
            connection.request("POST", "/", request, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        if answer.status != 200:
            raise BenchError(f"StartSession: {answer.status} {text}")
        return request, text

    def close(self) -> None:
        assert self._child.stdin is not None
        self._child.stdin.close()
        self._child.wait(20)


class Session:
    """A plugin, called as the AWS command line calls it, with its port open."""

    def __init__(self, plugin: Path, far: FarEnd, log: Path) -> None:
        request, answer = far.start_session()
        name = "AWS_SSM_START_SESSION_RESPONSE"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(log.parent),
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            name: answer,
        }
        arguments = [plugin, name, REGION, "StartSession", "", request, far.told["url"]]
        with log.open("wb") as out:
            self._child = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment)
        self.pid, self._log, self._far = self._child.pid, log, far
        self.port = self._opened()

    def _opened(self) -> int:
        deadline = time.monotonic() + 20
        while not (found := OPENED.search(self._log.read_text(errors="replace"))):
            if self._child.poll() is not None or time.monotonic() > deadline:
                raise BenchError(f"the plugin opened no port:\n{self._log.read_text(errors='replace')}")
            time.sleep(0.01)
        return int(found[1])

    def connect(self, patience: float = 120) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=patience)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def take(self, count: int) -> None:
        """Sends so many bytes, until the far end has all of them."""
        with self.connect() as connection:
            connection.sendall(b"T" + struct.pack(">Q", count))
            left = count
            while left > 0:
                connection.sendall(PIECE[: min(left, len(PIECE))])
                left -= len(PIECE)
            if connection.recv(1) != b".":
                raise BenchError("the far end did not get it all")

    def give(self, count: int, patience: float = 120) -> None:
        """Receives so many bytes. A TimeoutError where none comes for as long as patience lasts."""
        buffer = bytearray(1 << 18)
        with self.connect(patience) as connection:
            connection.sendall(b"G" + struct.pack(">Q", count))
            left = count
            while left > 0:
                got = connection.recv_into(buffer, min(left, len(buffer)))
                if got == 0:
                    raise BenchError(f"the connection ended {left} bytes early")
                left -= got

    @contextlib.contextmanager
    def stalled(self, count: int) -> Iterator[None]:
        """Connections that ask for 1 GB each and read nothing of it."""
        with contextlib.ExitStack() as stack:
            for _ in range(count):
                connection = stack.enter_context(self.connect())
                connection.sendall(b"G" + struct.pack(">Q", 1_000 * MB))
            yield

    def sample(self, way: Callable[[int], None], connections: int, seconds: float) -> Sample:
        """Moves bytes over so many connections, more and more of them until it takes about so long; the last turn counts."""
        count = MB
        while True:
            mine, theirs, begun = cpu(self.pid), cpu(self._far.pid), time.monotonic()
            forget_peak(self.pid)
            spread(way, count, connections)
            took = time.monotonic() - begun
            if took >= seconds / 2 or count >= MOST:
                moved = count / MB
                mine, theirs = (cpu(self.pid) - mine) * 1000 / moved, (cpu(self._far.pid) - theirs) * 1000 / moved
                return Sample(moved / took, mine, theirs, peak(self.pid))
            count = min(MOST, int(count * min(10, max(2, seconds / took))))

    def close(self) -> None:
        """As Ctrl-C does."""
        self._child.send_signal(signal.SIGINT)
        try:
            self._child.wait(15)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def spread(way: Callable[[int], None], count: int, connections: int) -> None:
    """Runs it on so many connections at once, each with its part."""
    failures: list[BaseException] = []

    def one() -> None:
        try:
            way(count // connections)
        except (OSError, BenchError) as failure:
            failures.append(failure)

    threads = [threading.Thread(target=one) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise BenchError(f"{len(failures)} of {connections} connections failed: {failures[0]!r}")


def latency(port: int, rounds: int) -> tuple[float, float]:
    """Milliseconds that 64 bytes take there and back: median, and the 99th of a hundred."""
    times = []
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(b"E")
        for _ in range(rounds + 10):
            begun = time.perf_counter()
            connection.sendall(bytes(64))
            left = 64
            while left > 0:
                left -= len(connection.recv(left)) or left
            times.append((time.perf_counter() - begun) * 1000)
    times = sorted(times[10:])
    return statistics.median(times), times[len(times) * 99 // 100]


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    return sum(map(int, stat_fields(pid)[11:13])) / TICKS_PER_SECOND


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak(pid: int) -> int:
    """The most memory it held since `forget_peak`."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
