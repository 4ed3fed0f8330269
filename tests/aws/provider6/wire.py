"""Terraform's plugin protocol 6.8 as bytes: only the messages that `validate` needs.

Field numbers are those of tfplugin6.proto (https://github.com/hashicorp/terraform/tree/main/docs/plugin-protocol);
bindings that know write-only attributes and ephemeral resources are not on PyPI.
"""

import json

NESTING = {"single": 1, "list": 2, "set": 3, "map": 4, "group": 5}


def varint(n):
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def number(field, n):
    return varint(field << 3) + varint(n) if n else b""


def data(field, value):
    value = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(value)) + value


def fields(message):
    """{field: value} of a message; of repeated fields the last."""
    out, at = {}, 0

    def read():
        nonlocal at
        n = shift = 0
        while True:
            byte = message[at]
            at += 1
            n |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return n

    while at < len(message):
        key = read()
        if key & 7 == 0:
            out[key >> 3] = read()
        elif key & 7 == 2:
            size = read()
            out[key >> 3] = message[at : at + size]
            at += size
        else:
            raise ValueError(f"wire type {key & 7}")
    return out


def attribute(name, a):
    flags = b"".join(
        number(i, a.get(flag, False))
        for i, flag in ((4, "required"), (5, "optional"), (6, "computed"), (11, "write_only"))
    )
    return data(1, name) + data(2, json.dumps(a["type"])) + flags


def block(b):
    attributes = b"".join(data(2, attribute(n, a)) for n, a in sorted(b.get("attributes", {}).items()))
    nested = b"".join(
        data(
            3,
            data(1, n)
            + data(2, block(x["block"]))
            + number(3, NESTING[x["nesting_mode"]])
            + number(4, x.get("min_items", 0))
            + number(5, x.get("max_items", 0)),
        )
        for n, x in sorted(b.get("block_types", {}).items())
    )
    return attributes + nested


def schema(b):
    return data(2, block(b))


def provider_schema(provider, resources, datas, ephemerals):
    """GetProviderSchema.Response."""
    entries = ((2, resources), (3, datas), (8, ephemerals))
    maps = b"".join(data(f, data(1, n) + data(2, schema(b))) for f, held in entries for n, b in held.items())
    return data(1, schema(provider)) + maps


def diagnostic(field, summary, detail, attribute_name):
    """One error, in the field where a response keeps its diagnostics."""
    path = data(1, data(1, attribute_name))
    return data(field, number(1, 1) + data(2, summary) + data(3, detail) + data(4, path))
