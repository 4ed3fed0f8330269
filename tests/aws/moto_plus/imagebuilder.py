"""EC2 Image Builder, whole: moto has none of it (HTTP 500, which the provider repeats for minutes).

An image is AVAILABLE at once, with an AMI that moto's EC2 knows; distribution writes it to launch templates and SSM
parameters as AWS does. Refused, as by AWS: names taken, references to what does not exist, deleting what is in use, a
component whose document is no document.
"""

import copy
import json
import re
import threading
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote

import yaml

ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Kind:
    """A kind of Image Builder object: the operations' stem, the ARN's path, and the keys of requests and answers."""

    stem: str
    path: str
    key: str
    arn_key: str
    versioned: bool = False
    build: bool = False


KINDS = [
    Kind("Component", "component", "component", "componentBuildVersionArn", versioned=True, build=True),
    Kind("ImageRecipe", "image-recipe", "imageRecipe", "imageRecipeArn", versioned=True),
    Kind(
        "InfrastructureConfiguration",
        "infrastructure-configuration",
        "infrastructureConfiguration",
        "infrastructureConfigurationArn",
    ),
    Kind(
        "DistributionConfiguration",
        "distribution-configuration",
        "distributionConfiguration",
        "distributionConfigurationArn",
    ),
    Kind("ImagePipeline", "image-pipeline", "imagePipeline", "imagePipelineArn"),
    Kind("LifecyclePolicy", "lifecycle-policy", "lifecyclePolicy", "lifecyclePolicyArn"),
    Kind("Image", "image", "image", "imageBuildVersionArn", build=True),
]
BY_STEM = {k.stem: k for k in KINDS}
OPERATION = re.compile(
    r"^/(Create|Get|Update|Delete|List|StartImagePipelineExecution|ListImageBuildVersions|ListImagePipelineImages)(\w*)$"
)
REFERENCES = {"imageRecipeArn", "infrastructureConfigurationArn", "distributionConfigurationArn", "componentArn"}


class Refused(Exception):
    def __init__(self, code, message, status=400):
        self.code, self.message, self.status = code, message, status


