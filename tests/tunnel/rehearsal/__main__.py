"""`tests/tunnel/run [--only TEXT] [--keep]`: both shapes of examples/items, one after the other."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from harness import runner
from harness.runner import Failed, Job
from harness.trap import Trap

from . import watch
from .around import MARK
from .clients import MariaDb, Postgres
from .passage import Passage
from .system import PROGRAM, examples

SYSTEMS = (
    ("items, ec2, PostgreSQL", "terrace.toml", Postgres),
    ("items, fargate, MySQL", "terrace.fargate.toml", MariaDb),
)


def passage(name, manifest, client, trap, processes, work):
    def run(report):
        folder = work / client.engine
        folder.mkdir(mode=0o700)
        Passage(report, examples() / "items" / manifest, client(folder), trap, processes, folder).run()

    return Job(name, run)


def last(trap, processes):
    """What holds for all of it, when all of it is over."""

    def run(report):
        with report.test("no process of this test is left"):
            watch.nothing_runs()
        with report.test("nothing left loopback"):
            if trap.caught:
                raise Failed("\n".join(sorted(set(trap.caught))))
        with report.test("the process list was watched all the time"):
            if not processes.thread.is_alive():
                raise Failed("the watcher has ended")

    return Job("after all", run)


def main():
    parser = argparse.ArgumentParser(prog="tests/tunnel/run", description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="only the system whose name contains this")
    parser.add_argument("--keep", action="store_true", help="leave the working folder, with every log and dump")
    given = parser.parse_args()
    if not PROGRAM.exists():
        sys.exit(f"{PROGRAM} is not there: cargo build --release, or name one with TERRACE=…")
    work = Path(tempfile.mkdtemp(prefix="terrace-tunnel-"))
    trap, processes = Trap(), watch.ProcessList()
    try:
        jobs = [
            passage(name, manifest, client, trap, processes, work)
            for name, manifest, client in SYSTEMS
            if given.only in name
        ]
        code = runner.run([], [*jobs, last(trap, processes)])
    finally:
        processes.close()
        trap.close()
        if given.keep:
            print(f"left in {work}; processes of this run had {MARK}")
        else:
            shutil.rmtree(work, ignore_errors=True)
    sys.exit(code)


main()
