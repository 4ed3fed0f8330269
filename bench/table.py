"""The figures as Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from comparisons import Results, Spread
from measure import Sample
from processes import Memory

MIB = 2**20


@dataclass(frozen=True)
class Verdict:
    """A promise, what was found, and whether it holds."""

    promise: str
    found: str
    met: bool


def spread(figures: Iterable[float], digits: int = 0) -> str:
    """Median and range."""
    of = Spread.of(list(figures))
    return f"{of.middle:,.{digits}f} [{of.least:,.{digits}f}–{of.most:,.{digits}f}]"


def roles(samples: Sequence[Sample]) -> str:
    """CPU microseconds a request, by role; what did nothing is left out."""
    parts = []
    for role in samples[0].cpu:
        figures = [sample.cpu[role] for sample in samples]
        if median(figures) >= 0.05:
            parts.append(f"{role} {spread(figures, 1)}")
    return "<br>".join(parts)


def memory(samples: Sequence[Sample]) -> str:
    parts = []
    for role, cpu in samples[-1].cpu.items():
        if cpu >= 0.05:
            held = max((sample.memory[role] for sample in samples), key=lambda memory: memory.pss)
            parts.append(f"{role} {mebibytes(held)}")
    return "<br>".join(parts)


def mebibytes(memory: Memory) -> str:
    return f"{memory.pss / MIB:.0f} / {memory.rss / MIB:.0f}"


def comparison(results: Results) -> str:
    """One comparison as a table."""
    lines = [
        f"### {results.comparison.title}",
        "",
        "| | requests/s | p50 ms | p99 ms | CPU µs a request | PSS / RSS MiB |",
        "|---|---|---|---|---|---|",
    ]
    for entrance, samples in zip(results.comparison.entrances, results.samples, strict=True):
        troubles = "; ".join(sorted({sample.troubles for sample in samples if sample.troubles}))
        name = f"{entrance.name}<br>**{troubles}**" if troubles else entrance.name
        lines.append(
            f"| {name} | {spread(sample.rate for sample in samples)} "
            f"| {median(sample.p50 for sample in samples):.2f} | {median(sample.p99 for sample in samples):.1f} "
            f"| {roles(samples)} | {memory(samples)} |"
        )
    return "\n".join([*lines, ""])


def crowd(title: str, held: Mapping[str, Mapping[str, Memory]]) -> str:
    """The memory of each peer while many connections are open."""
    peers = list(next(iter(held.values())))
    lines = [f"### {title}", "", f"| | {' | '.join(peers)} |", "|---" * (len(peers) + 1) + "|"]
    for what, by_peer in held.items():
        lines.append(f"| {what} | {' | '.join(mebibytes(by_peer[peer]) for peer in peers)} |")
    return "\n".join([*lines, ""])


def verdicts(all_of_them: Sequence[Verdict]) -> str:
    lines = ["### Targets", "", "| target | found | |", "|---|---|---|"]
    lines += [f"| {v.promise} | {v.found} | {'met' if v.met else '**missed**'} |" for v in all_of_them]
    return "\n".join([*lines, ""])
