"""Runs jobs in two lanes and says what came of each test in one line.

A job is a function that takes a Report and runs tests in order. Jobs that mostly wait (an apply waits for minutes in
the provider) run seven at a time beside those that compute, which run two at a time. What fails is told in full; what
could not run counts as skipped and is said with its reason.
"""

import os
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass


class Failed(Exception):
    """A test's expectation does not hold; the text is for the reader."""


class Skipped(Exception):
    """A test cannot run here; the text says what is missing."""


class Stopped(Exception):
    """The rest of a job has no ground to stand on after a failure."""


@dataclass
class Job:
    name: str
    run: object  # callable(Report)
    waits: bool = False


class Report:
    def __init__(self, prefix, out):
        self.prefix, self.out = prefix, out

    @contextmanager
    def test(self, name, vital=False):
        """One test. A failure is noted and the job goes on, unless the test is vital to what follows."""
        full = f"{self.prefix}: {name}" if self.prefix else name
        begin = time.monotonic()
        try:
            yield
        except Skipped as s:
            self.out.line("skip", full, begin, str(s))
            return
        except Failed as f:
            self.out.line("FAIL", full, begin, str(f))
        except Exception:
            self.out.line("FAIL", full, begin, traceback.format_exc())
        else:
            self.out.line("ok", full, begin)
            return
        if vital:
            raise Stopped


class Output:
    def __init__(self):
        self.lock = threading.Lock()
        self.counts = {"ok": 0, "FAIL": 0, "skip": 0}
        self.failed, self.skipped = [], []

    def line(self, what, name, begin, detail=""):
        with self.lock:
            self.counts[what] += 1
            if what == "FAIL":
                self.failed.append(name)
            if what == "skip":
                self.skipped.append((name, detail))
            print(
                f"{what:4} {name} ({time.monotonic() - begin:.1f} s)",
                flush=True,
            )
            if what == "FAIL":
                print("     | " + "\n     | ".join(detail.rstrip().splitlines()[-80:]), flush=True)


def run(jobs, last=()):
    """Runs all jobs, then the last ones, and prints the summary; the exit code: 0 when nothing failed."""
    out = Output()
    begin = time.monotonic()

    def one(job):
        try:
            job.run(Report(job.name, out))
        except Stopped:
            pass
        except Exception:
            out.line("FAIL", job.name, begin, traceback.format_exc())

    with (
        ThreadPoolExecutor(int(os.environ.get("TERRACE_AWS_WAITING", "7"))) as waiting,
        ThreadPoolExecutor(2) as working,
    ):
        futures = [(waiting if job.waits else working).submit(one, job) for job in jobs]
        for future in futures:
            future.result()
    for job in last:
        one(job)
    counts = out.counts
    print(
        f"\n{counts['ok']} passed, {counts['FAIL']} failed, {counts['skip']} skipped in "
        f"{time.monotonic() - begin:.0f} s"
    )
    for why in dict.fromkeys(why for _, why in out.skipped):
        names = [name for name, reason in out.skipped if reason == why]
        print(f"SKIPPED {len(names)}: {why}")
    for name in out.failed:
        print(f"FAILED {name}")
    return 1 if counts["FAIL"] else 0
