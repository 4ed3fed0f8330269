"""Checks a scenario's expectations, which are data: scenarios/NAME.yaml and scenarios/_all.yaml.

Each has `what` (the sentence that is tested) and one source: `ask` (an AWS command line without `aws`, with `take`, a
JMESPath over the answer) or `view` (see views.py); and one judgement: `equals`, `contains` (every line), `none`
(nothing is found), `count`, or `each` (a table of JMESPath: value that holds for every element, and at least one).
`for` limits an expectation of _all.yaml to scenarios of a shape.
"""

import jmespath

from . import views
from .runner import Failed


def answer(expectation, asked):
    if "view" in expectation:
        return views.VIEWS[expectation["view"]](asked)
    question = expectation["ask"]
    if "over" in expectation:  # one question per element of another answer
        listed = jmespath.search(expectation["over"]["take"], asked.one(expectation["over"]["ask"])) or []
        all_questions = [question.replace("{}", x) for x in listed]
        taken = [jmespath.search(expectation.get("take", "@"), asked.one(q)) for q in all_questions]
        return [x for t in taken for x in (t if isinstance(t, list) else [t])]
    return jmespath.search(expectation.get("take", "@"), asked.one(question))


def judge(expectation, got):
    """Failed, with what was there instead, unless the expectation holds."""
    if "equals" in expectation:
        wanted = expectation["equals"]
        if isinstance(wanted, list) and isinstance(got, list):
            missing, extra = [x for x in wanted if x not in got], [x for x in got if x not in wanted]
            if missing or extra:
                raise Failed("\n".join([f"missing: {x}" for x in missing] + [f"not expected: {x}" for x in extra]))
        elif got != wanted:
            raise Failed(f"wanted {wanted!r}, got {got!r}")
    if "contains" in expectation:
        missing = [x for x in expectation["contains"] if x not in (got or [])]
        if missing:
            raise Failed(f"missing: {missing}\nthere: {got}")
    if expectation.get("none") and got:
        raise Failed("\n".join(["there is:", *map(str, got if isinstance(got, list) else [got])]))
    if "count" in expectation and len(got or []) != expectation["count"]:
        raise Failed(f"wanted {expectation['count']}, got {len(got or [])}: {got}")
    if "each" in expectation:
        if not got:
            raise Failed("there is none")
        wrong = []
        for element in got:
            for path, wanted in expectation["each"].items():
                value = jmespath.search(path, element)
                if value != wanted:
                    wrong.append(f"{path}: wanted {wanted!r}, got {value!r} in {str(element)[:300]}")
        if wrong:
            raise Failed("\n".join(wrong))


def check(expectation, asked):
    known = {"what", "ask", "take", "over", "view", "equals", "contains", "none", "count", "each", "for"}
    if expectation.keys() - known or not expectation.keys() & {"equals", "contains", "none", "count", "each"}:
        raise Failed(f"no such expectation: {sorted(expectation)}")
    judge(expectation, answer(expectation, asked))
