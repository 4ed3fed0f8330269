"""CloudFront, whole: every configuration is kept and returned as the XML it came in.

moto has no functions, response headers policies, cache policies, origin request policies or VPC origins (404), and of
a distribution it drops origin_access_control_id, vpc_origin_config and function associations, and returns
forwarded_values that nobody sent. Refused here, as by AWS: a wrong or missing If-Match, a reference to what does not
exist, a function that is not published, an alias without an issued certificate, deleting what is in use.
"""

import threading
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from . import managed_policies
from .cloudfront_rules import Rules
from .cloudfront_xml import ACCOUNT, Refused, complete, namespaced, node, now, q, word

ROOT = "/2020-05-31/"


@dataclass(frozen=True)
class Kind:
    """A kind of CloudFront object whose life is create, get, update, delete of one configuration."""

    path: str
    name: str  # the element, and the stem of the error codes
    config: str
    summary: str = ""
    missing: str = ""
    nested: bool = False  # whether a list's summary holds the object itself

    @property
    def no_such(self):
        return self.missing or f"NoSuch{self.name}"


KINDS = {
    k.path: k
    for k in (
        Kind("distribution", "Distribution", "DistributionConfig", "DistributionSummary"),
        Kind(
            "origin-access-control",
            "OriginAccessControl",
            "OriginAccessControlConfig",
            "OriginAccessControlSummary",
        ),
        Kind("cache-policy", "CachePolicy", "CachePolicyConfig", "CachePolicySummary", nested=True),
        Kind(
            "origin-request-policy",
            "OriginRequestPolicy",
            "OriginRequestPolicyConfig",
            "OriginRequestPolicySummary",
            nested=True,
        ),
        Kind(
            "response-headers-policy",
            "ResponseHeadersPolicy",
            "ResponseHeadersPolicyConfig",
            "ResponseHeadersPolicySummary",
            nested=True,
        ),
        Kind("vpc-origin", "VpcOrigin", "VpcOriginEndpointConfig", "VpcOriginSummary", missing="EntityNotFound"),
        Kind("function", "Function", "FunctionConfig", "FunctionSummary", missing="NoSuchFunctionExists"),
    )
}


@dataclass
class Item:
    kind: Kind
    id: str
    config: ET.Element
    etag: str = field(default_factory=word)
    created: str = field(default_factory=now)
    modified: str = field(default_factory=now)
    managed: bool = False
    code: str = ""  # of a function: what is in DEVELOPMENT
    live: "tuple | None" = None  # of a function: (config, code, etag) in LIVE
    domain: str = ""

    @property
    def arn(self):
        stem = "vpcorigin" if self.kind.path == "vpc-origin" else self.kind.path
        return f"arn:aws:cloudfront::{ACCOUNT}:{stem}/{self.id}"

    def text(self, path):
        return self.config.findtext("/".join(q(p) for p in path.split("/")))

    def texts(self, name):
        """Every non-empty text of elements of this name, anywhere in the configuration."""
        return [e.text for e in self.config.iter(q(name)) if e.text]


