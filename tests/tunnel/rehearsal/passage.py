"""One system: raised, found by the documented steps, entered, and left, with nothing lost and nothing left behind."""

import hashlib
import re
import time
from contextlib import ExitStack

from harness.runner import Failed

from . import watch
from .around import run, until
from .aws import SECRET_KEY, Aws, Session
from .clients import LEAST, ROWS
from .local import Tunnel
from .relay import Relay
from .system import PROGRAM, System, terrace


class Passage:
    """The tests of one system, in order; each stands on those before it."""

    def __init__(self, report, manifest, client, trap, processes, folder):
        self.report, self.manifest, self.client = report, manifest, client
        self.trap, self.processes, self.folder = trap, processes, folder
        self.logs, self.ports = folder / "logs", set()
        self.logs.mkdir()

    def run(self):
        with ExitStack() as stack:
            with self.report.test("up", vital=True):
                self.system = System(self.manifest, "--offline", "--tunnel-unpaced", *self.client.server())
                stack.callback(self.system.stop)
                self.way = self.system.status()["tunnel"]
                self.database = self.system.database()
            self.relay = Relay(self.way["url"])
            stack.callback(self.relay.close)
            self.ports.add(int(self.way["url"].rpartition(":")[2]))
            self.install()
            self.find()
            self.refusals()
            with self.report.test("a hundred megabytes are in the database", vital=True):
                self.client.load(self.database)
                self.here = self.client.contents(self.database)
                self.dumped = self.client.dump(self.database, self.folder / "direct.sql")
                self.streamed = self.client.whole(self.database)
            self.dump_and_restore_beside_a_stalled_connection()
            self.resume("close")
            self.resume("cut")
            self.overflow()
            self.local()
            with self.report.test("stop ends what is open, and says why"):
                self.stop(stack)
            with self.report.test("no secret in any process list, log or readable file"):
                self.no_secret()

    def install(self):
        plugins, home = self.folder / "plugins", self.folder / "home"
        plugins.mkdir()
        home.mkdir()
        self.aws = Aws(self.relay, self.trap, home, plugins, self.way["region"])
        with self.report.test("Terrace is the plugin", vital=True):
            terrace("tunnel", "--install-plugin", plugins)
            plugin = plugins / "session-manager-plugin"
            if plugin.resolve() != PROGRAM.resolve():
                raise Failed(f"{plugin} leads to {plugin.resolve()}")
            version = run([plugin, "--version"], env=self.aws.env).stdout.strip()
            if not re.fullmatch(r"\d+(\.\d+){3}", version) or tuple(map(int, version.split("."))) < (1, 2, 764, 0):
                raise Failed(f"the AWS command line would warn of version {version}")
            if "installed successfully" not in run([plugin], env=self.aws.env).stdout:
                raise Failed("`aws ecs execute-command` would not believe that it is there")

    def find(self):
        """The steps as AWS documents them; what they find is what `terrace status` says."""
        with self.report.test("the documented steps find the way", vital=True):
            who = self.aws.ask("sts get-caller-identity")
            if who["Account"] != "000000000000":
                raise Failed(f"this could be somebody's account: {who}")
            self.target = self.task() if self.client.engine == "mysql" else self.instance()
            if self.target not in self.way["targets"]:
                raise Failed(f"{self.target} is none of {self.way['targets']}")
            self.host, self.port = self.cluster() if self.client.engine == "mysql" else self.server()
            if (self.host, self.port) != (self.way["host"], self.way["port"]):
                raise Failed(f"{self.host}:{self.port} is not {self.way['host']}:{self.way['port']}")

    def task(self):
        for cluster in self.aws.ask("ecs list-clusters")["clusterArns"]:
            name = cluster.rpartition("/")[2]
            for arn in self.aws.ask("ecs list-tasks --cluster", name)["taskArns"]:
                (task,) = self.aws.ask("ecs describe-tasks --cluster", name, "--tasks", arn)["tasks"]
                for container in task["containers"]:
                    agents = {a["name"]: a["lastStatus"] for a in container.get("managedAgents", [])}
                    if agents.get("ExecuteCommandAgent") == "RUNNING":
                        return f"ecs:{name}_{arn.rpartition('/')[2]}_{container['runtimeId']}"
        raise Failed("no task has a running agent")

    def instance(self):
        online = [
            i["InstanceId"]
            for i in self.aws.ask("ssm describe-instance-information")["InstanceInformationList"]
            if i["PingStatus"] == "Online"
        ]
        filters = "Name=instance-state-name,Values=running"
        reservations = self.aws.ask("ec2 describe-instances --filters", filters)["Reservations"]
        running = [i["InstanceId"] for r in reservations for i in r["Instances"]]
        if not online or set(online) - set(running):
            raise Failed(f"online are {online}, running {running}")
        return online[0]

    def server(self):
        (found,) = self.aws.ask("rds describe-db-instances")["DBInstances"]
        return found["Endpoint"]["Address"], found["Endpoint"]["Port"]

    def cluster(self):
        (found,) = self.aws.ask("rds describe-db-clusters")["DBClusters"]
        return found["Endpoint"], found["Port"]

    def refusals(self):
        with self.report.test("what is wrong is refused as on AWS"):
            gone = self.target.replace(self.target[-6:], "000000")
            for expected, where, faults in (
                ("TargetNotConnected", (gone, self.host, self.port), None),
                ("TargetNotConnected", (self.target, self.host, self.port), "target-not-connected"),
                ("", (self.target, "example.com", 443), None),
            ):
                said = self.aws.refused(*self.aws.start_session(*where, faults))
                if expected not in said or "An error occurred" not in said:
                    raise Failed(f"{where}: {said}")
            if self.relay.tokens:
                raise Failed("one of them was given a token")

    def session(self, name, faults=None):
        opened = Session(self.aws, self.logs / f"{name}.log", self.target, self.host, self.port, faults=faults)
        self.ports.add(opened.port)
        return opened

    def same(self, what, found, wanted):
        if found != wanted:
            raise Failed(f"{what} came out as {found}, not {wanted}")

    def dump_and_restore_beside_a_stalled_connection(self):
        file = self.folder / "through.sql"
        with self.report.test("the AWS command line opens the port", vital=True):
            session = self.session("stalled")
        with session:
            at = self.database.at(session.port)
            stalled = self.client.stalled(at)
            try:
                with self.report.test("a client that does not read is stalled", vital=True):
                    until("the client's port is stalled", lambda: watch.is_stalled(session.port))
                with self.report.test("beside it 100 MB are dumped, each byte the same"):
                    begun = time.monotonic()
                    self.same("the dump", self.client.dump(at, file), self.dumped)
                    self.took = time.monotonic() - begun
                with self.report.test("beside it 100 MB are restored, each byte the same"):
                    self.client.lose(self.database)
                    self.client.restore(at, file)
                    self.same("the table", self.client.contents(self.database), self.here)
                with self.report.test("all the while it was stalled, and then it gets every byte"):
                    if not watch.is_stalled(session.port):
                        raise Failed("it is not stalled any more")
                    found = hashlib.file_digest(stalled.stdout, "sha256").hexdigest()
                    if stalled.wait(60) != 0:
                        raise Failed(stalled.stderr.read().decode("utf-8", "replace"))
                    self.same("what it read", found, self.streamed)
            finally:
                stalled.kill()
                stalled.communicate()
            with self.report.test("Ctrl-C ends the session on the server's side"):
                before = self.relay.count("TerminateSession")
                code = session.running.interrupt()
                if code != 0 or self.relay.count("TerminateSession") != before + 1:
                    raise Failed(
                        f"exit code {code}, asked was {self.relay.asked[-5:]}; it said:\n{session.running.said()}"
                    )
                watch.nothing_listens({session.port})

    def resume(self, fault):
        """A connection that breaks off again and again under a dump and a restore: some times in each."""
        file = self.folder / "resumed.sql"
        with self.report.test(f"dump and restore go on over broken connections ({fault}=)"):
            resumed = self.relay.count("ResumeSession")
            with self.session(fault, f"unpaced,{fault}={int(self.took * 1000 / 6)}ms") as session:
                at = self.database.at(session.port)
                self.same("the dump", self.client.dump(at, file), self.dumped)
                halfway = self.relay.count("ResumeSession")
                self.client.lose(self.database)
                self.client.restore(at, file)
                self.same("the table", self.client.contents(self.database), self.here)
                times = (halfway - resumed, self.relay.count("ResumeSession") - halfway)
                if not all(times):
                    raise Failed(f"the session was resumed {times} times only, so nothing was tried")
                session.running.interrupt()

    def overflow(self):
        with (
            self.report.test("a stalled connection that holds too much is reset, and no other"),
            self.session("overflow") as session,
        ):
            at = self.database.at(session.port)
            stalled = self.client.stalled(at, ROWS)
            try:
                until("the client's port is stalled", lambda: watch.is_stalled(session.port))
                self.same("the dump", self.client.dump(at, self.folder / "overflow.sql"), self.dumped)
                read = len(stalled.stdout.read())
                if stalled.wait(60) == 0 or read >= LEAST:
                    raise Failed(f"it read {read} bytes and ended with {stalled.returncode}")
            finally:
                stalled.kill()
                stalled.communicate()
            session.running.interrupt()
            if "reset" not in session.running.said():
                raise Failed(f"nothing is said of it:\n{session.running.said()}")

    def local(self):
        """`terrace tunnel --local`: the same path, without the AWS command line."""
        file = self.folder / "local.sql"
        with self.report.test("terrace tunnel --local"), Tunnel(self.manifest, self.logs / "local.log") as tunnel:
            self.ports.add(tunnel.port)
            at = self.database.at(tunnel.port)
            self.same("the dump", self.client.dump(at, file), self.dumped)
            self.client.lose(self.database)
            self.client.restore(at, file)
            self.same("the table", self.client.contents(self.database), self.here)
            code = tunnel.running.interrupt()
            if code not in (0, 130):
                raise Failed(f"exit code {code}; it said:\n{tunnel.running.said()}")
            watch.nothing_listens({tunnel.port})
        with self.report.test("terrace db dump and restore through it"):
            terrace("db", "dump", self.folder / "all.sql", "--rehearse", "--file", self.manifest)
            self.client.lose(self.database)
            terrace("db", "restore", self.folder / "all.sql", "--rehearse", "--yes", "--file", self.manifest)
            self.same("the table", self.client.contents(self.database), self.here)

    def stop(self, stack):
        with self.session("stop") as session:
            stack.pop_all()
            self.system.stop()
            code = until(
                "the session is told",
                lambda: session.running.child.poll() is not None and [session.running.child.returncode],
            )
            said = session.running.said()
            if code != [0] or session.id not in said:
                raise Failed(f"exit code {code}; it said:\n{said}")
        self.relay.close()
        watch.nothing_listens(self.ports)

    def no_secret(self):
        secrets = {self.database.password, SECRET_KEY, *self.relay.tokens}
        if len(secrets) < 8 or min(map(len, secrets)) < 12:
            raise Failed(f"{len(secrets)} secrets are too few, or one is too short to look for")
        for secret in secrets:
            shown = self.processes.shows(secret)
            if shown:
                raise Failed("in the process list:\n" + "\n".join(shown))
        found = [*watch.readable(self.logs, secrets), *watch.readable(self.system.state, secrets)]
        if found or any(secret in self.system.said.stdout + self.system.said.stderr for secret in secrets):
            raise Failed("\n".join(found) or "said by `terrace up`")
        self.processes.catches(self.database.password)
