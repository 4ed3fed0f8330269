"""The memory of an edge, and of nginx, that holds many connections at once."""

from collections.abc import Mapping

from comparisons import HEALTH, INDEX, SCRIPT
from measure import wrk
from processes import Memory
from stack import Stack

CONNECTIONS = 1000
LIMIT_MIB = 30


def crowd(stack: Stack, seconds: int) -> dict[str, dict[str, Memory]]:
    """By what is asked for, then by peer: what is held in the middle of a run with all connections busy."""
    plain = {"Terrace edge": stack.edge, "nginx, tuned": stack.nginx}
    secure = {"Terrace edge": stack.edge_tls, "nginx, tuned": stack.nginx_tls}
    found: dict[str, dict[str, Memory]] = {}
    for what, path, peers in (
        ("small static file", INDEX, plain),
        ("proxied request", HEALTH, plain),
        ("100 KB file", SCRIPT, plain),
        ("small static file, TLS", INDEX, secure),
        ("100 KB file, TLS", SCRIPT, secure),
    ):
        found[what] = {peer: wrk(entrance, path, seconds, CONNECTIONS)[1]["edge"] for peer, entrance in peers.items()}
    return found


def worst(found: Mapping[str, Mapping[str, Memory]]) -> float:
    """The most an edge held, resident MiB."""
    return max(by_peer["Terrace edge"].rss for by_peer in found.values()) / 2**20
