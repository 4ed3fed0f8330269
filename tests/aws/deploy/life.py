"""The life of a system in shape fargate, from the first deployment to its end."""

import json
from pathlib import Path

from harness.runner import Failed

from . import leftover
from .ground import Ground

DOCS = Path(__file__).resolve().parents[3] / "docs" / "releases.md"


def allowed(kind):
    """What the whole of a deployment may ask of AWS, as docs/releases.md has it: {service:operation: times}."""
    rows = DOCS.read_text().partition("## The whole of `terrace deploy`")[2].splitlines()
    rows = [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in rows if row.startswith("|")]
    if not rows or kind not in rows[0]:
        raise Failed(f"{DOCS} has no table of the whole with a column `{kind}`")
    column = rows[0].index(kind)
    return {row[0]: int(row[column]) for row in rows[2:] if row[column] != "-"}


def cost(kind, ran):
    """What a run cost: figures, and no judgement."""
    calls = sum(ran.asked().values())
    print(f"     {kind}: {calls} calls, {ran.cpu:.2f} s of the processor with what it started")


def held(kind, ran):
    """No more was asked than the docs say."""
    asked, most = ran.asked(), allowed(kind)
    over = {
        name: f"{times} times, not {most.get(name, 0)}" for name, times in asked.items() if times > most.get(name, 0)
    }
    cost(kind, ran)
    if over:
        raise Failed(f"asked more than docs/releases.md says: {over}")


def equal(got, wanted, what):
    if got != wanted:
        raise Failed(f"{what}: {got!r}, expected {wanted!r}")


# What costs money, or stands in the way of the next system of the name.
LEFT = {
    "ec2 describe-vpcs --filters Name=is-default,Values=false": "Vpcs",
    "ec2 describe-addresses": "Addresses",
    "ec2 describe-nat-gateways --filter Name=state,Values=available": "NatGateways",
    "ec2 describe-instances --filters Name=instance-state-name,Values=running": "Reservations",
    "rds describe-db-instances": "DBInstances",
    "rds describe-db-clusters": "DBClusters",
    "ecr describe-repositories": "repositories",
    "elbv2 describe-load-balancers": "LoadBalancers",
    "autoscaling describe-auto-scaling-groups": "AutoScalingGroups",
    "logs describe-log-groups": "logGroups",
}


def destroyed(report, ground, left):
    """The end: what costs money is gone, a last snapshot is left, and what is kept is said. `left` makes a migration
    run that nobody follows."""
    with report.test("destroy: with the wrong name nothing is touched"):
        before = ground.objects(ground.foundation())
        ground.terrace.run("destroy", "--yes-destroy", "other").expect(2, "nothing was touched")
        equal(ground.objects(ground.foundation()), before, "the foundation's bucket")
    with report.test("destroy: nothing is left that costs money, and a last snapshot is kept"):
        migrates = left(ground)
        ran = ground.terrace.run("destroy", "--yes-destroy", "items")
        if ran.code:
            raise Failed(f"exit {ran.code}\n{ran.text}\n{ground.emulator.trouble()}")
        leftover.told(ran, migrates)
        there = {}
        for question, name in LEFT.items():
            if found := ground.aws(question)[name]:
                there[question] = found
        for cluster in ground.aws("ecs list-clusters")["clusterArns"]:  # one that is deleted is listed for a while
            told = ground.aws(f"ecs describe-clusters --clusters {cluster}")["clusters"][0]
            equal(told["status"], "INACTIVE", cluster)
        equal(there, {}, "what is left")
        held = len(ground.aws("rds describe-db-snapshots --snapshot-type manual")["DBSnapshots"])
        held += len(ground.aws("rds describe-db-cluster-snapshots --snapshot-type manual")["DBClusterSnapshots"])
        if not held:
            raise Failed("there is no last snapshot")


def looks(report, ground):
    """Those who only look."""
    with report.test("status, logs and releases tell what is deployed"):
        ground.terrace.run("status", "--aws").expect(1, "alarm: items-")  # the emulator's alarms begin so
        ground.terrace.run("logs", "--aws").expect(0)
        ground.terrace.run("releases").expect(0, "in force")


def service(ground):
    out = ground.outputs()
    answer = ground.aws(f"ecs describe-services --cluster {out['cluster']} --services {out['app_service']}")
    return answer["services"][0]


def container(ground):
    definition = service(ground)["taskDefinition"]
    answer = ground.aws(f"ecs describe-task-definition --task-definition {definition}")
    return answer["taskDefinition"]["containerDefinitions"][0]


def image(ground):
    return container(ground)["image"].rpartition("@")[2]


def settings(ground):
    """The plain settings that the tasks find, and all else that stands beside them."""
    found = {one["name"]: one["value"] for one in container(ground)["environment"]}
    return json.loads(found.pop("TERRACE_SETTINGS")), found


