"""The XML of CloudFront's API: elements in its namespace, what AWS fills in, and refusals."""

import datetime
import random
import string
import xml.etree.ElementTree as ET

NS = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
ACCOUNT = "123456789012"
ET.register_namespace("", NS)


def q(name):
    return f"{{{NS}}}{name}"


def now():
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def word(n=13):
    return "E" + "".join(random.choices(string.ascii_uppercase + string.digits, k=n))


def node(name, *children, text=None):
    """An element of CloudFront's namespace; children are elements or (name, text) pairs."""
    e = ET.Element(q(name))
    e.text = text
    for c in children:
        e.append(node(c[0], text=str(c[1])) if isinstance(c, tuple) else c)
    return e


class Refused(Exception):
    def __init__(self, status, code, message):
        self.status, self.code, self.message = status, code, message


def namespaced(root):
    """The same tree with every element in CloudFront's namespace (a request may leave it out)."""
    for e in root.iter():
        if not e.tag.startswith("{"):
            e.tag = q(e.tag)
    return root


EMPTY = {"Quantity": "0"}
OFF = {"Enabled": "false", "Quantity": "0"}
DISTRIBUTION = {
    "Aliases": EMPTY,
    "DefaultRootObject": "",
    "OriginGroups": EMPTY,
    "CacheBehaviors": EMPTY,
    "CustomErrorResponses": EMPTY,
    "Comment": "",
    "Logging": {"Enabled": "false", "IncludeCookies": "false", "Bucket": "", "Prefix": ""},
    "PriceClass": "PriceClass_All",
    "ViewerCertificate": {"CloudFrontDefaultCertificate": "true", "MinimumProtocolVersion": "TLSv1"},
    "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": "0"}},
    "WebACLId": "",
    "HttpVersion": "http2",
    "IsIPV6Enabled": "false",
    "ContinuousDeploymentPolicyId": "",
    "Staging": "false",
}
ORIGIN = {
    "OriginPath": "",
    "CustomHeaders": EMPTY,
    "ConnectionAttempts": "3",
    "ConnectionTimeout": "10",
    "OriginShield": {"Enabled": "false"},
    "OriginAccessControlId": "",
}
BEHAVIOUR = {
    "TrustedSigners": OFF,
    "TrustedKeyGroups": OFF,
    "SmoothStreaming": "false",
    "Compress": "false",
    "LambdaFunctionAssociations": EMPTY,
    "FunctionAssociations": EMPTY,
    "FieldLevelEncryptionId": "",
    "GrpcConfig": {"Enabled": "false"},
}


def complete(config):
    """Adds what AWS answers with where the request says nothing. Without: the provider follows a nil pointer."""

    def fill(element, defaults):
        for name, value in defaults.items():
            if element.find(q(name)) is None:
                child = node(name, text=value if isinstance(value, str) else None)
                element.append(child)
                if isinstance(value, dict):
                    fill(child, value)

    fill(config, DISTRIBUTION)
    for origin in config.iter(q("Origin")):
        fill(origin, ORIGIN)
    for behaviour in [*config.iter(q("DefaultCacheBehavior")), *config.iter(q("CacheBehavior"))]:
        fill(behaviour, BEHAVIOUR)
