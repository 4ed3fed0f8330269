"""What a life asks of AWS is what the role of `terrace policy` may ask, and that role may ask no more.

Every call of a run, Terrace's own and its Terraform's, is judged by the policies that are printed for the manifest as
it is when the run begins; those of `terrace plan` by the role that only plans as well. Terrace's own calls are judged
strictly: on what they are stands in `own.toml`, and what is not known of a request is not there. What the role of a
whole life may do and nobody asked stands in `unasked.toml`, with the reason.
"""

import itertools
import json
import re
import subprocess
import tomllib
from pathlib import Path

from harness import permitted
from harness.runner import Failed

HERE = Path(__file__).resolve().parent
OWN = tomllib.loads((HERE / "own.toml").read_text())
FIELD = re.compile(r"{([\w.*]+)}")


class Strictly(dict):
    """What is known of a request. A key that is not there is surely not there."""

    def __contains__(self, key):
        return True

    def __getitem__(self, key):
        return self.get(key)


class Within:
    """The roles of a life's manifests, and what its runs asked."""

    def __init__(self, program):
        self.program = program
        self.roles = {}  # by manifest: {what the role is for: its statements}
        self.runs = []  # (command, the manifests whose roles it may have, calls)
        self.in_force = ()  # the manifest that was deployed last

    def learn(self, folder, env):
        """The manifest as it is now, whose roles are printed once."""
        manifest = (Path(folder) / "terrace.toml").read_text()
        if manifest not in self.roles:
            account = re.search(r'^account = "(\d+)"', manifest, re.MULTILINE)
            command = [self.program, "policy", "--github", "owner@1/items@2", "--format", "json"]
            command += ["--account", account[1] if account else permitted.ACCOUNT]
            ran = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
            if ran.returncode:
                raise Failed(f"terrace policy: {ran.stderr}")
            roles = json.loads(ran.stdout)["roles"]
            self.roles[manifest] = {role["name"].rpartition("-")[2]: statements(role) for role in roles}
        return manifest

    def note(self, command, manifest, calls, code=0):
        """A run that has ended. What only the manifest before has is taken away with the role of that."""
        self.runs.append((command, tuple(dict.fromkeys((manifest, *self.in_force))), calls))
        if command == "deploy" and code == 0:
            self.in_force = (manifest,)

    def check(self, report, kind=None):
        """Both halves of it; of a life that ends early (no `kind`) only the first."""
        with report.test("every call is allowed by what `terrace policy` prints for the manifest"):
            print(f"     {self.allowed()} different requests")
        with report.test("and none would be if one statement after the other were taken away"):
            self.needed()
        if kind:
            with report.test("`terrace policy` allows nothing that is neither asked nor listed with its reason"):
                self.no_more(kind)

    def asked(self):
        """What IAM was asked: {(manifests, role, action, arn, context as text): (context, an operation)}."""
        found = {}
        for command, manifests, calls in self.runs:
            roles = ("deploy", "plan") if command == "plan" else ("deploy",)
            for call, role in itertools.product(calls, roles):
                if (call["service"], call["operation"]) in permitted.UNNEEDED:
                    continue
                if call["operation"].startswith("?"):
                    raise Failed(f"an operation has no name: {call['operation']}")
                by = permitted.requests if call["by"] == "terraform" else own
                for action, arn, context in by(call):
                    key = (manifests, role, action, arn, json.dumps(context, sort_keys=True))
                    found[key] = (context, f"{call['by']} {call['operation']}")
        if not found:
            raise Failed("nothing was asked")
        return found

    def allowed(self):
        asked = self.asked()
        denied = {
            f"{role}: {action} on {arn or 'something'} {text if text != '{}' else ''} ({operation})"
            for (manifests, role, action, arn, text), (context, operation) in asked.items()
            if not permitted.allowed(self.may(manifests, role), action, arn, context)
        }
        if denied:
            raise Failed(f"{len(denied)} requests are not allowed:\n" + "\n".join(sorted(denied)))
        return len({key[1:] for key in asked})

    def needed(self):
        """The judge can say no: without most of the statements, something that was asked is denied."""
        _, manifests, _ = max(self.runs, key=lambda run: len(run[2]))
        asked = {key: context for key, (context, _) in self.asked().items() if key[:2] == (manifests, "deploy")}
        all_of_it = self.may(manifests, "deploy")
        for one in all_of_it:
            rest = [other for other in all_of_it if other is not one]
            if all(permitted.allowed(rest, action, arn, given) for (_, _, action, arn, _), given in asked.items()):
                all_of_it = rest
        if len(all_of_it) < 15:
            raise Failed(f"only {len(all_of_it)} statements matter to what was asked")

    def may(self, manifests, role):
        return [statement for manifest in manifests for statement in self.roles[manifest][role]]

    def no_more(self, kind):
        may = {a for roles in self.roles.values() for s in roles["deploy"] for a in permitted.many(s["Action"])}
        asked = {action for _, _, action, _, _ in self.asked()}
        listed = unasked(kind)
        lower = {action.lower() for action in asked}
        rest = {action for action in may if action.lower() not in lower}
        surely = {action for action, sometimes in listed.items() if not sometimes}
        wrong = [f"{a}: is allowed, asked by nobody, and not listed in unasked.toml" for a in rest - set(listed)]
        wrong += [f"{a}: is listed in unasked.toml, and asked" for a in surely & (may - rest)]
        wrong += [f"{a}: is listed in unasked.toml, and not allowed" for a in set(listed) - may]
        if wrong:
            raise Failed("\n".join(sorted(wrong)))


