"""checkov over exports, against the list of findings that are accepted with a reason.

`checkov-accepted.toml`: [[accepted]] id, resource (a shell pattern), reason. A finding that is not listed fails; so
does an entry that nothing fires any more.
"""

import fnmatch
import json
import os
import subprocess
import tomllib
from pathlib import Path

from .runner import Failed

LIST = Path(__file__).resolve().parent.parent / "checkov-accepted.toml"


def findings(folder, work):
    """Failed checks of an export: {(id, resource): title}, and how many passed."""
    program = Path(os.environ["TERRACE_AWS_VENV_CHECKOV"]) / "bin" / "checkov"
    command = [
        program,
        "-d",
        folder,
        "--framework",
        "terraform",
        "-o",
        "json",
        "--compact",
        "--quiet",
        "--skip-download",
        "--download-external-modules",
        "false",
    ]
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(work),
        "LOG_LEVEL": "ERROR",
        "PYTHONPYCACHEPREFIX": os.environ.get("PYTHONPYCACHEPREFIX", ""),
    }
    done = subprocess.run(command, capture_output=True, text=True, env=env, stdin=subprocess.DEVNULL)
    try:
        result = json.loads(done.stdout)
    except ValueError:
        raise Failed(f"checkov: exit {done.returncode}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}") from None
    result = result[0] if isinstance(result, list) else result
    if not result.get("summary", {}).get("resource_count"):
        raise Failed(f"checkov saw no resource: {done.stdout[:500]}")
    failed = result.get("results", {}).get("failed_checks", [])
    # `--quiet` leaves passed checks out of the results and counts them in the summary
    return {(c["check_id"], c["resource"]): c["check_name"] for c in failed}, result["summary"]["passed"]


class Accepted:
    def __init__(self):
        self.entries = tomllib.loads(LIST.read_text()).get("accepted", []) if LIST.exists() else []
        self.fired = set()

    def check(self, folder, work):
        found, passed = findings(folder, work)
        unlisted = []
        for (id_, resource), title in sorted(found.items()):
            hits = [
                i for i, e in enumerate(self.entries) if e["id"] == id_ and fnmatch.fnmatch(resource, e["resource"])
            ]
            self.fired.update(hits)
            if not hits:
                unlisted.append(f"{id_} {resource}: {title}")
        if unlisted:
            raise Failed(f"{passed} passed; not accepted in {LIST.name}:\n" + "\n".join(unlisted))

    def check_all_fired(self):
        idle = [f"{e['id']} {e['resource']}" for i, e in enumerate(self.entries) if i not in self.fired]
        without = [e["id"] for e in self.entries if len(e.get("reason", "")) < 15]
        if idle or without:
            raise Failed(f"accepted, and no longer found: {idle}; without a reason: {without}")
