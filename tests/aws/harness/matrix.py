"""Every combination of the manifest's choices that has a meaning, and the manifest for each."""

import itertools
from dataclasses import dataclass

# What has no meaning, and why; everything else is tried.
DROPPED = [
    (
        lambda c: c.shape == "fargate" and c.edge == "alb",
        "fargate's page is in a private bucket: CloudFront is what reads it",
    ),
]


@dataclass(frozen=True)
class Choice:
    shape: str
    engine: str
    edge: str
    egress: str
    zones: int
    domain: bool
    also: str = ""  # a name for what is asked for besides
    top: str = ""  # further lines before the first table
    web: str = ""
    tables: str = ""  # further tables
    region: str = "us-east-1"

    @property
    def name(self):
        parts = [self.shape, self.engine, self.edge, self.egress, f"{self.zones}zones"]
        return "-".join([*parts, *(["domain"] if self.domain else []), *([self.also] if self.also else [])])

    def manifest(self):
        way = 'image = "Dockerfile"' if self.shape == "fargate" else 'build = "true"\nrun    = "bin/api"'
        domain = 'domain = "items.example.com"\nzone   = "example.com"\n' if self.domain else ""
        return f"""name   = "items"
shape  = "{self.shape}"
region = "{self.region}"
zones  = {self.zones}
edge   = "{self.edge}"
{domain}{self.top}
[web]
root  = "frontend"
build = "true"
dist  = "dist"
{self.web}
[app]
root   = "backend"
{way}
port   = 8000
paths  = ["/api/*"]
health = "/health"
count  = {{ min = 2, max = 6, cpu = 60 }}

[app.variables]
LOG_LEVEL = "info"

[app.secrets]
SESSION_KEY = {{ generate = 32 }}

[data]
engine  = "{self.engine}"
standby = true

[egress]
app = "{self.egress}"
{self.tables}"""


# What is asked for in fewer words than an axis: each once, on a system where it matters.
EXTRAS = [
    Choice("ec2", "postgres", "cloudfront", "none", 3, True, "ireland", region="eu-west-1"),
    Choice("fargate", "mysql", "cloudfront", "nat", 2, True, "ireland", region="eu-west-1"),
    Choice("ec2", "mysql", "alb", "none", 2, False, "arm", top='architecture = "arm64"\n'),
    Choice("fargate", "postgres", "cloudfront", "none", 2, False, "arm", top='architecture = "arm64"\n'),
    Choice("ec2", "postgres", "alb", "nat", 2, True, "nginx", web='server = "nginx"\n'),
    Choice("ec2", "postgres", "cloudfront", "none", 2, False, "assets", web='assets = "cdn"\n'),
    Choice(
        "fargate",
        "postgres",
        "cloudfront",
        "none",
        3,
        False,
        "watched",
        tables='\n[alerts]\nemail = "ops@example.com"\n\n[budget]\nmonthly = 300\n\n[logs]\ndays = 90\n',
    ),
    Choice("ec2", "mysql", "cloudfront", "nat", 3, True, "production", top="production = true\n"),
    Choice("ec2", "postgres", "alb", "none", 2, False, "network", tables='\n[network]\ncidr = "172.20.0.0/18"\n'),
]


def all_choices():
    axes = (("ec2", "fargate"), ("postgres", "mysql"), ("alb", "cloudfront"), ("none", "nat"), (2, 3), (False, True))
    return [Choice(*values) for values in itertools.product(*axes)]


def choices():
    """The combinations that are tried."""
    return [c for c in all_choices() if not any(drop(c) for drop, _ in DROPPED)] + EXTRAS


def dropped():
    """How many are not tried, by reason."""
    return {reason: sum(drop(c) for c in all_choices()) for drop, reason in DROPPED}
