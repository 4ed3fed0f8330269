"""The harness's own judgements, shown to fail where they must: a check that cannot fail proves nothing."""

import base64
import gzip

from . import expectations, secrets
from .runner import Failed

WORD = "CanaryForSelftest"


def run(report):
    with report.test("a password is found as it is, in base64, and in compressed user data"):
        script = f"#!/bin/sh\nexport DB_PASSWORD={WORD}x\n".encode()
        places = {
            "raw": {"a": [{"b": f"x{WORD}"}]},
            "base64": base64.b64encode(script).decode(),
            "gzip": base64.b64encode(gzip.compress(script)).decode(),
            "clean": {"a": "nothing", "b": ["here"]},
        }
        found = {place.split(".")[0].split(":")[0] for place in secrets.search(places, {WORD})}
        if found != {"raw", "base64", "gzip"}:
            raise Failed(f"found in {sorted(found)}")
    with report.test("every judgement refuses what is not so"):
        wrong = [
            ({"equals": ["a"]}, ["b"]),
            ({"equals": 1}, 2),
            ({"contains": ["a"]}, []),
            ({"none": True}, ["a"]),
            ({"count": 2}, ["a"]),
            ({"each": {"a": 1}}, [{"a": 1}, {"a": 2}]),
            ({"each": {"a": 1}}, []),
        ]
        accepted = [expectation for expectation, got in wrong if not refuses(expectation, got)]
        if accepted:
            raise Failed(f"accepted: {accepted}")


def refuses(expectation, got):
    try:
        expectations.judge(expectation, got)
    except Failed:
        return True
    return False
