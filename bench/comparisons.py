"""What is compared with what, and what is promised of it."""

import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from measure import Sample, run
from processes import BenchError
from site_folder import INDEX_BYTES, SCRIPT_BYTES
from stack import Entrance, Stack

INDEX, SCRIPT, HEALTH, ITEMS = "/index.html", "/assets/app.js", "/health", "/api/items"


@dataclass(frozen=True)
class Spread:
    """The median of some figures, and the range they lie in."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> "Spread":
        return cls(median(figures), min(figures), max(figures))


@dataclass(frozen=True)
class Target:
    """A promise about the ratio between the first entrance and the second, repeat by repeat."""

    said: str
    figure: Callable[[Sample], float]
    limit: float
    at_least: bool = False

    def met(self, ratio: float) -> bool:
        return ratio >= self.limit if self.at_least else ratio <= self.limit


@dataclass(frozen=True)
class Comparison:
    """Entrances that do the same work, taking turns."""

    title: str
    path: str
    entrances: Sequence[Entrance]
    target: Target | None = None


@dataclass
class Results:
    """The samples of a comparison, one list an entrance."""

    comparison: Comparison
    samples: list[list[Sample]] = field(default_factory=list)

    def ratio(self) -> Spread | None:
        """The figure of the target: first entrance over second, each pair measured right after one another."""
        target = self.comparison.target
        if target is None:
            return None
        ours, theirs = self.samples[0], self.samples[1]
        return Spread.of([target.figure(a) / target.figure(b) for a, b in zip(ours, theirs, strict=True)])


def cpu_ratio(limit: float, said: str) -> Target:
    return Target(f"{said}: CPU time a request, edge ÷ tuned nginx, at most", lambda sample: sample.front, limit)


def comparisons(stack: Stack) -> list[Comparison]:
    """All of them; where there is a target, it is about the first two entrances."""
    files = [stack.edge, stack.nginx, stack.nginx_tutorial]
    tls = [stack.edge_tls, stack.nginx_tls]
    faster = Target(
        "GET /api/items: requests/s, web tier and balancer ÷ tuned nginx and 2 Uvicorn workers, at least",
        lambda sample: sample.rate, 12.0, at_least=True,
    )  # fmt: skip
    return [
        Comparison(f"static file, {INDEX_BYTES} bytes", INDEX, files, cpu_ratio(0.7, "small static file")),
        Comparison(f"static file, {SCRIPT_BYTES} bytes", SCRIPT, files, cpu_ratio(0.65, "100 KB file")),
        Comparison(f"TLS: static file, {INDEX_BYTES} bytes", INDEX, tls, cpu_ratio(0.8, "small static file, TLS")),
        Comparison(f"TLS: static file, {SCRIPT_BYTES} bytes", SCRIPT, tls, cpu_ratio(0.55, "100 KB file, TLS")),
        Comparison("one proxy in front of items-api ×2: GET /health", HEALTH, files, cpu_ratio(1.1, "proxied request")),
        Comparison("one proxy in front of items-api ×2: GET /api/items", ITEMS, files),
        Comparison(
            "GET /api/items, page of 10, through all tiers", ITEMS,
            [stack.two_tiers, stack.fastapi[2], stack.fastapi[1], stack.fastapi_tutorial[2], stack.fastapi_tutorial[1]],
            faster,
        ),
    ]  # fmt: skip


def measure(comparison: Comparison, seconds: int, repeats: int, say: Callable[[str], None]) -> Results:
    """Warms every entrance up, then measures them in turns: A B A B."""
    results = Results(comparison, [[] for _ in comparison.entrances])
    for entrance in comparison.entrances:
        run(entrance, comparison.path, 2)
    for repeat in range(1, repeats + 1):
        for entrance, samples in zip(comparison.entrances, results.samples, strict=True):
            sample = run(entrance, comparison.path, seconds)
            samples.append(sample)
            used = ", ".join(f"{role} {cpu:.1f}" for role, cpu in sample.cpu.items() if cpu >= 0.05)
            turn = f"{comparison.title} · {entrance.name} · {repeat}/{repeats}"
            say(f"{turn}: {sample.rate:,.0f}/s, µs {used} {sample.troubles}")
    return results


def check_same_tls(stack: Stack) -> str:
    """Both peers must speak the same TLS; says which."""
    spoken = {entrance.name: handshake(entrance.base) for entrance in (stack.edge_tls, stack.nginx_tls)}
    if len(set(spoken.values())) != 1:
        raise BenchError(f"the peers speak different TLS: {spoken}")
    return next(iter(spoken.values()))


def handshake(base: str) -> str:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    address, _, port = base.removeprefix("https://").partition(":")
    with socket.create_connection((address, int(port)), 5) as plain, context.wrap_socket(plain) as secured:
        cipher = secured.cipher()
        return f"{secured.version()} {cipher[0] if cipher else ''}"