def now():
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class ImageBuilder:
    def __init__(self):
        self.lock = threading.RLock()
        self.objects = {}  # arn -> (kind, fields)

    def answer(self, request, region):
        try:
            with self.lock:
                status, body = 200, self.route(request, region)
            headers = {"Content-Type": "application/json"}
        except Refused as r:
            status, body = r.status, {"message": r.message}
            headers = {"Content-Type": "application/json", "x-amzn-ErrorType": r.code}
        return status, headers, json.dumps(body)

    def route(self, request, region):
        if request.path.startswith("/tags/"):
            return self.tags(request, unquote(request.path.removeprefix("/tags/")))
        fields = json.loads(request.get_data() or b"{}") if request.method != "GET" else {}
        fields.update(request.args.items())
        fields.pop("clientToken", None)
        if request.path == "/StartImagePipelineExecution":
            _, pipeline = self.find(fields["imagePipelineArn"])
            wanted = {k: v for k, v in pipeline.items() if k in REFERENCES or k == "imageTestsConfiguration"}
            return self.create(BY_STEM["Image"], wanted, region)
        if request.path in ("/ListImageBuildVersions", "/ListImagePipelineImages"):
            return self.list(BY_STEM["Image"], "imageSummaryList")
        verb, stem = re.match(r"^/([A-Z][a-z]+)(\w*)$", request.path).groups()
        if verb == "List":
            kind = next((k for k in KINDS if stem in (k.stem + "s", k.stem.removesuffix("y") + "ies")), None)
            names = {
                "Image": "imageVersionList",
                "Component": "componentVersionList",
                "ImagePipeline": "imagePipelineList",
            }
            if kind:
                return self.list(kind, names.get(kind.stem, f"{kind.key}SummaryList"))
        kind = BY_STEM.get(stem)
        if kind is None:
            raise Refused("InvalidRequestException", f"moto_plus has no {request.path}", 404)
        if verb == "Create":
            return self.create(kind, fields, region)
        arn = fields.pop(kind.arn_key)
        if verb == "Get" and ":aws:component/" in arn:
            return {
                kind.key: {
                    "arn": arn.replace("x.x.x", "1.0.0/1"),
                    "owner": "Amazon",
                    "platform": "Linux",
                    "version": "1.0.0",
                }
            }
        kind, held = self.find(arn)
        if verb == "Get":
            return {"requestId": str(uuid.uuid4()), kind.key: self.show(kind, held)}
        if verb == "Update":
            self.check(kind, fields)
            kept = {k: held[k] for k in ("arn", "name", "tags", "dateCreated", "version") if k in held}
            self.objects[arn] = (kind, {**self.defaults(kind), **fields, **kept, "dateUpdated": now()})
            return {kind.arn_key: arn}
        if verb == "Delete":
            self.check_unused(arn)
            del self.objects[arn]
            return {kind.arn_key: arn}
        raise Refused("InvalidRequestException", request.path, 405)

    def find(self, arn):
        if arn not in self.objects:
            raise Refused("ResourceNotFoundException", f"The resource '{arn}' does not exist.", 404)
        return self.objects[arn]

    def list(self, kind, key):
        return {key: [self.show(k, f) for k, f in self.objects.values() if k is kind]}

    # -- writing

    def create(self, kind, fields, region):
        self.check(kind, fields)
        if kind.stem == "Image":
            return self.build(fields, region)
        name = re.sub(r"[ _]", "-", fields["name"].lower())
        version = fields.pop("semanticVersion", None)
        if kind.versioned and not re.fullmatch(r"\d+\.\d+\.\d+", version or ""):
            raise Refused("InvalidVersionNumberException", f"semanticVersion {version}")
        arn = (
            f"arn:aws:imagebuilder:{region}:{ACCOUNT}:{kind.path}/{name}"
            + (f"/{version}" if version else "")
            + ("/1" if kind.build else "")
        )
        if arn in self.objects:
            raise Refused("ResourceAlreadyExistsException", f"The resource '{arn}' already exists.")
        held = {**self.defaults(kind), **fields, "arn": arn, "dateCreated": now(), "tags": fields.get("tags", {})}
        if version:
            held["version"] = version
        self.objects[arn] = (kind, held)
        return {"requestId": str(uuid.uuid4()), kind.arn_key: arn}

    @staticmethod
    def defaults(kind):
        """What AWS fills in where nothing is given."""
        return copy.deepcopy(
            {
                "Component": {"type": "BUILD", "owner": ACCOUNT, "encrypted": True},
                "ImageRecipe": {
                    "platform": "Linux",
                    "owner": ACCOUNT,
                    "type": "AMI",
                    "additionalInstanceConfiguration": {"systemsManagerAgent": {"uninstallAfterBuild": False}},
                },
                "InfrastructureConfiguration": {"terminateInstanceOnFailure": True},
                "DistributionConfiguration": {"timeoutMinutes": 720},
                "ImagePipeline": {
                    "platform": "Linux",
                    "status": "ENABLED",
                    "enhancedImageMetadataEnabled": True,
                    "imageTestsConfiguration": {"imageTestsEnabled": True, "timeoutMinutes": 720},
                },
                "LifecyclePolicy": {"status": "ENABLED"},
            }.get(kind.stem, {})
        )

    def check(self, kind, fields):
        for key in REFERENCES & fields.keys():
            if not self.managed(fields[key]):
                self.find(fields[key])
        for component in fields.get("components", []):
            if not self.managed(component["componentArn"]):
                self.find(component["componentArn"])
        if kind.stem == "Component" and "data" in fields:
            document = yaml.safe_load(fields["data"])
            if not isinstance(document, dict) or "schemaVersion" not in document or not document.get("phases"):
                raise Refused(
                    "InvalidParameterValueException", "the component's document needs schemaVersion and phases"
                )
            if len(fields["data"]) > 16000:
                raise Refused("InvalidParameterValueException", "the component's data is longer than 16000 characters")

    @staticmethod
    def managed(arn):
        return ":aws:component/" in arn or ":aws-marketplace:" in arn

    def check_unused(self, arn):
        for other, (kind, fields) in self.objects.items():
            if kind.stem == "Image" or other == arn:
                continue
            named = [fields.get(k) for k in REFERENCES] + [c["componentArn"] for c in fields.get("components", [])]
            if arn in named:
                raise Refused("ResourceDependencyException", f"The resource '{arn}' is used by '{other}'.")

    def build(self, fields, region):
        from moto.ec2.models import ec2_backends

        _, recipe = self.find(fields["imageRecipeArn"])
        stem = f"arn:aws:imagebuilder:{region}:{ACCOUNT}:image/{recipe['name'].lower()}/{recipe['version']}"
        arn = f"{stem}/{1 + sum(a.startswith(stem + '/') for a in self.objects)}"
        distributed = fields.get("distributionConfigurationArn")
        distributions = self.find(distributed)[1]["distributions"] if distributed else []
        mine = next((d for d in distributions if d["region"] == region), {})
        wanted = mine.get("amiDistributionConfiguration", {})
        ec2 = ec2_backends[ACCOUNT][region]
        name = re.sub(
            r"\{\{.*?\}\}",
            datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ"),
            wanted.get("name", f"{recipe['name']} {{{{ }}}}"),
        )
        ami = ec2.register_image(f"{name}", wanted.get("description"))
        ami.state = "available"
        ami.add_tags({**wanted.get("amiTags", {}), "CreatedBy": "EC2 Image Builder", "Ec2ImageBuilderArn": arn})
        self.distribute(mine, ami.id, region)
        self.objects[arn] = (
            BY_STEM["Image"],
            {
                **fields,
                "arn": arn,
                "name": recipe["name"],
                "version": f"{recipe['version']}/{arn.rsplit('/', 1)[1]}",
                "type": "AMI",
                "platform": "Linux",
                "osVersion": "Amazon Linux 2023",
                "enhancedImageMetadataEnabled": fields.get("enhancedImageMetadataEnabled", True),
                "imageTestsConfiguration": fields.get(
                    "imageTestsConfiguration", {"imageTestsEnabled": True, "timeoutMinutes": 720}
                ),
                "state": {"status": "AVAILABLE"},
                "dateCreated": now(),
                "tags": fields.get("tags", {}),
                "outputResources": {
                    "amis": [
                        {
                            "region": region,
                            "image": ami.id,
                            "name": name,
                            "accountId": ACCOUNT,
                            "description": wanted.get("description", ""),
                        }
                    ]
                },
            },
        )
        return {"requestId": str(uuid.uuid4()), "imageBuildVersionArn": arn}

    @staticmethod
    def distribute(distribution, ami, region):
        """What AWS does with a finished image: new versions of launch templates, and SSM parameters."""
        from moto.ec2.models import ec2_backends
        from moto.ssm.models import ssm_backends

        for setting in distribution.get("launchTemplateConfigurations", []):
            template = ec2_backends[ACCOUNT][region].get_launch_template(setting["launchTemplateId"])
            version = template.create_version({**template.latest_version().data, "ImageId": ami}, "EC2 Image Builder")
            if setting.get("setDefaultVersion"):
                template.default_version_number = version.number
        for setting in distribution.get("ssmParameterConfigurations", []):
            ssm_backends[ACCOUNT][region].put_parameter(
                setting["parameterName"],
                "",
                ami,
                "String",
                "",
                "",
                True,
                [],
                setting.get("dataType", "text"),
                None,
                None,
            )

    # -- reading

    def show(self, kind, held):
        shown = {k: v for k, v in held.items() if v is not None}
        if kind.stem == "LifecyclePolicy":  # the only kind whose times are timestamps: the wire wants seconds
            for key in shown.keys() & {"dateCreated", "dateUpdated"}:
                shown[key] = datetime.strptime(shown[key], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC).timestamp()
        if kind.stem == "Image":  # an image answers with the objects, not with their names
            for key in ("imageRecipe", "infrastructureConfiguration", "distributionConfiguration"):
                arn = shown.pop(f"{key}Arn", None)
                if arn in self.objects:
                    shown[key] = self.show(*self.objects[arn])
                elif arn:
                    shown[key] = {"arn": arn}
        return shown

    def tags(self, request, arn):
        _, held = self.find(arn)
        if request.method == "GET":
            return {"tags": held["tags"]}
        if request.method == "POST":
            held["tags"].update(json.loads(request.get_data())["tags"])
        else:
            for key in request.args.getlist("tagKeys"):
                held["tags"].pop(key, None)
        return {}
