"""How long `terrace up` takes until all is healthy, with everything built: on existing data, and from no data."""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from builds import ITEMS
from comparisons import Spread
from processes import BenchError
from table import Verdict

EXISTING_SECONDS = 2.0
NO_DATA_SECONDS = 6.0


class Project:
    """The items example with a state folder of its own, so that nobody's data is touched."""

    def __init__(self, terrace: Path, folder: Path) -> None:
        self._terrace = terrace
        self._folder = folder
        manifest = (ITEMS / "terrace.toml").read_text()
        there = os.path.relpath(ITEMS, folder)
        (folder / "terrace.toml").write_text(
            re.sub(r'^root( *)= "', rf'root\1= "{there}/', manifest, flags=re.MULTILINE)
        )

    def up(self) -> float:
        """Starts it; seconds until all is healthy."""
        began = time.monotonic()
        self._run("up", "--detach")
        return time.monotonic() - began

    def stop(self) -> None:
        self._run("stop")

    def reset(self) -> None:
        self._run("db", "reset", "--yes")

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            [self._terrace, *arguments], cwd=self._folder, capture_output=True, text=True, process_group=0,
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise BenchError(f"`terrace {' '.join(arguments)}` failed:\n{done.stdout}{done.stderr}")


def measure(terrace: Path, repeats: int, say: Callable[[str], None]) -> list[Verdict]:
    """Starts and stops the example so often, in both ways, after one start that builds."""
    with tempfile.TemporaryDirectory(prefix="terrace-bench-up-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the database server may run as another user
        project = Project(terrace, folder)
        try:
            say(f"terrace up, building: {project.up():.1f} s")
            project.stop()
            existing = [timed(project, "on existing data", lambda: None, say) for _ in range(repeats)]
            empty = [timed(project, "from no data", project.reset, say) for _ in range(repeats)]
        finally:
            subprocess.run([terrace, "stop", "--now"], cwd=folder, capture_output=True, check=False)
    return [
        verdict("on existing data", existing, EXISTING_SECONDS),
        verdict("from no data", empty, NO_DATA_SECONDS),
    ]


def timed(project: Project, what: str, before: Callable[[], None], say: Callable[[str], None]) -> float:
    before()
    seconds = project.up()
    say(f"terrace up, {what}: {seconds:.2f} s")
    project.stop()
    return seconds


def verdict(what: str, seconds: list[float], limit: float) -> Verdict:
    of = Spread.of(seconds)
    promise = f"`terrace up` {what}, everything built: healthy within, s, {limit:g}"
    return Verdict(promise, f"{of.middle:.2f} [{of.least:.2f}–{of.most:.2f}]", of.middle < limit)
