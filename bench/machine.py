"""What the machine offers: programs, ports, cores, and the Debian packages that bring what is missing."""

import os
import platform
import pwd
import shutil
import socket
import subprocess
from pathlib import Path

from processes import BenchError, User

PACKAGES = {"nginx": "nginx-light", "wrk": "wrk", "openssl": "openssl", "initdb": "postgresql", "setpriv": "util-linux"}


def program(name: str) -> Path | None:
    """Where a program is: on the path, or where Debian hides those of a server."""
    servers = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", *map(str, servers)])
    found = shutil.which(name, path=path)
    return Path(found) if found else None


def require(name: str) -> Path:
    found = program(name)
    if found is None:
        raise BenchError(f"`{name}` is not on this machine (Debian: {PACKAGES.get(name, name)})")
    return found


def install_missing() -> None:
    """Installs from Debian what is not there, as root; otherwise says what to install."""
    missing = sorted({package for name, package in PACKAGES.items() if program(name) is None})
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise BenchError(f"install these first: apt-get install --no-install-recommends {' '.join(missing)}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], check=True, env=quiet)


def unprivileged() -> User | None:
    """Whom a database server runs as: `nobody` when this program runs as root."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return User(nobody.pw_uid, nobody.pw_gid)


class Ports:
    """Free ports on the loopback interface, chosen by the kernel, no port twice."""

    def __init__(self) -> None:
        self._given: set[int] = set()

    def free(self) -> int:
        while True:
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", 0))
                port = int(listener.getsockname()[1])
            if port not in self._given:
                self._given.add(port)
                return port


def model() -> str:
    """Cores and kernel, in one line."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} cores ({cpu}), Linux {platform.release()}"


def description() -> str:
    """The machine and its programs, in one line."""
    nginx = subprocess.run([require("nginx"), "-v"], capture_output=True, text=True, check=True).stderr
    postgres = subprocess.run([require("postgres"), "-V"], capture_output=True, text=True, check=True).stdout
    return f"{model()}, nginx {nginx.strip().rpartition('/')[2]}, PostgreSQL {postgres.split()[2]}"


def load() -> str:
    return " ".join(f"{average:.1f}" for average in os.getloadavg())