class CloudFront(Rules):
    def __init__(self):
        self.lock = threading.RLock()
        self.items = {path: {} for path in KINDS}
        self.tags = {}
        self.invalidations = {}
        for path, policies in managed_policies.CONFIGS.items():
            for id_, xml in policies.items():
                self.items[path][id_] = Item(KINDS[path], id_, namespaced(ET.fromstring(xml)), managed=True)

    def answer(self, request, _region):
        try:
            with self.lock:
                return self.route(request)
        except Refused as r:
            error = node(
                "ErrorResponse",
                node("Error", ("Type", "Sender"), ("Code", r.code), ("Message", r.message)),
                ("RequestId", "moto-plus"),
            )
            return r.status, {"Content-Type": "text/xml"}, ET.tostring(error)

    def route(self, request):
        parts = request.path.removeprefix(ROOT).strip("/").split("/")
        kind = KINDS.get(parts[0])
        method = request.method
        if parts[0] == "tagging":
            return self.tagging(request)
        if kind is None:
            raise Refused(404, "UnknownOperation", f"moto_plus has no {request.path}")
        if len(parts) == 1:
            return self.create(kind, request) if method == "POST" else self.list(kind, request)
        item = self.items[kind.path].get(parts[1])
        if item is None:
            raise Refused(404, kind.no_such, f"There is no {kind.name} {parts[1]}.")
        rest = parts[2:]
        if kind.path == "distribution" and rest[:1] == ["invalidation"]:
            return self.invalidation(item, request, rest[1:])
        if kind.path == "function":
            if method == "GET":
                return self.read_function(item, request, rest)
            if rest == ["publish"]:
                self.match(item, request)
                item.live = (item.config, item.code, word())
                return self.reply(200, self.show_function(item, "LIVE"))
        if method == "GET":
            return self.reply(200, item.config if rest == ["config"] else self.show(item), item.etag)
        self.match(item, request)
        if method == "PUT":
            config, _ = self.parse(kind, request, item)
            changed = Item(
                kind, item.id, config, created=item.created, code=item.code, live=item.live, domain=item.domain
            )
            if kind.path == "function":
                changed.code = self.body(request).findtext(q("FunctionCode"))
            if kind.path == "distribution":
                complete(config)
            self.check(changed)
            self.items[kind.path][item.id] = changed
            return self.reply(202 if kind.path == "vpc-origin" else 200, self.show(changed), changed.etag)
        if method == "DELETE":
            self.check_unused(item)
            del self.items[kind.path][item.id]
            self.tags.pop(item.arn, None)
            if kind.path == "vpc-origin":
                return self.reply(202, self.show(item), item.etag)
            return 204, {}, b""
        raise Refused(405, "MethodNotAllowed", request.method)

    # -- writing

    def body(self, request):
        try:
            return namespaced(ET.fromstring(request.get_data()))
        except ET.ParseError as e:
            raise Refused(400, "MalformedXML", str(e)) from None

    def parse(self, kind, request, existing=None):
        """The configuration in a request, and the tags beside it."""
        root = self.body(request)
        config = root if root.tag == q(kind.config) else root.find(q(kind.config))
        if config is None:
            raise Refused(400, "MalformedXML", f"no {kind.config} in {root.tag}")
        tags = (
            {t.findtext(q("Key")): t.findtext(q("Value")) or "" for t in root.iter(q("Tag"))}
            if root is not config
            else {}
        )
        return config, tags

    def create(self, kind, request):
        config, tags = self.parse(kind, request)
        name = config.findtext(q("Name"))
        if kind.path == "distribution":
            complete(config)
        if kind.path == "function":
            name = self.body(request).findtext(q("Name"))
        if name and any(i.text("Name") == name or i.id == name for i in self.items[kind.path].values()):
            raise Refused(409, f"{kind.name}AlreadyExists", f"{kind.name} {name} exists.")
        id_ = name if kind.path == "function" else f"vo_{word()}" if kind.path == "vpc-origin" else word()
        item = Item(kind, id_, config)
        if kind.path == "distribution":
            item.domain = f"d{word().lower()}.cloudfront.net"
        if kind.path == "function":
            item.code = self.body(request).findtext(q("FunctionCode"))
        self.check(item)
        self.items[kind.path][id_] = item
        self.tags[item.arn] = tags
        status = 202 if kind.path == "vpc-origin" else 201
        return self.reply(
            status, self.show(item), item.etag, f"https://cloudfront.amazonaws.com{ROOT}{kind.path}/{id_}"
        )

    def match(self, item, request):
        given = request.headers.get("If-Match")
        if not given:
            raise Refused(400, "InvalidIfMatchVersion", "The If-Match version is missing.")
        if given.strip('"') != item.etag:
            raise Refused(
                412,
                "PreconditionFailed",
                "The request failed because it didn't meet the preconditions in one or more request-header fields.",
            )

    # -- reading

    def show(self, item):
        kind, config = item.kind, item.config
        if kind.path == "function":
            return self.show_function(item, "DEVELOPMENT")
        if kind.path == "distribution":
            none = lambda name: node(name, ("Enabled", "false"), ("Quantity", 0))  # noqa: E731
            return node(
                "Distribution",
                ("Id", item.id),
                ("ARN", item.arn),
                ("Status", "Deployed"),
                ("LastModifiedTime", item.modified),
                ("InProgressInvalidationBatches", 0),
                ("DomainName", item.domain),
                none("ActiveTrustedSigners"),
                none("ActiveTrustedKeyGroups"),
                config,
            )
        if kind.path == "vpc-origin":
            return node(
                "VpcOrigin",
                ("Id", item.id),
                ("Arn", item.arn),
                ("AccountId", ACCOUNT),
                ("Status", "Deployed"),
                ("CreatedTime", item.created),
                ("LastModifiedTime", item.modified),
                config,
            )
        if kind.path == "origin-access-control":
            return node(kind.name, ("Id", item.id), config)
        return node(kind.name, ("Id", item.id), ("LastModifiedTime", item.modified), config)

    def show_function(self, item, stage):
        config = item.live[0] if stage == "LIVE" else item.config
        meta = node(
            "FunctionMetadata",
            ("FunctionARN", item.arn),
            ("Stage", stage),
            ("CreatedTime", item.created),
            ("LastModifiedTime", item.modified),
        )
        return node(
            "FunctionSummary", ("Name", item.id), ("Status", "DEPLOYED" if item.live else "UNPUBLISHED"), config, meta
        )

    def read_function(self, item, request, rest):
        import base64

        stage = request.args.get("Stage", "DEVELOPMENT")
        if stage == "LIVE" and item.live is None:
            raise Refused(404, "NoSuchFunctionExists", f"{item.id} is not published")
        code, etag = (item.live[1], item.live[2]) if stage == "LIVE" else (item.code, item.etag)
        if rest == ["describe"]:
            return self.reply(200, self.show_function(item, stage), etag)
        return 200, {"Content-Type": "application/octet-stream", "ETag": etag}, base64.b64decode(code)

    def list(self, kind, request):
        wanted = request.args.get("Type")
        items = [i for i in self.items[kind.path].values() if wanted is None or (wanted == "managed") == i.managed]
        rows = node("Items")
        for item in items:
            if kind.path == "function":
                rows.append(self.show(item))
            elif kind.nested:
                rows.append(node(kind.summary, ("Type", "managed" if item.managed else "custom"), self.show(item)))
            else:
                row = node(kind.summary)
                for child in self.show(item):
                    # a summary has the configuration's fields beside its own, which win (Arn of a VPC origin)
                    row.extend(
                        [c for c in child if row.find(c.tag) is None] if child.tag == q(kind.config) else [child]
                    )
                if kind.path == "vpc-origin":
                    row.append(node("OriginEndpointArn", text=item.text("Arn")))
                rows.append(row)
        lists = ["CachePolicyList", "OriginRequestPolicyList", "ResponseHeadersPolicyList"]
        name = f"{kind.name}List"
        extra = [] if name in lists or kind.path == "function" else [("Marker", ""), ("IsTruncated", "false")]
        return self.reply(200, node(name, ("MaxItems", 100), ("Quantity", len(items)), *extra, rows))

    def invalidation(self, item, request, rest):
        held = self.invalidations.setdefault(item.id, {})
        if request.method == "POST":
            id_ = word()
            # moto says COMPLETED, and `aws cloudfront wait invalidation-completed` waits for Completed
            held[id_] = node(
                "Invalidation", ("Id", id_), ("Status", "Completed"), ("CreateTime", now()), self.body(request)
            )
            return self.reply(201, held[id_], location=f"{request.path}/{id_}")
        if rest:
            if rest[0] not in held:
                raise Refused(404, "NoSuchInvalidation", rest[0])
            return self.reply(200, held[rest[0]])
        rows = [
            node("InvalidationSummary", ("Id", i), ("CreateTime", e.findtext(q("CreateTime"))), ("Status", "Completed"))
            for i, e in held.items()
        ]
        return self.reply(
            200,
            node(
                "InvalidationList",
                ("Marker", ""),
                ("MaxItems", 100),
                ("IsTruncated", "false"),
                ("Quantity", len(rows)),
                node("Items", *rows),
            ),
        )

    def tagging(self, request):
        arn = request.args.get("Resource")
        held = self.tags.setdefault(arn, {})
        if request.method == "GET":
            rows = [node("Tag", ("Key", k), ("Value", v)) for k, v in sorted(held.items())]
            return self.reply(200, node("Tags", node("Items", *rows)))
        root = self.body(request)
        if request.args.get("Operation") == "Untag":
            for key in root.iter(q("Key")):
                held.pop(key.text, None)
        else:
            held.update({t.findtext(q("Key")): t.findtext(q("Value")) or "" for t in root.iter(q("Tag"))})
        return 204, {}, b""

    @staticmethod
    def reply(status, element, etag=None, location=None):
        headers = {"Content-Type": "text/xml"}
        if etag:
            headers["ETag"] = etag
        if location:
            headers["Location"] = location
        return status, headers, b'<?xml version="1.0" encoding="UTF-8"?>' + ET.tostring(element)
