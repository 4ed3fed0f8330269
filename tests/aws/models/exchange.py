"""An exchange held to its operation's model: what was sent, and what was answered."""

import json
import re
import xml.etree.ElementTree as Xml
from urllib.parse import parse_qsl

from . import as_json, as_xml, errors
from .as_form import Form
from .service import service
from .shapes import Side, body_members, merged

# Headers of HTTP, and of signed requests to any service.
ANY_HEADER = {
    "accept", "accept-encoding", "connection", "content-length", "content-type", "transfer-encoding", "user-agent",
    "x-amz-content-sha256", "x-amz-id-2", "x-amz-request-id", "x-amz-security-token", "x-amz-target",
    "x-amzn-errortype", "x-amzn-requestid",
}  # fmt: skip
CHECKSUMS = ("content-md5", "x-amz-checksum-sha256", "x-amz-checksum-crc32", "x-amz-checksum-crc64nvme")


class Exchange:
    def __init__(self, told):
        self.asked, self.answer = told, told["answer"]
        self.service = service(told["service"])
        self.headers = {name.lower(): value for name, value in told["headers"]}
        self.path, _, query = told["target"].partition("?")
        self.query = dict(parse_qsl(query, keep_blank_values=True))
        self.fields = parse_qsl(told["body"], keep_blank_values=True) if self.forms() else []
        self.protocol, self.operation, self.labels = self.found()
        name = self.operation["name"] if self.operation else told["method"]
        # CloudFront's have the date of the interface at their end.
        self.name = f"{self.service.name}:{re.sub(r'[0-9_]{10}$', '', name)}"

    def forms(self):
        return self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")

    def found(self):
        operations = self.service.operations
        if target := self.headers.get("x-amz-target"):
            return "json", operations.get(target.rpartition(".")[2]), {}
        if self.forms():
            protocol = "ec2" if "ec2" in self.service.protocols else "query"
            return protocol, operations.get(dict(self.fields).get("Action", "")), {}
        operation, labels = self.service.routed(self.asked["method"], self.path, self.query, self.headers)
        return self.service.metadata["protocol"], operation, labels

    def wrong(self):
        """What does not hold, as (`sent` or `answered`, text)."""
        if not self.operation:
            return [
                ("sent", f"{self.service.name} has no such operation: {self.asked['method']} {self.asked['target']}")
            ]
        if self.protocol not in self.service.protocols:
            return [("sent", f"{self.service.name} speaks {self.service.protocols}, not {self.protocol}")]
        sent = Side(self.service.model, sent=True)
        Sent(self, sent).hold()
        wrong = [("sent", text) for text in sent.wrong]
        # With 418 a test's server says that nobody expected the call, or that its script is over.
        if self.answer and self.answer["status"] != 418:
            answered = Side(self.service.model, sent=False)
            Answered(self, answered).hold()
            wrong += [("answered", text) for text in answered.wrong]
        return wrong


