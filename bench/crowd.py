"""The memory of an edge, and of nginx, that holds many connections at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from comparisons import HEALTH, INDEX, SCRIPT
from measure import wrk
from processes import Memory
from stack import Entrance, Stack

CONNECTIONS = 1000
LIMIT_MIB = 30


@dataclass(frozen=True)
class Ask:
    """What all connections ask for."""

    said: str
    path: str
    tls: bool = False
    page: bool = False
    """Whether it is what most connections of an edge are there for: the page, in clear."""


ASKS = (
    Ask("small static file", INDEX, page=True),
    Ask("100 KB file", SCRIPT, page=True),
    Ask("small static file, TLS", INDEX, tls=True),
    Ask("100 KB file, TLS", SCRIPT, tls=True),
    Ask("proxied request, as many in flight", HEALTH),
)


def crowd(stack: Stack, seconds: int) -> dict[Ask, dict[str, Memory]]:
    """By what is asked for, then by peer: what is held in the middle of a run, by an edge that has just started."""
    found: dict[Ask, dict[str, Memory]] = {}
    for ask in ASKS:
        nginx = stack.nginx_tls if ask.tls else stack.nginx
        with stack.fresh_edge(ask.tls) as edge:
            found[ask] = {"Terrace edge": held(edge, ask, seconds), "nginx, tuned": held(nginx, ask, seconds)}
    return found


def held(entrance: Entrance, ask: Ask, seconds: int) -> Memory:
    return wrk(entrance, ask.path, seconds, CONNECTIONS)[1]["edge"]


def worst(found: Mapping[Ask, Mapping[str, Memory]], page: bool) -> float:
    """The most an edge held, resident MiB."""
    return max(by_peer["Terrace edge"].rss for ask, by_peer in found.items() if ask.page == page) / 2**20
