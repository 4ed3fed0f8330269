"""RDS and Aurora."""

import contextlib
import json
import random
import string

from moto.core.responses import ActionResult
from moto.rds import models, responses
from moto.rds.exceptions import DBParameterGroupNotFoundError

from . import secrets

# What moto is given and drops; the serialiser answers with any attribute that has a member's name.
KEPT = {
    "enable_performance_insights": "performance_insights_enabled",
    "performance_insights_kms_key_id": "performance_insights_kms_key_id",
    "performance_insights_retention_period": "performance_insights_retention_period",
    "database_insights_mode": "database_insights_mode",
    "monitoring_interval": "monitoring_interval",
    "monitoring_role_arn": "monitoring_role_arn",
    "network_type": "network_type",
    "ca_certificate_identifier": "ca_certificate_identifier",
    "promotion_tier": "promotion_tier",
    "delete_automated_backups": "delete_automated_backups",
}


def install():
    keep_what_is_given()
    resource_ids()
    parameters()
    passwords()
    no_serverless_v1()


def keep_what_is_given():
    """Without: performance insights read back off, the certificate authority empty; the second plan sets them again."""
    for cls in (models.DBInstance, models.DBCluster, models.DBInstanceClustered):
        if "__init__" in vars(cls):
            wrap_init(cls)
    for cls in (models.DBInstance,):
        wrap_update(cls)


def resource_ids():
    """Without: all instances have one DbiResourceId, and the provider, which looks them up by it, waits for ever."""
    init = models.DBInstance.__init__

    def patched(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self.dbi_resource_id = "db-" + "".join(random.choices(string.ascii_uppercase + string.digits, k=26))

    models.DBInstance.__init__ = patched


def remember(database, given):
    for source, target in KEPT.items():
        if given.get(source) is not None:
            # what moto keeps by itself, or takes from the cluster, cannot be set
            with contextlib.suppress(AttributeError, NotImplementedError):
                setattr(database, target, given[source])


def wrap_init(cls):
    init = cls.__init__

    def patched(self, *args, **kwargs):
        init(self, *args, **kwargs)
        # What AWS gives since 2024. Else the provider sets it after creation, and reboots: a minute or two for nothing.
        if getattr(self, "ca_certificate_identifier", None) == "rds-ca-default":
            self.ca_certificate_identifier = "rds-ca-rsa2048-g1"
        remember(self, kwargs)

    cls.__init__ = patched


def wrap_update(cls):
    update = cls.update

    def patched(self, *args, **kwargs):
        update(self, *args, **kwargs)
        remember(self, kwargs)

    cls.update = patched


def parameters():
    """Without: a parameter group's parameters read back empty, since none has Source=user."""

    def describe(self):
        wanted = {"db_parameter_group_name": self.params.get("DBParameterGroupName")}
        groups = self.backend.describe_db_parameter_groups(wanted)
        if not groups:
            raise DBParameterGroupNotFoundError(self.params.get("DBParameterGroupName"))
        return ActionResult({"Parameters": [dict(p, Source="user") for p in groups[0].parameters.values()]})

    responses.RDSResponse.describe_db_parameters = describe


def passwords():
    """Without: every managed password is `P@55w0rd!` of a user `admin`; tests look for a word that is only in ours."""

    def generate(self):
        return json.dumps({"username": self.resource.master_username, "password": secrets.password(28)})

    models.MasterUserSecret._generate_secret_string = generate


def no_serverless_v1():
    """Without: a cluster reads back a serverless v1 scaling_configuration that nobody asked for."""
    for cls in vars(models).values():
        if isinstance(cls, type) and "scaling_configuration_info" in vars(cls):
            cls.scaling_configuration_info = property(lambda self: self.scaling_configuration or None)
