"""Derives the schema of hashicorp/aws 6.x from the npm package @cdktn/provider-aws (MPL-2.0), offline from its archive.

`python -m provider6.derive PACKAGE.tgz SCHEMA.json`. The package's JavaScript has one class per resource with a comment
for each attribute (computed, optional, required), accessors that give its type, and a table that tells blocks from
attributes. The result has the shape {"resource"|"data"|"ephemeral": {type: {"attributes", "block_types"}}, "version"}.
"""

import json
import re
import sys
import tarfile

CLASS = re.compile(r"^class (\w+) extends (cdktn\.\w+) \{\n(.*?)^\}", re.S | re.M)
TABLE = re.compile(r"^function (\w+)ToHclTerraform\(struct\) \{\n(.*?)^\}", re.S | re.M)
ROW = re.compile(
    r'\n\s+(\w+): \{\n\s+value: (.*?),\n\s+isBlock: (true|false),\n\s+type: "(\w+)",\n\s+storageClassType: "(\w+)"'
)
ATTRIBUTE = re.compile(
    r"// (\w+) - computed: (true|false), optional: (true|false), required: (true|false) *\n(.*?)(?=\n    // \w+ - computed:|\n    // =====|\Z)",
    re.S,
)
PRIMITIVE = {"String": "string", "Number": "number", "Boolean": "bool"}
ACCESSOR = {
    "List": ["list", "string"],
    "NumberList": ["list", "number"],
    "StringMap": ["map", "string"],
    "BooleanMap": ["map", "bool"],
    "NumberMap": ["map", "number"],
    "AnyMap": ["map", "string"],
}


def rows(text):
    """name -> (is a block, its nesting or type)"""
    return {name: (block == "true", kind) for name, _, block, kind, _ in ROW.findall(text)}


class Source:
    """One resource's JavaScript."""

    def __init__(self, text):
        self.classes = {m[1]: (m[2], m[3]) for m in CLASS.finditer(text)}
        self.tables = {m[1]: rows(m[2]) for m in TABLE.finditer(text)}

    def block(self, name, table):
        """The attributes and blocks of a class, and of those within."""
        attributes, blocks = {}, {}
        for m in ATTRIBUTE.finditer(self.classes[name][1]):
            key, rest = m[1], m[5]
            flags = {
                flag: True
                for flag, on in zip(("computed", "optional", "required"), m.groups()[1:4], strict=True)
                if on == "true"
            }
            is_block, nesting = table.get(key, (False, None))
            made = re.search(r"= new (cdktn\.)?(\w+)\(this, ['\"]%s['\"](?:, (true|false))?" % key, rest)
            if made and not made[1]:
                self.structure(key, made, flags, is_block, nesting, attributes, blocks)
                continue
            attributes[key] = {"type": self.simple(key, made, nesting, rest), **flags}
            if key.endswith("_wo") and "optional" in flags:  # the provider's own rule for write-only arguments
                attributes[key]["write_only"] = True
        return attributes, blocks

    def structure(self, key, made, flags, is_block, nesting, attributes, blocks):
        """An attribute or block whose value has a class of its own."""
        cls, wraps = made[2], made[3] == "true"
        base = re.sub(r"(List|Map|OutputReference)$", "", cls)
        inner, inner_blocks = self.block(base + "OutputReference", self.tables.get(base[0].lower() + base[1:], {}))
        kind = ["object", {k: v["type"] for k, v in inner.items()}]
        if is_block and "computed" in flags:  # an optional and computed attribute in block syntax
            attributes[key] = {"type": [nesting if nesting in ("set", "list") else "list", kind], **flags}
        elif is_block:
            block = {
                "nesting_mode": "single" if nesting == "struct" else nesting,
                "block": {"attributes": inner, "block_types": inner_blocks},
            }
            if cls.endswith("OutputReference") and nesting in ("list", "set"):
                block["max_items"] = 1
            if "required" in flags and nesting in ("list", "set"):
                block["min_items"] = 1
            blocks[key] = block
        else:
            kind[1] |= {k: [b["nesting_mode"], ["object", {}]] for k, b in inner_blocks.items()}
            single = cls.endswith("OutputReference") and nesting == "struct"
            outer = "set" if wraps or nesting == "set" else "map" if cls.endswith("Map") else "list"
            attributes[key] = {"type": kind if single else [outer, kind], **flags}

    @staticmethod
    def simple(key, made, nesting, rest):
        """The type of an attribute of strings, numbers and booleans."""
        if made:  # StringMap, NumberList, BooleanMap, StringMapList, AnyMap …
            primitive = next((t for p, t in PRIMITIVE.items() if made[2].startswith(p)), "string")
            if made[2].endswith("MapList"):
                return ["list", ["map", primitive]]
            return ["map" if made[2].endswith("Map") else "list", primitive]
        accessor = re.search(r"this\.get(\w+?)Attribute\(['\"]%s['\"]\)" % key, rest)
        if not accessor:
            return "string"
        kind = PRIMITIVE.get(accessor[1]) or ACCESSOR.get(accessor[1], "string")
        if isinstance(kind, list):
            kind = ["set" if "Fn.tolist" in rest else nesting if nesting in ("set", "list") else kind[0], kind[1]]
        return kind


def derive(text):
    """(kind, type, schema, version) of the resource in this JavaScript, or None."""
    source = Source(text)
    for name, (base, body) in source.classes.items():
        typed = re.search(r"terraformResourceType: '(\w+)'", body)
        if not typed:
            continue
        table = re.search(r"synthesizeHclAttributes\(\) \{(.*)", body, re.S)
        attributes, blocks = source.block(name, rows(table[1]) if table else {})
        kind = "data" if "DataSource" in base else "ephemeral" if "Ephemeral" in base else "resource"
        return (
            kind,
            typed[1],
            {"attributes": attributes, "block_types": blocks},
            re.search(r"providerVersion: '([\d.]+)'", body)[1],
        )
    return None


def main(package, out):
    schema = {"resource": {}, "data": {}, "ephemeral": {}}
    versions = set()
    with tarfile.open(package) as archive:
        for member in archive:
            if re.match(r"package/lib/[\w-]+/index\.js$", member.name):
                found = derive(archive.extractfile(member).read().decode())
                if found:
                    kind, name, block, version = found
                    kind = "ephemeral" if "/ephemeral-" in member.name else kind
                    schema[kind][name] = block
                    versions.add(version)
    if len(versions) != 1 or len(schema["resource"]) < 1000:
        sys.exit(f"the package has changed its form: versions {versions}, {len(schema['resource'])} resources")
    with open(out, "w") as file:
        json.dump(schema | {"version": versions.pop()}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
