"""One PostgreSQL server for every stack, with a database for each API; never root, never the default port."""

import os
import secrets
import signal
import subprocess
from pathlib import Path

from machine import require, unprivileged
from processes import Process, until

CONNECTIONS = 250
"""80 for two Uvicorn workers, 40 for one, 16 for two Rust replicas, and room."""


class Database:
    """A running server in its own folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self._port = port
        self._password = secrets.token_hex(16)
        home = folder / "postgres"
        home.mkdir(mode=0o700)
        password = home / "password"
        password.write_text(self._password)
        password.chmod(0o600)
        user = unprivileged()
        if user is not None:
            for path in (home, password):
                os.chown(path, user.uid, user.gid)
        making = Process(
            "initdb",
            [require("initdb"), "--no-sync", "--auth=scram-sha-256", "--username=bench", f"--pwfile={password}",
             "--encoding=UTF8", "--locale=C", "-D", home / "data"],
            folder / "initdb.log", user=user, folder=home,
        )  # fmt: skip
        making.wait()
        password.unlink()
        self.process = Process(
            "postgres",
            [require("postgres"), "-D", home / "data", "-k", "", "-h", "127.0.0.1", "-p", str(port),
             "-c", f"max_connections={CONNECTIONS}"],
            folder / "postgres.log", user=user, folder=home, gentle=signal.SIGINT,
        )  # fmt: skip
        try:
            until("PostgreSQL's start", lambda: self._sql("postgres", "select 1"), self.process)
        except BaseException:
            self.process.end()
            raise

    def create(self, name: str) -> str:
        """A new database; its URL."""
        self._sql("postgres", f"create database {name}")
        return f"postgresql://bench:{self._password}@127.0.0.1:{self._port}/{name}"

    def settle(self, name: str) -> None:
        """What autovacuum would do some time later, now, so that it does not happen in the middle."""
        self._sql(name, "vacuum analyze")

    def _sql(self, database: str, statement: str) -> bool:
        done = subprocess.run(
            [require("psql"), "-X", "-q", "-h", "127.0.0.1", "-p", str(self._port), "-U", "bench", "-d", database,
             "-c", statement],
            env={**os.environ, "PGPASSWORD": self._password}, capture_output=True, check=False,
        )  # fmt: skip
        return done.returncode == 0