class Sent:
    """What our code asks."""

    def __init__(self, exchange, side):
        self.exchange, self.side = exchange, side
        self.shape = exchange.service.shape(exchange.operation, "input")

    def hold(self):
        {"json": self.json, "query": self.form, "ec2": self.form}.get(self.exchange.protocol, self.rest)()

    def is_not(self, what, value, wanted):
        if value != wanted:
            self.side.says(what, f"{value!r} is not {wanted!r}")

    def json(self):
        exchange, about = self.exchange, self.exchange.service.metadata
        self.is_not(
            "x-amz-target", exchange.headers["x-amz-target"], f"{about['targetPrefix']}.{exchange.operation['name']}"
        )
        self.is_not(
            "content-type", exchange.headers.get("content-type"), f"application/x-amz-json-{about['jsonVersion']}"
        )
        self.is_not("address", (exchange.asked["method"], exchange.asked["target"]), ("POST", "/"))
        try:
            as_json.hold(self.side, self.shape, json.loads(exchange.asked["body"]))
        except ValueError as error:
            self.side.says("", f"the body is no JSON: {error}")

    def form(self):
        exchange = self.exchange
        fields = [(name, value) for name, value in exchange.fields if name not in ("Action", "Version")]
        self.is_not("Version", dict(exchange.fields).get("Version"), exchange.service.metadata["apiVersion"])
        self.is_not("address", (exchange.asked["method"], exchange.asked["target"]), ("POST", "/"))
        form = Form(self.side, fields, exchange.protocol == "ec2")
        form.hold(self.shape)
        form.end()

    def rest(self):
        exchange, members = self.exchange, self.shape.get("members", {})
        where = {"uri": exchange.labels, "querystring": exchange.query, "header": exchange.headers}
        constants = exchange.operation["http"]["requestUri"].partition("?")[2]
        known = {
            "querystring": {pair.partition("=")[0] for pair in constants.split("&")},
            "header": set(ANY_HEADER),
        }
        if "httpChecksum" in exchange.operation:
            known["header"] |= set(CHECKSUMS)
        given = set()
        for name, one in members.items():
            place = one.get("location")
            shape = merged(self.side.shapes, one)
            if place == "headers":
                given.add(name)
                known["header"] |= {h for h in exchange.headers if h.startswith(one["locationName"])}
            elif place in where:
                written = one["locationName"].replace("-", "_") if place == "uri" else one["locationName"]
                written = written.lower() if place == "header" else written
                known.setdefault(place, set()).add(written)
                if written in where[place]:
                    given.add(name)
                    if shape["type"] != "timestamp":
                        self.side.text(shape, where[place][written], name)
        for place in ("querystring", "header"):
            for name in sorted(set(where[place]) - known[place] - {"x-id"}):
                self.side.says("", f"there is no {place} {name}")
        located = [name for name in self.shape.get("required", ()) if "location" in members[name]]
        self.side.required({"required": located}, given, "")
        self.body(members)

    def body(self, members):
        exchange, text = self.exchange, self.exchange.asked["body"]
        checked = exchange.operation.get("httpChecksum", {}).get("requestChecksumRequired")
        if checked and not any(name in exchange.headers for name in CHECKSUMS):
            self.side.says("", "a checksum of the body is required, and missing")
        payload = self.shape.get("payload")
        if payload:
            shape = merged(self.side.shapes, members[payload])
            if shape["type"] != "structure":
                return
            if not text:
                if payload in self.shape.get("required", ()):
                    self.side.says("", f"{payload} is required, and the body is empty")
                return
        else:
            shape = self.shape
        if exchange.protocol == "rest-json":
            if text or body_members(self.side.shapes, shape):
                as_json.hold(self.side, shape, json.loads(text or "{}"))
            return
        if not payload or not text:
            if text:
                self.side.says("", "the operation takes no body")
            return
        root = Xml.fromstring(text)
        name, space = members[payload].get("locationName", payload), members[payload].get("xmlNamespace", {}).get("uri")
        self.is_not("the body's element", root.tag, f"{{{space}}}{name}" if space else name)
        as_xml.hold(self.side, shape, root)