class Fargate:
    name = "deploy fargate"

    def __init__(self, terraform, work):
        self.terraform, self.work = terraform, work

    def run(self, report):
        with Ground("fargate", self.terraform, self.work, migrate='migrate = "bin/api --migrate"') as ground:
            self.ground, self.terrace = ground, ground.terrace
            self.life(report)

    def service(self):
        return service(self.ground)

    def image(self):
        return image(self.ground)

    def life(self, report):
        ground, terrace = self.ground, self.terrace
        with report.test("a secret of the app's is given before there is anything"):
            ground.secret("set", "PAYMENT_KEY", value=f"{ground.payment}\n")
            got = ground.aws("secretsmanager get-secret-value --secret-id items/payment")["SecretString"]
            equal(got, ground.payment, "its value")
        with report.test("plan of what is not there: changes, and nothing is made"):
            ran = terrace.run("plan").expect(2, "it is the first")
            made = [b["Name"] for b in ground.aws("s3api list-buckets")["Buckets"]]
            equal(made, [], "buckets")
        ground.play(migration={"exit": 0, "log": ["migrating", "table items is there"]})
        with report.test("first deploy", vital=True):
            ran = terrace.deploy("-m", "the first")
            if ran.code:
                raise Failed(f"{ran.text}\n{ground.emulator.trouble()}")
            ran.expect(0, "release 1 is in force", "table items is there")
        with report.test("what runs is what was built; the page is in its place; the book says so"):
            records, current = ground.records()
            equal((sorted(records), current), ([1], "1"), "the book")
            equal(records[1]["message"], "the first", "its message")
            service = self.service()
            equal((service["runningCount"], service["desiredCount"]), (2, 2), "tasks")
            repository = ground.aws("ecr describe-images --repository-name items-app")["imageDetails"]
            equal([i["imageDigest"] for i in repository], [self.image()], "images in the registry")
            page = ground.objects(ground.outputs()["page_bucket"])
            wanted = ["assets/app-0123abcd.js", "index.html", "picture.svg", "robots.txt"]
            equal(sorted(page), wanted, "the page")
        self.nothing(report)
        self.releases(report)
        self.failures(report)
        self.back(report)
        self.settings(report)
        self.infrastructure(report)
        self.secrets(report)
        looks(report, ground)
        destroyed(report, ground, leftover.task)
        ground.within.check(report, "fargate")
        self.ends(report)

    def nothing(self, report):
        with report.test("nothing has changed: no terraform, nothing is written"):
            ran = self.terrace.deploy().expect(0, "nothing has changed: release 1 is in force")
            equal(ran.terraform, [], "terraform")
            held("Nothing new", ran)
        with report.test("plan says so too"):
            self.terrace.run("plan").expect(0, "release 1 is in force")

    def releases(self, report):
        ground, terrace = self.ground, self.terrace
        with report.test("a release of code alone runs no terraform and touches no page"):
            before = self.image()
            ground.project.code("2")
            ran = terrace.deploy().expect(0, "release 2 is in force")
            equal(ran.terraform, [], "terraform")
            held("Code only", ran)
            if self.image() == before:
                raise Failed("the same image runs")
        with report.test("a release of the page alone sends the file and its index, and asks for what the docs say"):
            before = self.image()
            ground.project.page("assets/app-4567cdef.js", "console.log(2)\n")
            (ground.project.folder / "page/dist/assets/app-0123abcd.js").unlink()
            index = '<!doctype html><script src="assets/app-4567cdef.js"></script>\n'
            ground.project.page("index.html", index)
            ran = terrace.deploy().expect(0, "release 3 is in force", "2 files sent")
            equal(ran.terraform, [], "terraform")
            puts = [one for one in ran.calls if one["operation"] == "PutObject"]
            sent = [one["bytes"] for one in puts if not one["fields"]["Key"].startswith(("journal/", "releases/"))]
            equal(sum(sent), len(index) + len("console.log(2)\n"), "bytes sent beside the records")
            held("Page only", ran)
            equal(self.image(), before, "the image")
            bucket = ground.outputs()["page_bucket"]
            equal(ground.object(bucket, "index.html").decode(), index, "index.html")
            kept = "assets/app-0123abcd.js" in ground.objects(bucket)
            equal(kept, True, "the former asset is kept for the former releases")

    def failures(self, report):
        ground, terrace = self.ground, self.terrace
        with report.test("a release whose tasks stop goes back, and says why with the last lines of the log"):
            before = self.service()["taskDefinition"]
            ground.project.code("3 broken")
            lines = ["reading the settings", "panicked: PAYMENT_URL is not a URL"]
            ground.play(task={"exit": 3, "log": lines})
            terrace.deploy().expect(1, "exit code 3", lines[1], "release 4 is not in force")
            equal(self.service()["taskDefinition"], before, "what the service runs")
            equal(ground.records()[1], "3", "in force")
            ground.play()
        with report.test("a migration that fails moves no traffic, and its words are on the screen"):
            ground.project.code("4 migrates badly")
            ground.play(migration={"exit": 1, "log": ["relation items does not exist"]})
            terrace.deploy().expect(1, "relation items does not exist", "the migration failed")
            equal(self.service()["taskDefinition"], before, "what the service runs")
            ground.play()

    def back(self, report):
        ground, terrace = self.ground, self.terrace
        with report.test("rollback without a build is refused where a migration stands between"):
            terrace.run("rollback", "1", "--no-visit").expect(1, "a migration stands between", "--anyway")
        with report.test("rollback past it: page and code of then, no terraform"):
            first = ground.records()[0][1]
            ran = terrace.run("rollback", "1", "--anyway", "--no-visit").expect(0, "release 1 again")
            equal(ran.terraform, [], "terraform")
            equal(self.image(), first["contents"]["app"]["image"], "the image")
            bucket = ground.outputs()["page_bucket"]
            if b"app-0123abcd.js" not in ground.object(bucket, "index.html"):
                raise Failed("the page is not that of then")

    def settings(self, report):
        ground, terrace = self.ground, self.terrace
        ground.project.code("5")
        terrace.deploy().expect(0, "release 7 is in force")
        with report.test("another setting is a release: tasks read it; no terraform, no migration, no code is sent"):
            former, beside = settings(ground)
            equal(former, {"LOG_LEVEL": "info"}, "the settings of then")
            before = self.image()
            ground.project.manifest(level="debug")
            terrace.run("plan").expect(2, "settings of app: LOG_LEVEL changed")
            ran = terrace.deploy().expect(0, "release 8 is in force", "it ran for the release in force")
            equal(ran.terraform, [], "terraform")
            held("Code only", ran)
            for call in ("ecs:RunTask", "ecr:GetAuthorizationToken"):
                equal(ran.asked().get(call, 0), 0, call)
            equal((settings(ground), self.image()), (({"LOG_LEVEL": "debug"}, beside), before), "tasks")
            equal(ground.aws("ssm describe-parameters")["Parameters"], [], "parameters")
            told = ground.records()[0][8]["contents"]["configuration"]["app"]
            equal(told, {"plain": {"LOG_LEVEL": "debug"}, "secret": ["PAYMENT_KEY", "SESSION_KEY"]}, "the book")
        with report.test("rollback brings the former setting back, with the former definition itself"):
            ran = terrace.run("rollback", "--no-visit").expect(0, "release 7 again")
            equal(ran.terraform, [], "terraform")
            equal(settings(ground), ({"LOG_LEVEL": "info"}, beside), "tasks")
            equal(self.service()["taskDefinition"], ground.records()[0][7]["definition"], "the definition")
        with report.test("and the manifest's one again"):
            terrace.deploy().expect(0, "release 10 is in force")
            equal(settings(ground), ({"LOG_LEVEL": "debug"}, beside), "tasks")

    def infrastructure(self, report):
        ground, terrace = self.ground, self.terrace
        with report.test("more tasks at most: the infrastructure first, then the release with it"):
            ground.project.manifest(most=5)
            ground.project.code("6")
            ran = terrace.deploy().expect(0, "release 11 is in force")
            if not ran.terraform:
                raise Failed("no terraform ran")
            (target,) = ground.aws("application-autoscaling describe-scalable-targets --service-namespace ecs")[
                "ScalableTargets"
            ]
            equal(target["MaxCapacity"], 5, "tasks at most")
        with report.test("rollback over other infrastructure: image and settings of then in the newest definition"):
            ran = terrace.run("rollback", "9", "--anyway", "--no-visit").expect(0, "release 9 again")
            equal(ran.terraform, [], "terraform")
            equal(settings(ground)[0], {"LOG_LEVEL": "info"}, "the settings")
            equal(self.image(), ground.records()[0][9]["contents"]["app"]["image"], "the image")
        with report.test("terraform, asked to look again, sees no change in what a release put there"):
            terrace.deploy().expect(0, "release 13 is in force")
            terrace.deploy("--infrastructure").expect(0, "nothing to change", "nothing has changed: release 13")
            equal(settings(ground)[0], {"LOG_LEVEL": "debug"}, "the settings")
        with report.test("another database: what would be lost is said, and --yes alone does not do it"):
            ground.project.manifest(engine="mysql")
            before = ground.aws("rds describe-db-instances")["DBInstances"][0]["DbiResourceId"]
            terrace.deploy().expect(2, "loses", "--accept-loss")
            after = ground.aws("rds describe-db-instances")["DBInstances"][0]["DbiResourceId"]
            equal(after, before, "the database")
            terrace.run("plan").expect(2, "replace")
            ground.project.manifest(engine="postgres")

    def secrets(self, report):
        ground = self.ground
        with report.test("a secret is changed: what reads it starts again, and its value is nowhere"):
            before = self.service()["deployments"][0]["id"]
            ground.secret("set", "PAYMENT_KEY", value=f"{ground.payment}2\n")
            got = ground.aws("secretsmanager get-secret-value --secret-id items/payment")["SecretString"]
            equal(got, ground.payment + "2", "its value")
            if self.service()["deployments"][0]["id"] == before:
                raise Failed("no task was started anew")
            ground.secret("list", value="no value")
        with report.test("no planted secret in any file, log, argument, state or bucket"):
            ground.absent()

    def ends(self, report):
        with report.test("the emulator could do all that was asked of it"):
            if self.ground.emulator.failures():
                raise Failed(self.ground.emulator.trouble())
