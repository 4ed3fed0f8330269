"""Reads an image layout with nothing but Python's library, checks every digest and size, and prints what is in it.

Usage: read.py FOLDER
"""

import gzip
import hashlib
import json
import pathlib
import sys
import tarfile

folder = pathlib.Path(sys.argv[1])
seen = set()


def blob(descriptor):
    algorithm, digest = descriptor["digest"].split(":")
    assert algorithm == "sha256"
    path = folder / "blobs" / algorithm / digest
    data = path.read_bytes()
    assert hashlib.sha256(data).hexdigest() == digest, digest
    assert len(data) == descriptor["size"], digest
    seen.add(path)
    return data


def image(descriptor):
    manifest = json.loads(blob(descriptor))
    assert manifest["schemaVersion"] == 2 and manifest["mediaType"] == descriptor["mediaType"]
    config = json.loads(blob(manifest["config"]))
    platform = descriptor.get("platform", config)
    assert (platform["architecture"], platform["os"]) == (config["architecture"], config["os"])
    print(f"image for {config['os']}/{config['architecture']}")
    diffs = config["rootfs"]["diff_ids"]
    assert len(diffs) == len(manifest["layers"]) == len(config["history"])
    for layer, diff, history in zip(manifest["layers"], diffs, config["history"]):
        assert layer["mediaType"] == "application/vnd.oci.image.layer.v1.tar+gzip"
        packed = blob(layer)
        assert packed[:10] == bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF])
        data = gzip.decompress(packed)
        assert "sha256:" + hashlib.sha256(data).hexdigest() == diff
        path = folder.parent / (folder.name + ".tar")
        path.write_bytes(data)
        print(f"layer: {history['comment']}")
        with tarfile.open(path, "r:") as archive:
            entries = archive.getmembers()
        path.unlink()
        assert [e.name for e in entries] == sorted(e.name for e in entries)
        for e in entries:
            assert (e.uname, e.gname) == ("", ""), "a name of this machine"
            kind = {tarfile.REGTYPE: "-", tarfile.DIRTYPE: "d", tarfile.SYMTYPE: "l"}[e.type]
            print(f"  {kind} {e.mode:04o} {e.uid}:{e.gid} {e.mtime} {e.size} {e.name}" + (f" -> {e.linkname}" if e.linkname else ""))


def walk(descriptor):
    if descriptor["mediaType"] == "application/vnd.oci.image.index.v1+json":
        for manifest in json.loads(blob(descriptor))["manifests"]:
            walk(manifest)
    else:
        image(descriptor)


assert json.loads((folder / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
for top in json.loads((folder / "index.json").read_text())["manifests"]:
    walk(top)
left = set((folder / "blobs" / "sha256").iterdir()) - seen
assert not left, f"blobs that nothing names: {left}"
