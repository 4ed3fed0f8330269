"""Terrace's side: edge processes, configured as `terrace up` configures them, but without their request log."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from processes import Process
from site_folder import Site

WORKERS = 2


@dataclass(frozen=True)
class Edge:
    """One edge process. `pool` takes everything when there is no page, `/api/*` and `/health` when there is."""

    name: str
    port: int
    tls_port: int | None = None
    site: Site | None = None
    pool: Sequence[int] = ()
    health: str = "/health"
    behind_edge: bool = False

    def start(self, program: Path, folder: Path) -> Process:
        config = folder / f"{self.name}.json"
        config.write_text(json.dumps(self._configuration(), indent=2))
        # As many threads as nginx has workers.
        environment = {"TOKIO_WORKER_THREADS": str(WORKERS)}
        return Process(self.name, [program, config], folder / f"{self.name}.log", environment=environment)

    def _configuration(self) -> Mapping[str, object]:
        proxied = {"proxy": "api"}
        routes = []
        listeners: list[object] = [listener(self.port)]
        if self.site is not None:
            files = {"folder": str(self.site.folder), "single_page": True, "compression": "on"}
            routes.append({"path": "/*", "action": {"files": files}})
            if self.tls_port is not None:
                chain_and_key = {"chain": str(self.site.chain), "key": str(self.site.key)}
                listeners.append(listener(self.tls_port, {"certificate": {"files": chain_and_key}}))
        if self.pool:
            paths = ["/*"] if self.site is None else ["/api/*", "/health"]
            routes += [{"path": path, "action": proxied} for path in paths]
        return {
            "name": self.name,
            "listeners": listeners,
            "routes": routes,
            "pools": {"api": self._pool()} if self.pool else {},
            "peer": "edge" if self.behind_edge else "public",
            "limits": {
                "connections": 10_000, "requests": 5_000, "header_bytes": 65_536, "header_fields": 128,
                "target_bytes": 8_192, "body_bytes": 33_554_432, "header_timeout": 10_000,
                "body_timeout": 30_000, "idle_timeout": 65_000,
            },
            "access_log": "off",
            "drain": 1_000,
        }  # fmt: skip

    def _pool(self) -> Mapping[str, object]:
        return {
            "targets": [f"127.0.0.1:{port}" for port in self.pool],
            "health": {
                "path": self.health, "interval": 2_000, "timeout": 2_000, "healthy_after": 1, "unhealthy_after": 3,
                "expect": [200, 399],
            },
            "concurrency": None, "queue_timeout": 10_000, "queue_length": 1_024,
            "ejection": {"after": 3, "base": 1_000, "at_most": 30_000},
            "slow_start": 0, "deregistration_delay": 30_000, "connect_timeout": 2_000,
            "response_timeout": 60_000, "keep_alive": 4_000,
        }  # fmt: skip


def listener(port: int, tls: object = None) -> Mapping[str, object]:
    return {"address": f"127.0.0.1:{port}", "tls": tls, "redirect_to_https": None}