class Answered:
    """What a stand-in of a test answers."""

    def __init__(self, exchange, side):
        self.exchange, self.side, self.answer = exchange, side, exchange.answer
        self.shape = exchange.service.shape(exchange.operation, "output")
        self.headers = {name.lower(): value for name, value in self.answer["headers"]}

    def hold(self):
        if self.answer["status"] >= 300:
            return self.refusal()
        body = self.answer["body"]
        try:
            if self.exchange.protocol == "json":
                as_json.hold(self.side, self.shape, json.loads(body or "{}"))
            elif self.exchange.protocol in ("query", "ec2"):
                self.wrapped(Xml.fromstring(body))
            else:
                self.rest(body)
        except (ValueError, Xml.ParseError) as error:
            self.side.says("", f"the body cannot be read: {error}: {body[:60]!r}")
        return None

    def wrapped(self, root):
        operation = self.exchange.operation
        if as_xml.local(root) != f"{operation['name']}Response":
            self.side.says("", f"the outermost element is {operation['name']}Response, not {as_xml.local(root)}")
        if self.exchange.protocol == "ec2":
            return as_xml.structure(self.side, self.shape, list(root), "", ignored=("requestId",))
        wrapper = operation.get("output", {}).get("resultWrapper")
        inner = [one for one in root if as_xml.local(one) != "ResponseMetadata"]
        if [as_xml.local(one) for one in inner] != ([wrapper] if wrapper else []):
            return self.side.says("", f"in it is {wrapper}, not {[as_xml.local(one) for one in inner]}")
        for one in inner:
            as_xml.structure(self.side, self.shape, list(one), "")
        return None

    def rest(self, body):
        members = self.shape.get("members", {})
        self.located(members)
        payload = self.shape.get("payload")
        shape = merged(self.side.shapes, members[payload]) if payload else self.shape
        if payload and shape["type"] != "structure":
            return
        if self.exchange.asked["method"] == "HEAD" or not (body or body_members(self.side.shapes, shape)):
            return
        if self.exchange.protocol == "rest-json":
            as_json.hold(self.side, shape, json.loads(body))
            return
        if not body and not shape.get("required"):
            return
        root = Xml.fromstring(body)
        wanted = members[payload].get("locationName", members[payload]["shape"]) if payload else None
        if wanted and as_xml.local(root) != wanted:
            self.side.says("", f"the outermost element is {wanted}, not {as_xml.local(root)}")
        as_xml.structure(self.side, shape, list(root), "")

    def located(self, members):
        known = {
            one["locationName"].lower(): (name, one) for name, one in members.items() if one.get("location") == "header"
        }
        prefixes = [one["locationName"].lower() for one in members.values() if one.get("location") == "headers"]
        for header, value in self.headers.items():
            if header in known:
                name, one = known[header]
                shape = merged(self.side.shapes, one)
                if shape["type"] != "timestamp":
                    self.side.text(shape, value, name)
            elif header.startswith("x-amz") and header not in ANY_HEADER and not any(map(header.startswith, prefixes)):
                self.side.says("", f"there is no header {header}")

    def refusal(self):
        code, _ = self.code()
        if self.exchange.asked["method"] == "HEAD":
            return
        if not code:
            self.side.says(
                "", f"the refusal is not of the form that {self.exchange.protocol} has: {self.answer['body'][:80]!r}"
            )
            return
        known = errors.known(self.exchange.service, self.exchange.operation, self.exchange.protocol)
        if code not in known:
            self.side.says("", f"{code} is no error of this operation ({', '.join(sorted(known))})")
        elif known[code] != self.answer["status"]:
            self.side.says("", f"{code} has status {known[code]}, not {self.answer['status']}")

    def code(self):
        body, protocol = self.answer["body"], self.exchange.protocol
        try:
            if protocol == "json":
                told = json.loads(body)
                return told["__type"].rpartition("#")[2].partition(":")[0], told.get("message")
            if protocol == "rest-json":
                told = json.loads(body)
                return self.headers.get("x-amzn-errortype", "").partition(":")[0], told.get("message")
            form = {"ec2": ("Response", "Errors", "Error"), "query": ("ErrorResponse", "Error")}.get(protocol)
            form = form or (("Error",) if self.exchange.service.name == "s3" else ("ErrorResponse", "Error"))
            element = Xml.fromstring(body) if body else None
            root, *inner = form
            if element is None or as_xml.local(element) != root:
                return None, None
            for name in inner:
                element = next((one for one in element if as_xml.local(one) == name), None)
                if element is None:
                    return None, None
            texts = {as_xml.local(one): one.text or "" for one in element}
            return texts.get("Code"), texts.get("Message")
        except (ValueError, KeyError, AttributeError, TypeError, Xml.ParseError):
            return None, None
