"""A value held to a shape of a service model: names, types, enum values, required members, and of what is sent bounds.

A value is what a protocol makes of bytes: `json.py` and `xml.py` and `form.py` bring theirs here as JSON, an element or
fields. What does not hold is a line of text, `member.path: what is wrong`.
"""

import base64
import binascii
import re
from functools import cache

NUMBERS = {"integer": int, "long": int, "float": float, "double": float}
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


class Side:
    """Which side of an exchange is held: what is sent is held to bounds and patterns too, and may not be empty."""

    def __init__(self, model, sent):
        self.shapes, self.sent, self.wrong = model["shapes"], sent, []

    def says(self, path, text):
        self.wrong.append(f"{path.lstrip('.') or 'it'}: {text}")

    def required(self, shape, given, path):
        for name in shape.get("required", ()):
            if name not in given:
                self.says(path, f"{name} is required, and missing")

    def text(self, shape, text, path):
        """A value as text, as XML, forms, headers and addresses have it."""
        kind = shape["type"]
        if kind in NUMBERS:
            try:
                value = NUMBERS[kind](text)
            except ValueError:
                return self.says(path, f"{text!r} is no {kind}")
            return self.bounds(shape, value, path)
        if kind == "boolean" and text not in ("true", "false"):
            self.says(path, f"{text!r} is neither true nor false")
        elif kind == "timestamp" and not DATE.fullmatch(text):
            self.says(path, f"{text!r} is no date of ISO 8601")
        elif kind == "blob":
            try:
                base64.b64decode(text, validate=True)
            except binascii.Error:
                self.says(path, f"{text!r} is no base64")
        elif kind in ("string", "character"):
            self.string(shape, text, path)
        elif kind in ("structure", "list", "map"):
            self.says(path, f"a {kind} is meant, not text")
        return None

    def string(self, shape, text, path):
        if "enum" in shape and text not in shape["enum"]:
            self.says(path, f"{text!r} is none of {', '.join(shape['enum'][:12])}")
        if self.sent:
            self.bounds(shape, len(text), path)
            pattern = compiled(shape.get("pattern", ""))
            if pattern and not pattern.search(text):
                self.says(path, f"{text!r} does not match {shape['pattern']}")

    def bounds(self, shape, size, path):
        if self.sent and not shape.get("min", size) <= size <= shape.get("max", size):
            self.says(path, f"{size} is not within {shape.get('min', '')}..{shape.get('max', '')}")


@cache
def compiled(pattern):
    """Java's expressions, as far as Python reads them; the whole text is meant."""
    try:
        return re.compile(f"^(?:{pattern})$") if pattern else None
    except re.error:
        return None


def body_members(shapes, shape):
    """Members that stand in the body."""
    return {name: one for name, one in shape.get("members", {}).items() if "location" not in one}


def merged(shapes, reference):
    """The shape of a member, with what the reference itself says (`locationName`, `timestampFormat`)."""
    return shapes[reference["shape"]] | {k: v for k, v in reference.items() if k != "shape"}
