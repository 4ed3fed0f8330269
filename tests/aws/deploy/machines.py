"""The life of a system in shape ec2, from the first deployment to its end."""

import hashlib
import json

from harness.runner import Failed

from . import leftover
from .ground import Ground
from .life import cost, destroyed, equal, looks


class Machines:
    name = "deploy ec2"

    def __init__(self, terraform, work):
        self.terraform, self.work = terraform, work

    def run(self, report):
        behind = {"edge": 'edge = "cloudfront"', "assets": 'assets = "cdn"'}
        with Ground("ec2", self.terraform, self.work, shape="ec2", **behind) as ground:
            self.ground, self.terrace = ground, ground.terrace
            self.life(report)

    def runs(self, party):
        """Which artifacts the machines of a party fetch, as their tags say."""
        group = self.ground.outputs()[f"{party}_scaling_group"]
        answer = self.ground.aws(f"autoscaling describe-auto-scaling-groups --auto-scaling-group-names {group}")
        ids = [one["InstanceId"] for one in answer["AutoScalingGroups"][0]["Instances"]]
        told = self.ground.aws(f"ec2 describe-instances --instance-ids {' '.join(ids)}")
        machines = [i for r in told["Reservations"] for i in r["Instances"] if i["State"]["Name"] == "running"]
        return sorted({t["Value"] for m in machines for t in m["Tags"] if t["Key"] == "terrace:release"})

    def book(self):
        records, current = self.ground.records()
        artifacts = records[int(current)]["contents"]["app"]["artifacts"]
        return int(current), {party: one["digest"].removeprefix("sha256:") for party, one in artifacts.items()}

    def settings(self):
        """The plain settings that the app's machines fetch, with the list of sums that names them."""
        _, artifacts = self.book()
        folder = f"artifacts/items/default/{artifacts['app']}"
        text = self.ground.object(self.ground.foundation(), f"{folder}/settings.json")
        sums = self.ground.object(self.ground.foundation(), f"{folder}/SHA256SUMS").decode()
        if f"{hashlib.sha256(text).hexdigest()}  settings.json\n" not in sums:
            raise Failed(f"the list of sums does not name them: {sums}")
        return json.loads(text)

    def assets(self):
        return self.ground.objects(self.ground.outputs()["assets_bucket"])

    def agrees(self):
        """All machines run what the book says is in force."""
        number, artifacts = self.book()
        for party, digest in artifacts.items():
            equal(self.runs(party), [digest], f"what the machines of {party} fetch")
        return number

    def life(self, report):
        ground, terrace = self.ground, self.terrace
        ground.secret("set", "PAYMENT_KEY", value=f"{ground.payment}\n")
        with report.test("first deploy", vital=True):
            ran = terrace.deploy()
            if ran.code:
                raise Failed(f"{ran.text}\n{ground.emulator.trouble()}")
            ran.expect(0, "release 1 is in force")
        with report.test("the machines fetch what was built, and it is all there"):
            equal(self.agrees(), 1, "in force")
            _, artifacts = self.book()
            there = ground.objects(ground.foundation())
            for party, digest in artifacts.items():
                names = {k.rpartition("/")[2] for k in there if k.startswith(f"artifacts/items/default/{digest}/")}
                app = {"app.tar.gz", "rds-ca.pem", "settings.json"}
                own = {"page.tar.gz", "terrace-edge"} if party == "web" else app
                equal(names, own | {"SHA256SUMS", "terrace-boot"}, f"what the machines of {party} fetch")
        with report.test("what the distribution takes from the bucket is there, and nothing else of the page"):
            equal(sorted(self.assets()), ["assets/app-0123abcd.js"], "the bucket of the assets")
        with report.test("nothing has changed: no terraform"):
            ran = terrace.deploy().expect(0, "nothing has changed: release 1 is in force")
            equal(ran.terraform, [], "terraform")
            cost("Nothing new, ec2", ran)
        with report.test("a release of code alone replaces the app's machines, and no terraform runs"):
            web = self.runs("web")
            ground.project.code("2")
            ran = terrace.deploy().expect(0, "release 2 is in force")
            equal(ran.terraform, [], "terraform")
            equal((self.agrees(), self.runs("web")), (2, web), "in force, and the page's machines")
        with report.test("a release of the page alone replaces the page's machines"):
            app = self.runs("app")
            ground.project.page("assets/app-4567cdef.js", "console.log(2)\n")
            (ground.project.folder / "page/dist/assets/app-0123abcd.js").unlink()
            ground.project.page("index.html", '<!doctype html><script src="assets/app-4567cdef.js"></script>\n')
            ran = terrace.deploy().expect(0, "release 3 is in force", "1 file sent")
            equal(ran.terraform, [], "terraform")
            equal((self.agrees(), self.runs("app")), (3, app), "in force, and the app's machines")
            both = ["assets/app-0123abcd.js", "assets/app-4567cdef.js"]
            equal(sorted(self.assets()), both, "the assets: those of the former page are kept for it")
            asked = [one["operation"] for one in ran.calls]
            first = asked.index("StartInstanceRefresh")
            puts = [n for n, one in enumerate(ran.calls) if one["fields"].get("Key", "").startswith("assets/")]
            if not puts or max(puts) > first:
                raise Failed(f"machines were replaced before the assets were there: {asked}")
        self.trouble(report)
        with report.test("no planted secret in any file, log, argument, state or bucket"):
            ground.absent()
        looks(report, ground)
        destroyed(report, ground, leftover.machine)
        ground.within.check(report, "ec2")
        with report.test("the emulator could do all that was asked of it"):
            if ground.emulator.failures():
                raise Failed(ground.emulator.trouble())

    def trouble(self, report):
        ground, terrace = self.ground, self.terrace
        with report.test("machines that do not answer: it goes back, and says why with the last lines of the log"):
            ground.project.code("3 broken")
            line = "terrace: this machine starts nothing: there is no release yet"
            ground.play(machines={"group": ground.outputs()["app_log_group"], "log": ["starting", line]})
            terrace.deploy().expect(1, line, "release 4 is not in force")
            ground.play()
            equal(self.agrees(), 3, "in force")
        with report.test("rollback without a build or a terraform"):
            ran = terrace.run("rollback", "1", "--no-visit").expect(0, "release 1 again")
            equal(ran.terraform, [], "terraform")
            self.agrees()
        ground.project.code("5")
        terrace.deploy().expect(0, "release 6 is in force")
        with report.test("another setting is a release: the app's machines fetch it, and no terraform runs"):
            web = self.runs("web")
            equal(self.settings(), {"LOG_LEVEL": "info"}, "the settings of then")
            ground.project.manifest(level="debug")
            terrace.run("plan").expect(2, "settings of app: LOG_LEVEL changed")
            ran = terrace.deploy().expect(0, "release 7 is in force")
            equal(ran.terraform, [], "terraform")
            equal((self.agrees(), self.settings()), (7, {"LOG_LEVEL": "debug"}), "in force, and its settings")
            equal(self.runs("web"), web, "the page's machines")
            names = [one["Name"] for one in ground.aws("ssm describe-parameters")["Parameters"]]
            equal([name for name in names if "/app/" in name], [], "parameters of the app")
        with report.test("rollback brings the former setting back"):
            ran = terrace.run("rollback", "--no-visit").expect(0, "release 6 again")
            equal(ran.terraform, [], "terraform")
            equal((self.agrees(), self.settings()), (8, {"LOG_LEVEL": "info"}), "in force, and its settings")
        with report.test("more machines at most: the infrastructure, and the release with it"):
            ground.project.manifest(most=5)
            ground.project.code("6")
            ran = terrace.deploy().expect(0, "is in force")
            if not ran.terraform:
                raise Failed("no terraform ran")
            equal((self.agrees(), self.settings()), (9, {"LOG_LEVEL": "debug"}), "in force, and its settings")
        with report.test("terraform, asked to look again, changes no release"):
            # Where the template's newest version is of another release than the one in force, it makes one of that.
            terrace.deploy("--infrastructure").expect(0, "release 9")
            equal(self.agrees(), 9, "in force")
