"""Bodies in XML: answers of `query`, `ec2` and `rest-xml`, and what `rest-xml` is sent."""

from .shapes import body_members, merged


def local(element):
    return element.tag.rsplit("}", 1)[-1]


def hold(side, shape, element, path=""):
    """An element held to a shape."""
    kind = shape["type"]
    if kind == "structure":
        structure(side, shape, list(element), path)
    elif kind == "list":
        item = merged(side.shapes, shape["member"])
        name = shape["member"].get("locationName", "member")
        for one in element:
            if local(one) != name:
                side.says(path, f"an item is called {name}, not {local(one)}")
            hold(side, item, one, f"{path}[]")
    elif kind == "map":
        for entry in element:
            pair(side, shape, entry, path)
    elif len(element):
        side.says(path, f"a {kind} is meant, not elements")
    else:
        side.text(shape, element.text or "", path)


def pair(side, shape, entry, path):
    for one, default in (("key", "key"), ("value", "value")):
        found = entry.find(shape[one].get("locationName", default))
        if found is None:
            side.says(path, f"an entry has no {one}")
        else:
            hold(side, merged(side.shapes, shape[one]), found, f"{path}.{one}")


def structure(side, shape, elements, path, ignored=()):
    """The elements of a structure; `ignored` are those that every answer may have."""
    names = {}
    for name, one in body_members(side.shapes, shape).items():
        inner = side.shapes[one["shape"]]
        written = one.get("locationName", name)
        flat = inner["type"] in ("list", "map") and (inner.get("flattened") or one.get("flattened"))
        if flat and inner["type"] == "list":
            written = inner["member"].get("locationName", written)
        if not one.get("xmlAttribute"):
            names[written] = (name, merged(side.shapes, one), flat)
    given = {name for name, one in shape.get("members", {}).items() if one.get("xmlAttribute")}
    for element in elements:
        if local(element) in ignored:
            continue
        if local(element) not in names:
            side.says(path, f"there is no member {local(element)}")
            continue
        name, inner, flat = names[local(element)]
        if name in given and not flat:
            side.says(path, f"{name} stands there twice")
        given.add(name)
        if flat and inner["type"] == "list":
            hold(side, merged(side.shapes, inner["member"]), element, f"{path}.{name}[]")
        elif flat:
            pair(side, inner, element, f"{path}.{name}")
        else:
            hold(side, inner, element, f"{path}.{name}")
    inside = [name for name in shape.get("required", ()) if "location" not in shape["members"][name]]
    side.required({"required": inside}, given, path)
