"""What a test has the emulated AWS play: a JSON file named by MOTO_PLUS_PLAY, read whenever something is decided.

task       tasks of task definitions that a service is told to run from now on stop: {exit, log}
hold       a call (`UpdateService`, `PutObject` and the end of its key) is carried out when this is no longer said
migration  a task that somebody runs ends so: {exit, log}; without, with 0 and no word; {runs} does not end
machines   machines that a refresh starts from now on are found unhealthy: {group, log}: what they log, and where
"""

import json
import os
import time
from pathlib import Path


def playing():
    """Whether a test plays at all: one that only builds a system has no tasks in it, nor their interfaces."""
    return bool(os.environ.get("MOTO_PLUS_PLAY"))


def hold(operation, key):
    """Waits while a test holds this call: whoever asked may be killed meanwhile, and is answered or not."""
    while (held := get("hold")) and operation == held.split()[0] and key.endswith(held.partition(" ")[2]):
        time.sleep(0.02)


def get(name):
    path = os.environ.get("MOTO_PLUS_PLAY")
    return json.loads(Path(path).read_text()).get(name) if path and Path(path).exists() else None


def log(account, region, group, stream, lines):
    """Lines in a stream of CloudWatch Logs, as a task or a machine would write them."""
    from moto.logs.models import logs_backends

    backend = logs_backends[account][region]
    if group not in backend.groups:
        return
    if stream not in backend.groups[group].streams:
        backend.create_log_stream(group, stream)
    now = int(time.time() * 1000)
    backend.put_log_events(group, stream, [{"timestamp": now, "message": line} for line in lines])
