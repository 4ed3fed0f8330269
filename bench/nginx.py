"""The peer: nginx as tutorials set it up, and nginx at its best."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from machine import require
from processes import Process
from site_folder import Site

WORKERS = 2
MIME_TYPES = "types { text/html html; text/javascript js; application/json json; }"

TUNED = """
    access_log off;
    sendfile on;
    tcp_nopush on;
    tcp_nodelay on;
    keepalive_timeout 75s;
    keepalive_requests 1000000000;
    open_file_cache max=1000 inactive=60s;
    open_file_cache_valid 60s;
    open_file_cache_min_uses 1;
    open_file_cache_errors on;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:sessions:10m;
    ssl_session_tickets on;
"""
TUTORIAL = """
    access_log {folder}/access.log;
    sendfile on;
    tcp_nopush on;
    gzip on;
"""
FORWARDING = """
            proxy_set_header Host $host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
"""


@dataclass(frozen=True)
class Server:
    """One address, and which upstream addresses its `/api/` and `/health` go to."""

    port: int
    upstream: Sequence[int] = ()
    tls: bool = False


def start(folder: Path, site: Site, servers: Sequence[Server], *, tuned: bool) -> Process:
    """nginx with all of these servers, each with the same page."""
    home = folder / ("nginx-tuned" if tuned else "nginx-tutorial")
    home.mkdir()
    (home / "site").symlink_to(site.folder)
    config = home / "nginx.conf"
    config.write_text(configuration(home, site, servers, tuned=tuned))
    arguments: list[str | Path] = [require("nginx"), "-e", home / "error.log", "-c", config]
    return Process(home.name, arguments, folder / f"{home.name}.log")


def configuration(home: Path, site: Site, servers: Sequence[Server], *, tuned: bool) -> str:
    temporary = "".join(
        f"    {kind}_temp_path {home}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    blocks = "".join(block(number, site, server, tuned=tuned) for number, server in enumerate(servers))
    return f"""
daemon off;
worker_processes {WORKERS};
worker_rlimit_nofile 20000;
pid {home}/pid;
error_log {home}/error.log warn;
events {{ worker_connections 8192; }}
http {{
    {MIME_TYPES}
{temporary}{(TUNED if tuned else TUTORIAL).format(folder=home)}{blocks}}}
"""


def block(number: int, site: Site, server: Server, *, tuned: bool) -> str:
    listen = f"127.0.0.1:{server.port}" + (" ssl" if server.tls else "") + (" reuseport" if tuned else "")
    certificate = f"ssl_certificate {site.chain}; ssl_certificate_key {site.key};" if server.tls else ""
    kept = 'proxy_http_version 1.1;\n            proxy_set_header Connection "";' if tuned else ""
    files = "" if tuned else "try_files $uri $uri/ /index.html;"
    upstream = proxied = ""
    if server.upstream:
        targets = " ".join(f"server 127.0.0.1:{port};" for port in server.upstream)
        keepalive = "keepalive 128; keepalive_requests 1000000000;" if tuned else ""
        upstream = f"    upstream api{number} {{ {targets} {keepalive} }}\n"
        proxied = "".join(
            f"""        location {path} {{
            proxy_pass http://api{number};
            {kept}{FORWARDING}        }}
"""
            for path in ("/api/", "= /health")
        )
    return f"""{upstream}    server {{
        listen {listen};
        {certificate}
        root {site.folder};
        location / {{ {files} }}
{proxied}    }}
"""
