"""What was asked, as IAM would be asked about it: one JSON line per signed request, with the operation's own name.

The operation and its parameters come from botocore's models, by protocol; of parameters only names, identifiers and
tags are kept, never what could be a secret. Tags that things had before the call are told beside their ids.
"""

import gzip
import json
import re
import threading
from functools import cache
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import unescape

import botocore.session

from . import play, tagged

MODELS = {
    "monitoring": "cloudwatch",
    "elasticloadbalancing": "elbv2",
    "tagging": "resourcegroupstaggingapi",
    "servicequotas": "service-quotas",
}
KEPT = re.compile(
    r"(name|names|id|ids|arn|arns|identifier|identifiers|bucket|key|family|prefix|path|cluster|clusters|services?|"
    r"resource|resources|group|rule|role|version|tag|tags|resourcetype|value|function|taskdefinition|tasks|task|type|"
    r"servicecode|quotacode)$",
    re.IGNORECASE,
)
NEVER = re.compile(r"password|secretstring|secretbinary|environment|userdata|parametervalue", re.IGNORECASE)
COPIES = ("CopyObject", "UploadPartCopy")
UNMEANT = ("ListDirectoryBuckets", "WriteGetObjectResponse")


@cache
def model(service):
    session = botocore.session.get_session()
    return session.get_service_model(MODELS.get(service, service))


def asked(operation):
    """The arguments of a query without which an operation is another one: those that it requires."""
    shape = operation.input_shape
    places = {name: shape.members[name].serialization for name in shape.required_members} if shape else {}
    return [place["name"] for place in places.values() if place.get("location") == "querystring"]


@cache
def routes(service):
    """REST operations: method, pattern of the path, query arguments that must be there, name."""
    found = []
    for name in model(service).operation_names:
        http = model(service).operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        pattern = re.sub(
            r"\\{(\w+)(\\\+)?\\}", lambda m: f"(?P<{m[1]}>{'.+' if m[2] else '[^/]+'})", re.escape(path.rstrip("/"))
        )
        wanted = {x.partition("=")[0]: x.partition("=")[2] for x in query.split("&") if x}
        wanted |= dict.fromkeys(asked(model(service).operation_model(name)), "")
        found.append((http["method"], re.compile(f"^{pattern}/?$"), wanted, name, path.count("{")))
    # The most exact first: more that must be in the query, fewer placeholders.
    return sorted(found, key=lambda r: (-len(r[2]), r[4]))


def rest(service, method, path, query, extra=()):
    for verb, pattern, wanted, name, _ in routes(service):
        match = pattern.match(path) if verb == method else None
        if match and all(k in query and (not v or query[k][0] == v) for k, v in wanted.items()):
            return name, {k: unquote(v) for k, v in match.groupdict().items()}
    return None, {}


def flat(prefix, value, into):
    """Leaves of a document, by a dotted name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            flat(f"{prefix}.{key}" if prefix else key, inner, into)
    elif isinstance(value, list):
        for at, inner in enumerate(value, 1):
            flat(f"{prefix}.{at}", inner, into)
    elif value is not None:
        into[prefix] = str(value)


def named(text):
    """The last word of a dotted name that is not a number."""
    return next((part for part in reversed(text.split(".")) if not part.isdigit()), text)


class Calls:
    """Appends what was asked to a file; without a file it keeps nothing."""

    def __init__(self, path, cdn=None):
        self.lock = threading.Lock()
        self.cdn = cdn  # the emulated CloudFront, which has tags of its own
        self.file = open(path, "a", buffering=1) if path else None

    def note(self, request, service, region):
        if not self.file or service == "unsigned":
            return
        try:
            name, fields = self.read(request, service)
        except Exception as e:  # what cannot be read is told, not dropped: the check asks for a name
            name, fields = f"? {request.method} {request.path}: {e!r}", {}
        kept = {k: v for k, v in fields.items() if KEPT.search(named(k)) and not NEVER.search(k) and len(v) < 400}
        tags = tagged.before(service, region, kept.values(), self.cdn)
        agent = "terraform" if "Terraform" in request.headers.get("User-Agent", "") else "other"
        line = {"by": agent, "service": service, "region": region, "operation": name, "fields": kept, "tagged": tags}
        line["bytes"] = request.content_length or 0
        with self.lock:
            self.file.write(json.dumps(line) + "\n")
        if agent == "other":
            play.hold(name, kept.get("Key", ""))

    def read(self, request, service):
        fields = {}
        if target := request.headers.get("X-Amz-Target"):
            flat("", json.loads(request.get_data(cache=True) or b"{}"), fields)
            return target.split(".")[-1], fields
        query = parse_qs(request.query_string.decode(), keep_blank_values=True)
        if service == "s3":
            return self.s3(request, query)
        if request.mimetype == "application/x-www-form-urlencoded":
            form = {k: v[0] for k, v in parse_qs(request.get_data(cache=True, as_text=True)).items()}
            return form.pop("Action", None), form
        name, fields = rest(service, request.method, request.path, query)
        body = request.get_data(cache=True)
        if body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        if body[:1] == b"{":
            flat("", json.loads(body), fields)
        fields |= {k: v[0] for k, v in query.items() if k not in fields}
        return name or f"? {request.method} {request.path}", fields

    def s3(self, request, query):
        """Path style: /bucket/key."""
        bucket, _, key = request.path.lstrip("/").partition("/")
        shape = "/" + "/".join(x for x in (bucket and "Bucket", key and "Key") if x)
        copied = "x-amz-copy-source" in request.headers
        best = (-1, None)
        for verb, _, wanted, name, _ in routes("s3"):
            path = model("s3").operation_model(name).http["requestUri"].partition("?")[0]
            depth = "/".join(
                "Bucket" if x == "{Bucket}" else "Key" if x.startswith("{Key") else x for x in path.split("/")
            )
            fits = verb == request.method and depth == shape and all(k in query for k in wanted)
            if fits and name not in UNMEANT and copied == (name in COPIES):
                best = max(best, (len(wanted), name)) if len(wanted) != best[0] else best
        fields = {"Bucket": bucket, "Key": unquote(key)} if key else {"Bucket": bucket}
        if "versionId" in query:
            fields["versionId"] = query["versionId"][0]
        if best[1] == "DeleteObjects":
            body = request.get_data(cache=True, as_text=True)
            keys = re.findall("<Key>(.*?)</Key>", body)
            fields |= {f"Keys.{at}.Key": unescape(one) for at, one in enumerate(keys, 1)}
            fields |= {"versionId": "of each"} if "<VersionId>" in body else {}
        return best[1] or ("CopyObject" if copied else f"? {request.method} {request.url}"), fields
