"""`tests/aws/run [--only TEXT] [--part NAME] [--exports DIR] [--list]`: everything, or what is named."""

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
import urllib.request
from pathlib import Path

from deploy import job as deploy
from models import job as models

from . import matrix, plugin, runner, selftest
from .ask import Asked
from .checkov import Accepted
from .emulator import Emulator
from .export import Exporter, resource_types
from .runner import Failed, Job, Skipped
from .scenario import Scenario, scenarios
from .terraform import Terraform, override
from .trap import Trap

PARTS = ("matrix", "systems", "checkov", "models", "deploy")


def matrix_job(terraform, exporter, work, only):
    """One job over all combinations: they share an emulator, the provider's process, and the 6.x stub."""
    chosen = [c for c in matrix.choices() if only in c.name]

    def run(report):
        folders = {}
        for choice in chosen:
            with report.test(f"{choice.name}: export"):
                folders[choice] = exporter.export(choice.manifest(), work / choice.name, name=choice.name)
        if not folders:
            return
        with report.test("terraform fmt would change no export"):
            terraform.run(work, "fmt", "-check", "-recursive", "-diff")
        for folder in folders.values():
            override(folder)
        validate_six(report, terraform, folders, work)
        validate_and_plan(report, terraform, folders, work)

    return Job("matrix", run)


def each(report, folders, name, action, **shared):
    """A test for every export, two at a time: each command is a process that computes on one core."""
    from concurrent.futures import ThreadPoolExecutor

    def one(item):
        choice, folder = item
        with report.test(f"{choice.name}: {name}"):
            action(folder, **shared)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, folders.items()))


def validate_six(report, terraform, folders, work):
    types = set().union(*(resource_types(f) for f in folders.values()))
    six = None
    with report.test("the 6.x schema is there"):
        six = plugin.Six(types, work)
    if six is None:
        return
    try:
        each(
            report,
            folders,
            "validate against 6.x",
            lambda f: terraform.run(f, "validate", TF_DATA_DIR=str(f / ".six"), **six.env),
        )
        with report.test("the 6.x schema refuses an argument it does not know"):
            wrong = work / "wrong"
            shutil.rmtree(wrong, ignore_errors=True)
            wrong.mkdir()
            (wrong / "main.tf").write_text(
                'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n  no_such    = true\n}\n'
            )
            if "Unsupported argument" not in terraform.run(wrong, "validate", ok=(1,), **six.env).stderr:
                raise Failed("it accepted no_such")
    finally:
        six.close()


def validate_and_plan(report, terraform, folders, work):
    with Emulator(work / "emulator") as emulator:
        with Asked(emulator.url, terraform.asking(emulator.url)) as asked:
            asked.one("route53 create-hosted-zone --name example.com --caller-reference terrace")
        shared = plugin.Shared(terraform, emulator.url)
        try:
            each(report, folders, "validate", lambda f: terraform.run(f, "validate", url=emulator.url, **shared.env))
            each(
                report,
                folders,
                "plan",
                lambda f: terraform.run(f, "plan", "-input=false", "-lock=false", url=emulator.url, **shared.env),
            )
        finally:
            shared.close()
        with report.test("the emulator could do all that plans asked of it"):
            if emulator.failures():
                raise Failed(emulator.trouble())


def trap_jobs(trap, emulator_folders):
    """The trap catches what leaves loopback; and after all else, nothing was in it."""

    def catches(report):
        with report.test("a request that leaves loopback is caught"):
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({"https": trap.url}))
            with contextlib.suppress(OSError):
                opener.open("https://nowhere.invalid/", timeout=10)
            if not any("nowhere.invalid" in line for line in trap.caught):
                raise Failed("the trap saw nothing")
            trap.caught = [line for line in trap.caught if "nowhere.invalid" not in line]

    return Job("network", catches)


def stays_home(trap, terraform, work):
    def run(report):
        with report.test("nothing but the emulators on loopback was contacted"):
            if trap.caught:
                raise Failed("left loopback:\n" + "\n".join(sorted(set(trap.caught))))
            import json

            entries = [json.loads(x) for j in Path(work).rglob("journal.jsonl") for x in j.read_text().splitlines()]
            hosts = {e["host"].rsplit(":", 1)[0] for e in entries}
            if hosts - {"127.0.0.1"} or not entries:
                raise Failed(f"{len(entries)} requests reached emulators, as {sorted(hosts)}")
            print(f"     {terraform.commands} terraform commands, {len(entries)} requests, all to 127.0.0.1")

    return Job("network", run)


def checkov_job(names, terraform, exporter, work):
    def run(report):
        accepted = Accepted()
        for name in names:
            with report.test(name):
                accepted.check(Scenario(name, terraform, exporter, work / "checkov").export(), work)
        if len(names) == len(scenarios()):
            with report.test("every accepted finding is still found and has a reason"):
                accepted.check_all_fired()

    return Job("checkov", run)


def main():
    parser = argparse.ArgumentParser(prog="tests/aws/run")
    parser.add_argument("--only", default="", help="only scenarios and combinations whose name contains this")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part (may be repeated)")
    parser.add_argument("--exports", help="a folder of finished exports to take instead of running terrace")
    parser.add_argument("--keep", action="store_true", help="keep the working folder and say where it is")
    parser.add_argument("--list", action="store_true", help="say what there is and run nothing")
    options = parser.parse_args()
    parts = options.part or PARTS
    names = [n for n in scenarios() if options.only in n]
    if options.list:
        print(*(f"system {n}" for n in names), *(f"matrix {c.name}" for c in matrix.choices()), sep="\n")
        return 0
    for reason, count in matrix.dropped().items():
        print(f"{count} combinations are left out: {reason}")
    work = Path(tempfile.mkdtemp(prefix="terrace-aws-"))
    trap = Trap()
    terraform = Terraform(work / "terraform", trap)
    exporter = Exporter(options.exports)
    jobs = [trap_jobs(trap, work), Job("harness", selftest.run)]
    if terraform.missing:
        print(f"\n!!! {terraform.missing}\n!!! Everything that needs terraform is SKIPPED.\n", file=sys.stderr)

        def skipped(report):
            for name in [f"system {n}" for n in names] + [
                f"matrix {c.name}" for c in matrix.choices() if options.only in c.name
            ]:
                with report.test(name):
                    raise Skipped(terraform.missing)

        jobs.append(Job("", skipped))
    else:
        print(
            f"terraform at {terraform.binary}, hashicorp/aws {terraform.provider}"
            + (f" from {terraform.mirror}" if terraform.mirror else "")
        )
        if "systems" in parts:
            jobs += [Job(n, Scenario(n, terraform, exporter, work / "systems").run, waits=True) for n in names]
        if "deploy" in parts:
            jobs += deploy.jobs(terraform, work / "deploy", options.only)
        if "matrix" in parts:
            jobs.append(matrix_job(terraform, exporter, work / "matrix", options.only))
    if "models" in parts:
        jobs.append(models.JOB)
    if "checkov" in parts and names:
        jobs.append(checkov_job(names, terraform, exporter, work))
    try:
        last = (
            []
            if terraform.missing or not {"systems", "matrix", "deploy"} & set(parts)
            else [stays_home(trap, terraform, work)]
        )
        return runner.run(jobs, last)
    finally:
        trap.close()
        if options.keep:
            print(f"kept: {work}")
        else:
            shutil.rmtree(work, ignore_errors=True)


os.environ.pop("TF_REATTACH_PROVIDERS", None)
sys.exit(main())