def statements(role):
    return [statement for policy in role["policies"] for statement in policy["document"]["Statement"]]


def unasked(kind):
    """{action: whether it is asked sometimes} of a life."""
    found = {}
    for one in tomllib.loads((HERE / "unasked.toml").read_text())["group"]:
        if not one["why"]:
            raise Failed(f"unasked.toml gives no reason for {one['actions']}")
        if kind in one.get("lives", [kind]):
            found |= dict.fromkeys(one["actions"], one.get("sometimes", False))
    return found


def own(call):
    """What IAM would be asked about a call of Terrace's: action, ARN, context."""
    if call["service"] in ("s3", "ec2"):
        yield from of_buckets_and_machines(call)
        return
    service = permitted.SERVICES.get(call["service"], call["service"])
    operation, fields = call["operation"], call["fields"]
    known = OWN.get(service, {}).get(operation)
    if known is None:
        raise Failed(f"own.toml does not say on what {service}:{operation} is: {fields}")
    service = {"tagging": "tag"}.get(service, service)
    given = Strictly(permitted.tags(fields, "aws:RequestTag"))
    for arn in (arn for template in permitted.many(known) for arn in filled(template, call)):
        context = Strictly(given | tagged(call, arn))
        yield f"{service}:{operation}", arn, context
        if given and service in permitted.TAGGING:
            yield f"{service}:{permitted.TAGGING[service]}", arn, context
    for action, role, context in permitted.handed(service, fields):
        yield action, role, Strictly(context)


def of_buckets_and_machines(call):
    looks = re.match("Describe|Get", call["operation"])
    if call["service"] == "ec2" and looks and call["operation"] not in OWN["ec2"]:
        yield f"ec2:{call['operation']}", "*", Strictly()
        return
    for action, arn, context in permitted.requests(call):
        if arn is None:
            raise Failed(f"on what is {action}? {call['fields']}")
        yield action, arn, Strictly(context)


def tagged(call, arn):
    """The tags that a thing has, by its ARN's last word."""
    tags = call["tagged"].get(re.split("[:/]", arn)[-1], {})
    return {f"{of}:ResourceTag/{key}": value for of in ("aws", call["service"]) for key, value in tags.items()}


def filled(template, call):
    """The ARNs that a template is for a call: one for each of its lists' values."""
    place = {"region": [call["region"]], "account": [permitted.ACCOUNT]}
    names = FIELD.findall(template)
    values = [place.get(name) or found(name, call["fields"]) for name in names]
    for chosen in itertools.product(*values):
        if chosen and chosen[-1].startswith("arn:"):
            yield chosen[-1]
            continue
        words = iter(chosen)
        yield FIELD.sub(lambda _: last(next(words)), template)  # noqa: B023


def found(name, fields):
    """A field's value, or those of a list; `*` where the request leaves it out."""
    if name.endswith(".*"):
        return [v for f, v in fields.items() if re.fullmatch(re.escape(name[:-1]) + r"\d+", f)] or ["*"]
    return [fields.get(name, "*")]


def last(value):
    return value.rpartition("/")[2] if value.startswith("arn:") else value
