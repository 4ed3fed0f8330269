"""What was recorded in a folder, held to the models: `findings(folder)`; `python -m models.check FOLDER` tells them.

`meant.toml` lists what is meant to be wrong, each with its reason; an entry that nothing fires any more is a finding.
"""

import fnmatch
import json
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

from botocore.exceptions import UnknownServiceError

from .exchange import Exchange

MEANT = Path(__file__).with_name("meant.toml")


def recorded(folder):
    """Each exchange once, with the tests that had it."""
    tests = defaultdict(set)
    for path in sorted(Path(folder).glob("*.jsonl")):
        program = path.name.rpartition("-")[0]
        for line in path.read_text().splitlines():
            told = json.loads(line)
            tests[json.dumps(told["exchange"])].add(f"{program} {told['test']}")
    return [(json.loads(exchange), sorted(names)) for exchange, names in tests.items()]


def found(told):
    """Which operation an exchange is of, and what is wrong with it."""
    try:
        exchange = Exchange(told)
        return exchange.name, [f"{side}: {text}" for side, text in exchange.wrong()]
    except UnknownServiceError:
        return told["service"] or "unsigned", ["sent: it is signed for no service of AWS's"]


class Checked:
    """What was found: how many exchanges of each operation there are, and what is wrong with them."""

    def __init__(self, folder):
        self.counts, self.wrong = Counter(), defaultdict(lambda: defaultdict(set))
        self.meant = tomllib.loads(MEANT.read_text())["meant"]
        fired = set()
        for told, tests in recorded(folder):
            name, wrong = found(told)
            self.counts[name] += 1
            for line in wrong:
                meant = [nth for nth, one in enumerate(self.meant) if self.fits(one, name, line, tests)]
                fired.update(meant)
                if not meant:
                    self.wrong[name][line].update(tests)
        self.idle = [one for nth, one in enumerate(self.meant) if nth not in fired]

    @staticmethod
    def fits(one, name, line, tests):
        return (
            fnmatch.fnmatchcase(name, one.get("call", "*"))
            and one["wrong"] in line
            and all(fnmatch.fnmatchcase(test, one.get("test", "*")) for test in tests)
        )

    def told(self, name):
        return "\n".join(f"{line}\n    {', '.join(sorted(tests)[:3])}" for line, tests in self.wrong[name].items())


def main():
    checked = Checked(sys.argv[1])
    for name in sorted(checked.counts):
        print(f"{name}: {checked.counts[name]}")
        if checked.wrong[name]:
            print("  " + checked.told(name).replace("\n", "\n  "))
    for one in checked.idle:
        print(f"nothing is so any more: {one}")
    return 1 if checked.idle or any(checked.wrong.values()) or not checked.counts else 0


if __name__ == "__main__":
    sys.exit(main())
