"""Installs the patches of moto's own services, one module a service."""

from . import autoscaling, budgets, ec2, ecr, ecs, quotas, rds, s3, secrets


def install():
    for module in (autoscaling, budgets, ec2, ecr, ecs, quotas, rds, s3, secrets):
        module.install()
