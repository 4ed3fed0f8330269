"""The databases' own clients, and a hundred megabytes to move: text, and bytes of every value."""

import hashlib
import subprocess
from pathlib import Path

from harness.runner import Failed

from .around import environment, run

ROWS = 100_000
SOME_ROWS = 35_000
"""Some 35 MB: more than every buffer on the way, less than what one stream may hold (64 MiB)."""
LEAST = 100_000_000


def digest_of(file, without=()):
    """SHA-256 of a dump but for the lines that begin as given: what a client makes up anew each time."""
    found, size = hashlib.sha256(), 0
    with Path(file).open("rb") as lines:
        for line in lines:
            size += len(line)
            if not line.startswith(without or (b"\xff\xff",)):
                found.update(line)
    return found.hexdigest(), size


class Client:
    """One engine's clients. `at` is always a Database: host and port as the client should dial them."""

    made_up = ()

    def __init__(self, private):
        self.private = private  # a folder for files that only this user reads

    def server(self):
        """Options of `terrace up`: which server's programs, where the clients are particular."""
        return []

    def sql(self, at, statement, seconds=120):
        done = run(self.words(at, statement), env=self.env(at), seconds=seconds)
        return done.stdout.strip()

    def dump(self, at, file):
        """Dumps the table over a connection; digest and size."""
        with Path(file).open("wb") as out:
            run(self.dump_words(at), env=self.env(at), stdout=out, stderr=subprocess.PIPE, capture_output=False)
        found, size = digest_of(file, self.made_up)
        if size < LEAST:
            raise Failed(f"the dump has {size} bytes only")
        return found

    def restore(self, at, file):
        """Puts the dump's table back, through a connection."""
        with Path(file).open("rb") as source:
            run(self.restore_words(at), env=self.env(at), stdin=source)

    def stalled(self, at, rows=SOME_ROWS):
        """A client that asks for a huge result and does not read it: the pipe it writes to is read by nobody."""
        return subprocess.Popen(
            self.stream_words(at, rows),
            env=self.env(at),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def lose(self, at):
        """Away with the table."""
        self.sql(at, "drop table luggage")

    def whole(self, at):
        """The digest of what the stalled client would read."""
        done = run(self.stream_words(at, SOME_ROWS), env=self.env(at), text=False)
        return hashlib.sha256(done.stdout).hexdigest()


class Postgres(Client):
    engine = "postgres"
    made_up = (b"\\restrict ", b"\\unrestrict ")  # a key that pg_dump draws

    def server(self):
        """pg_dump reads no server that is newer than itself: that of its own package, wherever it stands."""
        folders = [f for f in Path("/usr/lib/postgresql").glob("*/bin") if (f / "initdb").exists()]
        newest = max(folders, key=lambda folder: float(folder.parent.name), default=None)
        return ["--db-bin", newest] if newest else []

    def env(self, at):
        return environment(PGPASSWORD=at.password, PGCONNECT_TIMEOUT="20", PGSSLMODE="prefer")

    def where(self, at):
        return ["-h", at.host, "-p", str(at.port), "-U", at.user]

    def words(self, at, statement):
        return [
            "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            *self.where(at),
            "-d",
            at.name,
            "-c",
            statement,
        ]

    def dump_words(self, at):
        return ["pg_dump", *self.where(at), "--no-owner", "--table=luggage", at.name]

    def restore_words(self, at):
        return ["psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", *self.where(at), "-d", at.name]

    def stream_words(self, at, rows):
        return self.words(at, f"copy (select * from luggage where id <= {rows} order by id) to stdout")

    def load(self, at):
        self.sql(
            at,
            "drop table if exists luggage; create table luggage (id int primary key, words text, bytes bytea); "
            "insert into luggage select i, repeat(md5(i::text), 30) || E'\\n\\\\\\t' || chr(200 + i % 500), "
            f"sha256(i::text::bytea) from generate_series(1, {ROWS}) i",
        )

    def contents(self, at):
        """A digest that the server makes of the table."""
        return self.sql(
            at,
            "select count(*), md5(string_agg(md5(words || id || encode(bytes, 'hex')), '' order by id)) from luggage",
        )


class MariaDb(Client):
    engine = "mysql"

    def env(self, at):
        return environment()

    def where(self, at):
        """The password is in a file, as the manual advises; the argument names the file."""
        file = self.private / f"client-{at.port}.cnf"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(f'[client]\nuser={at.user}\npassword="{at.password}"\n')
        return [f"--defaults-extra-file={file}", f"--host={at.host}", f"--port={at.port}", "--protocol=tcp"]

    def words(self, at, statement):
        return ["mariadb", *self.where(at), "--batch", "--skip-column-names", at.name, "-e", statement]

    def dump_words(self, at):
        options = ["--skip-dump-date", "--single-transaction", "--skip-lock-tables", "--no-tablespaces"]
        return ["mariadb-dump", *self.where(at), *options, at.name, "luggage"]

    def restore_words(self, at):
        return ["mariadb", *self.where(at), "--binary-mode", at.name]

    def stream_words(self, at, rows):
        query = f"select id, words, hex(bytes) from luggage where id <= {rows} order by id"
        return ["mariadb", *self.where(at), "--batch", "--quick", "--skip-column-names", at.name, "-e", query]

    def load(self, at):
        self.sql(
            at,
            "drop table if exists luggage; create table luggage (id int primary key, words text, bytes varbinary(600)) "
            "character set utf8mb4; insert into luggage select seq, concat(repeat(md5(seq), 26), '\\n\\\\\\t', "
            "char(50080 + seq % 30 using utf8mb4)), unhex(repeat(sha2(seq, 256), 6)) "
            f"from seq_1_to_{ROWS}",
        )

    def contents(self, at):
        return self.sql(
            at,
            "set session group_concat_max_len = 1 << 30; select count(*), md5(group_concat(md5(concat(words, id, "
            "hex(bytes))) order by id separator '')) from luggage",
        )
