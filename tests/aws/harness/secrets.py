"""Looks for planted passwords where none may be.

The emulator's every password begins with its canary: what Secrets Manager generates, what the provider's ephemeral
resources fetch, what RDS manages. That each secret's value does begin with it is part of the test; without that,
finding nothing would say nothing.
"""

import base64
import contextlib
import gzip
import json
from pathlib import Path

from .runner import Failed


def values(asked):
    """The value of every secret the emulator holds: {name: text}."""
    listed = asked.one("secretsmanager list-secrets --include-planned-deletion")["SecretList"]
    return {
        s["Name"]: asked.one(f"secretsmanager get-secret-value --secret-id {s['ARN']}").get("SecretString", "")
        for s in listed
    }


def check_planted(asked, canary, least):
    held = values(asked)
    without = [name for name, value in held.items() if canary not in value]
    if without or len(held) < least:
        raise Failed(f"{len(held)} secrets, at least {least} wanted; without the canary: {without}")
    return held


def decoded(text):
    """The text, and what its base64 says if it is any (user data)."""
    found = [text]
    try:
        raw = base64.b64decode(text, validate=True)
        found.append((gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8", "replace"))
    except Exception:
        pass
    return found


def strings(value, path=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from strings(inner, f"{path}[{i}]")
    elif isinstance(value, str):
        yield path, value


def search(places, needles):
    """Where any needle is found. places: {name: text or JSON value}; every string is looked at raw and as base64."""
    found = []
    for name, value in places.items():
        for path, text in strings(value, name):
            for form in decoded(text):
                found += [f"{path}: {needle[:9]}…" for needle in needles if needle and needle in form]
    return found


def check_absent(places, canary, held):
    needles = {canary}
    for value in held.values():
        needles.add(value)
        with contextlib.suppress(ValueError, AttributeError):
            needles |= {v for k, v in json.loads(value).items() if k == "password"}
    found = search(places, needles)
    if found:
        raise Failed("a password was found in:\n" + "\n".join(sorted(found)))


def files(folder):
    """Every text file below a folder as a place, without the provider itself."""
    places = {}
    for path in Path(folder).rglob("*"):
        if path.is_file() and ".terraform" not in path.parts and path.stat().st_size < 32 << 20:
            places[str(path.relative_to(folder))] = path.read_bytes().decode("utf-8", "replace")
    return places
