"""Bodies in JSON: the protocols `json` and `rest-json`."""

from .shapes import NUMBERS, body_members, merged


def hold(side, shape, value, path=""):
    """A value held to a shape; null is as good as nothing."""
    kind = shape["type"]
    if kind == "structure":
        if shape.get("document"):
            return None
        structure(side, shape, value, path)
    elif kind == "list":
        if not isinstance(value, list):
            return side.says(path, f"a list is meant, not {value!r}")
        side.bounds(shape, len(value), path)
        for nth, one in enumerate(value):
            hold(side, merged(side.shapes, shape["member"]), one, f"{path}[{nth}]")
    elif kind == "map":
        if not isinstance(value, dict):
            return side.says(path, f"a map is meant, not {value!r}")
        for key, one in value.items():
            side.string(merged(side.shapes, shape["key"]), key, f"{path}.{key}")
            hold(side, merged(side.shapes, shape["value"]), one, f"{path}.{key}")
    elif kind in NUMBERS or (kind == "timestamp" and shape.get("timestampFormat", "unixTimestamp") == "unixTimestamp"):
        whole = kind in ("integer", "long")
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            return side.says(path, f"a number ({kind}) is meant, not {value!r}")
        if kind != "timestamp":
            side.bounds(shape, value, path)
    elif kind == "boolean":
        if not isinstance(value, bool):
            side.says(path, f"true or false is meant, not {value!r}")
    elif not isinstance(value, str):
        side.says(path, f"text ({kind}) is meant, not {value!r}")
    else:
        side.text(shape, value, path)
    return None


def structure(side, shape, value, path):
    if not isinstance(value, dict):
        return side.says(path, f"a structure is meant, not {value!r}")
    members = body_members(side.shapes, shape)
    names = {one.get("locationName", name): name for name, one in members.items()}
    given = {names.get(key, key): one for key, one in value.items() if one is not None}
    for name, one in given.items():
        if name in members:
            hold(side, merged(side.shapes, members[name]), one, f"{path}.{name}")
        else:
            side.says(path, f"there is no member {name}")
    inside = [name for name in shape.get("required", ()) if name in members]
    side.required({"required": inside}, given, path)
    return None
