"""A first deployment that is killed again and again, interrupted, and met by a second: nothing is made twice."""

import re
import signal

from harness.runner import Failed

from .ground import Ground
from .life import equal, image, service

# Where Terrace is killed, one after the other: when AWS has just been asked this. A call of its own is carried out only
# when it is dead (`hold`), as if the answer had been lost on its way.
KILLS = (
    ("the foundation's bucket", "CreateBucket"),
    ("the foundation's settings", "PutBucketVersioning"),
    ("the registry's repository", "CreateRepository"),
    ("the registry's password", "GetAuthorizationToken"),
    ("terraform's apply", "terraform CreateVpc"),
    ("terraform's apply, later", "terraform CreateCluster"),
    ("what was applied", "PutObject applied/items/default.json"),
    ("the release's number", "PutObject default/1.json"),
    ("the service is told", "UpdateService"),
    ("the page", "CopyObject"),
    ("the page is forgotten", "CreateInvalidation"),
    ("what is in force", "PutObject default/current"),
)
# What there is one of.
ONCE = {
    "ec2 describe-vpcs --filters Name=is-default,Values=false": "Vpcs",
    "ecs list-clusters": "clusterArns",
    "rds describe-db-clusters": "DBClusters",
    "ecr describe-repositories": "repositories",
    "elbv2 describe-load-balancers": "LoadBalancers",
    "cloudfront list-distributions": "DistributionList.Items",
}


class Faults:
    name = "deploy faults"

    def __init__(self, terraform, work):
        self.terraform, self.work = terraform, work

    def run(self, report):
        with Ground("faults", self.terraform, self.work) as ground:
            self.ground, self.terrace = ground, ground.terrace
            self.said(report)
            ground.secret("set", "PAYMENT_KEY", value=f"{ground.payment}\n")
            self.killed(report)
            self.interrupted(report)
            self.met(report)
            self.undone(report)
            self.replaced(report)
            with report.test("no planted secret in any file, log, argument, state or bucket"):
                ground.absent()
            ground.within.check(report)

    def said(self, report):
        """Bad input, a line each: what is wrong, and what to type."""
        terrace, project = self.terrace, self.ground.project
        with report.test("no credentials: said, with what to do"):
            env = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
            told(terrace.deploy(**env), NO_CREDENTIALS)
        with report.test("another account than the manifest names: said, with both"):
            project.manifest(account='account = "210987654321"')
            ran = terrace.deploy()
            project.manifest(account="")
            told(ran, OTHER_ACCOUNT)
        with report.test("no terraform: said, with where to get it"):
            told(terrace.deploy(TERRACE_TERRAFORM="/nowhere/terraform"), NO_TERRAFORM)
        with report.test("and nothing was made by any of them"):
            equal(self.ground.aws("s3api list-buckets")["Buckets"], [], "buckets")
        with report.test("rollback and unlock of what was never deployed"):
            told(terrace.run("rollback"), NOT_DEPLOYED)

    def killed(self, report):
        for what, call in KILLS:
            with report.test(f"killed at: {what}"):
                self.killed_at(call)
        with report.test("the next one goes on to the end", vital=True):
            self.terrace.deploy().expect(0, "release 1 is in force")
        with report.test("nothing is there twice, and nothing is missing"):
            for question, path in ONCE.items():
                found = self.ground.aws(question)
                for name in path.split("."):
                    found = found[name]
                equal(len(found), 1, question)
            records, current = self.ground.records()
            equal((sorted(records), current), ([1], "1"), "the book")
        with report.test("and terraform finds nothing to do"):
            self.terrace.deploy("--infrastructure").expect(0, "nothing to change")

    def killed_at(self, call):
        name = call.removeprefix("terraform ")
        by = "other" if name == call else "terraform"
        self.ground.play(**({"hold": name} if by == "other" else {}))
        operation, _, key = name.partition(" ")

        def wanted(one):
            return one["by"] == by and one["operation"] == operation and one["fields"].get("Key", "").endswith(key)

        run = self.terrace.start("deploy", "--yes", "--no-visit")
        came = run.until(wanted)
        ran = run.kill()
        self.ground.play()
        if not came or ran.code != -signal.SIGKILL:
            raise Failed(f"it did not come to that: exit {ran.code}\n{ran.text}")

    def interrupted(self, report):
        with report.test("Ctrl-C while terraform applies: stops at a safe point with 130"):
            self.ground.project.manifest(level="debug", most=5)
            run = self.terrace.start("deploy", "--yes", "--no-visit")
            if not run.until(lambda c: c["operation"] == "RegisterScalableTarget" and c["by"] == "terraform"):
                raise Failed(f"it did not come to that\n{run.kill().text}")
            run.signal(signal.SIGINT)
            run.end().expect(130, "stopping at the next safe point")
        with report.test("and the next one goes on: tasks read the new setting"):
            before = service(self.ground)["deployments"][0]["id"]
            self.terrace.deploy().expect(0, "is in force")
            if service(self.ground)["deployments"][0]["id"] == before:
                raise Failed("no task was started anew")

    def met(self, report):
        with report.test("a second deployment at the same time is told by whom"):
            self.ground.project.code("2")
            self.ground.play(hold="UpdateService")
            first = self.terrace.start("deploy", "--yes", "--no-visit")
            if not first.until(lambda c: c["operation"] == "UpdateService"):
                raise Failed(f"it did not come to that\n{first.kill().text}")
            other = self.ground.user("other")
            second = other.deploy()
            first.kill()
            self.ground.play()
            second.expect(1, "arn:aws:sts::123456789012:user/moto deploys this system since", "(step: release)")
        with report.test("and when the first is gone, the next goes on with what it began"):
            self.terrace.deploy().expect(0, "is in force")

    def undone(self, report):
        with report.test("a release that was cut off, and then not wanted: what was in force is brought back"):
            before = image(self.ground)
            self.ground.project.code("3")
            self.killed_at("UpdateService")
            self.ground.project.code("2")
            self.terrace.deploy().expect(0, "is in force")
            equal(image(self.ground), before, "the image that the service runs")

    def replaced(self, report):
        with report.test("another database, and --accept-loss: it is replaced"):
            self.ground.project.manifest(engine="mysql")
            self.terrace.deploy("--accept-loss").expect(0, "is in force")
            (engine,) = {one["Engine"] for one in self.ground.aws("rds describe-db-instances")["DBInstances"]}
            if "mysql" not in engine:
                raise Failed(engine)


