"""AWS's service models, as botocore carries them, and which operation a request is."""

import re
from functools import cache, cached_property
from urllib.parse import unquote

from botocore.loaders import Loader

# By the name that signatures have, where botocore's is another.
NAMES = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "tagging": "resourcegroupstaggingapi",
}


@cache
def service(name):
    return Service(name)


class Service:
    def __init__(self, name):
        self.name = name
        self.model = Loader().load_service_model(NAMES.get(name, name), "service-2")
        self.shapes, self.operations = self.model["shapes"], self.model["operations"]
        self.metadata = self.model["metadata"]
        self.protocols = self.metadata.get("protocols", [self.metadata["protocol"]])

    def shape(self, operation, which):
        """The shape of `input` or `output`; an empty structure if there is none."""
        reference = operation.get(which)
        return self.shapes[reference["shape"]] if reference else {"type": "structure", "members": {}}

    @cached_property
    def routes(self):
        """Method, path, what the query must be, operation: of those that have paths."""
        routes = []
        for operation in self.operations.values():
            if operation.get("deprecated"):
                continue
            path, _, query = operation["http"]["requestUri"].partition("?")
            parts = [p for p in re.split(r"(\{[^}]+\})", path) if p]
            pattern = "".join(
                f"(?P<{part.strip('{+}').replace('-', '_')}>{'.+' if part.endswith('+}') else '[^/]+'})"
                if part.startswith("{")
                else re.escape(part)
                for part in parts
            )
            constants = dict(pair.partition("=")[::2] for pair in query.split("&") if pair)
            routes.append((operation["http"]["method"], re.compile(pattern + "/?"), constants, operation))
        return routes

    def routed(self, method, path, query, headers):
        """The operation of a method and a path, and the path's labels: the one of which most is there."""
        best = None
        for own, pattern, constants, operation in self.routes:
            match = pattern.fullmatch(path) if own == method else None
            if not match or any(query.get(name) != value for name, value in constants.items()):
                continue
            shape = self.shape(operation, "input")
            given = {"querystring": query, "header": headers}
            needed = [shape["members"][name] for name in shape.get("required", ())]
            needed = [one for one in needed if one.get("location") in given]
            if any(one["locationName"].lower() not in lowered(given[one["location"]]) for one in needed):
                continue
            literal = len(re.sub(r"\(\?P<.*?\)", "", pattern.pattern))
            # Of those that read the same, GetObject and its likes come before what needs less of a request.
            score = (len(constants), len(needed), literal)
            if best is None or score > best[0]:
                labels = {name: unquote(value) for name, value in match.groupdict().items()}
                best = (score, operation, labels)
        return best[1:] if best else (None, {})


def lowered(names):
    return {name.lower() for name in names}
