"""Machines whose images hold no release: they fetch the one that their tag names when they start, or start nothing and say why."""

import hashlib
import time

from .around import ACCOUNT, AWS, archive
from .machine import Machine, wait

BUCKET = f"terrace-{ACCOUNT}-us-east-1"
FOLDER = "artifacts/items/default"
# Image, its manifest, its party, the address of its machine.
IMAGES = (("f-app", "terrace", "app", "10.0.2.20"), ("f-python", "python", "app", "10.0.2.21"), ("f-edge", "terrace", "web", "10.0.1.20"), ("f-nginx", "nginx", "web", "10.0.1.21"))
# Where machines are that are given something wrong.
WRONG, TRIED, MIGRATING = "10.0.2.22", "10.0.2.23", "10.0.2.24"
MIGRATION = b'echo "migrating $DB_NAME as $(id -un), told $GREETING"; exit 3\n'
# The plain settings of a release.
SETTINGS = b'{"GREETING":"hello from the release"}'
FETCH = "set -a; . /etc/terrace/artifacts; . /usr/local/lib/terrace/settings; set +a; PATH=/usr/local/lib/trial:$PATH /usr/local/lib/terrace/fetch"


class Fetching:
    def __init__(self, trial, folder, below, network, centre, moto, stack):
        self.trial, self.folder, self.below, self.network = trial, folder, below, network
        self.centre, self.s3, self.stack = centre, moto.client("s3"), stack
        self.layers, self.running = {}, {}
        self.s3.create_bucket(Bucket=BUCKET)

    def bake(self, components, bake):
        """Makes the images, where there is no release to be had."""
        for number, (word, manifest, party, _) in enumerate(IMAGES):
            began = time.monotonic()
            builder = self.network.machine(f"b-{word}", f"10.0.9.{number + 101}")
            self.layers[word] = bake(word, self.folder, self.below, builder, components[manifest]["parties"][party]["components"], None)
            self.trial.check(f"an image of {party} ({word}) is made without a release ({time.monotonic() - began:.0f} s)", True)

    def put(self, files, instead=None):
        """Puts an artifact where releases do, `instead` in place of some files. Gives its digest."""
        sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())).encode()
        digest = hashlib.sha256(sums).hexdigest()
        for name, content in {**files, "SHA256SUMS": sums, **(instead or {})}.items():
            self.s3.put_object(Bucket=BUCKET, Key=f"{FOLDER}/{digest}/{name}", Body=content)
        return digest

    def prepare(self, user_data, programs, authority, api, python, page):
        """The machines, each with its tag; `user_data` gives a machine of a party what cloud-init gives it."""
        self.user_data = user_data
        service = {"terrace-boot": programs["terrace-boot"], "rds-ca.pem": authority, "settings.json": SETTINGS}
        self.service = {**service, "app.tar.gz": api}
        files = {
            "f-app": self.service,
            "f-python": {**service, "app.tar.gz": python},
            "f-edge": {"terrace-boot": programs["terrace-boot"], "terrace-edge": programs["terrace-edge"], "page.tar.gz": page},
            "f-nginx": {"terrace-boot": programs["terrace-boot"], "page.tar.gz": page},
        }
        self.digests = {word: self.put(files[word]) for word in files}
        wrong = self.put({**self.service, "note": b"as it was released"}, {"note": b"as somebody left it"})
        migration = self.put({**self.service, "migrate": MIGRATION})
        others = ("f-wrong", "f-app", "app", WRONG, wrong), ("f-migrate", "f-app", "app", MIGRATING, migration)
        for word, image, party, address, digest in (*((word, word, party, address, self.digests[word]) for word, _, party, address in IMAGES), *others):
            self.centre.tags[address] = {"terrace:release": digest}
            if word == "f-migrate":
                self.centre.tags[address]["terrace:migrate"] = "7"
            machine = Machine(word, self.folder, [self.layers[image], *self.below], self.network.machine(word, address))
            self.stack.callback(machine.end)
            self.user_data(machine, party)
            for unit in (f"terrace-{party}", "terrace-release"):
                machine.write(f"/etc/systemd/system/{unit}.service.d/trial.conf", f"[Service]\nEnvironment=AWS_ENDPOINT_URL={AWS}\n")
            if word == "f-edge":
                (machine.upper / "etc/systemd/system/nginx.service").symlink_to("/dev/null")
            self.running[word] = machine

    def hold(self, request):
        check = self.trial.check
        for word, _, party, address in IMAGES:
            machine = self.running[word]
            port, path = (80, "/") if party == "web" else (8000, "/" if word == "f-python" else "/api/items")
            status, _, text = wait(lambda: answer(request, address, path, port), 60, f"{word} does not serve what it fetched: {self.log(machine, party)}")
            check(f"{word}: serves the release that it fetched", status == 200 and ("<title>items" in text if party == "web" else "hello" in text or "[" in text), (status, text[:200]))
            kept = machine.tell("cat /etc/terrace/release")
            check(f"{word}: knows which release it has", kept == self.digests[word], kept)
            own = machine.tell(f"find /opt/items /etc/terrace /usr/local/bin /usr/local/lib/terrace \\( -user terrace-{party} -o -perm /0022 ! -type l \\) -print -quit")
            check(f"{word}: nothing of it belongs to its user", own == "", own)
            if party == "app":
                kept = machine.tell("stat -c '%U %G %a' /etc/terrace/settings.json")
                check(f"{word}: its settings are for root and its group alone", kept == "root terrace-app 640", kept)
            check(f"{word}: nothing is left where it fetched", machine.tell("find /var/tmp -name 'release.*'") == "")
        self.migrated()
        machine = self.running["f-app"]
        self.centre.tags["10.0.2.20"] = {"terrace:release": "0" * 64}
        self.centre.tell()
        machine.tell("systemctl restart terrace-release")
        check("a machine keeps the release that it started with", machine.tell("cat /etc/terrace/release") == self.digests["f-app"])
        self.refused()

    def migrated(self):
        """A machine that is there for a migration runs that in place of the service, says how it ended, and goes."""
        check, machine = self.trial.check, self.running["f-migrate"]
        wait(lambda: machine.process.poll() is not None, 90, f"the machine of the migration does not go: {self.log(machine, 'app')}")
        log = self.log(machine, "app")
        check("a migration: runs as the service's user, with its settings", "migrating items as terrace-app, told hello from the release\n" in log, log)
        check("a migration: how it ended is the last thing said", log.rstrip().endswith("terrace: migration ended with 3"), log)
        check("a migration: the console says it too", "terrace: migration ended with 3" in (machine.folder / "console.txt").read_text())
        check("a migration: the service does not start beside it", log.count("terrace-boot: started") <= 1 and "listening" not in log, log)

    def refused(self):
        """What is wrong is said, and nothing starts; first by a machine as it is, then by the step alone."""
        check, machine = self.trial.check, self.running["f-wrong"]
        check("a release that was changed: the unit fails", machine.tell("systemctl is-failed terrace-release", check=False) == "failed")
        check("a release that was changed: the service does not start", machine.tell("systemctl is-active terrace-app", check=False) == "inactive")
        said = "this is not what was released: note: FAILED"
        check("a release that was changed: its log says why", said in self.log(machine, "app"), self.log(machine, "app"))
        console = machine.folder / "console.txt"
        wait(lambda: said in console.read_text(), 20, f"a release that was changed: its console does not say why: {console.read_text()[-1000:]}")
        check("a release that was changed: its console says why", True)
        check("a release that was changed: nothing of it is in place", self.untouched(machine))
        other = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in (("app.tar.gz", b""), ("terrace-boot", b""))).encode()
        path = archive({"../outside": (b"x", 0o644)})
        cases = {
            "no tag": (None, "it has no tag terrace:release"),
            "an empty tag": ("", "there is no release yet"),
            "a tag that is no digest": ("../other/release", "is no digest"),
            "a digest in capitals": ("A" * 64, "is no digest"),
            "a release that is gone": ("0" * 64, "cannot be had"),
            "sums that were changed": (self.put(self.service | {"a": b"1"}, {"SHA256SUMS": other}), "SHA256SUMS is not what was released"),
            "a list that is none": (self.listed(b"../../etc/passwd"), "is no list of sums"),
            "a release without its certificates": (self.put({name: content for name, content in self.service.items() if name != "rds-ca.pem"}), "has no rds-ca.pem"),
            "a release without its settings": (self.put({name: content for name, content in self.service.items() if name != "settings.json"}), "has no settings.json"),
            "an archive that is none": (self.put({**self.service, "app.tar.gz": b"nothing"}), "cannot be unpacked"),
            "an archive that leads out": (self.put({**self.service, "app.tar.gz": path}), "cannot be unpacked"),
            "a machine for a migration, and no migration": (self.digests["f-app"], "has no migration"),
            "a release without its program": (self.put({**self.service, "app.tar.gz": archive({"readme": (b"", 0o644)})}), "target/release/items-api is not in the release"),
        }
        network = self.network.machine("f-tried", TRIED)
        for number, (what, (tag, said)) in enumerate(cases.items()):
            self.centre.tags[TRIED] = {} if tag is None else {"terrace:release": tag}
            if "migration" in what:
                self.centre.tags[TRIED]["terrace:migrate"] = "7"
            self.centre.tell()
            machine = Machine(f"f-tried-{number}", self.folder, [self.layers["f-app"], *self.below], network)
            self.user_data(machine, "app")
            machine.write("/usr/local/lib/trial/sleep", "#!/bin/sh\n", 0o755)
            try:
                found = f"it started\n{machine.run(FETCH, AWS_ENDPOINT_URL=AWS)}"
            except RuntimeError as error:
                found = str(error)
            finally:
                machine.end()
            check(f"{what}: refused, and said why", "exit 1\n" in found and f"this machine starts nothing: " in found and said in found, found)
            check(f"{what}: no release is in force", not (machine.upper / "etc/terrace/release").exists() and not (machine.upper / "opt/items/outside").exists())

    def listed(self, line):
        """An artifact whose sums are its own, and name something else than a file."""
        sums = b"0" * 64 + b"  " + line + b"\n"
        digest = hashlib.sha256(sums).hexdigest()
        self.s3.put_object(Bucket=BUCKET, Key=f"{FOLDER}/{digest}/SHA256SUMS", Body=sums)
        return digest

    @staticmethod
    def untouched(machine):
        return not any((machine.upper / path).exists() for path in ("etc/terrace/release", "etc/terrace/rds-ca.pem", "usr/local/bin/terrace-boot", "opt/items/app/target"))

    @staticmethod
    def log(machine, party):
        file = machine.upper / f"var/log/terrace/{party}.log"
        return file.read_text() if file.exists() else ""


def answer(request, address, path, port):
    """The answer once there is one that is no failure."""
    found = request(address, "GET", path, port=port)
    return found if found[0] < 500 else None