def told(ran, wanted):
    """The last lines of what it said, without what changes from run to run."""
    code, text = wanted
    got = re.sub(r"\b\d+(\.\d+)? (ms|s)\b", "N s", ran.text).strip()
    if ran.code != code or got != text.strip():
        raise Failed(f"exit {ran.code}, expected {code}\n--- said\n{got}\n--- expected\n{text.strip()}")


NO_CREDENTIALS = (
    1,
    """\
error: no AWS credentials were found (no credentials found in chain): run `aws configure` or `aws sso login`, or set \
AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
""",
)
OTHER_ACCOUNT = (
    2,
    """\
error: terrace.toml is for account 210987654321
  because: these credentials are of account 123456789012 (arn:aws:sts::123456789012:user/moto)
help: AWS_PROFILE=NAME or --profile NAME takes those of another; `aws configure list-profiles` lists them
""",
)
NO_TERRAFORM = (
    1,
    """\
items in us-east-1 of account 123456789012
audit          proving who reaches what
audit          nothing reaches what it should not in N s
preflight      looking at the account
preflight      not done in N s
error: TERRACE_TERRAFORM names `/nowhere/terraform`, and no program is there: name one, or unset it so that the PATH \
is searched
help: the same command again, once it is there
""",
)
NOT_DEPLOYED = (
    1,
    """\
items goes back
release        reading the book of releases
release        not done in N s
error: items has not been deployed in us-east-1 of account 123456789012
help: `terrace deploy` does so
help: if it is elsewhere: AWS_PROFILE, --profile and --region say where one looks
""",
)
