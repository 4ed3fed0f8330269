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

    @property
    def name(self):
        return "-".join(
            [
                self.shape,
                self.engine,
                self.edge,
                self.egress,
                f"{self.zones}zones",
                *(["domain"] if self.domain else []),
            ]
        )

    def manifest(self):
        way = 'image = "Dockerfile"' if self.shape == "fargate" else 'build = "true"\nrun    = "bin/api"'
        domain = 'domain = "items.example.com"\nzone   = "example.com"\n' if self.domain else ""
        return f"""name   = "items"
shape  = "{self.shape}"
region = "us-east-1"
zones  = {self.zones}
edge   = "{self.edge}"
{domain}
[web]
root  = "frontend"
build = "true"
dist  = "dist"

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
"""


def all_choices():
    axes = (("ec2", "fargate"), ("postgres", "mysql"), ("alb", "cloudfront"), ("none", "nat"), (2, 3), (False, True))
    return [Choice(*values) for values in itertools.product(*axes)]


def choices():
    """The combinations that are tried."""
    return [c for c in all_choices() if not any(drop(c) for drop, _ in DROPPED)]


def dropped():
    """How many are not tried, by reason."""
    return {reason: sum(drop(c) for c in all_choices()) for drop, reason in DROPPED}
