"""What CloudFront refuses of a configuration, and what it will not delete."""

from .cloudfront_xml import ACCOUNT, Refused, q


class Rules:
    """Over `items`: {kind's path: {id: Item}}."""

    def check(self, item):
        if item.kind.path == "vpc-origin":
            self.check_vpc_origin(item)
        if item.kind.path == "distribution":
            self.check_distribution(item)

    def check_vpc_origin(self, item):
        from moto.elbv2.models import elbv2_backends

        arn = item.text("Arn") or ""
        if ":loadbalancer/" in arn and not any(arn in b.load_balancers for b in elbv2_backends[ACCOUNT].values()):
            raise Refused(404, "EntityNotFound", f"no load balancer {arn}")

    def check_distribution(self, item):
        origins = [o.findtext(q("Id")) for o in item.config.findall(f"{q('Origins')}/{q('Items')}/{q('Origin')}")]
        for target in item.texts("TargetOriginId"):
            if target not in origins:
                raise Refused(404, "NoSuchOrigin", f"no origin {target}")
        for element, path, code in (
            ("OriginAccessControlId", "origin-access-control", "InvalidOriginAccessControl"),
            ("CachePolicyId", "cache-policy", "NoSuchCachePolicy"),
            ("OriginRequestPolicyId", "origin-request-policy", "NoSuchOriginRequestPolicy"),
            ("ResponseHeadersPolicyId", "response-headers-policy", "NoSuchResponseHeadersPolicy"),
            ("VpcOriginId", "vpc-origin", "EntityNotFound"),
        ):
            for id_ in item.texts(element):
                if id_ not in self.items[path]:
                    raise Refused(404, code, f"no {path} {id_}")
        for arn in item.texts("FunctionARN"):
            function = self.items["function"].get(arn.split("/")[-1])
            if function is None or function.live is None:
                raise Refused(400, "InvalidFunctionAssociation", f"{arn} is not published")
        aliases = [e.text for e in item.config.findall(f"{q('Aliases')}/{q('Items')}/{q('CNAME')}")]
        certificate = item.text("ViewerCertificate/ACMCertificateArn")
        if aliases and not certificate:
            raise Refused(400, "InvalidViewerCertificate", "aliases need a certificate")
        if certificate:
            self.check_certificate(certificate)
        for other in self.items["distribution"].values():
            taken = {e.text for e in other.config.findall(f"{q('Aliases')}/{q('Items')}/{q('CNAME')}")}
            if other.id != item.id and taken & set(aliases):
                raise Refused(409, "CNAMEAlreadyExists", f"another distribution has {taken & set(aliases)}")

    def check_certificate(self, arn):
        from moto.acm.models import acm_backends

        held = acm_backends[ACCOUNT]["us-east-1"]._certificates.get(arn)
        if held is None or held.status != "ISSUED":
            raise Refused(400, "InvalidViewerCertificate", f"{arn} is not an issued certificate of us-east-1")

    def check_unused(self, item):
        if item.managed:
            raise Refused(400, "IllegalDelete", "a managed policy cannot be deleted")
        if item.kind.path == "distribution":
            if item.text("Enabled") == "true":
                raise Refused(409, "DistributionNotDisabled", "The distribution is enabled.")
            return
        wanted = item.arn if item.kind.path == "function" else item.id
        for d in self.items["distribution"].values():
            if any(e.text == wanted for e in d.config.iter()):
                code = "CannotDeleteEntityWhileInUse" if item.kind.path == "vpc-origin" else f"{item.kind.name}InUse"
                raise Refused(409, code, f"{wanted} is in use by {d.id}")
