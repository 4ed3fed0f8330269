"""Bodies as forms: what `query` and `ec2` are sent."""

from .shapes import merged


class Form:
    """Fields by their names, of which some have been understood."""

    def __init__(self, side, fields, ec2):
        self.side, self.fields, self.ec2 = side, dict(fields), ec2
        self.left = set(self.fields)
        if len(self.fields) != len(fields):
            side.says("", "a field stands there twice")

    def has(self, prefix):
        return any(name == prefix or name.startswith(f"{prefix}.") for name in self.fields)

    def hold(self, shape, prefix=""):
        """All fields below a prefix held to a shape."""
        kind = shape["type"]
        if kind == "structure":
            given = set()
            for name, one in shape.get("members", {}).items():
                inner = merged(self.side.shapes, one)
                place = f"{prefix}.{self.called(name, one, inner)}".lstrip(".")
                if self.has(place):
                    given.add(name)
                    self.hold(inner, place)
            self.side.required(shape, given, prefix)
        elif kind == "list":
            item = merged(self.side.shapes, shape["member"])
            if not self.ec2 and not shape.get("flattened"):
                prefix = f"{prefix}.{shape['member'].get('locationName', 'member')}"
            self.numbered(prefix, lambda place: self.hold(item, place))
        elif kind == "map":
            key, value = shape["key"], shape["value"]

            def entry(place):
                self.hold(merged(self.side.shapes, key), f"{place}.{key.get('locationName', 'key')}")
                self.hold(merged(self.side.shapes, value), f"{place}.{value.get('locationName', 'value')}")

            self.numbered(prefix if shape.get("flattened") else f"{prefix}.entry", entry)
        elif prefix in self.fields:
            self.left.discard(prefix)
            self.side.text(shape, self.fields[prefix], prefix)

    def numbered(self, prefix, hold):
        nth = 1
        while self.has(f"{prefix}.{nth}"):
            hold(f"{prefix}.{nth}")
            nth += 1

    def called(self, name, reference, inner):
        if self.ec2:
            other = reference.get("locationName", name)
            return reference.get("queryName", other[:1].upper() + other[1:])
        if inner["type"] == "list" and inner.get("flattened") and "locationName" in inner["member"]:
            return inner["member"]["locationName"]
        return reference.get("locationName", name)

    def end(self):
        for name in sorted(self.left):
            self.side.says("", f"there is no parameter {name}")
