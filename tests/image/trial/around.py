"""What machines need of AWS: moto with the release, parameters and secrets in it; PostgreSQL behind TLS; the centre."""

import hashlib
import io
import json
import secrets
import subprocess
import sys
import tarfile
from pathlib import Path

import boto3

from .machine import wait

HERE = Path(__file__).resolve().parent
KEYS = {"aws_access_key_id": "AKIATEST", "aws_secret_access_key": "test", "region_name": "us-east-1"}
# The machines' way to it; moto itself listens on the centre's loopback.
AWS = "http://10.0.0.2:80"
ACCOUNT = "123456789012"


def inside(network, *argv, **options):
    return subprocess.Popen(["ip", "netns", "exec", network, *argv], **options)


class Process:
    """A process that is ended when the trial is, by its number."""

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Centre(Process):
    """Names, metadata and ways; see centre.py."""

    def __init__(self, network, aws_port):
        self.names, self.tags, self.ways = {}, {}, {"10.0.0.2:80": f"127.0.0.1:{aws_port}"}
        self.process = inside(network, sys.executable, str(HERE / "centre.py"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        self.tell()
        return self

    def tell(self):
        self.process.stdin.write(json.dumps({"names": self.names, "ways": self.ways, "tags": self.tags}) + "\n")
        self.process.stdin.flush()
        if self.process.stdout.readline() != "ok\n":
            raise RuntimeError("the centre does not answer")


class Moto(Process):
    """The emulator of tests/aws, on the centre's loopback."""

    def __init__(self, network, folder):
        self.network = network
        self.log = open(folder / "moto.log", "w")
        env = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "PYTHONPATH": str(HERE.parent.parent / "aws"), "PYTHONDONTWRITEBYTECODE": "1"}
        self.process = inside(network, sys.executable, "-m", "moto_plus", stdout=subprocess.PIPE, stderr=self.log, env=env, cwd=folder)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"moto did not start: {(folder / 'moto.log').read_text()[-2000:]}")
        self.port = json.loads(line)["port"]

    def __enter__(self):
        return self

    def client(self, service):
        """A client whose connections are made in the centre's network."""
        return boto3.client(service, endpoint_url=f"http://127.0.0.1:{self.port}", **KEYS)


class Database(Process):
    """PostgreSQL that takes TLS only, with a certificate of an authority made on the spot."""

    NAME = "items.db.test"

    def __init__(self, network, folder):
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.folder = folder / "database"
        self.folder.mkdir()
        self.password = secrets.token_urlsafe(18) + "!/@ %"
        self.authority = folder / "rds-ca.pem"
        self._certificates()
        data = self.folder / "data"
        passwords = self.folder / "password"
        passwords.write_text(self.password + "\n")
        subprocess.run(["chown", "-R", "postgres", self.folder], check=True)
        as_owner = ["runuser", "-u", "postgres", "--"]
        subprocess.run([*as_owner, binaries / "initdb", "-D", data, "-U", "items_master", "--auth=scram-sha-256", f"--pwfile={passwords}", "--no-sync", "-E", "UTF8"], check=True, stdout=subprocess.DEVNULL)
        (data / "pg_hba.conf").write_text("local all all scram-sha-256\nhostssl all all 10.0.0.0/16 scram-sha-256\n")
        settings = {"listen_addresses": "10.0.0.3", "unix_socket_directories": self.folder, "ssl": "on", "ssl_cert_file": self.folder / "server.pem", "ssl_key_file": self.folder / "server.key", "fsync": "off"}
        argv = [*as_owner, str(binaries / "postgres"), "-D", str(data)] + [f"--{name}={value}" for name, value in settings.items()]
        self.log = open(self.folder / "log", "w")
        self.process = inside(network, *argv, stdout=self.log, stderr=self.log)
        self.psql = [*as_owner, "env", f"PGPASSWORD={self.password}", str(binaries / "psql"), "-h", str(self.folder), "-U", "items_master", "-qAt", "-v", "ON_ERROR_STOP=1"]
        wait(lambda: self.ask("select 1", "postgres") == "1", 30, f"PostgreSQL did not start: {self.log.name}")
        self.ask("create database items", "postgres")

    def __enter__(self):
        return self

    def _certificates(self):
        def openssl(*words):
            subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)

        key, server = self.folder / "ca.key", self.folder / "server.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2, "-subj", "/CN=a region's authority", "-keyout", key, "-out", self.authority)
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={self.NAME}", "-keyout", server, "-out", self.folder / "server.csr")
        (self.folder / "names").write_text(f"subjectAltName=DNS:{self.NAME}\n")
        openssl("x509", "-req", "-in", self.folder / "server.csr", "-CA", self.authority, "-CAkey", key, "-CAcreateserial", "-days", 2, "-extfile", self.folder / "names", "-out", self.folder / "server.pem")

    def ask(self, query, database="items"):
        """The answer to a query, by the server's own socket; nothing if there is none."""
        done = subprocess.run([*self.psql, "-d", database, "-c", query], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else None


def archive(files):
    """Files by name (contents, mode) as a compressed archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, (content, mode) in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), mode
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def release(moto, bucket, files):
    """Puts a release into the bucket, as terraform would from the folder beside the export."""
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    s3 = moto.client("s3")
    s3.create_bucket(Bucket=bucket)
    for name, content in {**files, "SHA256SUMS": sums.encode()}.items():
        s3.put_object(Bucket=bucket, Key=f"releases/initial/{name}", Body=content)
    s3.put_object(Bucket=bucket, Key="releases/current", Body=b"initial")
