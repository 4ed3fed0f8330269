"""Everything that is compared, running side by side: one database, both APIs, nginx twice, the edges."""

import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nginx
from builds import FASTAPI, Programs
from database import Database
from edge import Edge
from machine import Ports
from processes import BenchError, Process, until
from site_folder import Site, make

ITEMS = 10
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Entrance:
    """Where requests of one comparison go in, and which processes serve them, by role."""

    name: str
    base: str
    roles: Mapping[str, tuple[Process, ...]]


@dataclass(frozen=True)
class Stack:
    """The entrances."""

    site: Site
    edge: Entrance
    edge_tls: Entrance
    nginx: Entrance
    nginx_tls: Entrance
    nginx_tutorial: Entrance
    two_tiers: Entrance
    fastapi: Mapping[int, Entrance]
    fastapi_tutorial: Mapping[int, Entrance]
    fresh_edge: Callable[[bool], contextlib.AbstractContextManager[Entrance]]


@contextlib.contextmanager
def running(folder: Path, programs: Programs) -> Iterator[Stack]:
    """Starts everything, waits until it answers, seeds both tables; ends it all at the end, however that comes."""
    with contextlib.ExitStack() as ends:
        yield Start(folder, programs, ends).everything()


class Start:
    """The start of a stack; what has been started is ended by `ends`, last one first."""

    def __init__(self, folder: Path, programs: Programs, ends: contextlib.ExitStack) -> None:
        self._folder = folder
        self._programs = programs
        self._ends = ends
        self._ports = Ports()

    def everything(self) -> Stack:
        site = make(self._folder)
        free = self._ports.free
        database = Database(self._folder, free())
        self._ends.callback(database.process.end)
        postgres = (database.process,)

        url = database.create("items")
        items = [self._items_api(number, url) for number in (1, 2)]
        replicas = [port for port, _ in items]
        api = tuple(process for _, process in items)
        python = {workers: self._uvicorn(workers, database.create(f"fastapi{workers}")) for workers in (1, 2)}
        for port in (replicas[0], *(port for port, _ in python.values())):
            seed(port)

        tuned = {name: free() for name in ("files", "tls", "fastapi1", "fastapi2")}
        plain = {name: free() for name in ("files", "fastapi1", "fastapi2")}
        fastapi = [(f"fastapi{workers}", [port]) for workers, (port, _) in python.items()]
        servers = [nginx.Server(tuned["files"], replicas), nginx.Server(tuned["tls"], replicas, tls=True)]
        servers += [nginx.Server(tuned[name], upstream) for name, upstream in fastapi]
        best = self._started(nginx.start(self._folder, site, servers, tuned=True), tuned["fastapi2"])
        servers = [nginx.Server(plain["files"], replicas)]
        servers += [nginx.Server(plain[name], upstream) for name, upstream in fastapi]
        tutorial = self._started(nginx.start(self._folder, site, servers, tuned=False), plain["fastapi2"])

        whole = Edge("edge", free(), free(), site, replicas)
        balancer = Edge("balancer", free(), pool=replicas, behind_edge=True)
        web = Edge("web", free(), site=site, pool=[balancer.port])
        edges = {
            edge.name: self._started(edge.start(self._programs.edge, self._folder), edge.port)
            for edge in (whole, balancer, web)
        }

        behind = {"api": api, "database": postgres}

        def entrance(name: str, port: int, *fronts: tuple[str, Process], scheme: str = "http") -> Entrance:
            roles = {role: (process,) for role, process in fronts}
            return Entrance(name, f"{scheme}://127.0.0.1:{port}", {**roles, **behind})

        def through_nginx(process: Process, ports: Mapping[str, int], said: str) -> Mapping[int, Entrance]:
            return {
                workers: Entrance(
                    f"{said} → Uvicorn ×{workers}",
                    f"http://127.0.0.1:{ports[f'fastapi{workers}']}",
                    {"edge": (process,), "api": (uvicorn,), "database": postgres},
                )
                for workers, (_, uvicorn) in python.items()
            }

        assert whole.tls_port is not None
        ours, best_front = ("edge", edges["edge"]), ("edge", best)
        two = (("web", edges["web"]), ("balancer", edges["balancer"]))
        return Stack(
            site=site,
            edge=entrance("Terrace edge", whole.port, ours),
            edge_tls=entrance("Terrace edge", whole.tls_port, ours, scheme="https"),
            nginx=entrance("nginx, tuned", tuned["files"], best_front),
            nginx_tls=entrance("nginx, tuned", tuned["tls"], best_front, scheme="https"),
            nginx_tutorial=entrance("nginx, tutorial", plain["files"], ("edge", tutorial)),
            two_tiers=entrance("Terrace: web → balancer → items-api ×2", web.port, *two),
            fastapi=through_nginx(best, tuned, "nginx, tuned"),
            fastapi_tutorial=through_nginx(tutorial, plain, "nginx, tutorial"),
            fresh_edge=lambda tls: self._fresh_edge(site, replicas, tls),
        )

    @contextlib.contextmanager
    def _fresh_edge(self, site: Site, replicas: Sequence[int], tls: bool) -> Iterator[Entrance]:
        """One more edge, for as long as it is needed."""
        tls_port = self._ports.free()
        edge = Edge("fresh-edge", self._ports.free(), tls_port, site, replicas)
        process = edge.start(self._programs.edge, self._folder)
        try:
            until(f"the start of {process.name}", lambda: answers(f"http://127.0.0.1:{edge.port}/health"), process)
            base = f"https://127.0.0.1:{tls_port}" if tls else f"http://127.0.0.1:{edge.port}"
            yield Entrance("Terrace edge", base, {"edge": (process,)})
        finally:
            process.end()

    def _started(self, process: Process, port: int, path: str = "/health") -> Process:
        self._ends.callback(process.end)
        until(f"the start of {process.name}", lambda: answers(f"http://127.0.0.1:{port}{path}"), process)
        return process

    def _items_api(self, number: int, database: str) -> tuple[int, Process]:
        port, name = self._ports.free(), f"items-api-{number}"
        # Terrace sets no number of threads for an application, and neither do we.
        environment = {"DATABASE_URL": database, "PORT": str(port), "LOG_LEVEL": "info"}
        log = self._folder / f"{name}.log"
        return port, self._started(Process(name, [self._programs.items_api], log, environment=environment), port)

    def _uvicorn(self, workers: int, database: str) -> tuple[int, Process]:
        port, name = self._ports.free(), f"uvicorn-{workers}"
        arguments: list[str | Path] = [
            self._programs.uvicorn, "with_pool_of_40:app", "--host", "127.0.0.1", "--port", str(port),
            "--workers", str(workers), "--no-access-log", "--log-level", "warning",
        ]  # fmt: skip
        environment = {
            "DATABASE_URL": database,
            "PYTHONPATH": os.pathsep.join([str(HERE / "fastapi"), str(FASTAPI)]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        migrate = [self._programs.uvicorn.with_name("alembic"), "upgrade", "head"]
        subprocess.run(migrate, cwd=FASTAPI, env={**os.environ, **environment}, stdout=sys.stderr, check=True)
        log = self._folder / f"{name}.log"
        return port, self._started(
            Process(name, arguments, log, environment=environment, folder=HERE / "fastapi"), port
        )


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def seed(port: int) -> None:
    """Ten items: the page of ten that is then asked for."""
    for number in range(1, ITEMS + 1):
        body = {
            "name": f"Item {number}",
            "description": "A thing of use. " * 4,
            "price_cents": 1999,
            "quantity": number,
        }
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/items",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            if response.status != 201:
                raise BenchError(f"an item could not be added: {response.status}")
