"""The jobs of the part `deploy`."""

from harness.runner import Job

from .faults import Faults
from .life import Fargate
from .machines import Machines


def jobs(terraform, work, only):
    chosen = [one for one in (Fargate, Machines, Faults) if only in one.name]
    return [Job(one.name, one(terraform, work).run, waits=True) for one in chosen]
