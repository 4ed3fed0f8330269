"""Makes the images of examples/items as EC2 Image Builder would, starts machines from them, and asks the API for items."""

import ctypes
import http.client
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from contextlib import ExitStack
from pathlib import Path

import yaml

from .around import ACCOUNT, AWS, Centre, Database, Moto, archive, release
from .fetching import Fetching
from .machine import Machine, wait
from .network import Network

ROOT = Path(__file__).resolve().parents[3]
TARGET = ROOT / "target"
# What the images take from their distribution stands in the root already: there is no network where they are made.
SUITE = "bookworm"
SYSTEM = "systemd,systemd-sysv,dbus,ca-certificates,procps,iproute2"
PACKAGES = "awscli curl gzip tar nginx-light logrotate python3 python3-pip python3-venv"
BUCKET = "items-artifacts"
PAGE = {"index.html": (b"<!doctype html><title>items</title>" + b" " * 2000, 0o644), "assets/app-BhX3f9a1.js": (b"'use strict'\n", 0o600), "assets/my-template.js": (b"'use strict'\n", 0o644)}
# A service in Python, with a package that only the release has.
PYTHON = {
    "requirements.txt": b"greeting==1.0\n",
    "main.py": b"""import http.server, json, os
import greeting

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"says": greeting.TEXT, "database": os.environ["DATABASE_URL"].split("@")[1]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

http.server.ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Answer).serve_forever()
""",
}
MANIFEST = ROOT / "examples" / "items" / "terrace.toml"
IMAGES = (("app", "terrace", "app", BUCKET), ("edge", "terrace", "web", BUCKET), ("nginx", "nginx", "web", BUCKET), ("python", "python", "app", f"{BUCKET}-python"))
# Numbers below are better; systemd calls 10 unsafe, and a unit that says nothing has 9.6.
EXPOSED = {"app": 1.5, "web": 2.0}


def manifest(server, run=None):
    """The example's, with a secret, a `setup` of its own, the web server in question, and what runs."""
    text = MANIFEST.read_text()
    text = text.replace('dist  = "dist"', f'dist  = "dist"\nserver = "{server}"')
    if run:
        text = text.replace('run    = "target/release/items-api"', f'run    = "{run}"')
    return text.replace("[app.variables]", "setup = '''\ntouch /usr/local/lib/terrace/was-here # it's \"$HOME\"\n'''\n\n[app.secrets]\nSESSION_KEY = { generate = 32 }\n\n[app.variables]")


def told(text, *flags):
    """What Terrace makes of a manifest: components, user data, parameters."""
    built = os.environ.get("MACHINES")
    command = [built] if built else ["cargo", "run", "--quiet", "--locked", "-p", "terrace-aws", "--example", "machines", "--"]
    return json.loads(subprocess.run([*command, *flags], cwd=ROOT, input=text, capture_output=True, text=True, check=True).stdout)


