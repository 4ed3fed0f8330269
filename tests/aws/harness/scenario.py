"""A whole system: export, apply, an empty second plan, what AWS then says, no password anywhere, destroy."""

import json
from pathlib import Path

import yaml

from . import audit, expectations, live, permitted, secrets
from .ask import Asked
from .emulator import Emulator
from .export import artifacts
from .runner import Failed
from .terraform import override

HERE = Path(__file__).resolve().parent.parent / "scenarios"


def scenarios():
    """Each manifest of the folder is a scenario; its settings and expectations are in the .yaml beside it."""
    return sorted(p.stem for p in HERE.glob("*.toml"))


class Scenario:
    def __init__(self, name, terraform, exporter, work):
        self.name, self.terraform, self.exporter = name, terraform, exporter
        self.work = Path(work) / name
        self.data = yaml.safe_load((HERE / f"{name}.yaml").read_text())
        common = yaml.safe_load((HERE / "_all.yaml").read_text())
        self.expectations = [e for e in common if e.get("for", self.data["shape"]) == self.data["shape"]] + self.data[
            "expect"
        ]

    def export(self):
        manifest = (HERE / f"{self.name}.toml").read_text()
        return self.exporter.export(manifest, self.work / "project", self.data.get("environment"), self.name)

    def run(self, report):
        terraform = self.terraform
        with report.test("export", vital=True):
            folder = self.export()
            override(folder)
            artifacts(folder)
        with report.test("init", vital=True):
            terraform.run(folder, "init", "-input=false")
        with Emulator(self.work / "emulator") as emulator, Asked(emulator.url, terraform.asking(emulator.url)) as asked:
            if zone := self.data.get("zone"):  # the name's zone exists before Terrace comes
                asked.one(f"route53 create-hosted-zone --name {zone} --caller-reference terrace")
            self.life(report, terraform, emulator, asked, folder)

    def life(self, report, terraform, emulator, asked, folder):
        url = emulator.url
        with report.test("plan", vital=True):
            terraform.run(folder, "plan", "-input=false", "-out=first.bin", url=url)
        with report.test("apply", vital=True):
            try:
                applied = terraform.run(folder, "apply", "-input=false", "-parallelism=20", "first.bin", url=url)
            except Failed as f:
                raise Failed(f"{f}\n{emulator.trouble()}") from None
        again = applied
        with report.test("second plan is empty"):
            again = terraform.run(folder, "plan", "-detailed-exitcode", "-input=false", url=url, ok=(0, 2))
            if again.returncode == 2:
                raise Failed(changes(again.stdout))
        for expectation in self.expectations:
            with report.test(expectation["what"]):
                expectations.check(expectation, asked)
        if live.program():
            with report.test("the reader of live accounts tells what was built"):
                state = json.loads((folder / "terraform.tfstate").read_text())
                live.check(state, terraform.asking(url), self.data.get("region", "us-east-1"))
        if not self.exporter.ready:
            with report.test("the audit of the manifest, of the state and of the account say the same"):
                state = json.loads((folder / "terraform.tfstate").read_text())
                program = self.exporter.program
                audit.check(program, terraform.asking(url), folder.parent, state, asked, url, self.data)
        with report.test("no password in state, plan, outputs, logs, user data or task definitions"):
            held = secrets.check_planted(asked, emulator.canary, self.data["secrets"])
            places = secrets.files(folder) | self.places(asked)
            places["the plan as JSON"] = terraform.show(folder, "first.bin", url=url)
            places["what plan and apply printed"] = applied.stdout + applied.stderr + again.stdout + again.stderr
            secrets.check_absent(places, emulator.canary, held)
        with report.test("destroy"):
            self.destroy(terraform, folder, asked, url)
        if not self.exporter.ready:
            with report.test("the policy that terrace prints allows all that terraform asked"):
                program, environment = self.exporter.program, self.data.get("environment")
                printed = permitted.policies(program, terraform.asking(url), folder.parent, environment)
                permitted.check(printed, emulator.calls())
        with report.test("the emulator could do all that was asked of it"):
            if emulator.failures():
                raise Failed(emulator.trouble())

    def places(self, asked):
        """What instances and containers are given, as AWS holds it."""
        templates = asked.one("ec2 describe-launch-templates")["LaunchTemplates"]
        questions = [
            f"ec2 describe-launch-template-versions --launch-template-id {t['LaunchTemplateId']}" for t in templates
        ]
        families = asked.one("ecs list-task-definitions")["taskDefinitionArns"]
        questions += [f"ecs describe-task-definition --task-definition {a}" for a in families]
        questions += ["ssm describe-parameters"]
        return {q: asked.one(q) for q in questions}

    def destroy(self, terraform, folder, asked, url):
        """Protection is lifted first, by hand as a person would: that it holds is one of the expectations."""
        for instance in asked.one("rds describe-db-instances")["DBInstances"]:
            if instance.get("DeletionProtection"):
                name = instance["DBInstanceIdentifier"]
                asked.one(f"rds modify-db-instance --db-instance-identifier {name} --no-deletion-protection")
        for cluster in asked.one("rds describe-db-clusters")["DBClusters"]:
            if cluster.get("DeletionProtection"):
                name = cluster["DBClusterIdentifier"]
                asked.one(f"rds modify-db-cluster --db-cluster-identifier {name} --no-deletion-protection")
        for balancer in asked.one("elbv2 describe-load-balancers")["LoadBalancers"]:
            off = "--attributes Key=deletion_protection.enabled,Value=false"
            asked.one(f"elbv2 modify-load-balancer-attributes --load-balancer-arn {balancer['LoadBalancerArn']} {off}")
        terraform.run(folder, "destroy", "-auto-approve", "-input=false", "-parallelism=20", url=url)
        state = json.loads((folder / "terraform.tfstate").read_text())
        if state["resources"]:
            raise Failed(f"{len(state['resources'])} resources are left in the state")


def changes(plan):
    """The lines of a plan that say what would change."""
    lines = [x for x in plan.splitlines() if x.lstrip().startswith(("#", "+", "-", "~", "Plan:"))]
    return "\n".join(lines[:120])