def wheel():
    """A package of one module (PyPA, "Binary distribution format")."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("greeting.py", "TEXT = 'hello'\n")
        archive.writestr("greeting-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
        archive.writestr("greeting-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: trial\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("greeting-1.0.dist-info/RECORD", "greeting.py,,\ngreeting-1.0.dist-info/METADATA,,\ngreeting-1.0.dist-info/WHEEL,,\ngreeting-1.0.dist-info/RECORD,,\n")
    return out.getvalue()


def programs():
    """The programs of a release, built unless the environment names them."""
    wanted = {"TERRACE_BOOT": "terrace-boot", "TERRACE_EDGE": "terrace-edge", "ITEMS_API": "items-api"}
    found = {name: os.environ.get(variable) for variable, name in wanted.items()}
    missing = [name for name in ("terrace-boot", "terrace-edge") if not found[name]]
    if missing:
        subprocess.run(["cargo", "build", "--quiet", "--locked", *(word for name in missing for word in ("-p", name))], cwd=ROOT, check=True)
        found.update({name: TARGET / "debug" / name for name in missing})
    released = ROOT / "examples" / "items" / "backend" / "target" / "release" / "items-api"
    if not found["items-api"] and released.exists():
        found["items-api"] = released
    if not found["items-api"]:
        env = dict(os.environ, CARGO_TARGET_DIR=str(TARGET / "examples"))
        subprocess.run(["cargo", "build", "--quiet", "--locked"], cwd=ROOT / "examples" / "items" / "backend", env=env, check=True)
        found["items-api"] = TARGET / "examples" / "debug" / "items-api"
    return {name: Path(path).read_bytes() for name, path in found.items()}


def debian():
    """A root of Debian, made once and kept."""
    folder = TARGET / "image" / f"{SUITE}-{zlib.crc32(f'{SYSTEM} {PACKAGES}'.encode()):x}"
    if folder.exists():
        return folder
    print("making a root of Debian (once)", flush=True)
    being = folder.with_suffix(".part")
    shutil.rmtree(being, ignore_errors=True)
    being.parent.mkdir(parents=True, exist_ok=True)
    log = being.with_suffix(".log")
    # debootstrap itself takes no package that only provides another's name.
    install = ["chroot", being, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "Dpkg::Options::=--force-unsafe-io", "install", "-y", "--no-install-recommends", *PACKAGES.split()]
    with log.open("w") as out:
        for argv in (["debootstrap", "--variant=minbase", f"--include={SYSTEM}", SUITE, being], install):
            if argv is install:
                shutil.copy("/etc/resolv.conf", being / "etc" / "resolv.conf")
            if subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out).returncode:
                print(f"\nSKIPPED: images were not tried: a root of Debian could not be made, see {log}\n", flush=True)
                sys.exit(0)
    being.rename(folder)
    return folder


def enter(network):
    """From here on this process is in that network."""
    with open(f"/run/netns/{network}") as namespace:
        if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), "setns")


def bake(name, folder, below, network, components, bucket):
    """Runs the steps of components as Image Builder does, phase by phase: what is returned is the image, as a layer."""
    machine = Machine(f"image-{name}", folder, below, network)
    try:
        documents = [yaml.safe_load(component) for component in components]
        for which in ("build", "validate"):
            phases = [phase for document in documents for phase in document["phases"] if phase["name"] == which]
            for step in (step for phase in phases for step in phase["steps"]):
                assert step["action"] == "ExecuteBash", step
                for script in step["inputs"]["commands"]:
                    script = script.replace("{{ Bucket }}", bucket or "")
                    assert "{{" not in script, script
                    machine.run(script, AWS_ENDPOINT_URL=AWS, AWS_ACCESS_KEY_ID="AKIATEST", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1")
    finally:
        machine.end()
    return machine.upper


def cloud_init(machine, user_data, values):
    """Does what cloud-init does with the user data, every reference replaced by what it comes to."""
    def value(match):
        return values[match[1]]

    document = yaml.safe_load(re.sub(r"\$\{([^}]+)\}", value, user_data))
    assert document.keys() == {"write_files"}, document
    for file in document["write_files"]:
        machine.write(file["path"], file["content"], int(file["permissions"], 8))


def request(address, method, path, body=None, headers=None, port=80):
    """Status, headers and text of one request to a machine."""
    connection = http.client.HTTPConnection(address, port, timeout=10)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, {"content-type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode(errors="replace")
    finally:
        connection.close()


class Trial:
    """The checks, each said when it holds."""

    held = 0

    def check(self, text, holds, found=""):
        if not holds:
            raise AssertionError(f"{text}: {found}")
        self.held += 1
        print(f"  ok  {text}", flush=True)


def main():
    began = time.monotonic()
    # Whoever ends the trial ends what it started too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    manifests = {"terrace": manifest("terrace"), "nginx": manifest("nginx"), "python": manifest("terrace", ".venv/bin/python main.py")}
    components = {word: told(text) for word, text in manifests.items()}
    apart = {word: told(text, "--apart") for word, text in manifests.items()}
    built, root = programs(), debian()
    artefacts = TARGET / "artefacts" / "image"
    artefacts.mkdir(parents=True, exist_ok=True)
    (TARGET / "image").mkdir(parents=True, exist_ok=True)
    trial = Trial()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=TARGET / "image")))
        folder.chmod(0o755)
        network = stack.enter_context(Network())
        enter(network.centre)
        moto = stack.enter_context(Moto(network.centre, folder))
        database = stack.enter_context(Database(network.centre, folder))
        centre = stack.enter_context(Centre(network.centre, moto.port))
        values, planted = settings(moto, database, components["terrace"]["parameters"])
        api = archive({"target/release/items-api": (built["items-api"], 0o755)})
        python = archive({**{name: (text, 0o644) for name, text in PYTHON.items()}, "wheels/greeting-1.0-py3-none-any.whl": (wheel(), 0o644)})
        release(moto, BUCKET, {"app.tar.gz": api, "page.tar.gz": archive(PAGE), "terrace-boot": built["terrace-boot"], "terrace-edge": built["terrace-edge"], "rds-ca.pem": database.authority.read_bytes()})
        release(moto, f"{BUCKET}-python", {"app.tar.gz": python, "terrace-boot": built["terrace-boot"], "rds-ca.pem": database.authority.read_bytes()})

        print("images", flush=True)
        base = folder / "base"
        (base / "usr/local/bin").mkdir(parents=True)
        (base / "usr/local/bin/aws").write_text('#!/bin/sh\n# Debian\'s takes no endpoint from the environment.\nexec /usr/bin/aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n')
        (base / "usr/local/bin/aws").chmod(0o755)
        (base / "etc").mkdir()
        (base / "etc/resolv.conf").write_text("nameserver 169.254.169.253\noptions timeout:1 attempts:1\n")
        (base / "etc/apt").mkdir()
        (base / "etc/apt/sources.list").write_text("")
        layers = {}
        for word, server, party, bucket in IMAGES:
            began_one = time.monotonic()
            builder = network.machine(f"b-{word}", f"10.0.9.{len(layers) + 1}")
            layers[word] = bake(word, folder, [base, root], builder, components[server]["parties"][party]["components"], bucket)
            trial.check(f"the image of {party} ({word}) is made and holds what it should ({time.monotonic() - began_one:.0f} s)", True)
        trial.check("the manifest's own `setup` ran", (layers["app"] / "usr/local/lib/terrace/was-here").exists())

        fetching = Fetching(trial, folder, [base, root], network, centre, moto, stack)
        fetching.bake(apart, bake)
        told_of = lambda machine, party: cloud_init(machine, apart["terrace"]["parties"][party]["user_data"], values)
        fetching.prepare(told_of, built, database.authority.read_bytes(), api, python, archive(PAGE))

        machines = {}
        for word, party, address in (("app", "app", "10.0.2.10"), ("edge", "web", "10.0.1.10"), ("nginx", "web", "10.0.1.11"), ("python", "app", "10.0.2.11")):
            machine = Machine(word, folder, [layers[word], base, root], network.machine(word, address))
            stack.callback(machine.end)
            cloud_init(machine, components["terrace"]["parties"][party]["user_data"], values)
            machine.write(f"/etc/systemd/system/terrace-{party}.service.d/trial.conf", f"[Service]\nEnvironment=AWS_ENDPOINT_URL={AWS}\n")
            if word == "edge":
                # The root has nginx in it for the other image, and Debian starts what it installs.
                (machine.upper / "etc/systemd/system/nginx.service").symlink_to("/dev/null")
            machines[word] = machine
        centre.names = {Database.NAME: "10.0.0.3", "internal-items.elb.test": "10.0.0.10"}
        centre.ways["10.0.0.10:80"] = "10.0.2.10:8000"
        centre.tell()
        for machine in (*machines.values(), *fetching.running.values()):
            machine.boot()
        print("machines", flush=True)
        try:
            fetching.hold(request)
            hold(trial, machines, centre, moto, database, planted, artefacts)
        except Exception as error:
            print(f"FAILED: {error}", flush=True)
            for word, machine in {**machines, **fetching.running}.items():
                for log in machine.upper.glob("var/log/terrace/*.log"):
                    print(f"--- {word}: {log.name}\n{log.read_text()[-1500:]}")
                print(machine.tell("systemctl status --no-pager --lines=0 'terrace-*'", check=False))
            raise
    print(f"images: {trial.held} checks hold, in {time.monotonic() - began:.0f} s", flush=True)


def settings(moto, database, parameters):
    """Parameters and secrets as terraform makes them. Gives what references come to, and every value that is secret."""
    manager, store = moto.client("secretsmanager"), moto.client("ssm")
    session = manager.get_random_password(PasswordLength=43, ExcludePunctuation=True)["RandomPassword"]
    login = json.dumps({"username": "items_master", "password": database.password})
    values = {
        "aws_db_instance.main.address": Database.NAME,
        "aws_db_instance.main.master_user_secret[0].secret_arn": manager.create_secret(Name="rds!db-items", SecretString=login)["ARN"],
        "aws_secretsmanager_secret.app_session_key.arn": manager.create_secret(Name="items/app/SESSION_KEY", SecretString=session)["ARN"],
        "aws_lb.internal.dns_name": "internal-items.elb.test",
        "data.aws_caller_identity.current.account_id": ACCOUNT,
    }
    for name, value in parameters.items():
        store.put_parameter(Name=name, Value=re.sub(r"\$\{([^}]+)\}", lambda m: values[m[1]], value), Type="String")
    return values, {"the database's password": database.password, "SESSION_KEY": session}


def hold(trial, machines, centre, moto, database, planted, artefacts):
    webs = {"edge": "10.0.1.10", "nginx": "10.0.1.11"}
    app = machines["app"]
    for word, address in webs.items():
        wait(lambda address=address: request(address, "GET", "/.terrace/health")[0] == 200, 30, f"{word} does not serve")
        trial.check(f"{word}: says that it is well", True)
        status, headers, text = request(address, "GET", "/")
        trial.check(f"{word}: serves the page", status == 200 and "<title>items" in text, (status, text[:200]))
        trial.check(f"{word}: names no version of itself", not re.search(r"/\d", headers.get("server", "")), headers)
        status, _, text = request(address, "GET", "/some/page", headers={"accept": "text/html"})
        trial.check(f"{word}: an unknown page is the page", status == 200 and "<title>items" in text, (status, text[:200]))
        status, headers, _ = request(address, "GET", "/assets/app-BhX3f9a1.js")
        trial.check(f"{word}: an asset is kept for good", status == 200 and "immutable" in headers["cache-control"], (status, dict(headers)))
        kept = request(address, "GET", "/assets/my-template.js")[1]["cache-control"]
        trial.check(f"{word}: a file without a hash in its name is asked for again", "no-cache" in kept, kept)
        trial.check(f"{word}: an asset that is missing is not the page", request(address, "GET", "/assets/none-BhX3f9a1.js")[0] == 404)
        trial.check(f"{word}: compresses", request(address, "GET", "/", headers={"accept-encoding": "gzip"})[1]["content-encoding"] == "gzip")

    def items(address):
        return request(address, "GET", "/api/items")

    for word, address in webs.items():
        wait(lambda address=address: items(address)[0] == 200, 60, f"the API does not answer through {word}")
        status, _, text = request(address, "POST", "/api/items", {"name": f"made through {word}", "price_cents": 100})
        trial.check(f"{word}: the API makes an item", status == 201, (status, text))
        trial.check(f"{word}: and gives it back", f"made through {word}" in items(address)[2])
    trial.check("an API error stays one", request(webs["nginx"], "GET", "/api/items/999999", headers={"accept": "text/html"})[0] == 404)

    answer = wait(lambda: request("10.0.2.11", "GET", "/", port=8000)[2], 30, "the service in Python does not answer")
    trial.check("a service in Python has its packages and its settings", json.loads(answer)["says"] == "hello" and Database.NAME in answer, answer)

    ssl = database.ask("select bool_and(ssl) from pg_stat_ssl join pg_stat_activity using (pid) where client_addr is not null")
    trial.check("every connection to the database is encrypted", ssl == "t", ssl)
    environ = inside_unit(app, "terrace-app", "items-api")
    trial.check("the database is verified, by name and authority", "sslmode=verify-full" in environ["DATABASE_URL"] and "rds-ca.pem" in environ["DATABASE_URL"])
    trial.check("the service has its settings and secrets", environ["LOG_LEVEL"] == "info" and environ["SESSION_KEY"] == planted["SESSION_KEY"] and environ["HOST"] == "0.0.0.0")

    for word, unit, program in (("app", "terrace-app", "items-api"), ("python", "terrace-app", "python"), ("edge", "terrace-web", "terrace-edge"), ("nginx", "terrace-web", "nginx")):
        confined(trial, machines[word], word, unit, program)
        score = exposure(machines[word], unit, artefacts / f"security-{word}.txt")
        trial.check(f"{word}: systemd's own judgement of its exposure is {score}", score <= EXPOSED[unit.removeprefix("terrace-")], score)

    for word in webs:
        log = machines[word].upper / "var/log/terrace/web.log"
        wait(lambda log=log: '"/api/items"' in log.read_text(), 10, f"{word} logs no requests")
        trial.check(f"{word}: logs requests where the agent reads them", True)
    for what, value in planted.items():
        found = [f"{word}: {path}" for word, machine in machines.items() for path in holding(machine.upper, value)]
        trial.check(f"{what} is in no file of any machine", not found, found)

    number = int(app.tell("systemctl show -P MainPID terrace-app"))
    app.tell(f"kill -9 {number}")
    wait(lambda: int(app.tell("systemctl show -P MainPID terrace-app")) not in (0, number), 20, "the service was not started again")
    wait(lambda: items(webs["edge"])[0] == 200, 30, "the API did not come back")
    trial.check("a service that dies is started again", True)

    # A load balancer's addresses change: the old one is gone, the name gives another.
    del centre.ways["10.0.0.10:80"]
    centre.ways["10.0.0.11:80"] = "10.0.2.10:8000"
    centre.names["internal-items.elb.test"] = "10.0.0.11"
    centre.tell()
    for word, address in webs.items():
        wait(lambda address=address: items(address)[0] == 200, 45, f"{word} did not find the load balancer again")
        trial.check(f"{word}: finds the load balancer when its addresses have changed", True)

    database.ask("alter role items_master password 'rotated-by-rds'", "postgres")
    rotate = json.dumps({"username": "items_master", "password": "rotated-by-rds"})
    moto.client("secretsmanager").put_secret_value(SecretId="rds!db-items", SecretString=rotate)
    app.tell("systemctl reload terrace-app")
    wait(lambda: inside_unit(app, "terrace-app", "items-api")["DB_PASSWORD"] == "rotated-by-rds", 30, "the service did not get the new password")
    wait(lambda: items(webs["edge"])[0] == 200, 30, "the API did not come back with the new password")
    trial.check("a rotated password reaches the service", True)

    for word, machine in machines.items():
        unit = "terrace-app" if word in ("app", "python") else "terrace-web"
        began = time.monotonic()
        machine.tell(f"systemctl stop {unit}")
        result = machine.tell(f"systemctl show -P Result {unit}")
        trial.check(f"{word}: ends when it is told to ({time.monotonic() - began:.1f} s)", result == "success", result)


def processes(machine):
    """Processes in the machine, as this side sees them."""
    for number in machine._below():
        try:
            yield Path("/proc") / number, (Path("/proc") / number / "comm").read_text().strip()
        except OSError:
            continue


def inside_unit(machine, unit, program):
    """The environment of a unit's program."""
    found = [path for path, name in processes(machine) if name == program]
    assert found, f"{unit} runs no {program}"
    return dict(pair.split("=", 1) for pair in (found[0] / "environ").read_bytes().decode().split("\0") if "=" in pair)


def confined(trial, machine, word, unit, program):
    for path, name in processes(machine):
        if name != program:
            continue
        status = dict(line.split(":\t", 1) for line in (path / "status").read_text().splitlines() if ":\t" in line)
        user = machine.tell(f"stat -c %u /var/lib/{unit}")
        mine = status["Uid"].split()[0] == user != "0" and status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
        # CAP_NET_BIND_SERVICE is number 10.
        allowed = "0000000000000400" if unit == "terrace-web" else "0000000000000000"
        held = {status[which] for which in ("CapEff", "CapPrm", "CapBnd")}
        trial.check(f"{word}: {program} runs as its own user, confined, with no power it does not need", mine and held == {allowed}, status)
        return
    raise AssertionError(f"{word}: no {program}")


def exposure(machine, unit, record):
    """systemd-analyze security: the whole judgement is kept, the number given."""
    text = machine.tell(f"systemd-analyze security --no-pager {unit}.service", check=False)
    record.write_text(text + "\n")
    return float(re.search(r"Overall exposure level for .*: ([\d.]+)", text)[1])


def holding(folder, value):
    """Files below a folder that a value is in."""
    needle = value.encode()
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [str(path.relative_to(folder)) for path in files if needle in path.read_bytes()]


main()
